// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { newSecrets } from "../../scripts/secrets.mjs";
import { ask, backend, bearer, createThread, getThread, listThreads, mint, refused, visit } from "./exchange.mjs";
import { apiKeyChecksum, decode, newApiKey } from "./keys.mjs";
import { request, send } from "./wire.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const FORMAT = "Invalid API key format";
const UNKNOWN = "Unknown or expired API key";
const first = newApiKey(PROJECT_ID);
const second = newApiKey(PROJECT_ID, new Date(Date.now() + 3_600_000).toISOString());
const expired = newApiKey(PROJECT_ID, new Date(Date.now() - 1_000).toISOString());

/** @type {Worker} */
let worker;
/** What the `keys` program makes, which is what an operator has. */
let made = /** @type {Awaited<ReturnType<typeof newSecrets>>} */ ({});
before(async () => {
  made = await newSecrets("--project", PROJECT_ID, "--name", "made");
  const entries = [first.entry, expired.entry, second.entry, made.api_key_entry];
  worker = await startWorker({
    API_KEYS: JSON.stringify(entries),
    SIGNING_KEY: made.signing_key,
    REFRESH_KEY: made.refresh_key,
  });
  worker.apiKey = first.text;
});
after(() => worker?.close());

/** @param {Record<string, string>} headers */
const create = (headers) => ask(worker, "POST /v1/auth/tokens", { headers });

/** @param {string} key */
const withKey = (key) => ({ ...bearer(key), "Aui-Workspace-Id": "workspace_1" });

describe("an API key", () => {
  it("mints a token for the user and the workspace that it names, which may not be kept", async () => {
    const answer = await create(backend(worker, "workspace_1", "user_1"));
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body), ["token"]);
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
    const { payload } = decode(answer.body.token);
    assert.deepEqual([payload.sub, payload.workspace_id], ["user_1", "workspace_1"]);
  });

  it("acts for __SYSTEM__ when it names no user", async () => {
    const { payload } = decode(await mint(worker, "workspace_1"));
    assert.equal(payload.sub, "__SYSTEM__");
  });

  it("opens the threads directly, in the workspace that its header names", async () => {
    const id = await createThread(worker, backend(worker, "workspace_direct", "user_1"));
    assert.equal(
      (await getThread(worker, bearer(await mint(worker, "workspace_direct")), id)).workspace_id,
      "workspace_direct",
    );
    refused(await ask(worker, `GET /v1/threads/${id}`, { headers: backend(worker) }), 404, "Thread not found");
  });

  it("is one of several, each until its own end", async () => {
    for (const key of [first.text, second.text, made.api_key]) assert.equal((await create(withKey(key))).status, 200);
  });

  it("past its end, of another project or never issued is unknown, in the same words", async () => {
    for (const key of [expired.text, newApiKey(PROJECT_ID).text, newApiKey("proj_other").text, newApiKey("p").text]) {
      refused(await create(withKey(key)), 403, UNKNOWN);
      refused(await ask(worker, "GET /v1/threads", { headers: withKey(key) }), 403, UNKNOWN);
    }
  });

  it("that lost or changed any one letter is told from an unknown one", async () => {
    const key = first.text;
    for (let index = "sk_aui_".length; index < key.length; index++) {
      const other = key[index] === "x" ? "y" : "x";
      for (const mistyped of [
        key.slice(0, index) + other + key.slice(index + 1),
        key.slice(0, index) + key.slice(index + 1),
      ]) {
        refused(await create(withKey(mistyped)), 403, FORMAT, `letter ${index}`);
      }
    }
  });

  it("of any other form is no key", async () => {
    const bare = first.text.slice("sk_aui_".length);
    const body = `sk_aui_${PROJECT_ID}_1${"x".repeat(43)}`;
    const anonymousProject = `sk_aui__0${"x".repeat(43)}`;
    const punctuated = `sk_aui_${PROJECT_ID}_0${"-".repeat(43)}`;
    const malformed = [
      ...[
        "sk_aui_",
        "sk_aui_x",
        `sk_aui_${"x".repeat(600)}`,
        `sk_aui_${"x".repeat(9_000)}`,
        `${first.text}x`,
        `${first.text} x`,
      ],
      ...[body, anonymousProject, punctuated].map((text) => text + apiKeyChecksum(text)),
      ...[`${first.text},${first.text}`, `sk_aui_sk_aui_${bare}`, "sk_aui_\u00e9"],
    ];
    for (const key of malformed) refused(await create(withKey(key)), 403, FORMAT, key);
    for (const key of [bare, `SK_AUI_${bare}`, "sk_aui", "x"]) {
      refused(await create(withKey(key)), 403, "Unsupported authorization value", key);
    }
  });

  it("counts in the Authorization header only", async () => {
    const key = first.text;
    for (const query of [`authorization=Bearer%20${key}`, `api_key=${key}`, `access_token=${key}`, `token=${key}`]) {
      const headers = { "Aui-Workspace-Id": "workspace_1" };
      refused(await ask(worker, `POST /v1/auth/tokens?${query}`, { headers }), 401, "Authorization header is missing");
      refused(await ask(worker, `GET /v1/threads?${query}`, { headers }), 401, "Authorization header is missing");
    }
    const answer = await ask(worker, "POST /v1/auth/tokens", {
      headers: { "Aui-Workspace-Id": "workspace_1", "X-Api-Key": key, Cookie: `Authorization=Bearer ${key}` },
      json: { api_key: key, authorization: `Bearer ${key}` },
    });
    refused(answer, 401, "Authorization header is missing");
  });

  it("needs the scheme Bearer and one space", async () => {
    const headers = { "Aui-Workspace-Id": "workspace_1" };
    for (const value of [
      first.text,
      `Basic ${first.text}`,
      `bearer ${first.text}`,
      `Bearer  ${first.text}`,
      "Bearer",
      "Bearer ",
      `Bearer\t${first.text}`,
      `Token ${first.text}`,
    ]) {
      const answer = await create({ ...headers, Authorization: value });
      refused(answer, 401, `Authorization header must begin with "Bearer "`, value.slice(0, 12));
    }
    const empty = await send(
      worker,
      request("POST /v1/auth/tokens", { ...headers, Authorization: "", "Content-Length": "0" }),
    );
    assert.equal(empty.status, 401);
    refused(await create(headers), 401, "Authorization header is missing");
  });
});

