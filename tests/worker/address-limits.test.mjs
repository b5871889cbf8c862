// @ts-check
/** How often one address may call the routes that a flood of strangers could ask for. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { PAGE, ask, backend, visit } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** @type {string} */
let token;
before(async () => {
  const rules = [{ name: "app", provider: "authjs-session", url: "https://app.example.com" }];
  worker = await startWorker({ RATE_LIMITS: "on", AUTH_RULES: JSON.stringify(rules) });
  // They count by the minute.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 20_000) await wait(left);
  token = (await visit(worker)).refresh_token.token;
});
after(() => worker?.close());

/** What may be asked how often, and what comes of it as long as it may. */
const calls = /** @type {const} */ ([
  { line: "POST /v1/auth/tokens/anonymous", most: 30, status: 200 },
  { line: "POST /v1/auth/tokens/refresh", most: 120, status: 200 },
  { line: "POST /v1/threads/claim", most: 30, status: 200 },
  // Without a cookie nobody is asked about it: it counts all the same.
  { line: "POST /v1/auth/tokens/session", most: 120, status: 401 },
]);

describe("an address", () => {
  for (const { line, most, status } of calls) {
    /** @param {string} address */
    const call = (address) => {
      const isClaim = line.endsWith("claim");
      const json = isClaim || line.endsWith("refresh") ? { refresh_token: token } : undefined;
      const headers = { ...(isClaim && backend(worker, "account")), "CF-Connecting-IP": address };
      return ask(worker, line, { headers, json });
    };

    it(`may ask ${most} times a minute: ${line}`, async () => {
      for (let count = 0; count < most; count++) {
        const answer = await call("192.0.2.1");
        assert.equal(answer.status, status, answer.text);
      }
      const { body, headers, ...refusal } = await call("192.0.2.1");
      assert.deepEqual([refusal.status, body], [429, { error: "rate_limited" }]);
      assert.equal(headers.get("Retry-After"), "60");
      assert.equal(headers.get("Access-Control-Allow-Origin"), PAGE);
      assert.equal((await call("192.0.2.2")).status, status, "another one");
    });

    it(`of IPv6 is its network of 64 bits: ${line}`, async () => {
      for (let count = 0; count < most; count++) await call(`2001:db8:0:1:${count.toString(16)}::${count + 1}`);
      assert.equal((await call("2001:db8:0:1:ffff:ffff:ffff:ffff")).status, 429);
      assert.equal((await call("2001:db8:0:2::1")).status, status, "the next one");
    });
  }
});
