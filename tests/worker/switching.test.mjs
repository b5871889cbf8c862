// @ts-check
/**
 * The same person, however they prove who they are, has the same threads: nothing is moved when an app changes from
 * one way to another. An API key and a workspace token are the ways that there are; a provider's token and a session
 * exchange join them here when the Worker answers those.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AssistantCloud } from "assistant-cloud";

import { NOON, append, ask, backend, bearer, createThread, getThread, listMessages, mint } from "./exchange.mjs";
import { listRecords, listThreads } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

const workspace = "org_1_user_1";

/** Every way in which the person can come. @returns {Promise<[string, Record<string, string>][]>} */
async function ways() {
  return [
    ["an API key", backend(worker, workspace, "user_1")],
    ["an API key that names nobody", backend(worker, workspace)],
    ["a workspace token", bearer(await mint(worker, workspace, "user_1"))],
  ];
}

/** All that a way shows. @param {Record<string, string>} headers */
async function everything(headers) {
  const threads = await listThreads(worker, headers, "?limit=100");
  const messages = await Promise.all(threads.map(({ id }) => listMessages(worker, headers, id)));
  const kinds = /** @type {const} */ (["runs", "scores", "events"]);
  return { threads, messages, records: await Promise.all(kinds.map((kind) => listRecords(worker, headers, kind))) };
}

describe("whoever switches from one credential to another", () => {
  it("finds all that was written with the one through the other", async () => {
    const all = await ways();
    for (const [name, headers] of all) {
      const thread_id = await createThread(worker, headers, { title: name });
      const message_id = await append(worker, headers, thread_id);
      for (const [line, json] of /** @type {[string, object][]} */ ([
        ["runs", { thread_id, status: "completed" }],
        [`threads/${thread_id}/messages/${message_id}/feedback`, { type: "positive" }],
        ["events", { events: [{ kind: "message_sent", thread_id }] }],
      ])) {
        assert.ok((await ask(worker, `POST /v1/${line}`, { headers, json })).status < 300);
      }
    }
    const [first, ...others] = await Promise.all(all.map(([, headers]) => everything(headers)));
    assert.equal(first.threads.length, all.length);
    assert.deepEqual(first.records.map(({ length }) => length), [3, 3, 3]);
    for (const other of others) assert.deepEqual(other, first);
  });

  it("goes on with a thread through the other", async () => {
    const all = await ways();
    for (const [index, [, headers]] of all.entries()) {
      const [, next] = all[(index + 1) % all.length];
      const thread = await createThread(worker, headers);
      const parent_id = await append(worker, headers, thread);
      const child = await append(worker, next, thread, { parent_id });
      const json = { content: { role: "assistant", content: [] } };
      const line = `PUT /v1/threads/${thread}/messages/${parent_id}`;
      assert.equal((await ask(worker, line, { headers: next, json })).status, 200);
      const messages = await listMessages(worker, headers, thread);
      assert.deepEqual(messages.map(({ id }) => id), [child, parent_id]);
      assert.equal((await ask(worker, `DELETE /v1/threads/${thread}`, { headers: next })).status, 200);
      assert.equal((await ask(worker, `GET /v1/threads/${thread}`, { headers })).status, 404);
    }
  });

  it("sees the same through the clients, ours and the official one", async () => {
    const ours = await import(/** @type {string} */ ("../../pkg/index.js"));
    const { thread_id } = await new AssistantCloud({
      baseUrl: worker.url,
      apiKey: worker.apiKey,
      userId: "user_1",
      workspaceId: workspace,
    }).threads.create({ last_message_at: new Date(NOON), title: "Switched" });
    for (const Cloud of [AssistantCloud, ours.AssistantCloud]) {
      const cloud = new Cloud({ baseUrl: worker.url, authToken: () => mint(worker, workspace, "user_1") });
      assert.equal((await cloud.threads.get(thread_id)).title, "Switched");
    }
  });

  it("finds nothing by a name that is only alike", async () => {
    await createThread(worker, backend(worker, workspace));
    for (const other of [`${workspace}_`, workspace.toUpperCase(), "org_1", "user_1"]) {
      for (const headers of [backend(worker, other, "user_1"), bearer(await mint(worker, other, "user_1"))]) {
        assert.deepEqual(await listThreads(worker, headers), [], other);
      }
    }
  });
});

it("a token goes on with the same threads when the Worker is another process", async () => {
  const thread = await createThread(worker, backend(worker, workspace));
  const before = await getThread(worker, backend(worker, workspace), thread);
  const token = await mint(worker, workspace);
  await worker.restart();
  assert.deepEqual(await getThread(worker, bearer(token), thread), before);
});
