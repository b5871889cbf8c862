// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { ask, backend, createThread, getThread, listThreads, refresh, visit } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const ROUNDS = 12;

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

/** Cuts the power, the moment an answer is there, and goes on. */
const cut = () => worker.restart();

describe("a write that was acknowledged", () => {
  it(`survives a power cut, in ${ROUNDS} rounds of every kind of write`, async () => {
    const headers = backend(worker);
    let { refresh_token } = await visit(worker);
    /** The titles that were acknowledged, by id. @type {Map<string, string>} */
    const threads = new Map([[await createThread(worker, headers, { title: "First" }), "First"]]);
    for (let round = 0; round < ROUNDS; round++) {
      const title = `Round ${round}`;
      const writes = [
        async () => {
          threads.set(await createThread(worker, headers, { title }), title);
        },
        async () => {
          const [id] = threads.keys();
          assert.equal((await ask(worker, `PUT /v1/threads/${id}`, { headers, json: { title } })).status, 200);
          threads.set(id, title);
        },
        async () => {
          const [, id] = threads.keys();
          assert.equal((await ask(worker, `DELETE /v1/threads/${id}`, { headers })).status, id ? 200 : 404);
          threads.delete(id);
        },
        async () => {
          refresh_token = (await refresh(worker, refresh_token.token)).body.refresh_token;
        },
      ];
      // Another kind is the last one before the cut each time.
      const last = round % writes.length;
      for (const write of [...writes.slice(last + 1), ...writes.slice(0, last + 1)]) await write();
      await cut();
      const kept = await listThreads(worker, headers, "?limit=100");
      assert.deepEqual(kept.map(({ id, title }) => [id, title]).sort(), [...threads].sort(), title);
    }
    const renewed = await refresh(worker, refresh_token.token);
    assert.equal(renewed.status, 200);
    await cut();
    // Had the rotation been lost, this would be the current token, and its answer a new one.
    const again = await refresh(worker, refresh_token.token);
    assert.equal(again.body.refresh_token.token, renewed.body.refresh_token.token);
  });

  it("survives as the first write of its workspace, tables and all", async () => {
    for (let round = 0; round < 3; round++) {
      const headers = backend(worker, `workspace_first_${round}`);
      const id = await createThread(worker, headers);
      await cut();
      assert.equal((await getThread(worker, headers, id)).id, id);
      const visitor = await visit(worker);
      const renewed = (await refresh(worker, visitor.refresh_token.token)).body;
      await cut();
      const again = await refresh(worker, visitor.refresh_token.token);
      assert.equal(again.body.refresh_token.token, renewed.refresh_token.token, "the rotation is remembered");
    }
  });

  it("survives although others were on their way", async () => {
    const headers = backend(worker, "workspace_busy");
    for (let round = 0; round < 3; round++) {
      /** @type {string[]} */
      const acknowledged = [];
      let enough = () => {};
      const some = new Promise((resolve) => (enough = () => resolve(undefined)));
      const writers = Array.from({ length: 8 }, async () => {
        for (;;) {
          acknowledged.push(await createThread(worker, headers));
          if (acknowledged.length >= 25) enough();
        }
      });
      const ended = Promise.allSettled(writers);
      await some;
      await worker.kill();
      for (const { status } of await ended) assert.equal(status, "rejected", "the power was cut");
      await worker.start();
      for (const id of acknowledged) assert.equal((await getThread(worker, headers, id)).id, id);
      for (const { id } of await listThreads(worker, headers, "?limit=100")) {
        await ask(worker, `DELETE /v1/threads/${id}`, { headers });
      }
    }
  });
});
