// @ts-check
/** Documents of others, as `document.rs` has them fetched. */
import { readStream } from "./body.js";

/**
 * @param {string} url
 * @param {string | undefined} cookies
 * @param {number} limit of the body, in bytes; unpacked, where it comes packed
 * @param {number} millis until the whole of it must be there
 * @returns {Promise<[status: number, cacheControl: string | undefined, body: Uint8Array]>}
 */
export async function fetchDocument(url, cookies, limit, millis) {
  const connection = new AbortController();
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    connection.signal.addEventListener("abort", () => reject(new Error(`no answer within ${millis} ms`)));
  });
  const timer = setTimeout(() => connection.abort(), millis);
  try {
    return await Promise.race([late, read(url, cookies, limit, connection.signal)]);
  } finally {
    clearTimeout(timer);
    // What is left of an answer is not wanted.
    connection.abort();
  }
}

/**
 * @param {string} url
 * @param {string | undefined} cookies
 * @param {number} limit
 * @param {AbortSignal} signal
 * @returns {Promise<[number, string | undefined, Uint8Array]>}
 */
async function read(url, cookies, limit, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (cookies !== undefined) headers.Cookie = cookies;
  // Cookies and trust are for the configured address and no other.
  const { status, headers: given, body } = await fetch(url, { headers, redirect: "manual", signal });
  const bytes = status === 200 && body ? await readStream(/** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body), limit) : new Uint8Array();
  if (!bytes) throw new Error(`more than ${limit} bytes`);
  return [status, given.get("Cache-Control") ?? undefined, bytes];
}
