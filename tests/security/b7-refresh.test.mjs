// @ts-check
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { PAGE, append, ask, backend, bearer, createThread, listThreads, mint, refresh, visit } from "../worker/exchange.mjs";
import { decode, newKey, refreshToken } from "../worker/keys.mjs";
import { dump, run } from "../worker/storage.mjs";
import { PROJECT_ID, startWorker } from "../worker/workerd.mjs";
import { prove } from "./registry.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */
/** @import { Evidence } from "./registry.mjs" */

/** How long a straggler is forgiven, in milliseconds. */
const GRACE = 10_000;
const DAY = 86_400_000;
const ANONYMOUS = "POST /v1/auth/tokens/anonymous";
const REFRESH = "POST /v1/auth/tokens/refresh";

/** @type {Worker} */
let worker;
beforeEach(async () => {
  worker = await startWorker();
});
afterEach(() => worker.close());

/** The token that follows. @param {string} token @returns {Promise<string>} */
async function next(token) {
  const answer = await refresh(worker, token);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.refresh_token.token;
}

/** An identity's first tokens, each the successor of the one before. @param {number} length */
async function chain(length) {
  const tokens = [(await visit(worker)).refresh_token.token];
  while (tokens.length < length) tokens.push(await next(tokens[tokens.length - 1]));
  return tokens;
}

/** Moves what is stored of the one session into the past. @param {string} column @param {number} millis */
async function age(column, millis) {
  await worker.kill();
  run(worker, `UPDATE refresh_family SET ${column} = ${column} - ?`, millis);
  await worker.start();
}

/** @param {Evidence} evidence @param {string[]} tokens */
async function refused(evidence, tokens) {
  for (const token of tokens) evidence.answer(await refresh(worker, token), 403);
}

/** The Worker's own key, stolen. */
const key = () => String(worker.variables.REFRESH_KEY);

prove(95, async (evidence) => {
  const first = await visit(worker);
  await wait(5);
  const answer = evidence.answer(await refresh(worker, first.refresh_token.token), 200);
  assert.notEqual(answer.body.refresh_token.token, first.refresh_token.token);
  assert.ok(answer.body.refresh_token.expires_at > first.refresh_token.expires_at);
  const left = Date.parse(answer.body.refresh_token.expires_at) - Date.now();
  assert.ok(left > 30 * DAY - 10_000 && left <= 30 * DAY, `${left} ms`);
  const [before, after] = [first, answer.body].map(({ access_token }) => decode(access_token).payload.sub);
  assert.equal(after, before);
  const tokens = await chain(6);
  assert.equal(new Set(tokens).size, 6);
});

prove(96, async (evidence) => {
  for (const warm of [false, true]) {
    const tokens = await chain(warm ? 3 : 1);
    const current = tokens[tokens.length - 1];
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(worker, current)));
    for (const answer of answers) evidence.answer(answer, 200);
    const successors = new Set(answers.map(({ body }) => body.refresh_token.token));
    assert.equal(successors.size, 1);
    assert.equal(new Set(answers.map(({ body }) => body.refresh_token.expires_at)).size, 1);
    assert.equal(new Set(answers.map(({ body }) => decode(body.access_token).payload.sub)).size, 1);
    assert.notEqual(await next([...successors][0]), [...successors][0]);
  }
  evidence.note("1 successor each time");
});

prove(97, async (evidence) => {
  const [first, second] = await chain(2);
  for (let time = 0; time < 10; time++) {
    const answer = evidence.answer(await refresh(worker, first), 200);
    assert.equal(answer.body.refresh_token.token, second);
  }
  await worker.restart();
  assert.equal(await next(first), second, "after a restart");
  assert.notEqual(await next(second), second, "and the current one goes on");
});

prove(97, async (evidence) => {
  const [first] = await chain(2);
  await age("rotated_at", 29 * DAY);
  // The time of issue is part of a token's text, so this is the second one as it would read then.
  const current = await next(first);
  const answer = evidence.answer(await refresh(worker, first), 200);
  assert.equal(answer.body.refresh_token.token, current);
  assert.equal((await refresh(worker, current)).status, 200);
}, { part: "after days" });

