// @ts-check
/** A page of the most messages of the most content: 200 MiB of answer, where an isolate has 128 MB for everything. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, it } from "node:test";

import { append, backend, createThread } from "./exchange.mjs";
import { run } from "./storage.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const MESSAGES = 200;
const CONTENT_BYTES = 1_048_576;
/** The most that the process may grow by while a page is read, in MiB. */
const MOST = 64;

/** @type {Worker} */
let worker;
/** @type {Record<string, string>} */
let headers;
/** @type {string} */
let address;
before(async () => {
  worker = await startWorker();
  headers = backend(worker);
  const thread = await createThread(worker, headers);
  const content = (/** @type {string} */ text) => ({ role: "user", content: [{ type: "text", text }] });
  const letters = CONTENT_BYTES - JSON.stringify(content("")).length;
  await append(worker, headers, thread, { content: content("x".repeat(letters)) });
  await worker.kill();
  const insert = `WITH RECURSIVE more (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM more WHERE number < ?)
    INSERT INTO messages SELECT 'msg_' || number, thread_id, parent_id, height, format, role, external_id, content,
      created_at, created_by, updated_at, updated_by FROM messages, more`;
  run(worker, insert, MESSAGES - 1);
  await worker.start();
  address = `${worker.url}/v1/threads/${thread}/messages`;
});
after(() => worker?.close());

/** The resident memory of the process, in MiB. */
function memory() {
  const status = readFileSync(`/proc/${worker.child?.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** Reads a page, and how much the process has grown by at most. @param {string} query @param {number} [bytes] to stop at */
async function read(query, bytes = Infinity) {
  // The object is awake, and what it needs for any list is there.
  await (await fetch(`${address}?limit=1`, { headers })).text();
  const idle = memory();
  const response = await fetch(address + query, { headers });
  assert.equal(response.status, 200);
  let [length, most, begun] = [0, idle, 0];
  let tail = "";
  for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (response.body)) {
    length += chunk.byteLength;
    most = Math.max(most, memory());
    const text = tail + Buffer.from(chunk).toString("latin1");
    // A mark that is cut in two is found once.
    begun += text.split('"id":"msg_').length - 1 - (tail.split('"id":"msg_').length - 1);
    tail = text.slice(-20);
    if (length >= bytes) break;
  }
  return { length, begun, tail, growth: most - idle };
}

it("goes out row by row, in the memory of a few", async () => {
  for (const query of ["", "?format=ai-sdk/v6"]) {
    const { length, begun, tail, growth } = await read(query);
    assert.ok(growth < MOST, `${growth} MiB more for ${length} bytes`);
    assert.ok(length > MESSAGES * CONTENT_BYTES);
    assert.equal(begun, MESSAGES);
    assert.ok(tail.endsWith("}]}"), tail);
  }
});

it("may be left by its reader, and the workspace answers on", async () => {
  for (let time = 0; time < 5; time++) {
    const { growth } = await read("", 3 * CONTENT_BYTES);
    assert.ok(growth < MOST, `${growth} MiB more`);
  }
  const { length } = await read("?limit=2");
  assert.ok(length > 2 * CONTENT_BYTES);
});
