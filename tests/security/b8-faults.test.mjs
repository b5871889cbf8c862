// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { after, before } from "node:test";

import { NOON, PAGE, append, ask, backend, bearer, createThread, getThread, listThreads, mint, refresh, visit } from "../worker/exchange.mjs";
import { newKey } from "../worker/keys.mjs";
import { startWorker } from "../worker/workerd.mjs";
import { prove } from "./registry.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */
/** @import { Evidence } from "./registry.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({}, { faults: true });
});
after(() => worker?.close());

/** @param {string} fault @param {string} line @param {object} [question] */
const faulty = (fault, line, question = {}) => {
  const { headers, ...rest } = /** @type {import("../worker/exchange.mjs").Question} */ (question);
  return ask(worker, line, { ...rest, headers: { ...(headers ?? backend(worker)), "X-Fault": fault }, faulty: true });
};

/** @param {any} answer */
const saysWhenToRetry = ({ headers }) => assert.match(String(headers.get("Retry-After")), /^\d+$/);

/**
 * Asserts that a broken storage is passing trouble for whoever asks, a visitor who renews included: on a 4xx the
 * client would throw the visitor's identity away.
 *
 * @param {Evidence} evidence
 * @param {Worker} broken
 * @param {Record<string, string>} headers
 * @param {string} refreshToken
 */
async function onlyForNow(evidence, broken, headers, refreshToken) {
  const json = { last_message_at: NOON };
  const answers = [
    await ask(broken, "POST /v1/threads", { headers, json, faulty: true }),
    await ask(broken, "POST /v1/auth/tokens/refresh", { json: { refresh_token: refreshToken }, faulty: true }),
  ];
  for (const answer of answers) saysWhenToRetry(evidence.answer(answer, 503));
}

/**
 * A Worker with a visitor's workspace whose storage is broken while it sleeps.
 *
 * @param {Evidence} evidence
 * @param {(path: string) => void} damage to the file of its database
 */
async function damaged(evidence, damage) {
  const broken = await startWorker();
  const first = await visit(broken);
  const { refresh_token, access_token } = (await refresh(broken, first.refresh_token.token)).body;
  await createThread(broken, bearer(access_token));
  await broken.kill();
  const [path] = broken.databases();
  damage(path);
  await broken.start();
  await onlyForNow(evidence, broken, bearer(access_token), refresh_token.token);
  evidence.answer(await ask(broken, "GET /healthz"), 200, "the Worker itself is well");
  await createThread(broken, backend(broken, "another"));
  await broken.close();
}

prove(103, async (evidence) => {
  await damaged(evidence, (path) => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    mkdirSync(path);
  });
}, { part: "a file that cannot be opened" });

prove(103, async (evidence) => {
  await damaged(evidence, (path) => {
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    writeFileSync(path, Buffer.alloc(40_960, "no database"));
  });
}, { part: "a file that is no database" });

prove(103, async (evidence) => {
  await damaged(evidence, (path) => {
    const database = new DatabaseSync(path);
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '_cf_%'").all();
    assert.ok(tables.length > 0);
    // As another version would have left it.
    for (const { name } of tables) {
      database.exec(`DROP TABLE "${name}"; CREATE TABLE "${name}" (another INTEGER PRIMARY KEY, version TEXT NOT NULL)`);
    }
    database.close();
  });
}, { part: "a schema of another version" });

/** Why no small disk can be mounted here. */
const noDisk = (() => {
  const probe = spawnSync("mount", ["--version"]);
  if (process.platform !== "linux" || process.getuid?.() !== 0 || probe.error) return "mounting a small disk takes root on Linux";
  return false;
})();

prove(103, async (evidence) => {
  const broken = await startWorker();
  const { refresh_token } = await visit(broken);
  await broken.kill();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", broken.storage], { encoding: "utf8" });
  assert.equal(mounted.status, 0, mounted.stderr);
  try {
    await broken.start();
    const headers = backend(broken);
    const thread = await createThread(broken, headers);
    let status = 201;
    for (let count = 0; status === 201 && count < 100; count++) {
      const json = { parent_id: null, format: "aui/v0", content: { text: "x".repeat(50_000) } };
      const answer = await ask(broken, `POST /v1/threads/${thread}/messages`, { headers, json, faulty: true });
      ({ status } = answer);
      if (status !== 201) saysWhenToRetry(evidence.answer(answer, 503));
    }
    assert.equal(status, 503, "the disk is never full");
    const again = await ask(broken, "POST /v1/auth/tokens/refresh", { json: { refresh_token: refresh_token.token }, faulty: true });
    evidence.answer(again, [200, 503], "a visitor on a full disk");
    evidence.control(await ask(broken, "GET /healthz"));
  } finally {
    await broken.kill();
    spawnSync("umount", ["-l", broken.storage]);
  }
  await broken.close();
}, { part: "a full disk", skip: noDisk });

