// @ts-check
/** What a browser gives a client to keep its anonymous identity in. */

/** A `localStorage` of its own, as a browser profile has one. */
export class LocalStorage {
  /** @type {Map<string, string>} */
  items = new Map();

  /** @param {string} key */
  getItem(key) {
    return this.items.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.items.set(key, String(value));
  }

  /** @param {string} key */
  removeItem(key) {
    this.items.delete(key);
  }
}

/**
 * Makes this process a browser with this storage, or none again.
 *
 * @param {LocalStorage | undefined} storage
 */
export function useLocalStorage(storage) {
  if (storage) return void Object.assign(globalThis, { localStorage: storage, window: new EventTarget() });
  Reflect.deleteProperty(globalThis, "localStorage");
  Reflect.deleteProperty(globalThis, "window");
}

/** Where the official client keeps the identity of a server. @param {string} baseUrl without a trailing slash */
export const refreshTokenKey = (baseUrl) => `aui:refresh_token:${baseUrl}`;
