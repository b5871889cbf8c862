// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { append, ask, backend, bearer, createThread, getThread, listMessages, listRecords } from "./exchange.mjs";
import { listThreads, visit } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const DAY = 86_400_000;

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({ RETENTION_DAYS: "1" });
});
after(() => worker?.close());

let workspaces = 0;
const newWorkspace = () => backend(worker, `workspace_${++workspaces}`);

/** @param {number} milliseconds before now */
const ago = (milliseconds) => new Date(Date.now() - milliseconds).toISOString();

/**
 * A thread whose last message is that old, with a message in it.
 *
 * @param {Record<string, string>} headers
 * @param {string} last_message_at
 * @param {object} [members]
 */
async function idleThread(headers, last_message_at, members) {
  const id = await createThread(worker, headers, { last_message_at: ago(0) });
  const message_id = await append(worker, headers, id);
  const score = { thread_id: id, message_id, name: "a", data_type: "numeric", value: 1 };
  assert.equal((await ask(worker, "POST /v1/scores", { headers, json: score })).status, 201);
  const answer = await ask(worker, `PUT /v1/threads/${id}`, { headers, json: { last_message_at, ...members } });
  assert.equal(answer.status, 200, answer.text);
  return id;
}

/**
 * Waits until a workspace has these threads and no other.
 *
 * @param {Record<string, string>} headers
 * @param {string[]} ids
 */
async function left(headers, ids) {
  /** @type {string[]} */
  let found = [];
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await wait(50)) {
    const lists = [await listThreads(worker, headers, "?limit=100")];
    lists.push(await listThreads(worker, headers, "?limit=100&is_archived=true"));
    found = lists.flat().map(({ id }) => id);
    if (found.length <= ids.length) break;
  }
  assert.deepEqual(found.sort(), [...ids].sort());
}

describe("a thread that nobody has written to for longer than the deployment keeps it", () => {
  it("goes with everything under it, and no other thread goes", async () => {
    const headers = newWorkspace();
    const kept = [await idleThread(headers, ago(DAY / 2))];
    kept.push(await idleThread(headers, ago(DAY / 2), { is_archived: true }));
    const gone = [await idleThread(headers, ago(2 * DAY))];
    gone.push(await idleThread(headers, ago(2 * DAY), { is_archived: true }));
    await left(headers, kept);
    for (const id of gone) assert.deepEqual(await listMessages(worker, headers, id), []);
    for (const id of kept) assert.equal((await listMessages(worker, headers, id)).length, 1);
    const scores = await listRecords(worker, headers, "scores");
    assert.deepEqual(scores.map(({ thread_id }) => thread_id).sort(), kept.sort());
  });

  it("goes the moment it is too old, not before", async () => {
    // An alarm may ring a little early, when there is nothing to remove yet, and must ring again then: in one of
    // many workspaces it does.
    const all = Array.from({ length: 40 }, newWorkspace);
    const due = Date.now() + 3_000;
    const last_message_at = new Date(due - DAY).toISOString();
    const ids = await Promise.all(all.map((headers) => idleThread(headers, last_message_at)));
    for (const [index, headers] of all.entries()) {
      const { status } = await ask(worker, `GET /v1/threads/${ids[index]}`, { headers });
      // On a slow machine it may be time already.
      assert.ok(status === 200 || Date.now() > due);
    }
    await Promise.all(all.map((headers) => left(headers, [])));
  });

  it("goes although there are many", async () => {
    const headers = newWorkspace();
    const kept = await createThread(worker, headers, { last_message_at: ago(0) });
    const old = { last_message_at: ago(2 * DAY) };
    await Promise.all(Array.from({ length: 180 }, () => createThread(worker, headers, old)));
    await left(headers, [kept]);
  });

  it("goes although the power was cut before its time came", async () => {
    const headers = newWorkspace();
    await idleThread(headers, ago(DAY - 1_500));
    await worker.kill();
    await wait(1_500);
    await worker.start();
    await left(headers, []);
  });

  it("goes however long ago that was", async () => {
    const headers = newWorkspace();
    // The clock of the platform's alarms begins with 1970, and knows no year before 1687.
    const times = ["1970-01-01T00:00:00.000Z", "1969-12-30T00:00:00.000Z", "0001-01-01T00:00:00.000Z", ago(2 * DAY)];
    for (const last_message_at of times) {
      const answer = await ask(worker, "POST /v1/threads", { headers, json: { last_message_at } });
      // A time that is refused keeps no thread.
      assert.ok([201, 400].includes(answer.status), answer.text);
    }
    await left(headers, []);
  });

  it("goes in the workspace of the account that claimed it", async () => {
    const { access_token, refresh_token } = await visit(worker);
    const id = await idleThread(bearer(access_token), ago(DAY - 2_000));
    const headers = newWorkspace();
    const json = { refresh_token: refresh_token.token };
    const answer = await ask(worker, "POST /v1/threads/claim", { headers, json });
    assert.deepEqual(answer.body, { moved: 1 });
    assert.equal((await getThread(worker, headers, id)).id, id);
    await left(headers, []);
  });

  it("stays when it is written to in time", async () => {
    const headers = newWorkspace();
    const id = await idleThread(headers, ago(DAY - 1_000));
    await append(worker, headers, id);
    await wait(2_000);
    assert.equal((await getThread(worker, headers, id)).id, id);
  });
});

it("a thread from before there was a limit goes when its workspace is read", async () => {
  await worker.restart({ RETENTION_DAYS: undefined });
  const [headers, other] = [newWorkspace(), newWorkspace()];
  const ids = [await idleThread(headers, ago(2 * DAY)), await idleThread(headers, ago(DAY / 2))];
  await idleThread(other, ago(2 * DAY));
  await wait(1_500);
  assert.equal((await listThreads(worker, headers)).length, 2);
  await worker.restart({ RETENTION_DAYS: "1" });
  await left(headers, [ids[1]]);
});

it("without a limit, threads are kept for ever", async () => {
  await worker.restart({ RETENTION_DAYS: undefined });
  const headers = newWorkspace();
  const id = await idleThread(headers, "2000-01-01T00:00:00.000Z");
  await wait(1_000);
  assert.equal((await getThread(worker, headers, id)).id, id);
});