prove(103, async (evidence) => {
  const { token } = (await visit(worker)).refresh_token;
  const json = { refresh_token: token };
  for (const fault of ["object-exception", "overloaded"]) {
    saysWhenToRetry(evidence.answer(await faulty(fault, "POST /v1/auth/tokens/refresh", { headers: {}, json }), 503));
  }
  evidence.control(await refresh(worker, token), "afterwards");
}, { part: "an object that throws or is overloaded" });

prove(113, async (evidence) => {
  const headers = backend(worker, "broken");
  const thread = await createThread(worker, headers, { title: "Kept" });
  for (const fault of ["trap", "object-trap"]) {
    const token = await mint(worker);
    const others = Array.from({ length: 10 }, () => fetch(`${worker.url}/v1/threads`, { headers: bearer(token) }));
    const response = await fetch(`${worker.url}/v1/threads`, {
      method: "POST",
      headers: { ...headers, "X-Fault": fault, Origin: PAGE },
      body: JSON.stringify({ last_message_at: NOON }),
    });
    const broken = { status: response.status, body: await response.json() };
    evidence.answer(broken, [500, 503], fault);
    assert.ok(response.headers.get("Access-Control-Allow-Origin"), "a page can read it");
    // Those that were on their way are served, or told to come again.
    for (const { status, headers } of await Promise.all(others)) {
      assert.ok(status === 200 || (status === 503 && headers.has("Retry-After")), String(status));
    }
    for (let time = 0; time < 3; time++) {
      const answer = evidence.answer(await ask(worker, `GET /v1/threads/${thread}`, { headers }), 200, `after a ${fault}`);
      assert.equal(answer.body.thread.title, "Kept");
    }
    evidence.answer(await ask(worker, "GET /v1/threads", { headers: bearer(token) }), 200);
    assert.deepEqual((await listThreads(worker, headers)).map(({ id }) => id), [thread], "half of it was written");
  }
});

prove(114, async (evidence) => {
  const headers = backend(worker, "nobody_was_here");
  const thread = await createThread(worker, backend(worker));
  const message = { parent_id: null, format: "aui/v0", content: {} };
  for (const [line, json] of /** @type {[string, any][]} */ ([
    ["GET /v1/threads/thread_0", undefined],
    ["PUT /v1/threads/thread_0", { title: "x" }],
    ["DELETE /v1/threads/thread_0", undefined],
    ["POST /v1/threads/thread_0/messages", message],
    ["PUT /v1/threads/thread_0/messages/msg_0", { content: {} }],
    ["DELETE /v1/threads/thread_0/messages", { message_ids: ["msg_0"] }],
    ["POST /v1/threads/thread_0/messages/msg_0/feedback", { type: "positive" }],
    ["POST /v1/runs", { thread_id: "thread_0", status: "completed" }],
  ])) {
    for (const asker of [headers, backend(worker)]) {
      const start = Date.now();
      evidence.answer(await ask(worker, line, { headers: asker, json }), 404, line);
      assert.ok(Date.now() - start < 2_000, line);
    }
  }
  for (const line of [`PUT /v1/threads/${thread}/messages/msg_0`, `POST /v1/threads/${thread}/messages/msg_0/feedback`]) {
    const json = line.startsWith("PUT") ? { content: {} } : { type: "positive" };
    evidence.answer(await ask(worker, line, { headers: backend(worker), json }), 404, line);
  }
});

prove(115, async (evidence) => {
  const headers = backend(worker);
  const thread = await createThread(worker, headers);
  const line = `POST /v1/threads/${thread}/messages`;
  // Beyond that the connection ends before the body does, and not every client reads the answer then.
  for (const size of [1_048_577, 1_100_000]) {
    const json = { parent_id: null, format: "aui/v0", content: { text: "x".repeat(size) } };
    evidence.answer(await ask(worker, line, { headers, json }), [400, 413], String(size));
    const run = { thread_id: thread, status: "completed", output_text: "x".repeat(size) };
    evidence.answer(await ask(worker, "POST /v1/runs", { headers, json: run }), [400, 413], String(size));
  }
  const overhead = JSON.stringify({ text: "" }).length;
  const message = await append(worker, headers, thread, { content: { text: "x".repeat(1_048_576 - overhead) } });
  const content = { text: "x".repeat(1_048_577 - overhead) };
  const longer = await ask(worker, `PUT /v1/threads/${thread}/messages/${message}`, { headers, json: { content } });
  evidence.answer(longer, [400, 413]);
});