prove(98, async (evidence) => {
  const tokens = await chain(5);
  const honest = await chain(1);
  await wait(GRACE + 100);
  await refused(evidence, [tokens[2], ...tokens]);
  evidence.control(await refresh(worker, honest[0]), "other families live on");
  await worker.restart();
  await refused(evidence, [tokens[4]]);
});

prove(99, async (evidence) => {
  const [oldest, older, , current] = await chain(4);
  const rotated = Date.now();
  assert.equal(await next(older), current);
  assert.equal(await next(oldest), current);
  await wait(GRACE / 2);
  assert.equal(await next(older), current, "half of the window is left");
  await wait(rotated + GRACE + 100 - Date.now());
  await refused(evidence, [older, current, oldest]);
});

prove(100, async (evidence) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const { token } = (await visit(worker)).refresh_token;
  const head = "refresh_0".length;
  const altered = [...token].slice(head).flatMap((letter, index) =>
    [1, 32].map((bit) => token.slice(0, head + index) + alphabet[alphabet.indexOf(letter) ^ bit] + token.slice(head + index + 1)),
  );
  const others = [refreshToken(newKey(), PROJECT_ID), refreshToken(key(), "proj_other"), refreshToken(key(), "")];
  const random = [60, 59, 61].map((length) => `refresh_0${randomBytes(length).toString("base64url")}`);
  const malformed = ["", "refresh_0", ` ${token}`, `${token} `, `${token}=`, token.slice(0, -1), `${token}A`, token.replace("_0", "_1")];
  await refused(evidence, [...altered, ...others, ...random, ...malformed, `refresh_0${Buffer.alloc(60).toString("base64url")}`]);
  for (const value of [undefined, null, 1, true, [], {}, [token]]) evidence.answer(await refresh(worker, value), 400);
  evidence.answer(await refresh(worker, `refresh_0${"x".repeat(10_000)}`), 413);
  assert.deepEqual(worker.databases(), [], "an object was woken");
  assert.equal((await refresh(worker, token)).status, 200, "the attempts did not hurt it");
});

prove(101, async (evidence) => {
  const tokens = await chain(2);
  await worker.kill();
  const backup = join(worker.folder, "backup");
  cpSync(worker.storage, backup, { recursive: true });
  await worker.start();
  for (let time = 0; time < 3; time++) tokens.push(await next(tokens[tokens.length - 1]));
  await worker.kill();
  rmSync(worker.storage, { recursive: true });
  cpSync(backup, worker.storage, { recursive: true });
  await worker.start();
  const printed = worker.log.length;
  const answer = evidence.answer(await refresh(worker, tokens[4]), 200);
  const successor = answer.body.refresh_token.token;
  assert.equal(await next(tokens[4]), successor);
  assert.notEqual(await next(successor), successor);
  await worker.kill();
  const lines = worker.log.slice(printed).split("\n").filter(Boolean);
  assert.equal(lines.length, 1, lines.join("\n"));
  evidence.note("1 line of the log");
});

prove(102, async (evidence) => {
  const [, second] = await chain(2);
  await age("rotated_at", 30 * DAY);
  await refused(evidence, [second]);
  for (const past of [30 * DAY + 1, 365 * DAY, Date.now() + DAY]) {
    await refused(evidence, [refreshToken(key(), PROJECT_ID, { issuedAt: Date.now() - past })]);
  }
  const model = refreshToken(key(), PROJECT_ID, { issuedAt: Date.now() - 30 * DAY + 60_000 });
  evidence.control(await refresh(worker, model), "a minute before the end");
});

prove(102, async (evidence) => {
  const [, second] = await chain(2);
  await age("started_at", 360 * DAY);
  const answer = evidence.control(await refresh(worker, second));
  const left = Date.parse(answer.body.refresh_token.expires_at) - Date.now();
  assert.ok(left > 4.9 * DAY && left < 5.1 * DAY, `the answer says so before: ${left} ms`);
  await age("started_at", 5 * DAY);
  await refused(evidence, [answer.body.refresh_token.token]);
}, { part: "after a year" });

