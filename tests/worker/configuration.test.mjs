// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { PAGE, ask, backend, mint } from "./exchange.mjs";
import { decode, newApiKey, newKey } from "./keys.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** A configuration that is sound. */
let sound = /** @type {Record<string, string | undefined>} */ ({});
before(async () => {
  worker = await startWorker({ AUDIENCE: "https://api.example.com" });
  // All of them by name: what a test has set, the next one takes back.
  sound = Object.fromEntries([...Object.keys(wrong), "AUDIENCE"].map((name) => [name, worker.variables[name]]));
});
after(() => worker?.close());

const key = newKey();
const hash = newApiKey(PROJECT_ID).entry.sha256;
const entry = { name: "test", sha256: hash };

/** What each variable must not be. */
const wrong = {
  PROJECT_ID: [undefined, "", " ", "a b", "x".repeat(256), "usr_anon_x", "a\u0001b"],
  ISSUER: [
    ...[
      undefined,
      "",
      "example.com",
      "https://",
      "http://example.com",
      "https://example.com/",
      "https://example.com/path",
    ],
    ...[
      "https://example.com?x",
      "https://a@example.com",
      "ftp://example.com",
      "http://localhost.example.com",
      "//example.com",
    ],
  ],
  SIGNING_KEY: [
    undefined,
    "",
    key.slice(1),
    `${key}A`,
    `${key}=`,
    `${key.slice(0, -1)}*`,
    "x",
    Buffer.alloc(31).toString("base64url"),
    Buffer.alloc(64).toString("base64url"),
  ],
  SIGNING_KEY_PREVIOUS: [key.slice(1), "none"],
  REFRESH_KEY: [undefined, "", key.slice(1), `${key}==`, `"${key}"`, Buffer.from(key, "base64url").toString("hex")],
  REFRESH_KEY_PREVIOUS: [key.slice(1), "none"],
  API_KEYS: [
    ...[
      "x",
      "{}",
      JSON.stringify(entry),
      "[1]",
      "[null]",
      `[${JSON.stringify(entry)}`,
      `["${hash}"]`,
      JSON.stringify([[entry.name, hash]]),
    ],
    ...[
      { name: "x" },
      { sha256: hash },
      { ...entry, sha256: hash.slice(1) },
      { ...entry, sha256: `${hash}0` },
      { ...entry, sha256: `+${hash.slice(1)}` },
    ].map((bad) => JSON.stringify([bad])),
    ...[
      { ...entry, expires_at: "tomorrow" },
      { ...entry, expires_at: 1 },
      { ...entry, expires: "2030-01-01T00:00:00Z" },
    ].map((bad) => JSON.stringify([bad])),
  ],
  ALLOWED_ORIGINS: [
    ...[
      "example.com",
      "*",
      "https://*",
      "https://",
      "http://example.com",
      "https://example.com/",
      "https://a.*.example.com",
      "https://Example.com",
    ],
    ...[
      "null",
      "http://*.localhost",
      "ftp://example.com",
      `https://${"x".repeat(255)}`,
      Array(33).fill("https://a.test").join(","),
    ],
  ],
  ANONYMOUS: ["true", "false", "yes", "1", "On"],
  TOKEN_LIFETIME_SECONDS: ["9", "3601", "0", "-1", "1.5", "x", "5m", "99999999999"],
};

/** Every route there is, and none. */
const lines = [
  ...["GET /healthz", "GET /.well-known/jwks.json", "GET /.well-known/openid-configuration", "POST /v1/auth/tokens"],
  ...["POST /v1/auth/tokens/anonymous", "POST /v1/auth/tokens/refresh", "GET /v1/threads", "POST /v1/threads"],
  ...["GET /v1/threads/x", "PUT /v1/threads/x", "DELETE /v1/threads/x", "GET /nowhere", "DELETE /healthz"],
];

/** All variables that are secret, in every configuration of this file. @type {Set<string>} */
const secrets = new Set();

/** @param {Record<string, string | undefined>} variables */
function remember(variables) {
  for (const name of ["SIGNING_KEY", "SIGNING_KEY_PREVIOUS", "REFRESH_KEY", "REFRESH_KEY_PREVIOUS", "API_KEYS"]) {
    if (variables[name]) secrets.add(variables[name]);
  }
}

