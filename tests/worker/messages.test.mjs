// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NOON, append, ask, backend, createThread, getThread } from "./exchange.mjs";
import { listMessages, readPages, refused } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
/** A thread in a workspace that nobody used before, and its owner's headers. */
async function newThread() {
  const headers = backend(worker, `workspace_${++workspaces}`, "user_1");
  return { headers, thread: await createThread(worker, headers) };
}

/** @param {any[]} messages */
const ids = (messages) => messages.map(({ id }) => id);

/** @param {string} text */
const said = (text) => ({ role: "user", content: [{ type: "text", text }] });

/** @param {{ headers: Record<string, string>, thread: string }} place @param {unknown} json */
const post = ({ headers, thread }, json) => ask(worker, `POST /v1/threads/${thread}/messages`, { headers, json });

/** @param {{ headers: Record<string, string>, thread: string }} place @param {string} id @param {unknown} json */
const put = ({ headers, thread }, id, json) =>
  ask(worker, `PUT /v1/threads/${thread}/messages/${id}`, { headers, json });

/** @param {{ headers: Record<string, string>, thread: string }} place @param {unknown} message_ids */
const remove = ({ headers, thread }, message_ids) =>
  ask(worker, `DELETE /v1/threads/${thread}/messages`, { headers, json: { message_ids } });

describe("a message", () => {
  it("has every member, and its content letter by letter", async () => {
    const { headers, thread } = await newThread();
    const before = new Date().toISOString();
    const text = `{"role":"user","n":1.50,"big":12345678901234567890,"s":"\\u0041💥\\ud800","a":[ {} ],"__proto__":1}`;
    const body = `{"parent_id":null,"format":"custom/v1","content":${text}}`;
    const answer = await ask(worker, `POST /v1/threads/${thread}/messages`, { headers, body });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(Object.keys(answer.body), ["message_id"]);
    assert.match(answer.body.message_id, /^msg_0[0-9A-Za-z]{23}$/);
    const list = await ask(worker, `GET /v1/threads/${thread}/messages`, { headers });
    assert.equal(list.headers.get("Cache-Control"), "private, no-store");
    assert.ok(list.text.includes(text), list.text);
    const [{ created_at, updated_at, content, ...message }] = list.body.messages;
    assert.deepEqual(message, {
      id: answer.body.message_id,
      parent_id: null,
      height: 0,
      format: "custom/v1",
      external_id: null,
    });
    assert.equal(new Date(created_at).toISOString(), created_at);
    assert.equal(updated_at, created_at);
    assert.ok(created_at >= before && created_at <= new Date().toISOString());
  });

  it("moves its thread to the top of the list, and a change of it does not", async () => {
    const place = await newThread();
    const { headers, thread } = place;
    const id = await append(worker, headers, thread);
    const moved = await getThread(worker, headers, thread);
    assert.ok(moved.last_message_at > NOON);
    assert.equal((await put(place, id, { content: said("Changed") })).status, 200);
    assert.deepEqual(await getThread(worker, headers, thread), moved);
    const [message] = await listMessages(worker, headers, thread);
    assert.deepEqual(message.content, said("Changed"));
    // A thread that is ahead of the clock is not taken back.
    const future = "2999-01-01T00:00:00.000Z";
    const ahead = await createThread(worker, headers, { last_message_at: future });
    await append(worker, headers, ahead);
    assert.equal((await getThread(worker, headers, ahead)).last_message_at, future);
  });

  it("may change although it has children, and keeps its place then", async () => {
    const place = await newThread();
    const root = await append(worker, place.headers, place.thread);
    const child = await append(worker, place.headers, place.thread, { parent_id: root });
    const answer = await put(place, root, { content: said("Edited") });
    assert.deepEqual([answer.status, answer.body], [200, {}]);
    const messages = await listMessages(worker, place.headers, place.thread);
    assert.deepEqual(
      messages.map(({ id, parent_id, height }) => [id, parent_id, height]),
      [
        [child, root, 1],
        [root, null, 0],
      ],
    );
    refused(await put(place, "msg_0", { content: {} }), 404, "Message not found");
    refused(await put(await newThread(), root, { content: {} }), 404, "Message not found");
  });

  it("is held to its schema", async () => {
    const place = await newThread();
    const good = { parent_id: null, format: "aui/v0", content: {} };
    for (const [change, line] of /** @type {[object, RegExp][]} */ ([
      [{ parent_id: undefined }, /^parent_id: /],
      [{ parent_id: 1 }, /^parent_id: /],
      [{ format: undefined }, /^format: /],
      [{ format: "" }, /^format: /],
      [{ format: "x".repeat(256) }, /^format: /],
      [{ content: undefined }, /^content: /],
      [{ content: [] }, /^content: /],
      [{ content: "text" }, /^content: /],
      [{ content: null }, /^content: /],
      [{ external_id: "" }, /^external_id: /],
      [{ external_id: "x".repeat(256) }, /^external_id: /],
      [{ parent_external_id: 1 }, /^parent_external_id: /],
    ])) {
      const answer = await post(place, { ...good, ...change });
      refused(answer, 400, "Schema validation error", JSON.stringify(change));
      assert.match(answer.body.details.join("\n"), line);
    }
    assert.equal((await post(place, { ...good, unknown: true })).status, 201);
    refused(await post({ ...place, thread: "thread_0" }, good), 404, "Thread not found");
  });
});