prove(116, async (evidence) => {
  const headers = backend(worker);
  const thread_id = await createThread(worker, headers);
  const numbers = ["9007199254740993", "9223372036854775807", "9223372036854775808", "-9007199254740993", "1e308", "1e400", "18446744073709551616"];
  for (const number of numbers) {
    const run = `{"thread_id":"${thread_id}","status":"completed","duration_ms":${number},"input_tokens":${number}}`;
    evidence.answer(await ask(worker, "POST /v1/runs", { headers, body: run }), 400, number);
    const event = `{"events":[{"kind":"message_sent","thread_id":"${thread_id}","value":${number}}]}`;
    evidence.answer(await ask(worker, "POST /v1/events", { headers, body: event }), 400, number);
    evidence.answer(await ask(worker, `GET /v1/threads?limit=${number}`, { headers }), [200, 400], number);
    if (number === "1e400") continue;
    const body = `{"last_message_at":"${NOON}","metadata":{"n":${number}}}`;
    const made = await ask(worker, "POST /v1/threads", { headers, body });
    const kept = evidence.answer(await ask(worker, `GET /v1/threads/${made.body.thread_id}`, { headers }), 200);
    assert.ok(kept.text.includes(`"metadata":{"n":${number}}`), `${number} is ${kept.text}`);
  }
});

prove(117, async (evidence) => {
  const headers = backend(worker);
  const thread = await createThread(worker, headers);
  const remove = (/** @type {unknown[]} */ message_ids) =>
    ask(worker, `DELETE /v1/threads/${thread}/messages`, { headers, json: { message_ids } });
  const ids = [];
  for (let count = 0; count < 3; count++) ids.push(await append(worker, headers, thread));
  const strangers = Array.from({ length: 197 }, (_, index) => `msg_0${String(index).padStart(23, "0")}`);
  evidence.answer(await remove(strangers), 404, "197 that are not there");
  evidence.answer(await remove([...strangers, ...ids]), 200, "200, three of them there");
  evidence.answer(await remove(Array.from({ length: 201 }, () => "msg_0")), 400);
  const query = encodeURIComponent("%_".repeat(2_000));
  evidence.answer(await ask(worker, `GET /v1/threads?external_id=${query}`, { headers }), [200, 400]);
  const events = Array.from({ length: 51 }, () => ({ kind: "message_sent", thread_id: thread }));
  evidence.answer(await ask(worker, "POST /v1/events", { headers, json: { events } }), 400);
  evidence.answer(await ask(worker, "POST /v1/events", { headers, json: { events: events.slice(1) } }), [200, 202, 204]);
  const metadata = { text: "x".repeat(100_000) };
  evidence.answer(await ask(worker, `PUT /v1/threads/${thread}`, { headers, json: { metadata } }), [400, 413]);
});

prove(118, async (evidence) => {
  const overloaded = evidence.answer(await faulty("overloaded", "GET /v1/threads"), 503);
  saysWhenToRetry(overloaded);
  assert.equal(overloaded.headers.get("X-Object-Calls"), "1");
  const before = (await listThreads(worker, backend(worker, "retried"))).length;
  const headers = backend(worker, "retried");
  for (const [line, json] of /** @type {[string, any][]} */ ([["GET /v1/threads", undefined], ["POST /v1/threads", { last_message_at: NOON }]])) {
    const answer = evidence.answer(await faulty("retryable", line, { headers, json }), [200, 201, 503], line);
    assert.ok(Number(answer.headers.get("X-Object-Calls")) <= 3);
    if (answer.status === 503) saysWhenToRetry(answer);
    else evidence.note(`asked ${answer.headers.get("X-Object-Calls")} times`);
  }
  assert.ok((await listThreads(worker, headers)).length - before <= 1, "written once at most");
});

prove(119, async (evidence) => {
  const other = await startWorker();
  const sound = { ...other.variables };
  const key = newKey();
  const wrong = {
    PROJECT_ID: [undefined, "", "a b", "usr_anon_x"],
    ISSUER: [undefined, "example.com", "http://example.com", "https://example.com/"],
    SIGNING_KEY: [undefined, "", key.slice(1), `${key}=`],
    REFRESH_KEY: [undefined, key.slice(1)],
    API_KEYS: ["x", "{}", "[1]"],
    AUTH_RULES: ["x", "{}", "[1]", "[{}]", `[{"name":"id"}]`],
    ALLOWED_ORIGINS: ["*", "https://example.com/"],
    ANONYMOUS: ["yes"],
    TOKEN_LIFETIME_SECONDS: ["9", "x"],
  };
  for (const [variable, values] of Object.entries(wrong)) {
    for (const value of values) {
      await other.kill();
      const start = other.log.length;
      await other.start({ AUTH_RULES: undefined, ALLOWED_ORIGINS: undefined, ANONYMOUS: undefined, TOKEN_LIFETIME_SECONDS: undefined, ...sound, [variable]: value });
      const about = `${variable}=${value}`;
      const answer = evidence.answer(await ask(other, "GET /healthz", { faulty: true }), 503, about);
      saysWhenToRetry(answer);
      await other.kill();
      const lines = other.log.slice(start).split("\n").filter(Boolean).map((line) => JSON.parse(line));
      assert.ok(lines.some(({ event, ...rest }) => event === "misconfigured" && JSON.stringify(rest).includes(variable)), about);
    }
  }
  await other.close();
});

