// @ts-check
/** The server's address, as it stands in URLs, storage keys and lock names. */
import { CloudConfigError } from "./errors.js";

/**
 * Takes one trailing slash off, and only one: the official client does so, and both must come to the same
 * storage key.
 *
 * @param {string} baseUrl
 */
export function normalizeBaseUrl(baseUrl) {
  return baseUrl.endsWith("/") ? baseUrl.slice(0, -1) : baseUrl;
}

/**
 * The base URL of a configuration. There is no default: a forgotten one must never send somebody's
 * credentials to a host that they did not name.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function readBaseUrl(value) {
  const baseUrl = recognizeBaseUrl(value);
  checkBaseUrl(baseUrl);
  return baseUrl;
}

/**
 * The same by its looks alone, without regular expressions and without the parser: a page's first use of either costs
 * as much as all else that a client needs to be made. {@link checkBaseUrl} is for the client's first use.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function recognizeBaseUrl(value) {
  if (value === undefined || value === null || value === "") {
    throw new CloudConfigError("ERR_MISSING_BASE_URL", "baseUrl is missing");
  }
  if (typeof value !== "string" || !looksRight(value)) throw invalid();
  return normalizeBaseUrl(value);
}

/** @param {string} text */
function looksRight(text) {
  const start = text.slice(0, 8).toLowerCase();
  if (start === "https://" ? text.length === 8 : !start.startsWith("http://") || text.length === 7) return false;
  // A query or a fragment would swallow the path that follows it.
  return !text.includes("?") && !text.includes("#");
}

/**
 * Throws where the runtime could not ask at that address, such as one with a port that is no number.
 *
 * @param {string} baseUrl
 */
export function checkBaseUrl(baseUrl) {
  try {
    if (new URL(baseUrl)) return;
  } catch {}
  throw invalid();
}

const invalid = () =>
  new CloudConfigError("ERR_INVALID_BASE_URL", "baseUrl must be an absolute http or https URL without a query");