prove(104, async (evidence) => {
  for (let round = 0; round < 8; round++) {
    const { token } = (await visit(worker)).refresh_token;
    const lost = refresh(worker, token).catch(() => undefined);
    // Somewhere between the request's arrival and its answer.
    await wait(round * 2);
    await worker.kill();
    await lost;
    await worker.start();
    const successor = evidence.answer(await refresh(worker, token), 200).body.refresh_token.token;
    assert.equal((await refresh(worker, successor)).status, 200);
  }
});

prove(105, async (evidence) => {
  const { refresh_token, access_token } = await visit(worker);
  await refused(evidence, [access_token, await mint(worker), worker.apiKey]);
  evidence.answer(await ask(worker, "GET /v1/threads", { headers: bearer(refresh_token.token) }), 403);
});

/** Asks from an address. @param {string} line @param {Record<string, string>} headers @param {unknown} [json] */
const askFrom = (line, headers, json) => ask(worker, line, { headers, json });

/** Starts anew with rate limits, when what is left of the minute is enough for a test: they count by the minute. */
async function limitRates() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await wait(left);
  await worker.restart({ RATE_LIMITS: undefined });
}

/** How many of so many requests are let through. @param {number} count @param {(index: number) => ReturnType<typeof ask>} one */
async function letThrough(count, one) {
  const answers = [];
  for (let index = 0; index < count; index++) answers.push(await one(index));
  const over = answers.filter(({ status }) => status === 429);
  for (const { headers, body } of over) {
    assert.equal(body.error, "rate_limited");
    assert.match(String(headers.get("Retry-After")), /^\d+$/);
    assert.equal(headers.get("Access-Control-Allow-Origin"), PAGE);
  }
  assert.ok(answers.every(({ status }) => status === 200 || status === 429));
  return answers.length - over.length;
}

prove(106, async (evidence) => {
  await limitRates();
  const address = { "CF-Connecting-IP": "192.0.2.1" };
  const anonymous = await letThrough(40, () => askFrom(ANONYMOUS, address));
  assert.equal(anonymous, 30);
  evidence.note(`${anonymous} anonymous identities of 40, then 429 rate_limited`);
  const { token } = (await ask(worker, ANONYMOUS, { headers: { "CF-Connecting-IP": "192.0.2.9" } })).body.refresh_token;
  const renewals = await letThrough(140, () => askFrom(REFRESH, address, { refresh_token: token }));
  assert.equal(renewals, 120);
  evidence.note(`${renewals} refreshes of 140, then 429 rate_limited`);
  assert.equal((await askFrom(ANONYMOUS, { "CF-Connecting-IP": "192.0.2.2" })).status, 200, "another address");
});

prove(107, async (evidence) => {
  await limitRates();
  const spoofed = await letThrough(35, (index) =>
    askFrom(ANONYMOUS, { "CF-Connecting-IP": "192.0.2.1", "X-Forwarded-For": `198.51.100.${index}`, "X-Real-IP": `198.51.100.${index}` }),
  );
  assert.equal(spoofed, 30);
  evidence.note(`${spoofed} of 35 with another X-Forwarded-For each`);
  const rotated = await letThrough(35, (index) => askFrom(ANONYMOUS, { "CF-Connecting-IP": `2001:db8:0:1:${index}::${index}` }));
  assert.equal(rotated, 30);
  evidence.note(`${rotated} of 35 within one /64`);
  assert.equal((await askFrom(ANONYMOUS, { "CF-Connecting-IP": "2001:db8:0:2::1" })).status, 200, "the next /64");
  const nameless = await letThrough(35, (index) => askFrom(ANONYMOUS, index % 2 ? {} : { "X-Forwarded-For": `198.51.100.${index}` }));
  assert.equal(nameless, 30);
  evidence.note(`${nameless} of 35 without an address`);
});

prove(108, async (evidence) => {
  const { refresh_token } = await visit(worker);
  await worker.restart({ ANONYMOUS: "off" });
  evidence.answer(await ask(worker, ANONYMOUS), 403);
  await refused(evidence, [refresh_token.token, "junk"]);
  await worker.restart({ ANONYMOUS: "on" });
  evidence.control(await refresh(worker, refresh_token.token), "nothing was taken away");
});