prove(120, async (evidence) => {
  const other = await startWorker({ ALLOWED_ORIGINS: `${PAGE}, https://*.example.org` });
  const from = (/** @type {string} */ Origin, /** @type {string} */ line, /** @type {any} */ question = {}) =>
    ask(other, line, { ...question, headers: { Origin, ...question.headers } });
  const occasions = /** @type {[string, any?][]} */ ([
    ["OPTIONS /v1/threads"],
    ["GET /healthz"],
    ["GET /v1/threads"],
    ["GET /v1/threads", { headers: { Authorization: "Bearer a.b.c" } }],
    ["GET /nowhere"],
    ["POST /v1/auth/tokens/refresh", { body: "{" }],
  ]);
  for (const [line, question] of occasions) {
    for (const origin of [PAGE, "https://a.example.org", "https://a.b.example.org"]) {
      const { headers } = evidence.answer(await from(origin, line, question), [200, 204, 400, 401, 403, 404]);
      assert.equal(headers.get("Access-Control-Allow-Origin"), origin);
      const exposed = String(headers.get("Access-Control-Expose-Headers"));
      for (const name of ["Authorization", "Retry-After"]) assert.ok(exposed.split(", ").includes(name), exposed);
      assert.match(String(headers.get("Vary")), /\bOrigin\b/);
    }
    const strangers = ["null", "https://evil-example.com", "https://evil-example.org", "https://example.org", "https://app.example.com.evil.test"];
    for (const origin of [...strangers, "http://app.example.com", "https://app.example.com:444", `${PAGE}/`, "*"]) {
      const { headers } = evidence.answer(await from(origin, line, question), [200, 204, 400, 401, 403, 404]);
      assert.equal(headers.get("Access-Control-Allow-Origin"), null, origin);
      assert.match(String(headers.get("Vary")), /\bOrigin\b/);
    }
  }
  await other.close();
});

prove(121, async (evidence) => {
  const internal = /sql|sqlite|select|insert|durable|object|rust|wasm|panic|stack|\.rs\b|\.js\b|kid|jwks|undefined|null|\bat /i;
  const headers = backend(worker);
  const answers = [
    await ask(worker, "GET /v1/threads"),
    await ask(worker, "GET /v1/threads", { headers: bearer("a.b.c") }),
    await ask(worker, "GET /v1/threads/nothing", { headers }),
    await ask(worker, "GET /nowhere"),
    await ask(worker, "PATCH /v1/threads"),
    await ask(worker, "POST /v1/threads", { headers, body: "{" }),
    await ask(worker, "POST /v1/threads", { headers, body: " ".repeat(70_000) }),
    await refresh(worker, "refresh_0"),
    await faulty("overloaded", "GET /v1/threads"),
    await faulty("object-exception", "GET /v1/threads"),
  ];
  const response = await fetch(`${worker.url}/v1/threads`, { headers: { ...headers, "X-Fault": "trap" } });
  answers.push({ status: response.status, body: await response.json(), headers: response.headers, text: "" });
  for (const answer of answers) {
    evidence.answer(answer, [400, 401, 403, 404, 405, 413, 500, 503]);
    assert.doesNotMatch(JSON.stringify(answer.body), internal);
  }
});

prove(122, async (evidence) => {
  const headers = backend(worker, "timeless");
  const { token } = (await visit(worker)).refresh_token;
  const id = await createThread(worker, headers);
  for (const [line, question] of /** @type {[string, any][]} */ ([
    ["GET /v1/threads", { headers }],
    ["POST /v1/threads", { headers, json: { last_message_at: NOON } }],
    [`GET /v1/threads/${id}`, { headers }],
    ["POST /v1/auth/tokens", { headers }],
    ["POST /v1/auth/tokens/anonymous", { headers: {} }],
    ["POST /v1/auth/tokens/refresh", { headers: {}, json: { refresh_token: token } }],
    ["GET /v1/threads", { headers: bearer(await mint(worker)) }],
  ])) {
    const answer = evidence.answer(await faulty("frozen-clock", line, question), [200, 201], line);
    // Once in the Worker, once in the object, once more after I/O.
    assert.ok(Number(answer.headers.get("X-Clock-Reads")) <= 3, `${line}: ${answer.headers.get("X-Clock-Reads")} times`);
  }
  assert.equal((await getThread(worker, headers, id)).id, id);
});
