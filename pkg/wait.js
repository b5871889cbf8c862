// @ts-check
/** A fetch, as those see it who wait for it. */

/**
 * @template T
 * @typedef {object} Wait
 * @property {Promise<T>} outcome
 * @property {AbortSignal} signal aborted when it is given up
 * @property {(value: T) => void} grant
 * @property {(error: unknown) => void} abandon
 */

/**
 * @template T
 * @returns {Wait<T>}
 */
export function createWait() {
  const controller = new AbortController();
  /** @type {any} */
  let settle;
  const outcome = new Promise((resolve, reject) => (settle = { resolve, reject }));
  // The events tell of a renewal that fails with nobody waiting.
  outcome.catch(() => {});
  return {
    outcome,
    signal: controller.signal,
    grant: settle.resolve,
    abandon(error) {
      settle.reject(error);
      controller.abort(error);
    },
  };
}
