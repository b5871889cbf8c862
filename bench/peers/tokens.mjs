// @ts-check
/** The peer's credentials: workspace tokens and provider tokens by `jose`, API keys and refresh tokens by WebCrypto. */
import { SignJWT, base64url, createLocalJWKSet, createRemoteJWKSet, decodeJwt, importJWK, jwtVerify } from "jose";
import { JWTExpired, JWTClaimValidationFailed } from "jose/errors";

/** @typedef {{ user: string, workspace: string }} Caller */
/** @typedef {{ identity: Uint8Array, counter: number, issuedAt: number }} RefreshToken */

const encoder = new TextEncoder();
const ANONYMOUS = "usr_anon_";
export const MISSING = "Authorization header is missing";
const REFRESH_PREFIX = "refresh_0";
const RECORD_BYTES = 28;
const MAC_BYTES = 32;

/** A refusal that the caller is told of. */
export class Refusal extends Error {
  /** @param {400 | 401 | 403} status @param {string} message @param {string[]} [details] */
  constructor(status, message, details) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** What an isolate reads from its environment once. @param {any} env */
async function load(env) {
  const jwk = JSON.parse(env.SIGNING_JWK);
  const { d, ...publicJwk } = jwk;
  const refreshKey = new Uint8Array(base64url.decode(env.REFRESH_KEY));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const rules = JSON.parse(env.AUTH_RULES).map((/** @type {any} */ rule) => {
    return [rule.issuer, { ...rule, keys: createRemoteJWKSet(new URL(rule.jwks_url)) }];
  });
  return {
    kid: jwk.kid,
    signingKey: await importJWK(jwk, "EdDSA"),
    ownKeys: createLocalJWKSet({ keys: [publicJwk] }),
    refreshKey: await crypto.subtle.importKey("raw", refreshKey, hmac, false, ["sign", "verify"]),
    apiKeys: JSON.parse(env.API_KEYS).map((/** @type {any} */ { sha256, expires_at }) => ({
      hash: Uint8Array.from(sha256.match(/../g), (/** @type {string} */ pair) => parseInt(pair, 16)),
      end: expires_at ? Date.parse(expires_at) : Infinity,
    })),
    rules: new Map(rules),
    /**
     * Tokens that were verified before, where that is asked for. @type {Map<string, { caller: Caller, end: number
     * }> | undefined}
     *
     */
    verified: env.REMEMBER_TOKENS ? new Map() : undefined,
  };
}

/** @type {Awaited<ReturnType<typeof load>> | undefined} */
let loaded;
/** @param {any} env */
const settings = async (env) => (loaded ??= await load(env));

const isId = (/** @type {unknown} */ text) => typeof text === "string" && /^[^\s\p{Cc}]{1,255}$/u.test(text);
const isHeaderId = (/** @type {string | undefined} */ text) =>
  text !== undefined && /^[\x21-\x7e]{1,255}$/.test(text) && !text.startsWith(ANONYMOUS);

/** The kinds of credential that are accepted. @param {any} env */
export async function credentials(env) {
  const { apiKeys, rules } = await settings(env);
  const kinds = ["workspace_token"];
  if (apiKeys.length > 0) kinds.push("api_key");
  kinds.push("anonymous");
  if (rules.size > 0) kinds.push("provider_token");
  return kinds;
}

/** A workspace token of five minutes. @param {any} env @param {Caller} caller */
export async function issue(env, { user, workspace }) {
  const { signingKey, kid } = await settings(env);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ project_id: env.PROJECT_ID, workspace_id: workspace })
    .setProtectedHeader({ alg: "EdDSA", typ: "aui+jwt", kid })
    .setIssuer(env.ISSUER)
    .setAudience(env.ISSUER)
    .setSubject(user)
    .setIssuedAt(now)
    .setNotBefore(now - 10)
    .setExpirationTime(now + 300)
    .setJti(crypto.randomUUID())
    .sign(signingKey);
}

/** The credential in an `Authorization` header. @param {string | undefined} header */
export function credential(header) {
  if (!header) throw new Refusal(401, MISSING);
  if (!header.startsWith("Bearer ")) throw new Refusal(401, 'Authorization header must begin with "Bearer "');
  return header.slice(7);
}

/**
 * The caller that an API key speaks for.
 *
 * @param {any} env
 * @param {string} key
 * @param {string | undefined} user the `Aui-User-Id` header
 * @param {string | undefined} workspace the `Aui-Workspace-Id` header
 * @returns {Promise<Caller>}
 */
export async function authenticateBackend(env, key, user = "__SYSTEM__", workspace) {
  if (!/^sk_aui_.+_0[0-9A-Za-z]{49}$/.test(key) || key.length > 512) throw new Refusal(403, "Invalid API key format");
  const { apiKeys } = await settings(env);
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(key));
  let known = false;
  for (const entry of apiKeys) {
    // @ts-ignore: of this runtime only
    if (crypto.subtle.timingSafeEqual(hash, entry.hash) && Date.now() < entry.end) known = true;
  }
  if (!known) throw new Refusal(403, "Unknown or expired API key");
  if (!isHeaderId(user)) throw new Refusal(403, "Invalid Aui-User-Id header");
  if (!isHeaderId(workspace)) throw new Refusal(403, "Invalid Aui-Workspace-Id header");
  return { user, workspace: /** @type {string} */ (workspace) };
}

