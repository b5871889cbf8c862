// @ts-check
/**
 * Lets a promise be: nobody waits for it, and its failure is nobody's concern.
 *
 * @param {Promise<unknown>} promise
 */
export function forget(promise) {
  promise.catch(() => {});
}