describe("a variable that is missing or wrong", () => {
  for (const [variable, values] of Object.entries(wrong)) {
    it(`is named in the log and stops everything: ${variable}`, async () => {
      for (const [index, value] of values.entries()) {
        const variables = { ...sound, [variable]: value };
        remember(variables);
        await worker.kill();
        const start = worker.log.length;
        await worker.start(variables);
        // Each value once, and the first one everywhere.
        for (const line of index === 0 ? lines : lines.slice(0, 1)) {
          const answer = await ask(worker, line, { headers: backend(worker), faulty: true });
          const about = `${variable}=${value} ${line}`;
          assert.deepEqual([answer.status, answer.body], [503, { error: "misconfigured" }], about);
          assert.equal(answer.headers.get("Retry-After"), "2", about);
          assert.equal(answer.headers.get("Cache-Control"), "no-store", about);
        }
        await worker.kill();
        const log = worker.log.slice(start);
        const event = JSON.parse(log.split("\n")[0]);
        assert.deepEqual([event.event, event.variable], ["misconfigured", variable], log);
        assertNoSecret(log);
      }
    });
  }

  it("leaves preflights alone, or no page could read why", async () => {
    await worker.restart({ ...sound, SIGNING_KEY: undefined });
    const answer = await ask(worker, "OPTIONS /v1/threads");
    assert.equal(answer.status, 204);
  });
});

/** Asserts that no eight characters in a row are from a secret. @param {string} log */
function assertNoSecret(log) {
  const words = /"(?:name|sha256|expires_at|expires)"/;
  for (const secret of secrets) {
    // What an entry's members are called is no secret.
    for (const part of secret.split(words)) {
      for (let start = 0; start + 8 <= part.length; start++) {
        assert.ok(!log.includes(part.slice(start, start + 8)), `part of a secret in ${log}`);
      }
    }
  }
}

describe("a variable that is right", () => {
  const right = {
    ISSUER: [
      "https://example.com",
      "https://example.com:8443",
      "http://127.0.0.1:8787",
      "http://[::1]:1",
      "http://localhost",
    ],
    PROJECT_ID: ["p", "x".repeat(255), "projekt-ü"],
    API_KEYS: [undefined, "", "[]", JSON.stringify([{ ...entry, sha256: hash.toUpperCase() }])],
    ALLOWED_ORIGINS: [
      undefined,
      "",
      " , ",
      `${PAGE},https://*.b.test http://localhost:1\nhttp://[::1]:2`,
      Array(32).fill(PAGE).join(","),
    ],
    ANONYMOUS: [undefined, "", "on", "off", " on "],
    TOKEN_LIFETIME_SECONDS: [undefined, "", "10", "3600", " 300\n"],
    AUDIENCE: [undefined, "", "anything at all"],
    SIGNING_KEY: [`${key}\n`],
    SIGNING_KEY_PREVIOUS: [undefined, "", key],
    REFRESH_KEY_PREVIOUS: [undefined, "", key],
  };

  for (const [variable, values] of Object.entries(right)) {
    it(`lets everything work: ${variable}`, async () => {
      for (const value of values) {
        await worker.restart({ ...sound, [variable]: value });
        const answer = await ask(worker, "GET /healthz");
        assert.equal(answer.status, 200, `${variable}=${value}`);
      }
    });
  }

  it("is what a token says", async () => {
    await worker.restart({
      ...sound,
      ISSUER: "https://cloud.example.com",
      AUDIENCE: "",
      TOKEN_LIFETIME_SECONDS: "3600",
    });
    const { payload } = decode(await mint(worker));
    assert.deepEqual(
      [payload.iss, payload.aud, payload.exp - payload.iat],
      ["https://cloud.example.com", "https://cloud.example.com", 3600],
    );
    const discovery = await ask(worker, "GET /.well-known/openid-configuration");
    assert.equal(discovery.body.jwks_uri, "https://cloud.example.com/.well-known/jwks.json");
  });
});

it("a Worker that works prints nothing of what passes through it", async () => {
  await worker.kill();
  const start = worker.log.length;
  await worker.start(sound);
  const token = await mint(worker, "workspace_1");
  for (const value of [token, `${token}x`, worker.apiKey, `${worker.apiKey}x`]) {
    await ask(worker, "GET /v1/threads", {
      headers: { Authorization: `Bearer ${value}`, "Aui-Workspace-Id": "workspace_1" },
    });
    await ask(worker, "POST /v1/auth/tokens/refresh", { json: { refresh_token: value } });
  }
  await worker.kill();
  const lines = worker.log.slice(start).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 0);
  for (const line of lines) assert.equal(line.event, "credential_refused");
  const said = JSON.stringify(lines);
  for (const part of [...token.split("."), worker.apiKey.slice(-16)]) assert.ok(!said.includes(part));
});