/** @param {Record<string, string>} headers @param {unknown} refresh_token */
const claim = (headers, refresh_token) => ask(worker, "POST /v1/threads/claim", { headers, json: { refresh_token } });

prove(109, async (evidence) => {
  const { access_token, refresh_token } = await visit(worker);
  const visitor = bearer(access_token);
  const { token } = refresh_token;
  const ids = [];
  for (let number = 0; number < 5; number++) ids.push(await createThread(worker, visitor));
  await append(worker, visitor, ids[0]);
  evidence.answer(await claim(visitor, token), 403, "by the visitor");
  const [one, other] = ["account_1", "account_2"].map((name) => backend(worker, name, name));
  const identity = Buffer.from(token.slice("refresh_0".length), "base64url").subarray(0, 16);
  evidence.answer(await claim(one, refreshToken(key(), "proj_other", { identity })), 403, "of a foreign project");
  evidence.answer(await claim(one, refreshToken(key(), PROJECT_ID, { identity, issuedAt: Date.now() - 31 * DAY })), 403, "expired");
  const both = await Promise.all([claim(one, token), claim(other, token), claim(one, token), claim(other, token)]);
  for (const answer of both) evidence.answer(answer, 200);
  assert.equal(both.reduce((sum, { body }) => sum + body.moved, 0), ids.length);
  const owned = await Promise.all([one, other].map((account) => listThreads(worker, account)));
  assert.deepEqual(owned.flat().map(({ id }) => id).sort(), ids.sort());
  const again = evidence.answer(await claim(one, token), 200, "repeated");
  assert.equal(again.body.moved, 0);
});

prove(110, async (evidence) => {
  const first = await visit(worker);
  const second = (await refresh(worker, first.refresh_token.token)).body;
  await createThread(worker, bearer(second.access_token));
  await createThread(worker, backend(worker));
  await worker.kill();
  const bytes = dump(worker);
  assert.ok(bytes.includes(decode(first.access_token).payload.sub), "the dump is one of this workspace");
  const secrets = [first, second].flatMap(({ refresh_token, access_token }) => [refresh_token.token.slice("refresh_0".length), access_token]);
  for (const secret of [...secrets, worker.apiKey, key(), String(worker.variables.SIGNING_KEY)]) {
    for (let start = 0; start + 12 <= secret.length; start++) {
      assert.ok(!bytes.includes(secret.slice(start, start + 12)), "a part of a credential is on disk");
    }
  }
  evidence.note("no 12 letters in a row of any credential");
  await worker.start();
});

prove(111, async (evidence) => {
  const { refresh_token } = await visit(worker);
  const answers = [
    await ask(worker, ANONYMOUS),
    await refresh(worker, refresh_token.token),
    await ask(worker, "POST /v1/auth/tokens", { headers: backend(worker) }),
    await refresh(worker, "junk"),
    await refresh(worker, 1),
    await ask(worker, "POST /v1/auth/tokens"),
    await ask(worker, `GET ${REFRESH.slice(5)}`),
  ];
  for (const answer of answers) {
    evidence.answer(answer, [200, 400, 401, 403, 405]);
    assert.match(String(answer.headers.get("Cache-Control")), /\bno-store\b/);
    assert.equal(answer.headers.get("Location"), null);
  }
  // The harness looks through every line of the log for parts of every secret, in this and in all other tests.
});

prove(112, async (evidence) => {
  const { refresh_token } = await visit(worker);
  const json = { refresh_token: refresh_token.token, newer: [1, { a: null }] };
  evidence.answer(await ask(worker, REFRESH, { json }), 200);
  evidence.answer(await ask(worker, REFRESH, { body: `${JSON.stringify(json)}${" ".repeat(4_096)}` }), 413);
  for (const line of [ANONYMOUS, REFRESH]) evidence.answer(await ask(worker, line.replace("POST", "GET")), [404, 405]);
});
