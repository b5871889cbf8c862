// @ts-check
/** An identity provider with an auth rule at a Worker: the stage of most cases. */
import assert from "node:assert/strict";

import { ask, backend, bearer } from "../worker/exchange.mjs";
import { Signer, newKey } from "../worker/keys.mjs";
import { PROJECT_ID, startWorker } from "../worker/workerd.mjs";
import { KeyServer } from "./key-server.mjs";
import { ProviderKey } from "./provider-key.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */
/** @import { Algorithm } from "./provider-key.mjs" */

export const ISSUER = "https://id.example.com";
export const AUDIENCE = "https://api.example.com";

export const seconds = () => Math.floor(Date.now() / 1_000);

/** The claims of a token that the rule accepts. @param {Record<string, unknown>} [changes] undefined takes one away */
export const claims = (changes = {}) => ({
  ...{ iss: ISSUER, aud: AUDIENCE, sub: "user_1", iat: seconds(), exp: seconds() + 60 },
  ...changes,
});

/** @param {KeyServer} server @param {Record<string, unknown>} [changes] */
export const rule = (server, changes = {}) => ({
  ...{ name: "id", provider: "custom", issuer: ISSUER, audience: AUDIENCE, jwks_url: server.url },
  ...changes,
});

/** @param {Worker} worker @param {string} token a provider's @param {boolean} [faulty] whether it may fail for now */
export const exchange = (worker, token, faulty = false) =>
  ask(worker, "GET /v1/threads", { headers: bearer(token), provider: true, faulty });

/** A provider's key, the server that publishes it, and a Worker that trusts it. */
export class Stage {
  /** @param {Worker} worker @param {KeyServer} server @param {ProviderKey} key */
  constructor(worker, server, key) {
    this.worker = worker;
    this.server = server;
    this.key = key;
    /** The Worker's own key, stolen. */
    this.signer = new Signer(String(worker.variables.SIGNING_KEY));
  }

  /**
   * @param {{
   *   algorithm?: Algorithm,
   *   rule?: Record<string, unknown>,
   *   rules?: (server: KeyServer) => object[],
   *   variables?: import("../worker/workerd.mjs").Variables,
   *   faults?: boolean,
   * }} [options] `rule`: changes of the one rule; `rules`: all of them; `faults`: whether requests may bring faults along
   */
  static async open({ algorithm = "ES256", rule: changes, rules, variables, faults } = {}) {
    const key = new ProviderKey(algorithm);
    const server = await KeyServer.start(key.jwk);
    const list = rules?.(server) ?? [rule(server, changes)];
    const worker = await startWorker({ AUTH_RULES: JSON.stringify(list), SIGNING_KEY: newKey(), ...variables }, { faults });
    return new Stage(worker, server, key);
  }

  /** A token that the rule accepts, but for the changes. @param {Record<string, unknown>} [changes] */
  token(changes) {
    return this.key.token(claims(changes));
  }

  /** The claims of a workspace token that the Worker accepts. @param {Record<string, unknown>} [changes] */
  ownClaims(changes = {}) {
    const { url } = this.worker;
    return {
      ...{ iss: url, aud: url, sub: "user_1", project_id: PROJECT_ID, workspace_id: "workspace_1", jti: "jti" },
      ...{ iat: seconds(), nbf: seconds() - 10, exp: seconds() + 60, ...changes },
    };
  }

  /** Both kinds of token that there are, each with a key that makes whatever it is asked for. */
  kinds() {
    return [
      { name: "a workspace token", key: this.signer, claims: this.ownClaims() },
      { name: "a provider's token", key: this.key, claims: claims() },
    ];
  }

  /**
   * Asserts that every one of these tokens is refused, and that a good one of each kind is accepted before and after:
   * what the Worker remembers of a good one must not help a forger, and no forgery may spoil it.
   *
   * @param {import("./registry.mjs").Evidence} evidence
   * @param {Iterable<string>} tokens
   * @param {number | number[]} [statuses]
   */
  async refuses(evidence, tokens, statuses = 403) {
    await this.works();
    const queue = [...tokens];
    assert.ok(queue.length > 0);
    // Some at a time: one after the other takes the most of a minute.
    const askers = Array.from({ length: 8 }, async () => {
      for (let token = queue.pop(); token !== undefined; token = queue.pop()) {
        evidence.answer(await this.use(token), statuses, `for ${token.slice(0, 1_000)}`);
      }
    });
    await Promise.all(askers);
    await this.works();
  }

  /** @param {string} token @param {boolean} [faulty] whether it may fail for now */
  use(token, faulty) {
    return exchange(this.worker, token, faulty);
  }

  /** Asserts that good tokens are accepted: neither the rule nor the Worker has suffered. */
  async works() {
    for (const { key, claims } of this.kinds()) {
      const own = key === this.signer;
      const { status, text } = own
        ? await ask(this.worker, "GET /v1/threads", { headers: bearer(key.token(claims)) })
        : await this.use(key.token(claims));
      assert.equal(status, 200, text);
    }
  }

  async close() {
    await this.server.close();
    await this.worker.close();
  }
}

/**
 * Asserts that a Worker with these variables refuses providers' tokens for now, and that its log says why.
 *
 * @param {import("./registry.mjs").Evidence} evidence
 * @param {import("../worker/workerd.mjs").Variables} variables `AUTH_RULES` with a rule named `id` among them
 * @param {string} field of the rule that is wrong
 */
export async function misconfigured(evidence, variables, field) {
  const worker = await startWorker(variables);
  const about = `${field} of ${JSON.stringify(variables)}`;
  const health = evidence.answer(await ask(worker, "GET /healthz", { faulty: true }), 503, about);
  assert.deepEqual(health.body.problems, ["auth_rules"], about);
  const token = new ProviderKey("ES256").token(claims());
  const refusal = evidence.answer(await exchange(worker, token, true), 503, about);
  for (const answer of [health, refusal]) {
    assert.equal(answer.body.error, "misconfigured", about);
    assert.ok(answer.headers.get("Retry-After"), about);
  }
  // Whoever has an API key is not concerned.
  assert.equal((await ask(worker, "GET /v1/threads", { headers: backend(worker) })).status, 200, about);
  await worker.kill();
  const lines = worker.log.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const named = lines.some(({ event, ...rest }) => {
    const words = JSON.stringify(rest);
    return event === "misconfigured" && words.includes("AUTH_RULES") && words.includes("id") && words.includes(field);
  });
  assert.ok(named, `${about}: ${worker.log}`);
  await worker.close();
}
