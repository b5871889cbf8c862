// @ts-check
/** What those are told who come too late, because the time of their identity has ended, or too early. */
import { CloudAuthError } from "./errors.js";

export const INVALIDATED = /** @type {const} */ (["ERR_INVALIDATED", "The session was invalidated while the call was under way"]);
export const SIGNED_OUT = /** @type {const} */ (["ERR_SIGNED_OUT", "The user has signed out"]);
export const CHANGED = /** @type {const} */ (["ERR_IDENTITY_CHANGED", "The user changed while the call was under way"]);
export const NOBODY = /** @type {const} */ (["ERR_NO_TOKEN", "Authorization failed"]);

/**
 * @param {number} retryAt
 * @param {unknown} cause the last failure
 */
export function retryLater(retryAt, cause) {
  const retryAfter = Math.ceil((retryAt - Date.now()) / 1000);
  const message = `No token is asked for in the next ${retryAfter} s, after too many failures`;
  return new CloudAuthError("ERR_RETRY_LATER", message, { cause, retryAfter });
}
