// @ts-check
/** Many forged tokens at once, each of which must be refused. */
import assert from "node:assert/strict";

import { ask, bearer } from "./exchange.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @param {Worker} worker @param {string} token */
export const use = (worker, token) => ask(worker, "GET /v1/threads", { headers: bearer(token) });

/**
 * Asserts that every one of these is refused, with a good token before and after them: what the Worker remembers of a
 * good one must not help a forger, and no forgery may spoil it.
 *
 * @param {Worker} worker
 * @param {string} token a good one
 * @param {Iterable<string>} forgeries
 */
export async function allRefused(worker, token, forgeries) {
  const queue = [...forgeries];
  assert.ok(queue.length > 0);
  assert.equal((await use(worker, token)).status, 200);
  // Some at a time: one after the other takes the most of a minute.
  const askers = Array.from({ length: 8 }, async () => {
    for (let forgery = queue.pop(); forgery !== undefined; forgery = queue.pop()) {
      const { status, text } = await use(worker, forgery);
      assert.ok(status === 401 || status === 403, `${status} ${text} for ${forgery}`);
    }
  });
  await Promise.all(askers);
  assert.equal((await use(worker, token)).status, 200);
}
