// @ts-check
/**
 * Where tokens come from: the app's callback.
 *
 * @import { AuthTokenRequest } from "./index.js"
 * @import { TokenSession } from "./dist/assistant_cloud_bg.js"
 */
import { readClaims, readIssuedAt } from "./claims.js";
import { withDeadline } from "./deadline.js";

/** Why a token is asked for, by the numbers of the machine. @type {readonly AuthTokenRequest["reason"][]} */
const REASONS = ["missing", "expiring", "expired", "rejected"];

/**
 * A token, and what is known of it.
 *
 * @typedef {object} Grant
 * @property {unknown} token not checked yet
 * @property {"authToken" | "anonymous" | "refresh"} source
 * @property {number} requestedAt when the request was sent that the token was minted for, in ms; `NaN`
 *   when it may be older
 */

/**
 * @typedef {object} TokenSource
 * @property {(request: AuthTokenRequest, hasEnded: () => boolean) => Promise<Grant | null>} ask resolves to `null`
 *   when nobody is signed in; stores nothing once the session has ended
 * @property {(isOurs: boolean) => void} forget lets go of the identity for good; `isOurs` when it was ended here
 * @property {() => boolean | null} isDurable whether the identity will be there after a reload; `null` when that is
 *   not this source's to say
 */

/**
 * What the source is told.
 *
 * @param {TokenSession} machine
 * @param {string | undefined} last the token that it gave last
 * @param {AbortSignal} signal
 * @returns {AuthTokenRequest}
 */
export function tokenRequest({ reason: number, forceRefresh }, last, signal) {
  const reason = REASONS[number] ?? "missing";
  const refused = reason === "rejected" && readClaims(last);
  const rejectedTokenIssuedAt = refused ? readIssuedAt(refused) : NaN;
  return { reason, forceRefresh, signal, ...(rejectedTokenIssuedAt && { rejectedTokenIssuedAt }) };
}

/**
 * @param {(request: AuthTokenRequest) => unknown} authToken
 * @returns {TokenSource}
 */
export function callbackSource(authToken) {
  return {
    async ask(request) {
      const token = await withDeadline("authToken callback", (signal) => authToken({ ...request, signal }), request.signal);
      // A provider may answer from its cache, so nothing is known of the token's age.
      return token ? { token, source: "authToken", requestedAt: NaN } : null;
    },
    forget() {},
    isDurable: () => null,
  };
}

/**
 * The pause that an error wishes for, in ms: its `retryAfter` is in seconds, as in the header and in what auth
 * libraries throw.
 *
 * @param {any} error
 */
export function readRetryAfter(error) {
  return typeof error?.retryAfter === "number" ? error.retryAfter * 1000 : NaN;
}
