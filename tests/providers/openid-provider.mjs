// @ts-check
/** A whole OpenID provider, `oidc-provider`, whose signing keys can be exchanged while it runs. */
import { createHash, randomBytes } from "node:crypto";
// @ts-ignore: it has no types
import Provider from "oidc-provider";

import { ProviderKey } from "../security/provider-key.mjs";
import { Application } from "./application.mjs";

/** The API that access tokens are for. */
export const API = "https://api.example.com";
const CLIENT = "chat";
const REDIRECT = "https://chat.example.com/callback";

/** @param {...ProviderKey} keys the first one signs */
export async function startOpenIdProvider(...keys) {
  const cookieKeys = [randomBytes(16).toString("hex")];
  const application = await Application.start((origin) => listenerWith(origin, keys, cookieKeys));
  return Object.assign(application, {
    /** From now on it has these keys. @param {...ProviderKey} others */
    rotate(...others) {
      application.listener = listenerWith(application.origin, others, cookieKeys);
    },
  });
}

/** @param {string} origin @param {ProviderKey[]} keys @param {string[]} cookieKeys */
function listenerWith(origin, keys, cookieKeys) {
  const [{ algorithm }] = keys;
  const provider = new Provider(origin, {
    jwks: { keys: keys.map(({ privateJwk }) => privateJwk) },
    cookies: { keys: cookieKeys },
    clients: [
      {
        client_id: CLIENT,
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: "none",
        id_token_signed_response_alg: algorithm,
      },
    ],
    scopes: ["openid", "chat"],
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        getResourceServerInfo: () => ({
          scope: "chat",
          audience: API,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: algorithm } },
        }),
        useGrantedResource: () => true,
      },
    },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    extraTokenClaims: () => ({ org_id: "org_1" }),
  });
  return provider.callback();
}

/**
 * Signs somebody in by the authorization code flow with PKCE, form by form.
 *
 * @param {Awaited<ReturnType<typeof startOpenIdProvider>>} provider
 * @param {import("./visitor.mjs").Visitor} visitor
 * @param {string} login
 * @returns {Promise<{ access_token: string, id_token: string }>}
 */
export async function signIn(provider, visitor, login) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: CLIENT,
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: "openid chat",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: API,
  });
  const isBack = (/** @type {URL} */ url) => url.href.startsWith(REDIRECT);
  let { url } = await visitor.follow(`${provider.origin}/auth?${query}`, isBack);
  /** @type {Record<string, string>[]} */
  const forms = [{ prompt: "login", login, password: "any" }, { prompt: "consent" }];
  for (const form of forms) {
    if (isBack(new URL(url))) break;
    ({ url } = await visitor.follow(url, isBack, { method: "POST", form }));
  }
  const code = new URL(url).searchParams.get("code");
  if (!code) throw new Error(`no code in ${url}`);
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT, client_id: CLIENT, code_verifier: verifier, resource: API };
  const response = await visitor.send(`${provider.origin}/token`, { method: "POST", form });
  return response.json();
}
