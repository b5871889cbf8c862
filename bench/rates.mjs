// @ts-check
/**
 * What Cloudflare asks for on the Workers Paid plan, in US dollars and a month, as published in 2026:
 * https://developers.cloudflare.com/workers/platform/pricing/
 * https://developers.cloudflare.com/durable-objects/platform/pricing/
 * https://developers.cloudflare.com/r2/pricing/
 */

/**
 * The `price` of `per` units beyond the included ones.
 *
 * @typedef {{ name: string, unit: string, included: number, per: number, price: number }} Rate
 */

export const rates = /** @satisfies {Record<string, Rate>} */ ({
  requests: { name: "Worker requests", unit: "requests", included: 10e6, per: 1e6, price: 0.3 },
  cpu: { name: "Worker CPU time", unit: "ms", included: 30e6, per: 1e6, price: 0.02 },
  objects: { name: "object requests", unit: "requests", included: 1e6, per: 1e6, price: 0.15 },
  duration: { name: "object duration", unit: "GB-s", included: 400e3, per: 1e6, price: 12.5 },
  read: { name: "rows read", unit: "rows", included: 25e9, per: 1e6, price: 0.001 },
  written: { name: "rows written", unit: "rows", included: 50e6, per: 1e6, price: 1 },
  stored: { name: "SQLite storage", unit: "GB-months", included: 5, per: 1, price: 0.2 },
  files: { name: "R2 storage", unit: "GB-months", included: 10, per: 1, price: 0.015 },
  classA: { name: "R2 writes (class A)", unit: "operations", included: 1e6, per: 1e6, price: 4.5 },
  classB: { name: "R2 reads (class B)", unit: "operations", included: 10e6, per: 1e6, price: 0.36 },
});

/** @typedef {keyof typeof rates} Metered what is billed */

/** @typedef {Record<Metered, number>} Usage how much of it */

/** The least that the plan costs, whatever is used. */
export const BASE = 5;

/** Of memory, for which an object's duration is billed whatever it uses, in GB. */
export const OBJECT_GB = 128 / 1_000;

/**
 * The limits of the platform that this project can meet.
 * https://developers.cloudflare.com/durable-objects/platform/limits/ and
 * .../best-practices/rules-of-durable-objects/
 */
export const limits = {
  /** Of one object, requests in a second: the soft limit, and what remains of it when requests write. */
  requestsPerSecond: 1_000,
  writesPerSecond: 200,
  /** Of one object, in bytes. */
  objectBytes: 10e9,
};

/** @param {Metered} metered @param {number} amount @returns {number} dollars */
export function price(metered, amount) {
  const { included, per, price } = rates[metered];
  return (Math.max(0, amount - included) / per) * price;
}
