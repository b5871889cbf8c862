// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NOON, ask, backend, createThread, listThreads, refused } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
const workspace = () => backend(worker, `workspace_${++workspaces}`);

/** A time so many milliseconds after noon. @param {number} millis */
const moment = (millis) => new Date(Date.parse(NOON) + millis).toISOString();

/**
 * Threads at these times.
 *
 * @param {Record<string, string>} headers
 * @param {number[]} times in milliseconds
 */
function createThreads(headers, times) {
  return Promise.all(times.map((millis) => createThread(worker, headers, { last_message_at: moment(millis) })));
}

/**
 * Walks through all pages, as a client does.
 *
 * @param {Record<string, string>} headers
 * @param {number} limit
 * @param {string} [filter]
 */
async function walk(headers, limit, filter = "") {
  const threads = [];
  for (let after = ""; ; after = `&after=${threads[threads.length - 1].id}`) {
    const page = await listThreads(worker, headers, `?limit=${limit}${filter}${after}`);
    threads.push(...page);
    assert.ok(page.length <= limit);
    assert.ok(threads.length <= 1_000, "the walk does not end");
    if (page.length < limit) return threads;
  }
}

/** @param {any[]} threads the latest first, equal times by id */
function sorted(threads) {
  /** @param {any} thread */
  const key = ({ last_message_at, id }) => `${last_message_at} ${id}`;
  return [...threads].sort((a, b) => (key(a) < key(b) ? 1 : -1));
}

/** @param {any[]} threads */
const ids = (threads) => threads.map(({ id }) => id);

describe("a list", () => {
  it("has the latest message first, equal times by id", async () => {
    const headers = workspace();
    await createThreads(headers, [0, 5, -5, 5, 0, 5, 86_400_000, -86_400_000, 5]);
    const threads = await listThreads(worker, headers);
    assert.equal(threads.length, 9);
    assert.deepEqual(threads, sorted(threads));
  });

  it("moves a thread to the front when it gets a message", async () => {
    const headers = workspace();
    const [first, second, third] = await createThreads(headers, [1, 2, 3]);
    assert.deepEqual(ids(await listThreads(worker, headers)), [third, second, first]);
    await ask(worker, `PUT /v1/threads/${first}`, { headers, json: { last_message_at: moment(4) } });
    assert.deepEqual(ids(await listThreads(worker, headers)), [first, third, second]);
  });
});

