// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { PAGE, ask, backend } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({
    ALLOWED_ORIGINS: `${PAGE}, https://*.example.org https://*.example.net:8443,http://localhost:3000`,
  });
});
after(() => worker?.close());

/** The answers that a page may get, one of every status. */
const occasions = /** @type {const} */ ([
  [200, "GET /healthz", {}],
  [200, "GET /.well-known/jwks.json", {}],
  [304, "GET /.well-known/jwks.json", { headers: { "If-None-Match": "*" } }],
  [200, "POST /v1/auth/tokens/anonymous", {}],
  [400, "POST /v1/auth/tokens/refresh", { body: "{" }],
  [401, "GET /v1/threads", {}],
  [403, "GET /v1/threads", { headers: { Authorization: "Bearer junk" } }],
  [403, "POST /v1/auth/tokens/refresh", { json: { refresh_token: "refresh_0" } }],
  [404, "GET /nowhere", {}],
  [405, "DELETE /healthz", {}],
  [413, "POST /v1/auth/tokens/refresh", { body: " ".repeat(5_000) }],
]);

/** @param {string} origin @param {string} line @param {any} question */
const askFrom = (origin, line, question = {}) =>
  ask(worker, line, { ...question, headers: { ...question.headers, Origin: origin } });

describe("a page of an allowed origin", () => {
  const allowed = [
    PAGE,
    "http://localhost:3000",
    "https://a.example.org",
    "https://a.b-c.example.org",
    "https://a.example.net:8443",
  ];

  it("can read every answer, errors included", async () => {
    for (const origin of allowed) {
      for (const [status, line, question] of occasions) {
        const { headers, ...answer } = await askFrom(origin, line, question);
        assert.equal(answer.status, status, line);
        assert.equal(headers.get("Access-Control-Allow-Origin"), origin, line);
        assert.equal(headers.get("Access-Control-Expose-Headers"), "Authorization, Retry-After, X-Request-Id, Date");
        assert.equal(headers.get("Vary"), "Origin");
      }
    }
  });

  it("can read what comes out of a workspace", async () => {
    const headers = backend(worker);
    for (const [status, line] of /** @type {const} */ ([
      [200, "GET /v1/threads"],
      [404, "GET /v1/threads/nothing"],
    ])) {
      const answer = await ask(worker, line, { headers });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("Access-Control-Allow-Origin"), PAGE);
    }
  });
});

describe("a page of another origin", () => {
  const foreign = [
    ...["null", "https://evil-example.com", "https://evil-example.org", "https://example.org", "https://.example.org"],
    ...[
      "https://app.example.com.evil.test",
      "https://app.example.com:444",
      "http://app.example.com",
      "https://APP.example.com",
    ],
    ...["https://a.example.org:8443", "https://a.example.net", "https://a.example.net:84430", "http://a.example.org"],
    ...["https://evil.test/.example.org", "https://evil.test#.example.org", "https://evil.test?.example.org"],
    ...["https://user@a.example.org", "https://evil.test:1.example.org", "http://localhost", "http://localhost:30000"],
    ...["https://app.example.com/", "app.example.com", "*", "https://*.example.org", `${PAGE}, https://evil.test`],
  ];

  it("gets the same answers without leave to read them", async () => {
    for (const origin of foreign) {
      for (const [status, line, question] of occasions) {
        const { headers, ...answer } = await askFrom(origin, line, question);
        assert.equal(answer.status, status, `${origin} ${line}`);
        assert.equal(headers.get("Access-Control-Allow-Origin"), null, `${origin} ${line}`);
        assert.equal(headers.get("Access-Control-Expose-Headers"), null);
        assert.equal(headers.get("Vary"), "Origin");
      }
    }
  });

  it("gets no leave from a preflight", async () => {
    for (const origin of foreign) {
      const { headers } = await askFrom(origin, "OPTIONS /v1/threads");
      assert.equal(headers.get("Access-Control-Allow-Origin"), null, origin);
    }
  });
});

describe("a preflight", () => {
  it("allows every method and header that the client uses, for two hours", async () => {
    for (const path of ["/v1/threads", "/v1/threads/thread_0", "/v1/auth/tokens/refresh", "/nowhere"]) {
      const answer = await ask(worker, `OPTIONS ${path}`, {
        headers: {
          "Access-Control-Request-Method": "PUT",
          "Access-Control-Request-Headers": "authorization,content-type,aui-sdk",
        },
      });
      assert.equal(answer.status, 204);
      assert.equal(answer.text, "");
      /** @param {string} name */
      const list = (name) => String(answer.headers.get(name)).toLowerCase().split(", ").sort();
      assert.deepEqual(list("Access-Control-Allow-Methods"), ["delete", "get", "options", "post", "put"]);
      assert.deepEqual(list("Access-Control-Allow-Headers"), [
        "aui-sdk",
        "aui-user-id",
        "aui-workspace-id",
        "authorization",
        "content-type",
      ]);
      assert.equal(answer.headers.get("Access-Control-Max-Age"), "7200");
    }
  });
});

it("a request of no page is answered without a word on origins, but for Vary", async () => {
  const { headers } = await fetch(`${worker.url}/healthz`);
  assert.equal(headers.get("Access-Control-Allow-Origin"), null);
  assert.equal(headers.get("Vary"), "Origin");
});

it("without a list every origin is allowed, by its name and without credentials", async () => {
  await worker.restart({ ALLOWED_ORIGINS: "" });
  for (const origin of ["https://anything.test", "null", "http://10.0.0.1:8080"]) {
    for (const [status, line, question] of occasions) {
      const { headers, ...answer } = await askFrom(origin, line, question);
      assert.equal(answer.status, status);
      assert.equal(headers.get("Access-Control-Allow-Origin"), origin);
      assert.equal(headers.get("Vary"), "Origin");
    }
  }
});
