// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NOON, ask, backend, createThread, getThread, refused } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** @type {Record<string, string>} */
let headers;
let id = "";
before(async () => {
  worker = await startWorker();
  headers = backend(worker);
  id = await createThread(worker, headers);
});
after(() => worker?.close());

/** @param {object} members */
const create = (members) => ask(worker, "POST /v1/threads", { headers, json: { last_message_at: NOON, ...members } });

/** @param {unknown} json */
const update = (json) => ask(worker, `PUT /v1/threads/${id}`, { headers, json });

/** Asserts that a member is refused, and that the answer says which. @param {{ status: number, body: any }} answer @param {string} name @param {unknown} value */
function refusedFor(answer, name, value) {
  const about = `${name}: ${String(JSON.stringify(value)).slice(0, 60)}`;
  refused(answer, 400, "Schema validation error", about);
  assert.equal(answer.body.details.length, 1, about);
  assert.match(answer.body.details[0], new RegExp(`^${name}: (must be |is required)`), about);
}

const texts = {
  good: [
    "x",
    " ",
    "x".repeat(255),
    "💥".repeat(255),
    "é\n\t\u2028",
    "\u007f",
    "null",
    "<script>",
    "\u202e",
    "'; DROP TABLE threads; --",
  ],
  bad: ["", "x".repeat(256), "💥".repeat(256), 1, true, [], {}, ["x"], "a\0b", "\0"],
};

describe("a title", () => {
  it("has 1 to 255 characters, whatever they are", async () => {
    for (const title of texts.good) {
      assert.equal((await getThread(worker, headers, (await create({ title })).body.thread_id)).title, title);
      assert.equal((await update({ title })).status, 200);
      assert.equal((await getThread(worker, headers, id)).title, title);
    }
  });

  it("of any other kind is refused", async () => {
    for (const title of texts.bad) {
      refusedFor(await create({ title }), "title", title);
      refusedFor(await update({ title }), "title", title);
    }
  });

  it("may be null for a new thread, not for one that has it", async () => {
    assert.equal((await create({ title: null })).status, 201);
    refusedFor(await update({ title: null }), "title", null);
  });
});

describe("an external id", () => {
  it("has 1 to 255 characters, whatever they are", async () => {
    for (const external_id of texts.good) {
      const { body } = await create({ external_id });
      assert.equal((await getThread(worker, headers, body.thread_id)).external_id, external_id);
    }
    assert.equal((await create({ external_id: null })).status, 201);
  });

  it("of any other kind is refused", async () => {
    for (const external_id of texts.bad) refusedFor(await create({ external_id }), "external_id", external_id);
  });
});

describe("the time of the last message", () => {
  it("is read in every RFC 3339 form and answered in one", async () => {
    const forms = {
      "2026-01-01T12:00:00Z": NOON,
      "2026-01-01T12:00:00.0Z": NOON,
      "2026-01-01T12:00:00.000000000Z": NOON,
      "2026-01-01T14:00:00+02:00": NOON,
      "2025-12-31T23:30:00.000-12:30": NOON,
      "2026-01-01T12:00:00.123999Z": "2026-01-01T12:00:00.123Z",
      "1970-01-01T00:00:00.000Z": "1970-01-01T00:00:00.000Z",
      "1969-12-31T23:59:59.999Z": "1969-12-31T23:59:59.999Z",
      "0000-01-01T00:00:00.000Z": "0000-01-01T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
      "2024-02-29T00:00:00.000Z": "2024-02-29T00:00:00.000Z",
    };
    for (const [sent, expected] of Object.entries(forms)) {
      const { body } = await create({ last_message_at: sent });
      assert.equal((await getThread(worker, headers, body.thread_id)).last_message_at, expected, sent);
      assert.equal((await update({ last_message_at: sent })).status, 200);
      assert.equal((await getThread(worker, headers, id)).last_message_at, expected, sent);
    }
  });

  it("in any other form is refused", async () => {
    const bad = [
      ...[
        "",
        "now",
        "2026-01-01",
        "2026-01-01T12:00:00",
        "2026-01-01T12:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
      ],
      ...[
        "2026-01-01T24:00:01Z",
        "2026-01-01T12:00:00+25:00",
        "+010000-01-01T00:00:00.000Z",
        "-000001-01-01T00:00:00.000Z",
      ],
      ...["+275760-09-13T00:00:00.000Z", "Thu, 01 Jan 2026 12:00:00 GMT", ` ${NOON}`, `${NOON}x`, "9".repeat(1_000)],
      ...[1_767_268_800_000, 0, true, [], {}, [NOON], null],
    ];
    for (const last_message_at of bad) {
      refusedFor(await create({ last_message_at }), "last_message_at", last_message_at);
      refusedFor(await update({ last_message_at }), "last_message_at", last_message_at);
    }
  });

  it("is what a new thread needs, and a change does not", async () => {
    refusedFor(await create({ last_message_at: undefined }), "last_message_at", undefined);
    assert.equal((await update({})).status, 200);
  });
});

