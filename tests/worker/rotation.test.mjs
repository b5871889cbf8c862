// @ts-check
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

import { refresh, refused, visit } from "./exchange.mjs";
import { decode, newKey } from "./keys.mjs";
import { run } from "./storage.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const INVALID = "Invalid refresh token";
/** How long a straggler is forgiven, in milliseconds. */
const GRACE = 10_000;
const DAY = 86_400_000;

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

/** @param {number} millis */
const passed = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

describe("the current token", () => {
  it("gives a new one each time, for the same identity", async () => {
    const tokens = await chain(6);
    assert.equal(new Set(tokens).size, 6);
  });

  it("used 20 times at once gives everybody the one successor", async () => {
    for (const warm of [false, true]) {
      const tokens = await chain(warm ? 3 : 1);
      const current = tokens[tokens.length - 1];
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(worker, current)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      const successors = new Set(answers.map(({ body }) => body.refresh_token.token));
      assert.equal(successors.size, 1);
      assert.equal(new Set(answers.map(({ body }) => body.refresh_token.expires_at)).size, 1);
      assert.equal(new Set(answers.map(({ body }) => decode(body.access_token).payload.sub)).size, 1);
      assert.notEqual(await next([...successors][0]), [...successors][0]);
    }
  });
});

describe("the token before the current one", () => {
  it("always gives the current one, for its answer may have been lost", async () => {
    const [first, second] = await chain(2);
    for (let time = 0; time < 10; time++) assert.equal(await next(first), second);
    assert.notEqual(await next(second), second, "and the current one goes on");
  });

  it("gives it after days, too", async () => {
    const [first] = await chain(2);
    await age("rotated_at", 29 * DAY);
    // The time of issue is part of a token's text, so this is the second one as it would read then.
    const current = await next(first);
    assert.equal(await next(first), current);
    assert.equal((await refresh(worker, current)).status, 200);
  });

  it("gives it after a restart", async () => {
    const [first, second] = await chain(2);
    await worker.restart();
    assert.equal(await next(first), second);
  });
});

describe("an older token", () => {
  it("is a straggler for 10 seconds, then a thief's: the family ends, and using the window does not move it", async () => {
    const [[oldest, older, , current], honest] = await Promise.all([chain(4), chain(4)]);
    const rotated = Date.now();
    assert.equal(await next(older), current);
    assert.equal(await next(oldest), current);
    await passed(GRACE / 2);
    assert.equal(await next(older), current, "half of the window is left");
    await passed(rotated + GRACE + 100 - Date.now());
    refused(await refresh(worker, older), 403, INVALID);
    for (const token of [current, older, oldest]) refused(await refresh(worker, token), 403, INVALID);
    assert.equal((await refresh(worker, honest[3])).status, 200, "other families live on");
    await worker.restart();
    refused(await refresh(worker, current), 403, INVALID);
  });

  it("ends the family for good, however far behind it is", async () => {
    const tokens = await chain(5);
    await age("rotated_at", GRACE + 1);
    refused(await refresh(worker, tokens[0]), 403, INVALID);
    for (const token of tokens) refused(await refresh(worker, token), 403, INVALID);
  });
});

describe("a token ahead of the stored one", () => {
  it("is good after a backup was restored, and the family goes on from it", async () => {
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
    const successor = await next(tokens[4]);
    assert.equal(await next(tokens[4]), successor);
    assert.notEqual(await next(successor), successor);
  });
});

describe("a family", () => {
  it("ends when nobody renews it for 30 days", async () => {
    const [, second] = await chain(2);
    await age("rotated_at", 30 * DAY);
    refused(await refresh(worker, second), 403, INVALID);
  });

  it("ends after a year, however often it is renewed", async () => {
    const [, second] = await chain(2);
    await age("started_at", 360 * DAY);
    const answer = await refresh(worker, second);
    const left = Date.parse(answer.body.refresh_token.expires_at) - Date.now();
    assert.ok(left > 4.9 * DAY && left < 5.1 * DAY, `the answer says so before: ${left} ms`);
    await age("started_at", 5 * DAY);
    refused(await refresh(worker, answer.body.refresh_token.token), 403, INVALID);
  });
});

describe("the key of refresh tokens", () => {
  it("rotates without losing anybody: the previous key opens, the current one seals", async () => {
    const [first, second] = await chain(2);
    const { REFRESH_KEY } = worker.variables;
    await worker.restart({ REFRESH_KEY: newKey(), REFRESH_KEY_PREVIOUS: REFRESH_KEY });
    const lost = await next(first);
    assert.notEqual(lost, second, "the current token, sealed anew");
    const third = await next(second);
    await worker.restart({ REFRESH_KEY_PREVIOUS: undefined });
    for (const token of [first, second]) refused(await refresh(worker, token), 403, INVALID);
    assert.equal((await refresh(worker, third)).status, 200, "the refused ones did not end the family");
  });
});
