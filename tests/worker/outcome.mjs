// @ts-check
/** What a client's call comes to, in a form that two clients can be compared by. */

/**
 * What a call comes to, and what it sent to get there.
 *
 * @param {() => Promise<unknown>} call
 * @returns {Promise<{ requests: object[], value?: unknown, error?: Record<string, any>, thrown?: unknown }>}
 */
export async function outcome(call) {
  /** @type {object[]} */
  const requests = [];
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const headers = Object.fromEntries(request.headers);
    requests.push({ method: request.method, url: request.url, headers, body: await request.clone().text() });
    return fetch(input, init);
  };
  try {
    return { requests, value: await call() };
  } catch (error) {
    const { name, message, status, code, details } = /** @type {any} */ (error);
    return { requests, error: { name, message, status, code, details }, thrown: error };
  } finally {
    globalThis.fetch = fetch;
  }
}

/** @param {any} request without what names the library, or a token that is another one each time */
export function comparable({ method, url, headers, body }) {
  const { "aui-sdk": sdk, authorization, ...rest } = headers;
  const token = authorization?.replace(/ey[\w-]+\.[\w-]+\.[\w-]+/, "token");
  return { method, url, headers: { ...rest, authorization: token, "aui-sdk": typeof sdk }, body };
}
