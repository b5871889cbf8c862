// @ts-check

/**
 * A reference that does not keep what it is to. Workerd has none for Workers whose compatibility date is before
 * 2025-05-05, which have neither timers nor channels that could keep a client.
 *
 * @template {object} T
 * @param {T} object
 * @returns {{ deref: () => T | undefined }}
 */
export const weakly = (object) => (typeof WeakRef === "function" ? new WeakRef(object) : { deref: () => object });
