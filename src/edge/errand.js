// @ts-check
/** The way to a workspace's object, as `errand.rs` takes it. */

/**
 * @typedef {{ getByName(name: string): { fetch(url: string, init: RequestInit): Promise<Response> } }} Namespace
 */

/** How often an object is asked again that could not be reached. */
const mostRetries = 2;
/** The pause before the first of these, about. */
const pauseMillis = 40;

/**
 * @param {Namespace} namespace
 * @param {string} name the object's
 * @param {string} caller
 * @param {string} errand
 * @param {string | undefined} origin of the page that the answer is for
 * @param {string} query
 * @param {ArrayBuffer | undefined} body
 * @param {boolean} repeatable whether it may be done twice
 */
export async function send(namespace, name, caller, errand, origin, query, body, repeatable) {
  /** @type {Record<string, string>} */
  const headers = { "aui-caller": caller, "aui-route": errand };
  if (origin !== undefined) headers.Origin = origin;
  const init = body?.byteLength ? { method: "POST", headers, body } : { headers };
  for (let retries = 0; ; retries++) {
    try {
      // A stub that has failed stays so: every attempt takes a new one.
      return await namespace.getByName(name).fetch(`https://workspace/?${query}`, init);
    } catch (error) {
      const { retryable, overloaded } = /** @type {{ retryable?: boolean, overloaded?: boolean }} */ (error);
      // Whoever is overloaded is not helped by more of the same.
      if (!repeatable || !retryable || overloaded || retries === mostRetries) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMillis * 2 ** retries * (0.5 + Math.random())));
    }
  }
}