describe("metadata", () => {
  it("is any JSON object, answered as it came", async () => {
    /** @type {object[]} */
    const good = [
      ...[
        {},
        { a: null },
        { "": "", ключ: "значение", "a.b": "💥" },
        { n: [0, -1, 1.5, 1e21, -1e-7, 9_007_199_254_740_991] },
      ],
      ...[
        { b: 1, a: 2, 10: 3, 9: 4 },
        { deep: { deep: { deep: [[[[{}]]]] } } },
        { toString: 1, constructor: null },
        { nul: "\0" },
      ],
    ];
    for (const metadata of good) {
      assert.deepEqual(
        (await getThread(worker, headers, (await create({ metadata })).body.thread_id)).metadata,
        metadata,
      );
      assert.equal((await update({ metadata })).status, 200);
      assert.deepEqual((await getThread(worker, headers, id)).metadata, metadata);
    }
    const sent = `{"last_message_at":"${NOON}","metadata":{"__proto__":{"a":1}}}`;
    const { body } = await ask(worker, "POST /v1/threads", { headers, body: sent });
    assert.match(
      (await ask(worker, `GET /v1/threads/${body.thread_id}`, { headers })).text,
      /"metadata":\{"__proto__":\{"a":1\}\}/,
    );
  });

  it("keeps numbers that JavaScript cannot hold out of trouble", async () => {
    for (const number of [
      "12345678901234567890",
      "-9223372036854775808",
      "18446744073709551616",
      "0.1000000000000000055511151231257827",
    ]) {
      const { status } = await ask(worker, `PUT /v1/threads/${id}`, { headers, body: `{"metadata":{"n":${number}}}` });
      assert.equal(status, 200);
      assert.equal((await getThread(worker, headers, id)).metadata.n, Number(number));
    }
  });

  it("has at most 16384 bytes", async () => {
    const metadata = { a: "x".repeat(16_384 - `{"a":""}`.length) };
    assert.equal((await create({ metadata })).status, 201);
    assert.equal((await update({ metadata })).status, 200);
    metadata.a += "x";
    refusedFor(await create({ metadata }), "metadata", metadata);
    refusedFor(await update({ metadata }), "metadata", metadata);
    refusedFor(await update({ metadata: { a: "é".repeat(10_000) } }), "metadata", "é");
  });

  it("of any other kind is refused", async () => {
    for (const metadata of ["", "{}", 1, true, false, [], [{}]]) {
      refusedFor(await create({ metadata }), "metadata", metadata);
      refusedFor(await update({ metadata }), "metadata", metadata);
    }
  });

  it("is cleared by null", async () => {
    await update({ metadata: { a: 1 } });
    assert.equal((await update({ metadata: null })).status, 200);
    assert.equal((await getThread(worker, headers, id)).metadata, null);
    assert.equal((await create({ metadata: null })).status, 201);
  });
});

describe("switches", () => {
  it("are true or false, and nothing that looks like it", async () => {
    for (const value of [null, 0, 1, "true", "", [], {}]) {
      refusedFor(await update({ is_archived: value }), "is_archived", value);
      refusedFor(await create({ upsert: value, external_id: "x" }), "upsert", value);
    }
  });
});

describe("a body with several mistakes", () => {
  it("is told all of them, and changes nothing", async () => {
    const before = await getThread(worker, headers, id);
    const answer = await update({ title: "", last_message_at: 1, metadata: [], is_archived: 0 });
    refused(answer, 400, "Schema validation error");
    const names = answer.body.details.map((/** @type {string} */ line) => line.split(":")[0]);
    assert.deepEqual(names.sort(), ["is_archived", "last_message_at", "metadata", "title"]);
    refused(await update({ title: "Good", is_archived: 0 }), 400, "Schema validation error");
    assert.deepEqual(await getThread(worker, headers, id), before);
  });
});

it("members that nobody knows are ignored", async () => {
  const more = { newer: true, "": null, is_archived: undefined, messages: [{}] };
  assert.equal((await create(more)).status, 201);
  assert.equal((await update({ ...more, title: "Title" })).status, 200);
});
