// @ts-check
/** The measuring itself: every row on every side in every turn, so that what else the machine does hits them alike. */

/** @import { Row } from "./rows.mjs" */
/** @import { SideName, Side, Sides } from "./sides.mjs" */
/** @import { LoadProcess } from "./load.mjs" */

/**
 * What a side did in one row, turn by turn.
 *
 * @typedef {{ cpu: number[], rate: number[] }} Samples `cpu`: microseconds for a request; `rate`: requests in a second
 */

/** @typedef {{ row: Row, samples: Partial<Record<SideName, Samples>> }} Measured */

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How often it is everybody's turn in a round. */
const TURNS = 5;

/** Who takes part in a row. @param {Row} row @returns {SideName[]} */
export const participants = (row) => ["ours", row.peer ?? "hono", ...(row.besides ?? [])];

/**
 * The requests of a row on a side, prepared once unless nobody may have seen them.
 *
 * @param {Map<string, string[]>} kept
 * @param {Row} row
 * @param {Side} side
 * @param {number} count
 */
async function requestsOf(kept, row, side, count) {
  const name = `${row.id} ${side.name}`;
  const requests = (!row.fresh && kept.get(name)) || (await row.prepare(side, count));
  kept.set(name, requests);
  return requests;
}

/**
 * Measures.
 *
 * @param {Sides} sides
 * @param {LoadProcess} load
 * @param {Row[]} rows
 * @param {{ rounds: number, share: number, warm: boolean, say: (text: string) => void }} effort
 *   `share`: of the requests that a row has; `warm`: whether a round before the first is for caches and compilers
 * @returns {Promise<Measured[]>}
 */
export async function measure(sides, load, rows, { rounds, share, warm, say }) {
  /** @type {Map<string, string[]>} */
  const kept = new Map();
  const measured = rows.map((row) => {
    const samples = participants(row).map((name) => [name, { cpu: [], rate: [] }]);
    return { row, samples: /** @type {Record<SideName, Samples>} */ (Object.fromEntries(samples)) };
  });
  for (let round = warm ? -1 : 0; round < rounds; round++) {
    say(round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`);
    for (const { row, samples } of measured) {
      // Where an answer is needed for the next request, a turn would begin with what is not good any more.
      const turns = row.follow ? 1 : TURNS;
      const total = Math.max(Math.round((row.requests * share) / turns), 16);
      /** @type {Partial<Record<SideName, string[]>>} */
      const prepared = {};
      for (const name of participants(row)) prepared[name] = await requestsOf(kept, row, sides.side(name), total * turns);
      for (let turn = 0; turn < turns; turn++) {
        // Whoever is first in one turn is last in the next.
        const order = (round + turn) % 2 ? participants(row) : participants(row).reverse();
        for (const name of order) {
          const side = sides.side(name);
          const all = prepared[name] ?? [];
          const requests = row.fresh && turns > 1 ? all.slice(turn * total, (turn + 1) * total) : all;
          const { connections = 16, status, follow } = row;
          const before = side.cpu();
          const { seconds } = await load.run({ port: side.port, requests, total, connections, status, follow });
          if (round < 0) continue;
          samples[name].cpu.push(((side.cpu() - before) * 1e6) / total);
          samples[name].rate.push(total / seconds);
        }
      }
    }
  }
  return measured;
}

/** @typedef {"met" | "missed" | "none"} Verdict */

/**
 * What came of a row.
 *
 * @typedef {object} Result
 * @property {Row} row
 * @property {Record<string, { cpu: number, rate: number }>} sides medians over the turns
 * @property {number} ratio of ours and its peer in the same turn, the median of these
 * @property {number} [bound] what an answer of that form costs where nothing is checked, as a part of what the peer does
 * @property {number} [ofAcceptance] what a refusal costs, as a part of the acceptance of the same kind
 * @property {Verdict} verdict
 */

/** @param {Measured[]} measured @returns {Result[]} */
export function results(measured) {
  const results = measured.map(({ row, samples }) => {
    const sides = Object.fromEntries(
      Object.entries(samples).map(([name, { cpu, rate }]) => [name, { cpu: median(cpu), rate: median(rate) }]),
    );
    const peer = samples[row.peer ?? "hono"];
    const ofPeer = (/** @type {Samples | undefined} */ side) =>
      median((side?.cpu ?? []).map((cost, turn) => cost / (peer?.cpu[turn] ?? NaN)));
    const ratio = ofPeer(samples.ours);
    const bound = row.besides?.find((name) => name === "accepting" || name === "refusing");
    return /** @type {Result} */ ({ row, sides, ratio, ...(bound && { bound: ofPeer(samples[bound]) }), verdict: "none" });
  });
  for (const result of results) {
    const { target, acceptance } = result.row;
    if (acceptance) {
      const accepted = results.find(({ row }) => row.id === acceptance);
      result.ofAcceptance = result.sides.ours.cpu / (accepted?.sides.ours.cpu ?? NaN);
    }
    if (target === undefined) continue;
    // A figure that is read as 0.80 has met 0.80.
    const met = round(result.ratio) <= target && !(round(result.ofAcceptance ?? 0) > 1);
    result.verdict = met ? "met" : "missed";
  }
  return results;
}

/** @param {number} number to two digits, as it is printed */
const round = (number) => Number(number.toFixed(2));