describe("the ids in the headers", () => {
  const bad = {
    empty: "",
    "of 256 characters": "x".repeat(256),
    "with a space": "a b",
    "with a tab": "a\tb",
    "with a control character": "a\x01b",
    "with a delete": "a\x7fb",
    "not ASCII": "\xc3\xa9",
    "not UTF-8": "\xff",
    "with a no-break space": "a\xc2\xa0b",
    "with the prefix of anonymous identities": "usr_anon_0",
    "that is only that prefix": "usr_anon_",
    twice: "a, b",
  };

  for (const [name, error] of [
    ["Aui-User-Id", "Invalid Aui-User-Id header"],
    ["Aui-Workspace-Id", "Invalid Aui-Workspace-Id header"],
  ]) {
    for (const [reason, value] of Object.entries(bad)) {
      it(`are refused: ${name} ${reason}`, async () => {
        const headers = { ...backend(worker, "workspace_1", "user_1"), [name]: value, "Content-Length": "0" };
        for (const line of ["POST /v1/auth/tokens", "GET /v1/threads"]) {
          const { status, text } = await send(worker, request(line, headers));
          assert.deepEqual([status, JSON.parse(text)], [403, { error }], line);
        }
      });
    }
  }

  it("are refused without a workspace", async () => {
    refused(await create({ ...bearer(worker.apiKey), "Aui-User-Id": "u" }), 403, "Invalid Aui-Workspace-Id header");
    refused(
      await ask(worker, "GET /v1/threads", { headers: bearer(worker.apiKey) }),
      403,
      "Invalid Aui-Workspace-Id header",
    );
  });

  it("are taken as they are, whatever printable characters they have", async () => {
    for (const id of [
      "x",
      "x".repeat(255),
      "a/b",
      "..",
      "%20",
      `"'\\;<>`,
      "USR_ANON_1",
      "anon_usr_anon_",
      "0",
      "null",
      "{}",
      "a,b",
    ]) {
      const { payload } = decode(await mint(worker, id, id));
      assert.deepEqual([payload.sub, payload.workspace_id], [id, id]);
      const thread = await createThread(worker, backend(worker, id, id));
      assert.deepEqual(
        (await listThreads(worker, bearer(await mint(worker, id)))).map((row) => [row.id, row.workspace_id]),
        [[thread, id]],
      );
    }
  });

  it("count with an API key only: beside a token they are nothing", async () => {
    const id = await createThread(worker, backend(worker, "workspace_own"));
    const token = await mint(worker, "workspace_own", "user_1");
    for (const spoof of ["workspace_1", "usr_anon_0", "", "a b"]) {
      const headers = { ...bearer(token), "Aui-Workspace-Id": spoof, "Aui-User-Id": spoof };
      assert.equal((await getThread(worker, headers, id)).workspace_id, "workspace_own");
    }
  });
});

it("a token of any kind is refused where only a backend may ask", async () => {
  const { access_token, refresh_token } = await visit(worker);
  for (const token of [await mint(worker), access_token, "a.b.c", ".", `${"a".repeat(9_000)}.b.c`]) {
    const headers = { ...bearer(token), "Aui-Workspace-Id": "workspace_1" };
    refused(await create(headers), 403, "This endpoint may only be accessed from the backend");
  }
  refused(await create(withKey(refresh_token.token)), 403, "Unsupported authorization value");
});

it("a configured key is revoked by taking it away", async () => {
  await worker.restart({ API_KEYS: JSON.stringify([second.entry]) });
  refused(await create(withKey(first.text)), 403, UNKNOWN);
  assert.equal((await create(withKey(second.text))).status, 200);
  await worker.restart({ API_KEYS: undefined });
  refused(await create(withKey(second.text)), 403, UNKNOWN);
  assert.deepEqual((await ask(worker, "GET /healthz")).body.credentials, ["workspace_token", "anonymous"]);
});

it("a key ends in the middle of its Worker's life", async () => {
  const end = Date.now() + 1_500;
  const brief = newApiKey(PROJECT_ID, new Date(end).toISOString());
  await worker.restart({ API_KEYS: JSON.stringify([brief.entry]) });
  assert.equal((await create(withKey(brief.text))).status, 200);
  await new Promise((resolve) => setTimeout(resolve, end - Date.now() + 50));
  refused(await create(withKey(brief.text)), 403, UNKNOWN);
});
