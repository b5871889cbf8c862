// @ts-check
/**
 * Whether the runtime's own limiter admits one call more, as `call_limit.rs` asks it.
 *
 * @param {{ limit(options: { key: string }): Promise<{ success: boolean }> }} limiter
 * @param {string} key
 */
export async function admits(limiter, key) {
  return (await limiter.limit({ key })).success;
}
