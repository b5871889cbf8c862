// @ts-check
/**
 * What bounds a Worker on this runtime, for orientation: no routes, no checks, the fewest calls that answer. By its
 * path a request is answered with a fixed body, or with a token signed by WebCrypto.
 */

const encoder = new TextEncoder();
/** @type {CryptoKey | undefined} */
let key;
/** @type {string | undefined} */
let header;

/** @param {string} text */
const base64url = (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {any} env @param {Request} request */
async function mint(env, request) {
  const jwk = key ? undefined : JSON.parse(env.SIGNING_JWK);
  key ??= await crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]);
  header ??= base64url(JSON.stringify({ alg: "EdDSA", typ: "aui+jwt", kid: jwk.kid }));
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: env.ISSUER,
    aud: env.ISSUER,
    sub: request.headers.get("Aui-User-Id"),
    project_id: env.PROJECT_ID,
    workspace_id: request.headers.get("Aui-Workspace-Id"),
    jti: crypto.randomUUID(),
    iat: now,
    nbf: now - 10,
    exp: now + 300,
  };
  const signed = `${header}.${base64url(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign("Ed25519", key, encoder.encode(signed));
  return `{"token":"${signed}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}"}`;
}

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const signs = request.url.endsWith("/v1/auth/tokens");
    const body = signs ? await mint(env, request) : '{"ok":true}';
    const status = request.url.endsWith("/pdf-to-images") ? 501 : 200;
    return new Response(body, { status, headers: { "Content-Type": "application/json" } });
  },
};

/** The configuration that every Worker here is started with names such a class. */
export class Workspace {}
