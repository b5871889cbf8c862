// @ts-check
/** Fetches a server's public keys. When, and what becomes of the answer, is decided elsewhere. */
import { uncached } from "./next-cache.js";

/**
 * The answer's bytes; `null` for one that cannot be a key set, or none.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @param {{ timeoutMillis: number, maxBytes: number }} limits the time is for the whole answer
 * @returns {Promise<{ body: Uint8Array, cacheControl: string | undefined } | null>}
 */
export async function fetchKeySet(fetch, url, { timeoutMillis, maxBytes }) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMillis);
  try {
    // A redirect would make another server the one that is trusted.
    const response = await fetch(url, uncached({ redirect: "manual", signal: abort.signal }));
    const body = response.status === 200 && (await readUpTo(response, maxBytes));
    return body ? { body, cacheControl: response.headers.get("Cache-Control") ?? undefined } : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    // Lets go of what was not read.
    abort.abort();
  }
}

/**
 * @param {Response} response
 * @param {number} limit
 * @returns {Promise<Uint8Array | null>}
 */
async function readUpTo(response, limit) {
  const reader = response.body?.getReader();
  if (!reader) return null;
  let body = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return body;
    if (body.length + value.length > limit) return null;
    const longer = new Uint8Array(body.length + value.length);
    longer.set(body);
    longer.set(value, body.length);
    body = longer;
  }
}
