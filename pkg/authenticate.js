// @ts-check
/**
 * Drives src/relying_party.rs, which decides, with the runtime's fetch, timers and WebCrypto.
 *
 * @import * as types from "./server.js"
 * @import { Attempt } from "./dist/server_bg.js"
 */
import { RelyingParty, Step, fetchTimeoutMillis, keySetPath, maxKeySetBytes } from "./dist/server_bg.js";
import { normalizeBaseUrl, readBaseUrl } from "./base-url.js";
import { CloudConfigError, CloudUnavailableError } from "./errors.js";
import { fetchKeySet } from "./key-set.js";

/** So many deployments are remembered: an app has one, a test many. */
const CAPACITY = 16;

/** Those whose tokens have been asked about, by their settings. @type {Map<string, RelyingParty>} */
const parties = new Map();

/**
 * @param {types.HeaderSource} request
 * @param {types.AuthenticateOptions} options
 * @returns {Promise<types.AuthenticatedCaller | null>}
 */
export async function authenticate(request, options) {
  const baseUrl = readServerUrl(options?.baseUrl);
  const party = relyingParty(baseUrl, options);
  const authorization = readAuthorization(request);
  for (;;) {
    const attempt = party.ask(authorization, Date.now());
    const keys = attempt.fetches ? fetchKeys(attempt, baseUrl, options.fetch) : Promise.resolve();
    try {
      if (attempt.step === Step.Verify) attempt.settle(await verify(attempt));
      switch (attempt.step) {
        case Step.Admit:
          return callerOf(attempt);
        case Step.Refuse:
          return null;
        case Step.Unavailable:
          throw new CloudUnavailableError("The server's keys cannot be had now, so nothing is known of the token");
        case Step.Fetch:
          await keys;
          break;
        case Step.Wait:
          await new Promise((resolve) => setTimeout(resolve, attempt.millis));
      }
    } finally {
      // Keys that are fetched meanwhile are still to be handed to it.
      keys.then(() => attempt.free());
    }
  }
}

/**
 * @param {Attempt} attempt
 * @returns {types.AuthenticatedCaller}
 */
function callerOf({ userId, workspaceId, projectId, anonymous }) {
  return { userId: /** @type {string} */ (userId), workspaceId: /** @type {string} */ (workspaceId), projectId, anonymous };
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function readServerUrl(value) {
  const baseUrl = readBaseUrl(value);
  const { protocol, hostname } = new URL(baseUrl);
  // Whoever can answer in the server's place can make any token a good one.
  if (protocol === "http:" && !/^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname)) {
    throw new CloudConfigError("ERR_INVALID_BASE_URL", "baseUrl must be an https URL, except on localhost");
  }
  return baseUrl;
}

/**
 * @param {string} baseUrl
 * @param {types.AuthenticateOptions} options
 * @returns {RelyingParty}
 */
function relyingParty(baseUrl, { projectId, issuer, audience, clockTolerance = 0 }) {
  const settings = JSON.stringify([baseUrl, issuer, audience, projectId, clockTolerance]);
  const known = parties.get(settings);
  if (known) return known;
  if (typeof projectId !== "string") throw invalid("projectId is missing");
  if (!Number.isInteger(clockTolerance) || clockTolerance < 0) throw invalid("clockTolerance must be whole seconds");
  let party;
  try {
    party = new RelyingParty(normalizeBaseUrl(String(issuer ?? baseUrl)), audience, projectId, clockTolerance);
  } catch (reason) {
    throw invalid(String(reason));
  }
  if (parties.size >= CAPACITY) parties.clear();
  parties.set(settings, party);
  return party;
}

/** @param {string} reason */
const invalid = (reason) => new CloudConfigError("ERR_INVALID_CONFIG", `Invalid configuration: ${reason}`);

/**
 * The `Authorization` of a `Request`, of Node's `IncomingMessage`, of Next's `headers()`, of a plain object.
 *
 * @param {types.HeaderSource} request
 * @returns {string | undefined}
 */
function readAuthorization(request) {
  const headers = /** @type {any} */ ("headers" in request ? request.headers : request);
  const value =
    typeof headers?.get === "function" ? headers.get("authorization") : (headers?.authorization ?? headers?.Authorization);
  return typeof value === "string" ? value : undefined;
}

/**
 * @param {Attempt} attempt
 * @param {string} baseUrl
 * @param {typeof globalThis.fetch} [fetch]
 */
async function fetchKeys(attempt, baseUrl, fetch = globalThis.fetch) {
  const limits = { timeoutMillis: fetchTimeoutMillis(), maxBytes: maxKeySetBytes() };
  // Called as a plain function: a browser's and workerd's fetch refuses any other `this`.
  const answer = await fetchKeySet((...request) => fetch(...request), baseUrl + keySetPath(), limits);
  if (answer) attempt.keysArrived(answer.body, answer.cacheControl, Date.now());
  else attempt.keysFailed(Date.now());
}

/**
 * Whether the signature fits; nothing when this runtime cannot say.
 *
 * @param {Attempt} attempt
 * @returns {Promise<boolean | undefined>}
 */
async function verify({ point, message, signature }) {
  const { subtle } = crypto;
  try {
    const key = await subtle.importKey("raw", point, "Ed25519", false, ["verify"]);
    return await subtle.verify("Ed25519", key, signature, message);
  } catch (error) {
    // A key that is no point of the curve has signed nothing.
    return /** @type {any} */ (error)?.name === "DataError" ? false : undefined;
  }
}
