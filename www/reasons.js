// @ts-check
// Why something failed, in a sentence for a person. No stack, no JSON, no status alone.

import { CloudAuthError } from "/package/index.js";
import { shortTime } from "./times.js";

/** The token endpoint of "my backend" gave no token; the message is a sentence. */
export class BackendError extends Error {
  name = "BackendError";
}

// The server says `Retry-After: 60` to everything it limits. To the full minute, so that it is not told too early.
const MINUTE = 60_000;
const allowedAgain = (/** @type {number} */ now) => shortTime(Math.ceil(now / MINUTE + 1) * MINUTE);

/**
 * @param {unknown} error
 * @param {number} [now]
 * @returns {string} one or two sentences
 */
export function reasonFor(error, now = Date.now()) {
  if (error instanceof BackendError) return error.message;
  if (isRefusal(error)) return reasonForStatus(error.status, error.code, now);
  if (error instanceof CloudAuthError) return reasonForAuth(error, now);
  if (error instanceof Error && error.name === "CloudResponseError") return "The server answered something this page does not understand.";
  if (isUnreachable(error)) return unreachable();
  return "Something unexpected happened. Reloading the page may help.";
}

/**
 * By name and not by class: the official client has classes of its own, with the same names.
 *
 * @param {unknown} error
 * @returns {error is import("/package/index.js").CloudAPIError}
 */
function isRefusal(error) {
  return error instanceof Error && error.name === "CloudAPIError" && "status" in error;
}

/** @param {unknown} error @returns {boolean} whether no answer came at all; `fetch` says so with a `TypeError` */
export function isUnreachable(error) {
  return error instanceof TypeError || (error instanceof CloudAuthError && error.cause instanceof TypeError);
}

/** @param {unknown} error @returns {boolean} whether there is no token because nobody is signed in */
export function isSignedOut(error) {
  return error instanceof CloudAuthError && (error.code === "ERR_NO_TOKEN" || error.code === "ERR_SIGNED_OUT");
}

/** @param {unknown} error @returns {boolean} whether it only warns that the browser does not store the identity */
export function isNotDurable(error) {
  return error instanceof CloudAuthError && error.code === "ERR_NOT_DURABLE";
}

function unreachable() {
  return navigator.onLine === false
    ? "You are offline. This page tries again when the connection is back."
    : "The server does not answer. This page tries again when it is back.";
}

/** @param {number} status @param {string | undefined} code @param {number} now @returns {string} */
function reasonForStatus(status, code, now) {
  if (code === "Anonymous access is not allowed") return "Anonymous access is switched off on this server.";
  if (status === 400) return "The server did not accept the request as it was written.";
  if (status === 401) return "The server does not accept the token any more. Renew it and try again.";
  if (status === 403) return code ? `The server refused: ${sentence(code)}` : "The server refused the request.";
  if (status === 404) return "It does not exist any more. It may have been deleted in another tab.";
  if (status === 413) return "It is larger than the server allows.";
  if (status === 429) return `Too many requests. Try again in a minute, at ${allowedAgain(now)}.`;
  if (status === 503 && code === "misconfigured") return "The server is not set up completely. Its log names the missing setting.";
  if (status === 503) return "The server is not ready to answer. Try again in a moment.";
  if (status >= 500) return "The server failed. Try again in a moment.";
  return `The server answered with status ${status}.`;
}

/** @param {CloudAuthError} error @param {number} now @returns {string} */
function reasonForAuth(error, now) {
  if (isUnreachable(error)) return unreachable();
  switch (error.code) {
    case "ERR_NO_TOKEN":
    case "ERR_SIGNED_OUT":
      return "Nobody is signed in.";
    case "ERR_TOKEN_UNREADABLE":
      return "That is not a token: a JWT with an expiry was expected.";
    case "ERR_TOKEN_EXPIRED":
      return "The token has run out, and no newer one came.";
    case "ERR_TOKEN_TIMEOUT":
      return "No token arrived within 30 seconds.";
    case "ERR_RETRY_LATER":
      return "The last attempts have failed. The next one is made in a while.";
    case "ERR_NOT_DURABLE":
      return "This browser stores nothing for the page: the identity lasts until it is closed.";
    case "ERR_INVALIDATED":
    case "ERR_IDENTITY_CHANGED":
      return "The identity changed while this was on its way.";
    case "ERR_REFRESH_REFUSED":
      return "Something between this page and the server refused to renew the session. Your identity is kept.";
    case "ERR_ANONYMOUS_FAILED":
      if (error.status === 403) return "Anonymous access is switched off on this server.";
  }
  return error.status ? reasonForStatus(error.status, undefined, now) : "No token could be had.";
}

/** @param {string} text @returns {string} */
function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
