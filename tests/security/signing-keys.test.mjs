// @ts-check
/** The keys of a deployment change while it is in use, by the way that `npm run keys rotate` prints. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { createLocalJWKSet, jwtVerify } from "jose";

import { run } from "../../scripts/command.mjs";
import { environment, root } from "../../scripts/toolchain.mjs";
import { ask, backend, bearer, refresh, visit } from "../worker/exchange.mjs";
import { Signer, decode, newApiKey, newKey } from "../worker/keys.mjs";
import { PROJECT_ID, startWorker } from "../worker/workerd.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */

const ISSUER = "https://cloud.example.com";
/** The shortest lifetime that a token can have, in seconds. */
const LIFETIME = 10;

/** What `npm run keys rotate` prints: the new key, its name, and what each step sets. */
async function printedRotation() {
  const command = [process.execPath, "scripts/keys.mjs", "rotate"];
  const text = await run(command[0], command.slice(1), { cwd: root, env: environment(), output: "hide" });
  const steps = [...text.matchAll(/^ {3}(\{.*\})$/gm)].map(([, json]) => JSON.parse(json));
  const [, key] = /^([\w-]{43})$/m.exec(text) ?? [];
  const [, name] = /by this name:\n {3}(\S+)$/m.exec(text) ?? [];
  assert.equal(new Signer(key).kid, name, "the name is the new key's");
  return { key, name, steps };
}

/**
 * A deployment of which two versions are in use while a new one spreads, as on the platform: any request may meet
 * either. Somebody uses it without a pause.
 */
class Deployment {
  /** How many requests were answered. */
  answered = 0;
  over = false;
  /** @type {string | undefined} */
  refused;

  /** @param {Worker[]} workers @param {string} apiKey */
  constructor(workers, apiKey) {
    this.workers = workers;
    this.apiKey = apiKey;
    this.load = Promise.all(Array.from({ length: 6 }, () => this.#use()));
  }

  /** Any of the two; a request that meets a closed door knocks at the next. @param {string} path @param {RequestInit} init */
  async #ask(path, init) {
    for (let attempt = 0; ; attempt++) {
      const worker = this.workers[Math.floor(Math.random() * this.workers.length)];
      try {
        const response = await fetch(worker.url + path, init);
        const text = await response.text();
        this.answered++;
        if (response.status !== 200) this.refused ??= `${init.method} ${path}: ${response.status} ${text}`;
        return text;
      } catch (error) {
        if (attempt > 50) throw error;
        await wait(20);
      }
    }
  }

  async #use() {
    const headers = { Authorization: `Bearer ${this.apiKey}`, "Aui-Workspace-Id": "workspace_1" };
    while (!this.over) {
      const { token } = JSON.parse(await this.#ask("/v1/auth/tokens", { method: "POST", headers }));
      // As the client does, until shortly before its end.
      const end = (decode(token).payload.exp - 2) * 1_000;
      while (!this.over && Date.now() < end) {
        await this.#ask("/v1/threads", { method: "GET", headers: bearer(token) });
        await wait(5);
      }
    }
  }

  /** One version after the other comes to have these variables. @param {Record<string, string | undefined>} variables */
  async deploy(variables) {
    for (const worker of this.workers) {
      await worker.restart(variables);
      await wait(1_500);
    }
  }

  async end() {
    this.over = true;
    await this.load;
    for (const worker of this.workers) await worker.close();
  }
}

/** @type {Deployment | undefined} */
let deployment;
after(() => deployment?.end());

/** @param {Record<string, string>} variables */
async function startDeployment(variables) {
  const { text, entry } = newApiKey(PROJECT_ID);
  const shared = { ISSUER, REFRESH_KEY: newKey(), API_KEYS: JSON.stringify([entry]), TOKEN_LIFETIME_SECONDS: String(LIFETIME) };
  const workers = [await startWorker({ ...shared, ...variables }), await startWorker({ ...shared, ...variables })];
  deployment = new Deployment(workers, text);
  return deployment;
}

/** @param {Deployment} deployment */
async function keySet({ workers: [worker] }) {
  return (await ask(worker, "GET /.well-known/jwks.json")).body;
}

describe("a signing key", () => {
  it("rotates under load without a request refused", async () => {
    const present = newKey();
    const { key, name, steps } = await printedRotation();
    const put = (/** @type {Record<string, string>} */ secrets) =>
      Object.fromEntries(Object.entries(secrets).map(([variable, value]) => [variable, value.startsWith("<") ? present : value]));
    assert.deepEqual(steps.slice(0, 2).map(put), [
      { SIGNING_KEY_PREVIOUS: key },
      { SIGNING_KEY: key, SIGNING_KEY_PREVIOUS: present },
    ]);
    const deployment = await startDeployment({ SIGNING_KEY: present });
    await wait(1_000);

    await deployment.deploy(put(steps[0]));
    const published = await keySet(deployment);
    assert.deepEqual(published.keys.map((/** @type {any} */ { kid }) => kid), [new Signer(present).kid, name]);

    await deployment.deploy(put(steps[1]));
    const token = JSON.parse((await ask(deployment.workers[0], "POST /v1/auth/tokens", {
      headers: { ...backend(deployment.workers[0]), ...bearer(deployment.apiKey) },
    })).text).token;
    assert.equal(decode(token).header.kid, name);
    // Whoever has read the key set before the change can verify what is signed after it.
    await jwtVerify(token, createLocalJWKSet(published), { issuer: ISSUER });

    await wait((LIFETIME + 1) * 1_000);
    await deployment.deploy({ SIGNING_KEY_PREVIOUS: undefined });
    assert.deepEqual((await keySet(deployment)).keys.map((/** @type {any} */ { kid }) => kid), [name]);
    await wait(1_000);
    await deployment.end();
    assert.equal(deployment.refused, undefined);
    assert.ok(deployment.answered > 1_000, `${deployment.answered} requests`);
  });

  it("that is exchanged at once has requests refused: the test above would see it", async () => {
    const deployment = await startDeployment({ SIGNING_KEY: newKey() });
    await wait(500);
    await deployment.deploy({ SIGNING_KEY: newKey() });
    await deployment.end();
    assert.match(String(deployment.refused), /403 \{"error":"Invalid JWT token"\}/);
  });
});

describe("the key of refresh tokens", () => {
  it("rotates without losing anybody: the previous key opens, the current one seals", async () => {
    const worker = await startWorker();
    /** The token that follows. @param {string} token @returns {Promise<string>} */
    const next = async (token) => (await refresh(worker, token)).body.refresh_token.token;
    const first = (await visit(worker)).refresh_token.token;
    const second = await next(first);
    const { REFRESH_KEY } = worker.variables;
    await worker.restart({ REFRESH_KEY: newKey(), REFRESH_KEY_PREVIOUS: REFRESH_KEY });
    assert.notEqual(await next(first), second, "the current token, sealed anew");
    const third = await next(second);
    await worker.restart({ REFRESH_KEY_PREVIOUS: undefined });
    for (const token of [first, second]) assert.equal((await refresh(worker, token)).status, 403);
    assert.equal((await refresh(worker, third)).status, 200, "the refused ones did not end the family");
    await worker.close();
  });
});
