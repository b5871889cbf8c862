// @ts-check
/** Events, and the lists of all that is recorded. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { append, ask, backend, createThread, listRecords, readPages, refused } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** How many events a workspace keeps. */
const STORED_EVENTS = 10_000;

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
/** A thread in a workspace that nobody used before, and its owner's headers. */
async function newPlace() {
  const headers = backend(worker, `workspace_${++workspaces}`, "user_1");
  return { headers, thread_id: await createThread(worker, headers) };
}

/** @param {Record<string, string>} headers @param {unknown} events */
const send = (headers, events) => ask(worker, "POST /v1/events", { headers, json: { events } });

describe("events", () => {
  it("are stored with what they say", async () => {
    const { headers, thread_id } = await newPlace();
    const run_id = "x".repeat(48);
    const event = { kind: "message_sent", thread_id, message_id: "local", run_id, value: 2_147_483_647 };
    const props = { text: "é".repeat(256), number: -1.5e3, yes: true };
    const answer = await send(headers, [{ ...event, props }, { kind: "error_shown" }]);
    assert.deepEqual([answer.status, answer.body], [202, { accepted: 2 }]);
    const listed = await listRecords(worker, headers, "events");
    const bare = listed.map(({ id, created_at, ...rest }) => rest);
    const nothing = { thread_id: null, message_id: null, run_id: null, value: null, props: null };
    assert.deepEqual(
      new Set(bare.map((one) => JSON.stringify(Object.entries(one).sort()))),
      new Set(
        [
          { ...event, props, created_by: "user_1" },
          { ...nothing, kind: "error_shown", created_by: "user_1" },
        ].map((one) => JSON.stringify(Object.entries(one).sort())),
      ),
    );
  });

  it("of a thread that the caller does not own are dropped without a word", async () => {
    const [one, other] = [await newPlace(), await newPlace()];
    const ids = [one.thread_id, other.thread_id, "thread_0"];
    const batch = ids.map((thread_id) => ({ kind: "message_copied", thread_id }));
    assert.deepEqual((await send(one.headers, batch)).body, { accepted: 1 });
    const [event, ...others] = await listRecords(worker, one.headers, "events");
    assert.deepEqual([event.thread_id, others], [one.thread_id, []]);
    assert.deepEqual(await listRecords(worker, other.headers, "events"), []);
    const nobody = backend(worker, "workspace_without_storage");
    assert.deepEqual((await send(nobody, [{ kind: "error_shown" }])).body, { accepted: 0 });
  });

  it("are held to their limits, whole batches at a time", async () => {
    const { headers } = await newPlace();
    const good = { kind: "error_shown" };
    assert.equal((await send(headers, Array(50).fill(good))).body.accepted, 50);
    for (const wrong of [[], Array(51).fill(good), {}, null, "text", [null], [good, { kind: "other" }]]) {
      refused(await send(headers, wrong), 400, "Schema validation error", JSON.stringify(wrong).slice(0, 40));
    }
    for (const wrong of [
      { thread_id: "x".repeat(49) },
      { message_id: 1 },
      { value: -1 },
      { value: 2_147_483_648 },
      { value: 1.5 },
      { props: [] },
      { props: { "": 1 } },
      { props: { ["x".repeat(65)]: 1 } },
      { props: { a: "x".repeat(257) } },
      { props: { a: null } },
      { props: { a: {} } },
      { props: Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`${index}`, "x".repeat(250)])) },
    ]) {
      const answer = await send(headers, [good, { ...good, ...wrong }]);
      refused(answer, 400, "Schema validation error", JSON.stringify(wrong).slice(0, 40));
      assert.match(answer.body.details[0], /^events\[1\]\./);
    }
    assert.equal((await listRecords(worker, headers, "events")).length, 50);
  });

  it(`are kept to the latest ${STORED_EVENTS}`, async () => {
    const { headers } = await newPlace();
    await send(headers, [{ kind: "thread_switched", value: 1 }]);
    const batch = Array(50).fill({ kind: "error_shown" });
    for (let count = 0; count < STORED_EVENTS; count += 50 * 10) {
      await Promise.all(Array.from({ length: 10 }, () => send(headers, batch)));
    }
    const kept = await readPages(100, (query) => listRecords(worker, headers, "events", query));
    assert.ok(kept.every(({ kind }) => kind === "error_shown"), "the oldest is gone");
    assert.equal(kept.length, STORED_EVENTS);
  });
});

