// @ts-check
/**
 * Who wants to hear of what.
 *
 * @import * as types from "./index.js"
 */

/**
 * @typedef {object} Listeners
 * @property {types.AssistantCloudAuth["on"]} on
 * @property {(event: types.AuthEventMap[keyof types.AuthEventMap]) => void} emit
 */

/** @param {unknown} error thrown by a function of the app's, whose failure is no failure of the client's */
export function reportUncaught(error) {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}

/** @returns {Listeners} */
export function createListeners() {
  /** @type {Map<string, Set<(event: any) => void>>} */
  const byType = new Map();
  return {
    on(type, listener) {
      // A wrapper of its own, so that one function that listens twice can stop once.
      const entry = (/** @type {any} */ event) => listener(event);
      const entries = byType.get(type) ?? new Set();
      byType.set(type, entries.add(entry));
      return () => void entries.delete(entry);
    },
    emit(event) {
      for (const listener of [...(byType.get(event.type) ?? [])]) {
        try {
          listener(event);
        } catch (error) {
          // A listener that fails is the app's to hear of; the token it was told about is fine.
          reportUncaught(error);
        }
      }
    },
  };
}
