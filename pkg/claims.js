// @ts-check
/** What a JWT says about itself. Nothing here is verified: that is the server's task. */
import { CloudAuthError } from "./errors.js";

/** @typedef {Readonly<Record<string, unknown>> & { readonly exp: number }} Claims */

/**
 * @param {string} text base64url, or base64
 * @returns {string}
 */
function decodeBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  // A character for each byte: names outside Latin-1 are more than one.
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

/** @param {string} reason */
function unreadable(reason) {
  return new CloudAuthError(
    "ERR_TOKEN_UNREADABLE",
    `Unable to determine the token expiry: Error: ${reason}`,
  );
}

/**
 * The payload of a JWT, frozen. The messages never quote it: a token must not end up in a log.
 *
 * @param {unknown} token
 * @returns {Claims}
 * @throws {CloudAuthError} `ERR_TOKEN_UNREADABLE` when it is no JWT or has no numeric `exp`
 */
export function decodeClaims(token) {
  let claims;
  try {
    claims = JSON.parse(decodeBase64Url(/** @type {string} */ (token).split(".")[1] ?? ""));
  } catch {
    throw unreadable("Invalid JWT format");
  }
  if (!claims?.exp || typeof claims.exp !== "number") {
    throw unreadable('JWT does not contain a valid "exp" field');
  }
  return Object.freeze(claims);
}

/**
 * The same, or `null`.
 *
 * @param {unknown} token
 */
export function readClaims(token) {
  try {
    return decodeClaims(token);
  } catch {
    return null;
  }
}

/**
 * A string claim, or `null`.
 *
 * @param {Record<string, unknown>} claims
 * @param {string} name
 */
export function readClaim(claims, name) {
  const value = claims[name];
  return typeof value === "string" ? value : null;
}

/**
 * The time of issue in seconds, or `NaN`.
 *
 * @param {Claims} claims
 */
export function readIssuedAt(claims) {
  return typeof claims.iat === "number" ? claims.iat : NaN;
}

/** Claims of any provider that name an organization, whatever stands before it in their name. */
const ORGANIZATION = /(^|[\W_])(org(ani[sz]ation)?|tenant|team|workspace|account)(_?(id|code|slug|name))?$|^tid$/i;

/**
 * Tells whom a token is for, and in which organization, apart from everyone else, as far as a token of any provider
 * can tell.
 *
 * @param {Claims} claims
 */
export function subjectOf(claims) {
  const organizations = Object.keys(claims).filter((name) => ORGANIZATION.test(name)).sort();
  // Clerk has its organization in an object, with the person's role in it.
  const { id } = /** @type {{ id?: unknown }} */ (claims.o ?? {});
  return JSON.stringify([claims.iss, claims.sub, id, ...organizations.map((name) => [name, claims[name]])]);
}

/**
 * All that a token says, but for when it was made and how long ago its user signed in. What sets two tenants of an app
 * apart can be in any claim.
 *
 * @param {Claims} claims
 */
export function contentOf(claims) {
  const { iat, exp, nbf, jti, auth_time, amr, fva, ...content } = claims;
  return JSON.stringify(content);
}