/** Sends 620 batches of one user. `undefined` when a minute ended meanwhile: the count begins anew with it. */
async function sendTooMany() {
  const minute = () => Math.floor(Date.now() / 60_000);
  const began = minute();
  const { headers } = await newPlace();
  const events = [{ kind: "error_shown" }];
  const answers = [];
  for (let count = 0; count < 620; count += 20) {
    answers.push(...(await Promise.all(Array.from({ length: 20 }, () => send(headers, events)))));
  }
  const another = await send({ ...headers, "Aui-User-Id": "user_2" }, events);
  return minute() === began ? { answers, another } : undefined;
}

it("events come 600 batches a minute from one user, and another user's are not held up", async () => {
  const sent = (await sendTooMany()) ?? (await sendTooMany());
  assert.ok(sent, "620 batches take more than a minute");
  const refusals = sent.answers.filter(({ status }) => status === 429);
  assert.equal(sent.answers.filter(({ status }) => status === 202).length, 600);
  assert.equal(refusals.length, 20);
  for (const answer of refusals) {
    refused(answer, 429, "rate_limited");
    assert.equal(answer.headers.get("Retry-After"), "60");
  }
  assert.equal(sent.another.status, 202);
});

describe("a list of records", () => {
  it("is the newest first, by page and by thread, and the workspace's alone", async () => {
    const { headers, thread_id } = await newPlace();
    const second = await createThread(worker, headers);
    const message_id = await append(worker, headers, thread_id);
    for (let number = 0; number < 12; number++) {
      const thread = number % 3 ? thread_id : second;
      await ask(worker, "POST /v1/runs", { headers, json: { thread_id: thread, status: "completed" } });
      const score = { thread_id: thread, name: `n${number}`, data_type: "numeric", value: number };
      await ask(worker, "POST /v1/scores", { headers, json: score });
      await send(headers, [{ kind: "message_sent", thread_id: thread, message_id, value: number }]);
    }
    const stranger = await newPlace();
    for (const kind of /** @type {const} */ (["runs", "scores", "events"])) {
      const whole = await listRecords(worker, headers, kind);
      assert.equal(whole.length, 12);
      const order = whole.map(({ created_at, id }) => `${created_at} ${id}`);
      assert.deepEqual(order, order.toSorted().reverse());
      const paged = await readPages(5, (query) => listRecords(worker, headers, kind, query));
      assert.deepEqual(paged, whole);
      const own = await listRecords(worker, headers, kind, `?thread_id=${second}`);
      assert.deepEqual(own, whole.filter((record) => record.thread_id === second));
      assert.equal(own.length, 4);
      assert.deepEqual(await listRecords(worker, stranger.headers, kind), []);
      assert.deepEqual(await listRecords(worker, stranger.headers, kind, `?thread_id=${second}`), []);
      for (const query of ["limit=0", "limit=101", "thread_id="]) {
        refused(await ask(worker, `GET /v1/${kind}?${query}`, { headers }), 400, "Schema validation error", query);
      }
    }
    // With its thread goes what was said of it; the figures of its runs stay.
    assert.equal((await ask(worker, `DELETE /v1/threads/${second}`, { headers })).status, 200);
    const left = [];
    for (const kind of /** @type {const} */ (["runs", "scores", "events"])) {
      left.push((await listRecords(worker, headers, kind, `?thread_id=${second}`)).length);
    }
    assert.deepEqual(left, [4, 0, 0]);
  });
});