describe("a tree of messages", () => {
  it("is listed parents behind children, newest first, whatever the page", async () => {
    const { headers, thread } = await newThread();
    /** @type {{ id: string, height: number }[]} */
    const tree = [];
    for (let count = 0; count < 30; count++) {
      // Every third is another branch of an earlier one.
      const parent = count % 3 === 2 ? tree[Math.floor(count / 2)] : tree.at(-1);
      const id = await append(worker, headers, thread, { parent_id: parent?.id ?? null });
      tree.push({ id, height: parent ? parent.height + 1 : 0 });
    }
    const whole = await listMessages(worker, headers, thread);
    assert.deepEqual(
      Object.fromEntries(whole.map(({ id, height }) => [id, height])),
      Object.fromEntries(tree.map(({ id, height }) => [id, height])),
    );
    const key = (/** @type {any} */ { height, created_at, id }) => `${height + 100} ${created_at} ${id}`;
    assert.deepEqual(whole.map(key), whole.map(key).sort().reverse());
    const seen = new Set();
    for (const { id, parent_id } of whole.toReversed()) {
      assert.ok(parent_id === null || seen.has(parent_id));
      seen.add(id);
    }
    for (const limit of [1, 7, 29, 30, 31, 200]) {
      const paged = await readPages(limit, (query) => listMessages(worker, headers, thread, query));
      assert.deepEqual(paged, whole, `limit ${limit}`);
    }
    // A place that is gone is none, so that the first page comes again; the client knows its ids.
    assert.deepEqual(await listMessages(worker, headers, thread, "?after=msg_0"), whole);
  });

  it("is served in pages of at most 200", async () => {
    const { headers, thread } = await newThread();
    let parent_id = null;
    for (let count = 0; count < 201; count++) parent_id = await append(worker, headers, thread, { parent_id });
    const [all, rest] = [
      await listMessages(worker, headers, thread),
      await listMessages(worker, headers, thread, "?limit=200"),
    ];
    assert.equal(all.length, 200);
    assert.equal(all[0].height, 200);
    assert.deepEqual(rest, all);
    const wrong = ["limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=", "format="];
    for (const query of [...wrong, `format=${"x".repeat(256)}`]) {
      const answer = await ask(worker, `GET /v1/threads/${thread}/messages?${query}`, { headers });
      refused(answer, 400, "Schema validation error", query);
    }
  });

  it("takes a parent that only the client knows for none, and refuses one of another thread", async () => {
    const place = await newThread();
    const elsewhere = await newThread();
    const sibling = await createThread(worker, place.headers);
    const foreign = [
      await append(worker, elsewhere.headers, elsewhere.thread),
      await append(worker, place.headers, sibling),
      "msg_0",
    ];
    for (const parent_id of foreign) {
      const answer = await post(place, { parent_id, format: "aui/v0", content: {} });
      refused(answer, 400, "Parent message not found in thread");
    }
    for (const parent_id of ["local", "", "MSG_0", "💥"]) {
      await append(worker, place.headers, place.thread, { parent_id });
    }
    const messages = await listMessages(worker, place.headers, place.thread);
    assert.deepEqual(
      messages.map(({ parent_id, height }) => [parent_id, height]),
      Array(4).fill([null, 0]),
    );
  });

  it("loses what is named and nothing else, and no parent is missing then", async () => {
    const place = await newThread();
    const { headers, thread } = place;
    /** @type {string[]} */
    const chain = [];
    for (let count = 0; count < 6; count++) {
      chain.push(await append(worker, headers, thread, { parent_id: chain.at(-1) ?? null }));
    }
    const elsewhere = await newThread();
    const foreign = await append(worker, elsewhere.headers, elsewhere.thread);
    const answer = await remove(place, [chain[0], chain[2], chain[3], foreign, "msg_0", chain[0]]);
    assert.deepEqual([answer.status, answer.body], [200, {}]);
    const left = await listMessages(worker, headers, thread);
    assert.deepEqual(
      left.map(({ id, parent_id }) => [id, parent_id]),
      [
        [chain[5], chain[4]],
        [chain[4], chain[1]],
        [chain[1], null],
      ],
    );
    assert.deepEqual(ids(await listMessages(worker, elsewhere.headers, elsewhere.thread)), [foreign]);
    refused(await remove(place, [chain[0], foreign]), 404, "Messages not found");
    for (const wrong of [[], Array(201).fill("msg_0"), "msg_0", null, [1], undefined]) {
      refused(await remove(place, wrong), 400, "Schema validation error", JSON.stringify(wrong)?.slice(0, 20));
    }
  });
});

