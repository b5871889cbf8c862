// @ts-check
/** Documents of others, as `document.rs` has them fetched. */
import { readAll } from "./body.js";

/**
 * @param {string} url
 * @param {string | undefined} cookies
 * @param {number} limit of the body, in bytes; unpacked, where it comes packed
 * @param {number} millis until the whole of it must be there
 * @returns {Promise<[status: number, cacheControl: string | undefined, body: ArrayBuffer]>}
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
 * @returns {Promise<[number, string | undefined, ArrayBuffer]>}
 */
async function read(url, cookies, limit, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (cookies !== undefined) headers.Cookie = cookies;
  // Cookies and trust are for the configured address and no other.
  const { status, headers: given, body } = await fetch(url, { headers, redirect: "manual", signal });
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>> | null} */ (body)?.getReader();
  const bytes = status === 200 && reader ? await readAll(reader, limit) : new ArrayBuffer();
  if (!bytes) throw new Error(`more than ${limit} bytes`);
  return [status, given.get("Cache-Control") ?? undefined, bytes];
}
