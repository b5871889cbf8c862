// @ts-check
/** How long a Worker takes from the start of its process to its first answer, and what its upload weighs. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { median } from "./measure.mjs";
import { ask, backend, request } from "./rows.mjs";

/** @import { SideName, Sides } from "./sides.mjs" */

/** The most that ours may take longer than the peer, in milliseconds, and weigh, in bytes after gzip. */
export const MOST_MILLIS = 30;
export const MOST_BYTES = 200_000;

/** @typedef {{ name: SideName, millis: number, bytes: number }} Start median of the starts; size after `gzip -9` */

/**
 * Starts each side again and again, in turn. Its first answer is a token: whatever it does once, it has done then.
 *
 * @param {Sides} sides
 * @param {SideName[]} names
 * @param {number} times
 * @returns {Promise<Start[]>}
 */
export async function measureStarts(sides, names, times) {
  /** @type {Record<string, number[]>} */
  const millis = Object.fromEntries(names.map((name) => [name, []]));
  for (let count = 0; count < times; count++) {
    for (const name of count % 2 ? names : names.toReversed()) {
      const side = sides.side(name);
      await side.worker.kill();
      const start = performance.now();
      await side.worker.start();
      await ask(side, request(side, "POST /v1/auth/tokens", backend(side, "workspace_0")), 200);
      millis[name].push(performance.now() - start);
    }
  }
  return Promise.all(names.map(async (name) => {
    const files = (await sides.files(name)).map((path) => gzipSync(readFileSync(path), { level: 9 }).length);
    return { name, millis: median(millis[name]), bytes: files.reduce((sum, size) => sum + size, 0) };
  }));
}