describe("an external id", () => {
  it("makes a message one, however often it is sent", async () => {
    const place = await newThread();
    const body = { parent_id: null, format: "aui/v0", content: said("First"), external_id: "x" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(place, body)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(9).fill(200), 201]);
    const [id, ...others] = new Set(answers.map(({ body }) => body.message_id));
    assert.deepEqual(others, []);
    const before = await getThread(worker, place.headers, place.thread);
    assert.equal((await post(place, body)).status, 200);
    assert.deepEqual(await getThread(worker, place.headers, place.thread), before, "nothing is news");
    assert.deepEqual((await post(place, { ...body, content: said("Second") })).body, { message_id: id });
    const [message, ...more] = await listMessages(worker, place.headers, place.thread);
    assert.deepEqual([message.id, message.external_id, message.content, more], [id, "x", said("Second"), []]);
    refused(await post(place, { ...body, content: { role: "assistant" } }), 409, "Message role cannot change");
    const child = { ...body, external_id: "y", parent_external_id: "x" };
    assert.equal((await post(place, child)).status, 201);
    const [{ parent_id, height }] = await listMessages(worker, place.headers, place.thread);
    assert.deepEqual([parent_id, height], [id, 1]);
    refused(
      await post(place, { ...child, external_id: "z", parent_external_id: "nothing" }),
      400,
      "Parent message with external_id not found in thread",
    );
  });

  it("is of its thread alone", async () => {
    const [one, other] = [await newThread(), await newThread()];
    const sibling = { ...one, thread: await createThread(worker, one.headers) };
    const body = { parent_id: null, format: "aui/v0", content: {}, external_id: "x" };
    for (const place of [one, other, sibling]) assert.equal((await post(place, body)).status, 201);
  });
});

it("the messages of a thread that is not there are none, and nobody else's are there", async () => {
  const place = await newThread();
  const id = await append(worker, place.headers, place.thread, { content: said("Secret") });
  const stranger = { ...place, headers: backend(worker, "workspace_stranger") };
  // Once without storage, once with some.
  for (let round = 0; round < 2; round++) {
    for (const thread of ["thread_0", place.thread, "x", "a/b"]) {
      assert.deepEqual(await listMessages(worker, stranger.headers, thread, `?after=${id}`), []);
    }
    refused(await post(stranger, { parent_id: null, format: "aui/v0", content: {} }), 404, "Thread not found");
    refused(await put(stranger, id, { content: {} }), 404, "Message not found");
    refused(await remove(stranger, [id]), 404, "Messages not found");
    await createThread(worker, stranger.headers);
  }
  assert.deepEqual((await listMessages(worker, place.headers, place.thread))[0].content, said("Secret"));
  await ask(worker, `DELETE /v1/threads/${place.thread}`, { headers: place.headers });
  assert.deepEqual(await listMessages(worker, place.headers, place.thread), []);
  refused(await put(place, id, { content: {} }), 404, "Message not found");
});
