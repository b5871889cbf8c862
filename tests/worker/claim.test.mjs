// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { append, ask, backend, bearer, createThread, getThread, listMessages, listRecords } from "./exchange.mjs";
import { listThreads, mint, refresh, refused, visit } from "./exchange.mjs";
import { newKey, refreshToken } from "./keys.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let accounts = 0;
/** The headers of an account that nobody used before. */
const newAccount = () => backend(worker, `account_${++accounts}`, "user_1");

/** A visitor: the headers, and the token that speaks for all that is behind them. */
async function newVisitor() {
  const { access_token, refresh_token } = await visit(worker);
  return { headers: bearer(access_token), token: refresh_token.token };
}

/** @param {Record<string, string>} headers @param {unknown} refresh_token */
const claim = (headers, refresh_token) => ask(worker, "POST /v1/threads/claim", { headers, json: { refresh_token } });

/**
 * Claims, and asserts how many threads came.
 *
 * @param {Record<string, string>} headers
 * @param {string} token
 * @param {number} moved
 */
async function claimed(headers, token, moved) {
  const answer = await claim(headers, token);
  assert.deepEqual([answer.status, answer.body], [200, { moved }]);
  assert.equal(answer.headers.get("Cache-Control"), "private, no-store");
}

/** @param {any} thread without what a claim changes */
const unowned = ({ workspace_id, ...thread }) => thread;

/** All that a workspace shows of itself. @param {Record<string, string>} headers */
async function everything(headers) {
  const lists = [await listThreads(worker, headers, "?limit=100")];
  lists.push(await listThreads(worker, headers, "?limit=100&is_archived=true"));
  const threads = lists.flat().map(unowned);
  const messages = [];
  for (const { id } of threads) messages.push(await listMessages(worker, headers, id));
  const records = [];
  for (const kind of /** @type {const} */ (["runs", "scores", "events"])) {
    records.push(await listRecords(worker, headers, kind, "?limit=100"));
  }
  return { threads, messages, records };
}

/**
 * Has a visitor leave what is of no thread: an event, and a run of a thread that is gone, with a score.
 *
 * @param {Record<string, string>} headers
 */
async function leaveBehind(headers) {
  const thread_id = await createThread(worker, headers);
  const report = { thread_id, status: "completed", output_tokens: 7 };
  const { body: run } = await ask(worker, "POST /v1/runs", { headers, json: report });
  await ask(worker, `DELETE /v1/threads/${thread_id}`, { headers });
  const score = { run_id: run.run_id, name: "late", data_type: "numeric", value: 1 };
  assert.equal((await ask(worker, "POST /v1/scores", { headers, json: score })).status, 201);
  const events = [{ kind: "thread_switched", props: { a: 1 } }];
  assert.equal((await ask(worker, "POST /v1/events", { headers, json: { events } })).status, 202);
}

