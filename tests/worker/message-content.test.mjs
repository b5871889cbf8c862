// @ts-check
/** What is in a message: how much of it there may be, and in which format it is read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { append, ask, backend, createThread, listMessages, refused } from "./exchange.mjs";
import { request, send } from "./wire.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** The largest content, in bytes of JSON, and the longest body, which has other members beside it. */
const CONTENT_LIMIT = 1_048_576;
const BODY_LIMIT = CONTENT_LIMIT + 16_384;

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

describe("a content of 1 MiB", () => {
  /** @param {number} length of the content, in bytes */
  function body(length) {
    const frame = JSON.stringify({ role: "user", text: "" });
    // Two bytes in UTF-8, one letter in JavaScript: it is bytes that count.
    const letters = length - Buffer.byteLength(frame);
    const text = "é".repeat(Math.floor(letters / 2)) + "x".repeat(letters % 2);
    return `{"parent_id":null,"format":"aui/v0","content":${JSON.stringify({ role: "user", text })}}`;
  }

  /** The same without an announced length. @param {string} text */
  const inPieces = (text) => ({ body: new Blob([text]).stream(), duplex: /** @type {const} */ ("half") });

  it("is stored whole, announced or not, and comes back whole", async () => {
    const { headers, thread } = await newThread();
    const text = body(CONTENT_LIMIT);
    const line = `POST /v1/threads/${thread}/messages`;
    assert.equal((await ask(worker, line, { headers, body: text })).status, 201);
    const second = await ask(worker, line, { headers, ...inPieces(text) });
    assert.equal(second.status, 201);
    const change = `PUT /v1/threads/${thread}/messages/${second.body.message_id}`;
    assert.equal((await ask(worker, change, { headers, body: text })).status, 200);
    const messages = await listMessages(worker, headers, thread);
    assert.equal(messages.length, 2);
    for (const { content } of messages) assert.deepEqual(content, JSON.parse(text).content);
  });

  it("and a byte is refused, announced or not, and nothing of it is stored", async () => {
    const { headers, thread } = await newThread();
    const id = await append(worker, headers, thread);
    const before = await listMessages(worker, headers, thread);
    for (const line of [`POST /v1/threads/${thread}/messages`, `PUT /v1/threads/${thread}/messages/${id}`]) {
      const text = body(CONTENT_LIMIT + 1);
      refused(await ask(worker, line, { headers, body: text }), 413, "Request body is too large");
      refused(await ask(worker, line, { headers, ...inPieces(text) }), 413, "Request body is too large");
      // Beyond the longest body, the Worker answers before it has read all, which no HTTP client bears well.
      const announced = request(line, { ...headers, "Content-Length": String(BODY_LIMIT + 1) });
      assert.equal((await send(worker, announced)).status, 413);
      const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
      const endless = request(line, { ...headers, "Transfer-Encoding": "chunked" }, chunk.repeat(17));
      assert.equal((await send(worker, endless)).status, 413);
    }
    assert.deepEqual(await listMessages(worker, headers, thread), before);
  });
});

describe("a reader's format", () => {
  /**
   * Conversions that are right, as the Rust tests have them too: here they pass through JSON, SQLite and the wire.
   *
   * @param {string} name
   * @returns {any[]}
   */
  const cases = (name) => JSON.parse(readFileSync(new URL(`../format/${name}.json`, import.meta.url), "utf8"));

  it("is what rows of `aui/v0` and `ai-sdk/v5` are answered in", async () => {
    const { headers, thread } = await newThread();
    const rows = [
      ...cases("messages").map((row) => ({ ...row, format: "aui/v0", v5: row.v5 ?? row.v6 })),
      ...cases("upgrades").map(({ becomes, ...row }) => ({ ...row, format: "ai-sdk/v5", v6: becomes ?? row.content })),
    ];
    assert.ok(rows.length > 10);
    let parent_id = null;
    for (const row of rows) {
      parent_id = await append(worker, headers, thread, { parent_id, format: row.format, content: row.content });
    }
    const stored = (await listMessages(worker, headers, thread)).reverse();
    const written = (/** @type {any} */ { format, content }) => [format, content];
    assert.deepEqual(stored.map(written), rows.map(written));
    const read = (await listMessages(worker, headers, thread, "?format=ai-sdk/v6")).reverse();
    assert.equal(read.length, rows.length);
    for (const [index, { format, content, ...rest }] of read.entries()) {
      assert.equal(format, "ai-sdk/v6");
      assert.deepEqual(content, rows[index].v6, rows[index].name);
      const { format: _, content: __, ...same } = stored[index];
      assert.deepEqual(rest, same);
    }
    const five = (await listMessages(worker, headers, thread, "?format=ai-sdk%2Fv5")).reverse();
    for (const [index, { format, content }] of five.entries()) {
      assert.equal(format, "ai-sdk/v5");
      assert.deepEqual(content, rows[index].v5 ?? rows[index].content, rows[index].name);
    }
    for (const format of ["aui/v0", "custom/v1", "AI-SDK/V6"]) {
      const query = `?${new URLSearchParams({ format })}`;
      assert.deepEqual((await listMessages(worker, headers, thread, query)).reverse(), stored, format);
    }
  });

  it("is a wish: what cannot be converted is left out, which the log tells, and the rest stays as it is", async () => {
    const { headers, thread } = await newThread();
    const v6 = { role: "user", parts: [{ type: "text", text: "Hi" }] };
    const kept = [
      await append(worker, headers, thread, { format: "ai-sdk/v6", content: v6 }),
      await append(worker, headers, thread, { format: "custom/v1", content: { a: 1 } }),
    ];
    const lost = [
      await append(worker, headers, thread, { format: "aui/v0", content: { secret: "in the content" } }),
      await append(worker, headers, thread, { format: "ai-sdk/v5", content: { role: "robot", parts: [] } }),
    ];
    const read = await listMessages(worker, headers, thread, "?format=ai-sdk/v6");
    assert.deepEqual(read.map(({ id }) => id).sort(), kept.sort());
    assert.equal((await listMessages(worker, headers, thread)).length, 4);
    for (const id of lost) assert.ok(worker.log.includes(id), "the operator can find it");
    assert.ok(!worker.log.includes("in the content"), "what users say is in no log");
  });
});