/**
 * The caller of a workspace token or of a provider's, and for the latter the workspace token to hand over.
 *
 * @param {any} env
 * @param {string} token
 * @returns {Promise<{ caller: Caller, handOver?: string }>}
 */
export async function authenticateToken(env, token) {
  const { rules, verified } = await settings(env);
  const before = verified?.get(token);
  if (before && Date.now() < before.end) return before;
  let issuer;
  try {
    issuer = decodeJwt(token).iss;
    if (issuer === env.ISSUER) return await verifyOwn(env, token);
    const rule = rules.get(issuer);
    if (!rule) throw new Refusal(403, "No auth rule matches the JWT iss and aud claims");
    const { audience, algorithms } = rule;
    const requiredClaims = ["exp", "sub"];
    const { payload } = await jwtVerify(token, rule.keys, { issuer, audience, algorithms, requiredClaims });
    if (!isId(payload.sub) || payload.sub?.startsWith(ANONYMOUS)) throw new Refusal(403, "Invalid JWT token");
    const caller = { user: String(payload.sub), workspace: String(payload.sub) };
    return { caller, handOver: await issue(env, caller) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof JWTExpired) throw new Refusal(401, "JWT token has expired");
    if (error instanceof JWTClaimValidationFailed && error.claim === "nbf") {
      throw new Refusal(401, "JWT token is not yet valid");
    }
    if (error instanceof JWTClaimValidationFailed && error.claim === "aud" && issuer !== env.ISSUER) {
      throw new Refusal(403, "No auth rule matches the JWT iss and aud claims");
    }
    throw new Refusal(403, "Invalid JWT token");
  }
}

/** @param {any} env @param {string} token */
async function verifyOwn(env, token) {
  const { ownKeys, verified } = await settings(env);
  const { payload } = await jwtVerify(token, ownKeys, {
    issuer: env.ISSUER,
    audience: env.ISSUER,
    algorithms: ["EdDSA"],
    typ: "aui+jwt",
    requiredClaims: ["exp", "nbf", "sub", "jti", "project_id", "workspace_id"],
  });
  const { sub, workspace_id: workspace, project_id: project, exp } = payload;
  if (project !== env.PROJECT_ID || !isId(sub) || !isId(workspace)) throw new Refusal(403, "Invalid JWT token");
  const caller = { user: String(sub), workspace: String(workspace) };
  if (verified) {
    if (verified.size >= 2_048) verified.clear();
    verified.set(token, { caller, end: Number(exp) * 1_000 });
  }
  return { caller };
}

/** An anonymous identity's caller. @param {Uint8Array} identity @returns {Caller} */
export function anonymous(identity) {
  const id = `${ANONYMOUS}0${base64url.encode(identity).padEnd(23, "0")}`;
  return { user: id, workspace: id };
}

/** What the MAC is made over. @param {any} env @param {Uint8Array} record */
function sealed(env, record) {
  const head = encoder.encode(`${REFRESH_PREFIX}${env.PROJECT_ID.length}:${env.PROJECT_ID}`);
  const bytes = new Uint8Array(head.length + record.length);
  bytes.set(head);
  bytes.set(record, head.length);
  return bytes;
}

/** @param {any} env @param {RefreshToken} token */
export async function sealRefreshToken(env, { identity, counter, issuedAt }) {
  const { refreshKey } = await settings(env);
  const bytes = new Uint8Array(RECORD_BYTES + MAC_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(identity);
  view.setUint32(16, counter);
  view.setBigInt64(20, BigInt(issuedAt));
  const mac = await crypto.subtle.sign("HMAC", refreshKey, sealed(env, bytes.subarray(0, RECORD_BYTES)));
  bytes.set(new Uint8Array(mac), RECORD_BYTES);
  return REFRESH_PREFIX + base64url.encode(bytes);
}

/** @param {any} env @param {unknown} text @returns {Promise<RefreshToken>} */
export async function openRefreshToken(env, text) {
  if (typeof text !== "string") throw new Refusal(400, "Schema validation error", ["refresh_token: must be a string"]);
  const format = /^refresh_0([\w-]{80})$/.exec(text);
  if (!format) throw new Refusal(403, "Invalid refresh token format");
  const { refreshKey } = await settings(env);
  const bytes = new Uint8Array(base64url.decode(format[1]));
  const [record, mac] = [bytes.subarray(0, RECORD_BYTES), bytes.subarray(RECORD_BYTES)];
  // Compares in constant time.
  const genuine = await crypto.subtle.verify("HMAC", refreshKey, mac, sealed(env, record));
  if (!genuine) throw new Refusal(403, "Invalid refresh token");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { identity: record.slice(0, 16), counter: view.getUint32(16), issuedAt: Number(view.getBigInt64(20)) };
}
