// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NOON, ask, bearer, createThread, getThread, listThreads, mint, refused } from "./exchange.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const LATER = "2026-02-02T08:30:00.001Z";

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
/** The headers of a user in a workspace that nobody used before. */
const workspace = async () => bearer(await mint(worker, `workspace_${++workspaces}`, "user_1"));

/** @param {string} text */
function assertCanonical(text) {
  assert.equal(new Date(text).toISOString(), text);
}

/** @param {any[]} threads */
const ids = (threads) => threads.map(({ id }) => id);

/** @param {Record<string, string>} headers @param {string} id @param {unknown} json */
const update = (headers, id, json) => ask(worker, `PUT /v1/threads/${id}`, { headers, json });

describe("a thread", () => {
  it("is made with a time alone, and has every member then", async () => {
    const headers = await workspace();
    const before = new Date().toISOString();
    const answer = await ask(worker, "POST /v1/threads", { headers, json: { last_message_at: NOON } });
    assert.equal(answer.status, 201);
    assert.deepEqual(Object.keys(answer.body), ["thread_id"]);
    assert.match(answer.body.thread_id, /^thread_0[0-9A-Za-z]{23}$/);
    const { created_at, updated_at, ...thread } = await getThread(worker, headers, answer.body.thread_id);
    assert.deepEqual(thread, {
      id: answer.body.thread_id,
      project_id: PROJECT_ID,
      workspace_id: `workspace_${workspaces}`,
      title: null,
      last_message_at: NOON,
      is_archived: false,
      external_id: null,
      metadata: null,
    });
    assertCanonical(created_at);
    assert.equal(updated_at, created_at);
    assert.ok(created_at >= before && created_at <= new Date().toISOString());
  });

  it("is made with everything at once", async () => {
    const headers = await workspace();
    const members = { title: "A title", metadata: { a: [1, null, { b: "c" }] }, external_id: "external 1" };
    const id = await createThread(worker, headers, members);
    const { title, metadata, external_id } = await getThread(worker, headers, id);
    assert.deepEqual({ title, metadata, external_id }, members);
  });

  it("reads the same alone and in the list", async () => {
    const headers = await workspace();
    const id = await createThread(worker, headers, { title: "A title", metadata: {} });
    assert.deepEqual(await listThreads(worker, headers), [await getThread(worker, headers, id)]);
  });

  it("may be kept by nobody, whatever is done with it", async () => {
    const headers = await workspace();
    const made = await ask(worker, "POST /v1/threads", { headers, json: { last_message_at: NOON } });
    const path = `/v1/threads/${made.body.thread_id}`;
    const answers = [
      made,
      await ask(worker, "GET /v1/threads", { headers }),
      await ask(worker, `GET ${path}`, { headers }),
    ];
    answers.push(await update(headers, made.body.thread_id, {}), await ask(worker, `DELETE ${path}`, { headers }));
    for (const answer of answers) assert.equal(answer.headers.get("Cache-Control"), "private, no-store");
  });

  it("changes in the members that are named, and in no other", async () => {
    const headers = await workspace();
    const id = await createThread(worker, headers, { title: "Old", metadata: { a: 1 }, external_id: "external" });
    let expected = await getThread(worker, headers, id);
    for (const change of [
      { title: "New" },
      { last_message_at: LATER },
      { is_archived: true },
      { metadata: { b: [] } },
      { metadata: null },
      { is_archived: false, title: "Both" },
      {},
    ]) {
      const answer = await update(headers, id, change);
      assert.deepEqual([answer.status, answer.body], [200, {}]);
      const thread = await getThread(worker, headers, id);
      assert.ok(thread.updated_at >= expected.updated_at);
      assertCanonical(thread.updated_at);
      expected = { ...expected, ...change, updated_at: thread.updated_at };
      assert.deepEqual(thread, expected);
    }
    assert.ok(expected.updated_at > expected.created_at);
  });

  it("keeps its id, its owner and its external id whatever a change says", async () => {
    const headers = await workspace();
    const id = await createThread(worker, headers, { external_id: "external" });
    const { updated_at, ...before } = await getThread(worker, headers, id);
    const foreign = {
      id: "thread_1",
      workspace_id: "other",
      project_id: "other",
      external_id: "other",
      created_at: LATER,
      updated_at: LATER,
    };
    assert.equal((await update(headers, id, foreign)).status, 200);
    const { updated_at: later, ...after } = await getThread(worker, headers, id);
    assert.deepEqual(after, before);
    assert.notEqual(later, LATER);
  });

  it("is deleted once", async () => {
    const headers = await workspace();
    const [id, other] = [await createThread(worker, headers), await createThread(worker, headers)];
    const answer = await ask(worker, `DELETE /v1/threads/${id}`, { headers });
    assert.deepEqual([answer.status, answer.body], [200, {}]);
    refused(await ask(worker, `DELETE /v1/threads/${id}`, { headers }), 404, "Thread not found");
    refused(await ask(worker, `GET /v1/threads/${id}`, { headers }), 404, "Thread not found");
    refused(await update(headers, id, { title: "Title" }), 404, "Thread not found");
    assert.deepEqual(ids(await listThreads(worker, headers)), [other]);
  });

  it("that never was is not found, before and after the workspace has others", async () => {
    const headers = await workspace();
    for (let round = 0; round < 2; round++) {
      for (const id of ["thread_0", "x", "claim", "thread_000000000000000000000000"]) {
        refused(await ask(worker, `GET /v1/threads/${id}`, { headers }), 404, "Thread not found");
        refused(await update(headers, id, {}), 404, "Thread not found");
        refused(await ask(worker, `DELETE /v1/threads/${id}`, { headers }), 404, "Thread not found");
      }
      await createThread(worker, headers);
    }
  });

  it("is made, changed and deleted by many at once without one lost", async () => {
    const headers = await workspace();
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, number) => createThread(worker, headers, { title: `${number}` })),
    );
    await Promise.all(
      made.map((id, number) =>
        number % 2
          ? update(headers, id, { title: `New ${number}` })
          : ask(worker, `DELETE /v1/threads/${id}`, { headers }),
      ),
    );
    const threads = await listThreads(worker, headers, "?limit=100");
    const titles = new Map(threads.map(({ id, title }) => [id, title]));
    assert.deepEqual(
      made.map((id) => titles.get(id)),
      made.map((_, number) => (number % 2 ? `New ${number}` : undefined)),
    );
  });
});