describe("pages", () => {
  it("show each of 250 threads once, in order, whatever their size, even at equal times", async () => {
    const headers = workspace();
    // Ten to an instant, in no order.
    const made = await createThreads(
      headers,
      Array.from({ length: 250 }, (_, number) => (number * 7) % 25),
    );
    for (const limit of [1, 7, 20, 50, 99, 100]) {
      const threads = await walk(headers, limit);
      assert.deepEqual(ids(threads).sort(), [...made].sort(), `pages of ${limit}`);
      assert.deepEqual(threads, sorted(threads));
    }
  });

  it("keep to the archive or stay out of it, and keep to an external id", async () => {
    const headers = workspace();
    const made = await createThreads(headers, Array(30).fill(0));
    const named = await Promise.all(
      Array.from({ length: 12 }, () => createThread(worker, headers, { external_id: "x" })),
    );
    const archived = [...made.slice(0, 11), ...named.slice(0, 5)];
    await Promise.all(
      archived.map((id) => ask(worker, `PUT /v1/threads/${id}`, { headers, json: { is_archived: true } })),
    );
    assert.deepEqual(ids(await walk(headers, 4, "&is_archived=true")).sort(), archived.sort());
    assert.deepEqual(ids(await walk(headers, 3, "&external_id=x")).sort(), named.slice(5).sort());
    assert.deepEqual(ids(await walk(headers, 2, "&external_id=x&is_archived=true")).sort(), named.slice(0, 5).sort());
    assert.equal((await walk(headers, 5)).length, 26);
  });

  it("have 20 threads unless the query says, and 1 to 100", async () => {
    const headers = workspace();
    await createThreads(
      headers,
      Array.from({ length: 101 }, (_, number) => number),
    );
    assert.equal((await listThreads(worker, headers)).length, 20);
    for (const limit of [1, 2, 99, 100])
      assert.equal((await listThreads(worker, headers, `?limit=${limit}`)).length, limit);
    for (const limit of [
      "0",
      "101",
      "-1",
      "1.5",
      "1e1",
      "",
      "x",
      "0x10",
      "4294967297",
      "99999999999999999999",
      "NaN",
      "20%20",
      "%00",
    ]) {
      const answer = await ask(worker, `GET /v1/threads?limit=${limit}`, { headers });
      refused(answer, 400, "Schema validation error", limit);
      assert.deepEqual(answer.body.details, ["limit: must be a whole number from 1 to 100"]);
    }
  });

  it("go on behind the place where the cursor is now", async () => {
    const headers = workspace();
    const [a, b, c, d, e] = await createThreads(headers, [50, 40, 30, 20, 10]);
    await ask(worker, `PUT /v1/threads/${b}`, { headers, json: { last_message_at: moment(15) } });
    assert.deepEqual(ids(await listThreads(worker, headers, `?after=${b}`)), [e]);
    await ask(worker, `PUT /v1/threads/${b}`, { headers, json: { last_message_at: moment(90) } });
    assert.deepEqual(ids(await listThreads(worker, headers, `?after=${b}`)), [a, c, d, e]);
    // In the archive it has its place still.
    await ask(worker, `PUT /v1/threads/${c}`, { headers, json: { is_archived: true } });
    assert.deepEqual(ids(await listThreads(worker, headers, `?after=${c}`)), [d, e]);
  });

  it("begin anew behind a cursor that is gone or was never there", async () => {
    const headers = workspace();
    const [a, b, c] = await createThreads(headers, [3, 2, 1]);
    await ask(worker, `DELETE /v1/threads/${b}`, { headers });
    const [foreign] = await createThreads(workspace(), [2]);
    for (const after of [b, foreign, "", "thread_0", "x".repeat(255), "%00", "';--"]) {
      assert.deepEqual(ids(await listThreads(worker, headers, `?after=${after}`)), [a, c], after);
    }
  });

  it("end behind the last thread", async () => {
    const headers = workspace();
    const [, last] = await createThreads(headers, [2, 1]);
    assert.deepEqual(await listThreads(worker, headers, `?after=${last}`), []);
  });

  it("show what stays where it is once, while others come, go and move", async () => {
    const headers = workspace();
    const steady = await createThreads(
      headers,
      Array.from({ length: 60 }, (_, number) => number * 10),
    );
    const restless = await createThreads(
      headers,
      Array.from({ length: 20 }, (_, number) => number * 30 + 1),
    );
    const seen = [];
    for (let after = ""; ;) {
      const page = await listThreads(worker, headers, `?limit=10${after}`);
      seen.push(...ids(page));
      if (page.length < 10) break;
      const cursor = ids(page).findLast((id) => steady.includes(id));
      after = `&after=${cursor}`;
      const [moved, gone] = restless.splice(0, 2);
      await createThread(worker, headers, { last_message_at: moment(10_000) });
      if (moved) await ask(worker, `PUT /v1/threads/${moved}`, { headers, json: { last_message_at: moment(20_000) } });
      if (gone) await ask(worker, `DELETE /v1/threads/${gone}`, { headers });
    }
    for (const id of steady) assert.equal(seen.filter((other) => other === id).length, 1);
  });
});

describe("a query", () => {
  it("with values that are none is told all of them", async () => {
    const { status, body } = await ask(
      worker,
      `GET /v1/threads?limit=0&is_archived=1&external_id=&after=${"x".repeat(256)}`,
      { headers: workspace() },
    );
    assert.equal(status, 400);
    assert.deepEqual(body.details.map((/** @type {string} */ line) => line.split(":")[0]).sort(), [
      "after",
      "external_id",
      "is_archived",
      "limit",
    ]);
  });

  it("knows two words for is_archived", async () => {
    for (const value of ["True", "TRUE", "1", "0", "yes", "", "null", "true%20"]) {
      refused(
        await ask(worker, `GET /v1/threads?is_archived=${value}`, { headers: workspace() }),
        400,
        "Schema validation error",
        value,
      );
    }
  });

  it("may have names that nobody knows, and odd bytes in them", async () => {
    for (const query of [
      "?",
      "?&&",
      "?=",
      "?x=y&limit=5",
      "?%ff=%ff",
      "?%zz",
      "?external_id=%ff",
      "?LIMIT=0",
      "?limit[]=0",
      "?after=%F0%9F%92%A5",
    ]) {
      assert.deepEqual(await listThreads(worker, workspace(), query), [], query);
    }
  });
});
