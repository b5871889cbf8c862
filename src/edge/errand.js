// @ts-check
/** The way to a workspace's object, as `errand.rs` takes it. */

/**
 * @typedef {{ getByName(name: string): { fetch(url: string, init: RequestInit): Promise<Response> } }} Namespace
 */

/**
 * @param {Namespace} namespace
 * @param {string} name the object's
 * @param {string} caller
 * @param {string} errand
 * @param {string | undefined} origin of the page that the answer is for
 * @param {string} query
 * @param {Uint8Array<ArrayBuffer>} body
 */
export function send(namespace, name, caller, errand, origin, query, body) {
  /** @type {Record<string, string>} */
  const headers = { "aui-caller": caller, "aui-route": errand };
  if (origin !== undefined) headers.Origin = origin;
  const init = body.length > 0 ? { method: "POST", headers, body } : { headers };
  return namespace.getByName(name).fetch(`https://workspace/?${query}`, init);
}
