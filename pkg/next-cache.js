// @ts-check
/** Keeps requests out of Next's caches, which would answer one visitor with what they have fetched for another. */

/**
 * The options of a `fetch`. Next keeps what is fetched where a route segment says so, in versions 13 and 14 wherever it
 * says nothing, and then a `POST` as well. Elsewhere they stay as they are: at `cache: "no-store"` older compatibility
 * dates of workerd throw.
 *
 * @template {RequestInit} Init
 * @param {Init} init
 * @returns {Init}
 */
export function uncached(init) {
  /** Next marks its `fetch`, and hands over the store of the segment, in every version since 13.4. @type {any} */
  const { __nextPatched, __nextGetStaticStore } = globalThis.fetch ?? {};
  if (__nextPatched !== true) return init;
  // Without a signal, what is asked twice in one rendering is answered as before, whatever was written in between.
  const unshared = { signal: new AbortController().signal, ...init };
  const fetchCache = __nextGetStaticStore?.().getStore()?.fetchCache;
  // Nothing is kept there, and Next 13 takes the wish that nothing be kept for its contrary.
  if (fetchCache === "only-no-store") return unshared;
  // `force-cache` overrules every wish. What is internal goes past the cache, as Next's own requests do.
  return { ...unshared, next: fetchCache === "force-cache" ? { internal: true } : { revalidate: 0 } };
}
