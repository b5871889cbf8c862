// @ts-check
/** What the operator reads of a credential that was refused, and how it is found from the answer. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { root } from "../../scripts/toolchain.mjs";
import { ProviderKey } from "../security/provider-key.mjs";
import { Stage, claims, rule, seconds } from "../security/provider.mjs";
import { ask, backend, bearer, refresh } from "./exchange.mjs";
import { newApiKey, newKey, refreshToken } from "./keys.mjs";
import { PROJECT_ID } from "./workerd.mjs";

/** @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.open({
    rules: (server) => [rule(server), { name: "app", provider: "authjs-session", url: server.origin, origins: ["https://app.example.com"] }],
  });
});
after(() => stage?.close());

/**
 * The lines that the Worker writes meanwhile.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<{ answer: T, lines: any[] }>}
 */
async function logged(work) {
  // What it prints comes through a pipe.
  await wait(150);
  const start = stage.worker.log.length;
  const answer = await work();
  await wait(150);
  const lines = stage.worker.log.slice(start).split("\n").filter(Boolean);
  return { answer, lines: lines.map((line) => JSON.parse(line)) };
}

/** The reasons that the documentation explains. */
const explained = new Set(
  [...readFileSync(join(root, "docs", "auth-rules.md"), "utf8").matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names]) =>
    names.replaceAll("`", "").split(", "),
  ),
);

/** @param {Record<string, string>} [headers] */
const exchangeSession = (headers) => ask(stage.worker, "POST /v1/auth/tokens/session", { headers, faulty: true });

/** @param {string} token */
const use = (token) => ask(stage.worker, "GET /v1/threads", { headers: bearer(token) });

describe("a credential that is refused", () => {
  const forger = new ProviderKey("ES256");

  /** What is asked, and the rule that the line names. @type {Record<string, [() => Promise<any>, string?]>} */
  const occasions = {
    "a provider's token with another's signature": [() => use(forger.token(claims(), stage.key.header)), "id"],
    "a provider's token that has expired": [() => use(stage.token({ exp: seconds() - 60 })), "id"],
    "a provider's token without a person": [() => use(stage.token({ sub: "" })), "id"],
    "a token of no rule": [() => use(stage.token({ iss: "https://evil.test" }))],
    "a token that is none": [() => use("a.b.c")],
    "a workspace token of another project": [() => use(stage.signer.token(stage.ownClaims({ project_id: "other" })))],
    "an API key that nobody knows": [() => use(newApiKey(PROJECT_ID).text)],
    "a refresh token of another key": [() => refresh(stage.worker, refreshToken(newKey(), PROJECT_ID))],
    "a session that is none": [() => exchangeSession(), "app"],
    "a session that a page may not exchange": [() => exchangeSession({ Origin: "https://evil.test" })],
  };

  for (const [name, [work, ruleName]] of Object.entries(occasions)) {
    it(`is one line, which the answer's id leads to: ${name}`, async () => {
      const { answer, lines } = await logged(work);
      assert.ok([401, 403].includes(answer.status), answer.text);
      assert.equal(lines.length, 1, JSON.stringify(lines));
      const [{ event, request, reason, rule, ...rest }] = lines;
      assert.deepEqual({ event, rest }, { event: "credential_refused", rest: {} });
      assert.match(request, /^[0-9A-Za-z]{22}$/);
      assert.equal(request, answer.headers.get("X-Request-Id"));
      assert.match(String(answer.headers.get("Access-Control-Expose-Headers")), /\bX-Request-Id\b/);
      assert.equal(rule, ruleName);
      assert.match(reason, /\w/);
    });
  }

  it("is told from another by its reason", async () => {
    const reasons = new Set();
    for (const changes of [{ exp: undefined }, { exp: seconds() + 1e6 }, { sub: "" }, { iat: seconds() + 600 }]) {
      const { lines } = await logged(() => use(stage.token(changes)));
      reasons.add(lines[0].reason);
    }
    assert.equal(reasons.size, 4, [...reasons].join("; "));
  });

  it("has a reason that the documentation explains, where an auth rule is concerned", async () => {
    for (const [name, [work, rule]] of Object.entries(occasions)) {
      if (!rule && !/no rule|page/.test(name)) continue;
      const { lines } = await logged(work);
      assert.ok(explained.has(lines[0].reason), `${name}: ${lines[0].reason}`);
    }
  });
});

it("an application that answers without a session is a line, by which its operator finds why nobody gets in", async () => {
  for (const status of [500, 302, 400]) {
    stage.server.behavior = (response) => response.writeHead(status).end();
    const { answer, lines } = await logged(() => exchangeSession({ Cookie: "session=abcdefghijklmnop" }));
    assert.equal(answer.status, 503);
    assert.deepEqual(lines, [{ event: "provider", rule: "app", reason: `no session in an answer with status ${status}` }]);
  }
  stage.server.behavior = (response) => response.end("<!doctype html>");
  const { lines } = await logged(() => exchangeSession({ Cookie: "session=abcdefghijklmnop" }));
  assert.deepEqual(lines, [{ event: "provider", rule: "app", reason: "no session in an answer with status 200" }]);
  stage.server.behavior = undefined;
});

it("what is no credential's fault, and what is served, is no line", async () => {
  const { lines } = await logged(async () => {
    await stage.use(stage.token());
    await ask(stage.worker, "GET /v1/threads/nothing", { headers: backend(stage.worker) });
    await ask(stage.worker, "GET /nowhere");
    await ask(stage.worker, "POST /v1/threads", { headers: backend(stage.worker), body: "{" });
  });
  assert.deepEqual(lines, []);
});
