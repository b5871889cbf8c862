// @ts-check
/** The way to a workspace's object, as `errand.rs` takes it. */

/**
 * An object's answer: a response in its parts, of which the Worker makes one (`response.js`).
 *
 * @typedef {{ status: number, usual: string, own: string, body: string | Uint8Array<ArrayBuffer> | ArrayBuffer | ReadableStream }} Reply
 */
/** @typedef {{ getByName(name: string): { serve(errand: string, body?: ArrayBuffer): Promise<Reply> } }} Namespace */

/** How often an object is asked again that could not be reached. */
const mostRetries = 2;
/** The pause before the first of these, about. */
const pauseMillis = 40;

/**
 * @param {Namespace} namespace
 * @param {string} name the object's
 * @param {string} errand
 * @param {ArrayBuffer | undefined} body
 * @param {boolean} repeatable whether it may be done twice
 */
export async function send(namespace, name, errand, body, repeatable) {
  for (let retries = 0; ; retries++) {
    try {
      // A stub that has failed stays so: every attempt takes a new one.
      return await namespace.getByName(name).serve(errand, body);
    } catch (error) {
      const { retryable, overloaded } = /** @type {{ retryable?: boolean, overloaded?: boolean }} */ (error);
      // Whoever is overloaded is not helped by more of the same.
      if (!repeatable || !retryable || overloaded || retries === mostRetries) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMillis * 2 ** retries * (0.5 + Math.random())));
    }
  }
}