describe("a claim", () => {
  it("moves everything, value by value, and leaves the visitor with nothing", async () => {
    const { headers, token } = await newVisitor();
    for (let number = 0; number < 3; number++) {
      const members = { title: `Thread ${number}`, metadata: { number }, external_id: `external_${number}` };
      const thread_id = await createThread(worker, headers, members);
      const content = { role: "user", text: "é💥\u0000".repeat(number) };
      const parent_id = await append(worker, headers, thread_id, { content, external_id: "x" });
      const message_id = await append(worker, headers, thread_id, { parent_id, format: "ai-sdk/v6" });
      const at = `/v1/threads/${thread_id}/messages/${message_id}/feedback`;
      const reports = {
        [`POST ${at}`]: { type: "positive", comment: "Good" },
        "POST /v1/runs": { thread_id, message_id, status: "completed", output_text: "All that was said", tags: ["a"] },
        "POST /v1/scores": { thread_id, name: "whole", data_type: "numeric", value: 1 },
        "POST /v1/events": { events: [{ kind: "message_sent", thread_id, value: number, props: { a: 1.5 } }] },
      };
      for (const [line, json] of Object.entries(reports)) {
        const answer = await ask(worker, line, { headers, json });
        assert.ok(answer.status < 300, answer.text);
      }
    }
    const [archived] = await listThreads(worker, headers);
    await ask(worker, `PUT /v1/threads/${archived.id}`, { headers, json: { is_archived: true } });
    await leaveBehind(headers);
    const before = await everything(headers);
    assert.deepEqual([before.threads.length, ...before.records.map(({ length }) => length)], [3, 4, 7, 4]);

    const account = newAccount();
    const own = await createThread(worker, account, { title: "Own", last_message_at: "2000-01-01T00:00:00.000Z" });
    await claimed(account, token, 3);
    const nothing = { threads: [], messages: [], records: [[], [], []] };
    assert.deepEqual(await everything(headers), nothing);
    const kept = unowned(await getThread(worker, account, own));
    assert.equal((await getThread(worker, account, archived.id)).workspace_id, `account_${accounts}`);
    assert.equal((await ask(worker, `DELETE /v1/threads/${own}`, { headers: account })).status, 200);
    const after = await everything(account);
    // Whose mind it is that can be changed.
    for (const score of before.records[1]) score.author_id = "user_1";
    assert.deepEqual(after, before);
    assert.equal(kept.title, "Own");

    await claimed(account, token, 0);
    await claimed(newAccount(), token, 0);
    assert.deepEqual(await everything(account), before);
    // What was claimed is the account's to remove, and no claim brings it back.
    for (const { id } of before.threads) {
      assert.equal((await ask(worker, `DELETE /v1/threads/${id}`, { headers: account })).status, 200);
    }
    await claimed(account, token, 0);
    assert.deepEqual((await everything(account)).threads, []);
  });

  it("leaves the visitor's session alive, and can be made for what comes of it later", async () => {
    const { headers, token } = await newVisitor();
    const account = newAccount();
    await claimed(account, token, 0);
    const renewed = await refresh(worker, token);
    assert.equal(renewed.status, 200);
    const later = await createThread(worker, headers);
    await claimed(account, renewed.body.refresh_token.token, 1);
    assert.equal((await getThread(worker, account, later)).id, later);
    const latest = await createThread(worker, headers);
    // To the second before the last, which a client has whose answer was lost.
    await claimed(bearer(await mint(worker, "account_other", "user_1")), token, 1);
    refused(await ask(worker, `GET /v1/threads/${latest}`, { headers: account }), 404, "Thread not found");
  });

  it("by two accounts at once gives each thread to one of them, and by one account's two tabs to it once", async () => {
    for (let round = 0; round < 5; round++) {
      const { headers, token } = await newVisitor();
      const ids = await Promise.all(Array.from({ length: 30 }, () => createThread(worker, headers)));
      await Promise.all(ids.map((id) => append(worker, headers, id, { content: { text: "x".repeat(100_000) } })));
      const both = [newAccount(), newAccount()];
      const answers = await Promise.all([...both, ...both].map((account) => claim(account, token)));
      for (const { status, text } of answers) assert.equal(status, 200, text);
      assert.equal(answers.reduce((sum, { body }) => sum + body.moved, 0), 30);
      const owned = await Promise.all(both.map((account) => listThreads(worker, account, "?limit=100")));
      assert.deepEqual(
        owned.flat().map(({ id }) => id).sort(),
        ids.sort(),
      );
      for (const [index, threads] of owned.entries()) {
        for (const { id } of threads) assert.equal((await listMessages(worker, both[index], id)).length, 1);
      }
    }
  });

  it("is refused to a visitor, also of its own threads", async () => {
    const [one, other] = [await newVisitor(), await newVisitor()];
    const id = await createThread(worker, one.headers);
    for (const { headers } of [one, other]) {
      refused(await claim(headers, one.token), 403, "Anonymous sessions cannot claim threads");
    }
    assert.equal((await getThread(worker, one.headers, id)).id, id);
    refused(await claim({}, one.token), 401, "Authorization header is missing");
  });

  it("is refused with a token that is none", async () => {
    const { headers, token } = await newVisitor();
    const id = await createThread(worker, headers);
    const account = newAccount();
    const key = String(worker.variables.REFRESH_KEY);
    const identity = Buffer.from(token.slice("refresh_0".length), "base64url").subarray(0, 16);
    assert.equal(refreshToken(key, PROJECT_ID, { identity, issuedAt: 0 }).length, token.length);
    const month = 31 * 86_400_000;
    const forgeries = {
      "cut off": token.slice(0, -1),
      longer: `${token}A`,
      "another letter": token.slice(0, 20) + (token[20] === "A" ? "B" : "A") + token.slice(21),
      "another key": refreshToken(newKey(), PROJECT_ID, { identity }),
      "another project": refreshToken(key, "proj_0other", { identity }),
      expired: refreshToken(key, PROJECT_ID, { identity, issuedAt: Date.now() - month }),
      nothing: "refresh_0",
    };
    for (const [about, forgery] of Object.entries(forgeries)) {
      const { status, body } = await claim(account, forgery);
      assert.equal(status, 403, about);
      assert.match(body.error, /^Invalid refresh token( format)?$/, about);
    }
    for (const text of ["", "x", "Refresh_0", worker.apiKey, headers.Authorization]) {
      const { status } = await claim(account, text);
      assert.ok(status === 403 || (status === 400 && text === ""), text);
    }
    for (const json of [{}, { refresh_token: null }, { refresh_token: 1 }, [token], token]) {
      refused(await ask(worker, "POST /v1/threads/claim", { headers: account, json }), 400, "Schema validation error");
    }
    assert.equal((await getThread(worker, headers, id)).id, id);
    assert.deepEqual(await listThreads(worker, account), []);
    await claimed(account, token, 1);
  });

  it("of a visitor that has nothing moves nothing", async () => {
    const [account, { token }] = [newAccount(), await newVisitor()];
    await claimed(account, token, 0);
    assert.deepEqual(await listThreads(worker, account), []);
  });
});

