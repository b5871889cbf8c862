// @ts-check
/** Where tokens come from: the app's callback. */
import { withDeadline } from "./deadline.js";

/**
 * A token, and what is known of it.
 *
 * @typedef {object} Grant
 * @property {unknown} token not checked yet
 * @property {"authToken" | "anonymous" | "refresh"} source
 * @property {number} requestedAt when the request was sent that the token was minted for, in ms; `NaN`
 *   when it may be older
 */

/** @typedef {() => Promise<Grant | null>} TokenSource Resolves to `null` when nobody is signed in. */

/**
 * @param {() => unknown} authToken
 * @returns {TokenSource}
 */
export function callbackSource(authToken) {
  return async () => {
    const token = await withDeadline("authToken callback", () => authToken());
    // A provider may answer from its cache, so nothing is known of the token's age.
    return token ? { token, source: "authToken", requestedAt: NaN } : null;
  };
}
