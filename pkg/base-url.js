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
  if (value === undefined || value === null || value === "") {
    throw new CloudConfigError("ERR_MISSING_BASE_URL", "baseUrl is missing");
  }
  let protocol;
  try {
    ({ protocol } = new URL(/** @type {string} */ (value)));
  } catch {}
  // A query or a fragment would swallow the path that follows it. No regular expressions: a page's first costs more than
  // all else that a client needs to be made.
  if (typeof value !== "string" || !["http:", "https:"].includes(`${protocol}`) || value.includes("?") || value.includes("#")) {
    throw new CloudConfigError(
      "ERR_INVALID_BASE_URL",
      "baseUrl must be an absolute http or https URL without a query",
    );
  }
  return normalizeBaseUrl(value);
}