describe("the archive", () => {
  it("is out of the default list, and in a list of its own", async () => {
    const headers = await workspace();
    const [kept, archived] = [await createThread(worker, headers), await createThread(worker, headers)];
    assert.equal((await update(headers, archived, { is_archived: true })).status, 200);
    assert.deepEqual(ids(await listThreads(worker, headers)), [kept]);
    assert.deepEqual(ids(await listThreads(worker, headers, "?is_archived=false")), [kept]);
    assert.deepEqual(ids(await listThreads(worker, headers, "?is_archived=true")), [archived]);
    assert.equal((await listThreads(worker, headers, "?is_archived=true"))[0].is_archived, true);
    await update(headers, archived, { is_archived: false });
    assert.deepEqual(await listThreads(worker, headers, "?is_archived=true"), []);
    assert.equal((await listThreads(worker, headers)).length, 2);
  });
});

describe("an external id", () => {
  it("finds its threads exactly, within the archive or outside", async () => {
    const headers = await workspace();
    const names = ["a", "A", "a ", "aa", "é", "e\u0301", "%", "a&b=c", "a+b", "💥"];
    const made = new Map();
    for (const external_id of names) made.set(external_id, await createThread(worker, headers, { external_id }));
    for (const name of names) {
      const query = `?${new URLSearchParams({ external_id: name })}`;
      assert.deepEqual(ids(await listThreads(worker, headers, query)), [made.get(name)], name);
    }
    await update(headers, made.get("a"), { is_archived: true });
    assert.deepEqual(await listThreads(worker, headers, "?external_id=a"), []);
    assert.deepEqual(ids(await listThreads(worker, headers, "?external_id=a&is_archived=true")), [made.get("a")]);
    assert.deepEqual(await listThreads(worker, headers, "?external_id=nothing"), []);
  });

  it("is not unique", async () => {
    const headers = await workspace();
    const both = [
      await createThread(worker, headers, { external_id: "x" }),
      await createThread(worker, headers, { external_id: "x" }),
    ];
    assert.deepEqual(ids(await listThreads(worker, headers, "?external_id=x")).sort(), both.sort());
  });
});

describe("an upsert", () => {
  /** @param {Record<string, string>} headers @param {object} [more] */
  const upsert = (headers, more) =>
    ask(worker, "POST /v1/threads", {
      headers,
      json: { last_message_at: LATER, external_id: "x", upsert: true, ...more },
    });

  it("makes the thread the first time and finds it from then on, unchanged", async () => {
    const headers = await workspace();
    const first = await upsert(headers, { title: "First" });
    assert.equal(first.status, 201);
    const thread = await getThread(worker, headers, first.body.thread_id);
    const second = await upsert(headers, { title: "Second", last_message_at: NOON });
    assert.deepEqual([second.status, second.body], [200, first.body]);
    assert.deepEqual(await listThreads(worker, headers), [thread]);
  });

  it("finds the oldest of several, in the archive too", async () => {
    const headers = await workspace();
    const oldest = await createThread(worker, headers, { external_id: "x" });
    // Its age is told in milliseconds.
    while ((await getThread(worker, headers, oldest)).created_at === new Date().toISOString());
    await createThread(worker, headers, { external_id: "x", last_message_at: NOON });
    assert.deepEqual((await upsert(headers)).body, { thread_id: oldest });
    await update(headers, oldest, { is_archived: true });
    assert.deepEqual((await upsert(headers)).body, { thread_id: oldest });
  });

  it("by many at once makes one thread", async () => {
    const headers = await workspace();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upsert(headers)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201]);
    assert.equal(new Set(answers.map(({ body }) => body.thread_id)).size, 1);
  });

  it("needs an external id", async () => {
    const headers = await workspace();
    refused(await upsert(headers, { external_id: undefined }), 400, "upsert requires external_id");
    refused(await upsert(headers, { external_id: null }), 400, "upsert requires external_id");
    assert.equal((await upsert(headers, { external_id: undefined, upsert: false })).status, 201);
  });

  it("does not look into other workspaces", async () => {
    const [one, other] = [await workspace(), await workspace()];
    assert.equal((await upsert(one)).status, 201);
    assert.equal((await upsert(other)).status, 201);
  });
});
