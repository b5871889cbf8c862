// @ts-check
/** Ours and the official client, in turn. Runs in Node and in a browser alike. */
import { median } from "./measure.mjs";

/** @typedef {"ours" | "official"} Side */
/**
 * @typedef {object} Row
 * @property {string} row
 * @property {number} ours in µs, as the next one the median of the turns
 * @property {number} official
 * @property {number} ratio the median of the turns' ratios
 * @property {boolean | undefined} [unbounded] whether it is shown, and not judged
 */

/**
 * Measures both, one right after the other, so that what else the machine does hits them alike.
 *
 * @param {string} row
 * @param {number} turns
 * @param {(side: Side) => Promise<number>} measure in µs
 * @returns {Promise<Row>}
 */
export async function inTurns(row, turns, measure) {
  /** @type {Record<Side, number>[]} */
  const measured = [];
  for (let turn = 0; turn < turns; turn++) {
    const times = { ours: NaN, official: NaN };
    // Whoever is first in one turn is last in the next.
    const order = /** @type {Side[]} */ (turn % 2 ? ["ours", "official"] : ["official", "ours"]);
    for (const side of order) times[side] = await measure(side);
    measured.push(times);
  }
  const middle = (/** @type {(times: Record<Side, number>) => number} */ read) => median(measured.map(read));
  return { row, ours: middle((times) => times.ours), official: middle((times) => times.official), ratio: middle(({ ours, official }) => ours / official) };
}
