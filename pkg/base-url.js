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
  // A query or a fragment would swallow the path that follows it. No regular expression: a page's first one costs more
  // than all else that a client needs to be made.
  if (typeof value !== "string" || !isAddress(value) || value.includes("?") || value.includes("#")) {
    throw new CloudConfigError(
      "ERR_INVALID_BASE_URL",
      "baseUrl must be an absolute http or https URL without a query",
    );
  }
  return normalizeBaseUrl(value);
}

/**
 * Whether it is an absolute URL of http or https. No object is made of it, where the runtime can do without.
 *
 * @param {string} text
 */
function isAddress(text) {
  const start = text.slice(0, 8).toLowerCase();
  if (start !== "https://" && !start.startsWith("http://")) return false;
  try {
    return URL.canParse ? URL.canParse(text) : !!new URL(text);
  } catch {
    return false;
  }
}
