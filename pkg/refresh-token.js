// @ts-check
/**
 * The refresh token of an anonymous identity, in the place and form in which the official client keeps it,
 * so that both can run in one browser (contract 3.1, 3.2, 3.5).
 */
import { normalizeBaseUrl } from "./base-url.js";

/** @typedef {{ token: string, expires_at: string }} RefreshToken */

/** Where it was kept before there could be several servers. */
const LEGACY_KEY = "aui:refresh_token";

/** One with no more than this left is not handed out (`MIN_REMAINING_MS` in src/anonymous_session.rs). */
const MIN_REMAINING_MS = 30_000;

/** @param {string} baseUrl */
function keyOf(baseUrl) {
  return `${LEGACY_KEY}:${baseUrl}`;
}

/** Node and Deno have a `localStorage` too: one, for everyone that they serve. */
const isServer = () => {
  const { Deno, process, window } = /** @type {any} */ (globalThis);
  return Boolean(Deno || (process?.versions?.node && !window));
};

/**
 * The page's storage, if it has one and may use it.
 *
 * @returns {Storage | null}
 */
export function localStorageOrNull() {
  if (isServer()) return null;
  try {
    return globalThis.localStorage ?? null;
  } catch {
    // A sandboxed frame, or a browser told to block site data.
    return null;
  }
}

/**
 * @param {string | null} text
 * @returns {RefreshToken | null}
 */
function parse(text) {
  try {
    const value = JSON.parse(/** @type {string} */ (text));
    return value.token && typeof value.token === "string" ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 */
function remove(storage, key) {
  try {
    storage.removeItem(key);
  } catch {}
}

/** @param {string} baseUrl normalized */
export function removeRefreshToken(baseUrl) {
  const storage = localStorageOrNull();
  for (const key of storage ? [keyOf(baseUrl), LEGACY_KEY] : []) remove(/** @type {Storage} */ (storage), key);
}

/**
 * The stored token, or `null` when there is none that can be read. One from before there were keys by
 * server moves to the first server that asks.
 *
 * @param {string} baseUrl normalized
 * @returns {RefreshToken | null}
 */
export function readRefreshToken(baseUrl) {
  const storage = localStorageOrNull();
  try {
    if (!storage) return null;
    const value = storage.getItem(keyOf(baseUrl));
    if (value) {
      remove(storage, LEGACY_KEY);
      return parse(value);
    }
    const legacy = storage.getItem(LEGACY_KEY);
    const token = parse(legacy);
    if (legacy && (!token || write(storage, keyOf(baseUrl), legacy))) remove(storage, LEGACY_KEY);
    return token;
  } catch {
    return null;
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {string} value
 * @returns {boolean} whether it is there: some browsers have no room, and some forget at once
 */
function write(storage, key, value) {
  try {
    storage.setItem(key, value);
    return storage.getItem(key) === value;
  } catch {
    return false;
  }
}

/**
 * Stores exactly the two fields that the official client stores, in its order.
 *
 * @param {string} baseUrl normalized
 * @param {RefreshToken} refreshToken
 * @returns {boolean} whether it will be there after a reload
 */
export function writeRefreshToken(baseUrl, { token, expires_at }) {
  const storage = localStorageOrNull();
  return !!storage && write(storage, keyOf(baseUrl), JSON.stringify({ token, expires_at }));
}

/**
 * When a refresh token expires, in milliseconds; `NaN` when its date cannot be read. Any form that `Date`
 * reads will do: servers write it with and without a time.
 *
 * @param {RefreshToken} refreshToken
 */
export function expiryOf(refreshToken) {
  return new Date(refreshToken.expires_at).getTime();
}

/**
 * The refresh token of this browser's anonymous identity, or `null`.
 *
 * @param {string} baseUrl
 * @returns {string | null}
 */
export function readAnonymousRefreshToken(baseUrl) {
  const stored = readRefreshToken(normalizeBaseUrl(baseUrl));
  return stored && expiryOf(stored) - Date.now() > MIN_REMAINING_MS ? stored.token : null;
}