describe("a claim that a power cut breaks off", () => {
  const ROUNDS = 8;
  const THREADS = 40;

  it(`and that is made again loses nothing and doubles nothing, in ${ROUNDS} rounds`, async () => {
    let broken = 0;
    let duration = 300;
    for (let round = 0; round < ROUNDS; round++) {
      const { headers, token } = await newVisitor();
      const account = newAccount();
      const content = { text: "x".repeat(120_000) };
      await Promise.all(
        Array.from({ length: THREADS }, async (_, number) => {
          const id = await createThread(worker, headers, { title: `Thread ${number}` });
          const parent_id = await append(worker, headers, id, { content });
          const message = await append(worker, headers, id, { parent_id });
          await ask(worker, "POST /v1/runs", { headers, json: { thread_id: id, status: "completed" } });
          const json = { type: number % 2 ? "positive" : "negative", comment: `${number}` };
          await ask(worker, `POST /v1/threads/${id}/messages/${message}/feedback`, { headers, json });
        }),
      );
      const events = [{ kind: "thread_switched" }];
      for (let more = 0; more < 20; more++) await ask(worker, "POST /v1/events", { headers, json: { events } });
      const before = await everything(headers);
      assert.deepEqual(before.records.map(({ length }) => length), [THREADS, THREADS, 20]);
      // Whose mind it is that can be changed.
      for (const score of before.records[1]) score.author_id = "user_1";
      const started = Date.now();
      const first = claim(account, token).catch(() => undefined);
      // Another moment each time, over the whole of what a claim takes.
      await wait((duration * (round + 0.5)) / ROUNDS);
      await worker.kill();
      const answer = await first;
      if (answer) duration = Math.min(duration, Date.now() - started);
      else broken += 1;
      await worker.start();
      // Half a thread is none: what is there already has all that belongs to it.
      for (const { id } of await listThreads(worker, account, "?limit=100")) {
        assert.equal((await listMessages(worker, account, id)).length, 2);
      }
      const { body } = await claim(account, token);
      assert.ok(body.moved <= THREADS);
      assert.deepEqual(await everything(account), before, `round ${round}`);
      assert.deepEqual(await everything(headers), { threads: [], messages: [], records: [[], [], []] });
      await claimed(account, token, 0);
    }
    assert.ok(broken >= ROUNDS / 4, `${broken} of ${ROUNDS} claims were broken off`);
  });
});
