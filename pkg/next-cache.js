// @ts-check
/** Keeps requests out of Next's cache, which would answer one visitor with what it has fetched for another. */

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
  const fetchCache = __nextGetStaticStore?.().getStore()?.fetchCache;
  // Nothing is kept there, and Next 13 takes the wish that nothing be kept for its contrary.
  if (fetchCache === "only-no-store") return init;
  // `force-cache` overrules every wish. What is internal goes past the cache, as Next's own requests do.
  return { ...init, next: fetchCache === "force-cache" ? { internal: true } : { revalidate: 0 } };
}
