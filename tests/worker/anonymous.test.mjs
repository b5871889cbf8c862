// @ts-check
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import {
  NOON,
  ask,
  backend,
  bearer,
  createThread,
  getThread,
  listThreads,
  mint,
  refresh,
  refused,
  visit,
} from "./exchange.mjs";
import { decode, newKey, refreshToken } from "./keys.mjs";
import { dump, tables } from "./storage.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const FORMAT = "Invalid refresh token format";
const INVALID = "Invalid refresh token";
const DAY = 86_400_000;

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

/** The Worker's own key, stolen. */
const key = () => String(worker.variables.REFRESH_KEY);

describe("an anonymous identity", () => {
  it("comes without asking for anything, in the form that the client wants", async () => {
    const answer = await ask(worker, "POST /v1/auth/tokens/anonymous", { headers: { "Content-Type": "" } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
    assert.deepEqual(Object.keys(answer.body).sort(), ["access_token", "refresh_token"]);
    assert.deepEqual(Object.keys(answer.body.refresh_token).sort(), ["expires_at", "token"]);
    assert.match(answer.body.refresh_token.token, /^refresh_0[\w-]{80}$/);
  });

  it("is a user in a workspace of the same name", async () => {
    const { payload } = decode((await visit(worker)).access_token);
    assert.match(payload.sub, /^usr_anon_0[0-9A-Za-z]{23}$/);
    assert.equal(payload.workspace_id, payload.sub);
    assert.equal(payload.project_id, PROJECT_ID);
    assert.equal(payload.exp - payload.iat, 300);
  });

  it("has 30 days, from its making and again from every renewal", async () => {
    const first = await visit(worker);
    const second = (await refresh(worker, first.refresh_token.token)).body;
    for (const { refresh_token } of [first, second]) {
      const left = Date.parse(refresh_token.expires_at) - Date.now();
      assert.ok(left > 30 * DAY - 10_000 && left <= 30 * DAY, `${left} ms`);
      assert.equal(new Date(refresh_token.expires_at).toISOString(), refresh_token.expires_at);
    }
    assert.ok(second.refresh_token.expires_at >= first.refresh_token.expires_at);
  });

  it("is another one each time", async () => {
    const visits = await Promise.all(Array.from({ length: 30 }, () => visit(worker)));
    assert.equal(new Set(visits.map((tokens) => decode(tokens.access_token).payload.sub)).size, 30);
    assert.equal(new Set(visits.map((tokens) => tokens.refresh_token.token)).size, 30);
  });

  it("keeps its threads over renewals and shows them to nobody else", async () => {
    const first = await visit(worker);
    const id = await createThread(worker, bearer(first.access_token));
    const second = (await refresh(worker, first.refresh_token.token)).body;
    assert.equal(decode(second.access_token).payload.sub, decode(first.access_token).payload.sub);
    assert.equal((await getThread(worker, bearer(second.access_token), id)).id, id);
    assert.deepEqual(await listThreads(worker, bearer((await visit(worker)).access_token)), []);
  });

  it("cannot be named by a backend", async () => {
    const { sub } = decode((await visit(worker)).access_token).payload;
    refused(
      await ask(worker, "GET /v1/threads", { headers: backend(worker, sub) }),
      403,
      "Invalid Aui-Workspace-Id header",
    );
  });
});

describe("a refresh", () => {
  it("takes a token and gives its successor with a new workspace token, which may not be kept", async () => {
    const first = await visit(worker);
    const answer = await refresh(worker, first.refresh_token.token);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
    assert.deepEqual(Object.keys(answer.body).sort(), ["access_token", "refresh_token"]);
    assert.notEqual(answer.body.refresh_token.token, first.refresh_token.token);
    assert.equal((await ask(worker, "GET /v1/threads", { headers: bearer(answer.body.access_token) })).status, 200);
  });

  it("ignores members that it does not know, and every credential", async () => {
    const { refresh_token } = await visit(worker);
    const answer = await ask(worker, "POST /v1/auth/tokens/refresh", {
      json: { refresh_token: refresh_token.token, newer: [1, { a: null }] },
      headers: { Authorization: "Bearer junk", "Aui-Workspace-Id": "a b" },
    });
    assert.equal(answer.status, 200);
  });

  it("is refused without a token that is a string", async () => {
    for (const value of [undefined, null, 1, true, [], {}, ["refresh_0"]]) {
      const answer = await refresh(worker, value);
      refused(answer, 400, "Schema validation error", JSON.stringify(value));
      const rule = value === undefined ? "is required" : "must be a string";
      assert.deepEqual(answer.body.details, [`refresh_token: ${rule}`]);
    }
  });

  it("is refused by its form for what was never a refresh token", async () => {
    const { refresh_token, access_token } = await visit(worker);
    const genuine = refresh_token.token;
    const texts = [
      ...[
        "",
        "refresh_",
        "refresh_0",
        "refresh_0x",
        "REFRESH_0",
        genuine.slice(1),
        ` ${genuine}`,
        `${genuine} `,
        `${genuine}=`,
      ],
      ...[
        genuine.slice(0, -1),
        `${genuine}A`,
        `${genuine}AAAA`,
        genuine.replace("refresh_0", "refresh_1"),
        `${genuine}\u0000`,
      ],
      ...[
        access_token,
        await mint(worker),
        worker.apiKey,
        `refresh_0${"x".repeat(3_000)}`,
        "💥",
        `refresh_0${"é".repeat(40)}`,
      ],
      `refresh_0${randomBytes(59).toString("base64url")}`,
      `refresh_0${randomBytes(61).toString("base64url")}`,
      `refresh_0${randomBytes(60).toString("base64").replace(/.$/, "+")}`,
    ];
    for (const text of texts) refused(await refresh(worker, text), 403, FORMAT, text);
  });

  it("is refused with a body that no refresh token fills", async () => {
    refused(await refresh(worker, `refresh_0${"x".repeat(10_000)}`), 413, "Request body is too large");
  });

  it("is refused for a token that is altered in any one character", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const { token } = (await visit(worker)).refresh_token;
    for (let index = "refresh_0".length; index < token.length; index++) {
      for (const bit of [1, 32]) {
        const letter = alphabet[alphabet.indexOf(token[index]) ^ bit];
        refused(
          await refresh(worker, token.slice(0, index) + letter + token.slice(index + 1)),
          403,
          INVALID,
          `letter ${index}`,
        );
      }
    }
    assert.equal((await refresh(worker, token)).status, 200, "the attempts did not hurt it");
  });

  it("is refused for a token of another key or another project", async () => {
    for (const token of [
      refreshToken(newKey(), PROJECT_ID),
      refreshToken(key(), "proj_other"),
      refreshToken(key(), ""),
      `refresh_0${randomBytes(60).toString("base64url")}`,
      `refresh_0${Buffer.alloc(60).toString("base64url")}`,
    ]) {
      refused(await refresh(worker, token), 403, INVALID);
    }
  });

  it("is refused for a token that nobody renewed for 30 days", async () => {
    const model = await refresh(worker, refreshToken(key(), PROJECT_ID, { issuedAt: Date.now() - 30 * DAY + 60_000 }));
    assert.equal(model.status, 200, "a minute before, it is a token still");
    for (const age of [30 * DAY + 1, 365 * DAY, Date.now() + DAY]) {
      refused(await refresh(worker, refreshToken(key(), PROJECT_ID, { issuedAt: Date.now() - age })), 403, INVALID);
    }
  });

  it("is refused at the end of all numbers", async () => {
    refused(await refresh(worker, refreshToken(key(), PROJECT_ID, { counter: 2 ** 32 - 1 })), 403, INVALID);
    const last = await refresh(worker, refreshToken(key(), PROJECT_ID, { counter: 2 ** 32 - 2 }));
    assert.equal(last.status, 200);
    refused(await refresh(worker, last.body.refresh_token.token), 403, INVALID);
  });
});

describe("a token of one kind in the place of another", () => {
  it("is refused", async () => {
    const { refresh_token, access_token } = await visit(worker);
    refused(await refresh(worker, access_token), 403, FORMAT);
    refused(
      await ask(worker, "GET /v1/threads", { headers: bearer(refresh_token.token) }),
      403,
      "Unsupported authorization value",
    );
  });
});

describe("storage", () => {
  it("is not touched by identities that are made, nor by junk for a refresh token", async () => {
    await worker.close();
    worker = await startWorker();
    await Promise.all(Array.from({ length: 20 }, () => visit(worker)));
    for (const token of [
      "refresh_0",
      `refresh_0${randomBytes(60).toString("base64url")}`,
      refreshToken(newKey(), PROJECT_ID),
    ]) {
      assert.equal((await refresh(worker, token)).status, 403);
    }
    await mint(worker);
    assert.deepEqual(worker.databases(), [], "no object was woken");
  });

  it("stays empty of tables when threads are only looked for", async () => {
    const { access_token } = await visit(worker);
    assert.deepEqual(await listThreads(worker, bearer(access_token)), []);
    for (const method of ["GET", "PUT", "DELETE"]) {
      const json = method === "PUT" ? { title: "Title" } : undefined;
      const answer = await ask(worker, `${method} /v1/threads/thread_0`, { headers: bearer(access_token), json });
      refused(answer, 404, "Thread not found");
    }
    refused(
      await ask(worker, "POST /v1/threads", { headers: bearer(access_token), json: {} }),
      400,
      "Schema validation error",
    );
    // An identity that has ended leaves nothing behind either.
    refused(await refresh(worker, refreshToken(key(), PROJECT_ID, { issuedAt: 0 })), 403, INVALID);
    await worker.kill();
    assert.deepEqual(tables(worker), []);
    await worker.start();
  });

  it("holds no credential: neither a token nor a key nor a part of one", async () => {
    const first = await visit(worker);
    const second = (await refresh(worker, first.refresh_token.token)).body;
    await ask(worker, "POST /v1/threads", { headers: bearer(second.access_token), json: { last_message_at: NOON } });
    await worker.kill();
    const bytes = dump(worker);
    assert.ok(bytes.includes(decode(first.access_token).payload.sub), "the dump is one of this workspace");
    const secrets = [first.refresh_token.token, second.refresh_token.token].map((token) =>
      token.slice("refresh_0".length),
    );
    secrets.push(first.access_token, second.access_token, worker.apiKey, key(), String(worker.variables.SIGNING_KEY));
    for (const secret of secrets) {
      for (let start = 0; start + 16 <= secret.length; start += 8) {
        assert.ok(!bytes.includes(secret.slice(start, start + 16)), "a part of a credential is on disk");
      }
    }
    await worker.start();
  });
});

describe("anonymous access that is switched off", () => {
  it("is refused on both routes, whatever is sent", async () => {
    const { refresh_token } = await visit(worker);
    await worker.restart({ ANONYMOUS: "off" });
    const off = "Anonymous access is not allowed";
    refused(await ask(worker, "POST /v1/auth/tokens/anonymous"), 403, off);
    refused(await refresh(worker, refresh_token.token), 403, off);
    refused(await refresh(worker, "junk"), 403, off);
    refused(await ask(worker, "POST /v1/auth/tokens/refresh", { body: "{" }), 403, off);
    assert.deepEqual((await ask(worker, "GET /healthz")).body.credentials, ["workspace_token", "api_key"]);
  });

  it("takes nothing away: when it is on again, so is the identity", async () => {
    await worker.restart({ ANONYMOUS: "on" });
    const { refresh_token } = await visit(worker);
    await worker.restart({ ANONYMOUS: "off" });
    assert.equal((await refresh(worker, refresh_token.token)).status, 403);
    await worker.restart({ ANONYMOUS: "on" });
    assert.equal((await refresh(worker, refresh_token.token)).status, 200);
  });
});
