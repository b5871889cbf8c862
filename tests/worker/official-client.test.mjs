// @ts-check
/** The client on npm, unmodified, against our Worker. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { AssistantCloud, CloudAPIError } from "assistant-cloud";

import { NOON, mint } from "./exchange.mjs";
import { decode, newApiKey } from "./keys.mjs";
import { LocalStorage, refreshTokenKey, useLocalStorage } from "./local-storage.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
const newWorkspace = () => `workspace_${++workspaces}`;

/** @param {string} [workspaceId] @param {string} [apiKey] */
const backend = (workspaceId = newWorkspace(), apiKey = worker.apiKey) =>
  new AssistantCloud({ baseUrl: worker.url, apiKey, userId: "user_1", workspaceId });

/** @param {Promise<unknown>} call @param {number} status @param {string} code @param {object} [details] */
async function rejectsWith(call, status, code, details = {}) {
  const error = await call.then(
    () => assert.fail("the call was served"),
    (reason) => reason,
  );
  assert.ok(error instanceof CloudAPIError, String(error));
  assert.deepEqual({ status: error.status, code: error.code, details: error.details }, { status, code, details });
}

/** All that a client does with threads. @param {AssistantCloud} cloud @param {string} workspace_id */
async function threadsWork(cloud, workspace_id) {
  const last_message_at = new Date(NOON);
  const { thread_id } = await cloud.threads.create({
    last_message_at,
    title: "Title",
    metadata: { a: { b: [1] } },
    external_id: "x",
  });
  const thread = await cloud.threads.get(thread_id);
  const { created_at, updated_at, ...rest } = thread;
  assert.deepEqual(rest, {
    ...{ id: thread_id, project_id: PROJECT_ID, workspace_id, title: "Title", last_message_at, is_archived: false },
    ...{ external_id: "x", metadata: { a: { b: [1] } } },
  });
  assert.ok(created_at instanceof Date && updated_at instanceof Date);

  const bare = await cloud.threads.create({ last_message_at: new Date(Date.parse(NOON) + 1) });
  const list = await cloud.threads.list();
  assert.deepEqual(
    list.threads.map(({ id, title }) => [id, title]),
    [
      [bare.thread_id, ""],
      [thread_id, "Title"],
    ],
  );
  assert.deepEqual(list.threads[1], thread);
  assert.deepEqual(await cloud.threads.list({ limit: 1, after: bare.thread_id }), { threads: [thread] });

  await cloud.threads.update(thread_id, {
    title: "New",
    is_archived: true,
    metadata: null,
    last_message_at: new Date(0),
  });
  const changed = await cloud.threads.get(thread_id);
  assert.deepEqual(
    [changed.title, changed.is_archived, changed.metadata, changed.last_message_at.getTime()],
    ["New", true, null, 0],
  );
  assert.deepEqual((await cloud.threads.list({ is_archived: true })).threads, [changed]);
  assert.deepEqual(
    (await cloud.threads.list({ is_archived: false })).threads.map(({ id }) => id),
    [bare.thread_id],
  );

  await cloud.threads.delete(thread_id);
  await rejectsWith(cloud.threads.get(thread_id), 404, "Thread not found");
  await rejectsWith(cloud.threads.update(thread_id, { title: "Title" }), 404, "Thread not found");
  await rejectsWith(cloud.threads.delete(thread_id), 404, "Thread not found");
  await rejectsWith(cloud.threads.update(bare.thread_id, { title: "" }), 400, "Schema validation error", {
    details: ["title: must be a string of 1 to 255 characters"],
  });
}

describe("the official client with an API key", () => {
  it("works with threads", async () => {
    const workspace = newWorkspace();
    await threadsWork(backend(workspace), workspace);
  });

  it("makes a token for its user and workspace", async () => {
    const { token } = await backend("workspace_token").auth.tokens.create();
    const { payload } = decode(token);
    assert.deepEqual([payload.sub, payload.workspace_id], ["user_1", "workspace_token"]);
  });

  it("is told what is wrong with its key and its ids", async () => {
    await rejectsWith(backend("w", "sk_aui_x").auth.tokens.create(), 403, "Invalid API key format");
    await rejectsWith(backend("w", newApiKey(PROJECT_ID).text).threads.list(), 403, "Unknown or expired API key");
    await rejectsWith(backend("usr_anon_0").threads.list(), 403, "Invalid Aui-Workspace-Id header");
    await rejectsWith(backend("").threads.list(), 403, "Invalid Aui-Workspace-Id header");
  });

  it("finds nothing by an odd id", async () => {
    for (const id of ["a/b", "a b", "?", "#", "%", "日本", "a\\b", "x".repeat(255)]) {
      await rejectsWith(backend().threads.get(id), 404, "Thread not found");
    }
  });

  it("may have slashes at the end of its address", async () => {
    for (const slashes of ["/", "//", "///"]) {
      const config = { baseUrl: worker.url + slashes, apiKey: worker.apiKey, userId: "u", workspaceId: newWorkspace() };
      assert.deepEqual(await new AssistantCloud(config).threads.list(), { threads: [] });
    }
  });

  it("walks through pages as the chat UI does", async () => {
    const cloud = backend();
    const made = await Promise.all(
      Array.from({ length: 45 }, () => cloud.threads.create({ last_message_at: new Date(NOON) })),
    );
    const seen = [];
    for (let after; ;) {
      const { threads } = await cloud.threads.list({ limit: 20, ...(after && { after }) });
      seen.push(...threads.map(({ id }) => id));
      after = threads.at(-1)?.id;
      if (threads.length < 20) break;
    }
    assert.deepEqual(seen.sort(), made.map(({ thread_id }) => thread_id).sort());
  });
});

describe("the official client with a token of its user", () => {
  it("works with threads, and asks for a token once", async () => {
    const workspace = newWorkspace();
    let asked = 0;
    const authToken = async () => {
      asked++;
      return (await backend(workspace).auth.tokens.create()).token;
    };
    await threadsWork(new AssistantCloud({ baseUrl: worker.url, authToken }), workspace);
    assert.equal(asked, 1);
  });

  it("cannot make tokens for others", async () => {
    const cloud = new AssistantCloud({ baseUrl: worker.url, authToken: () => mint(worker) });
    await rejectsWith(cloud.auth.tokens.create(), 403, "This endpoint may only be accessed from the backend");
  });

  it("is told that a token was altered, and that nobody is signed in", async () => {
    const token = await mint(worker);
    const altered = token.slice(0, -8) + (token.endsWith("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA");
    const cloud = new AssistantCloud({ baseUrl: worker.url, authToken: async () => altered });
    await rejectsWith(cloud.threads.list(), 403, "Invalid JWT token");
    const nobody = new AssistantCloud({ baseUrl: worker.url, authToken: async () => null });
    await assert.rejects(nobody.threads.list(), { message: "Authorization failed" });
  });
});

describe("the official client without an account", () => {
  /** @type {LocalStorage} */
  let storage;
  beforeEach(() => useLocalStorage((storage = new LocalStorage())));
  afterEach(() => useLocalStorage(undefined));

  const open = () => new AssistantCloud({ baseUrl: worker.url, anonymous: true });
  const stored = () => JSON.parse(String(storage.getItem(refreshTokenKey(worker.url))));
  /** The identity that a client has. @param {AssistantCloud} cloud */
  async function identity(cloud) {
    const { thread_id } = await cloud.threads.create({ last_message_at: new Date() });
    return (await cloud.threads.get(thread_id)).workspace_id;
  }

  it("works with threads and stores its refresh token", async () => {
    const cloud = open();
    const workspace = await identity(cloud);
    assert.match(workspace, /^usr_anon_0/);
    assert.match(stored().token, /^refresh_0/);
    const { threads } = await cloud.threads.list();
    await cloud.threads.delete(threads[0].id);
    await threadsWork(cloud, workspace);
  });

  it("keeps its identity over reloads, and its token moves on with each", async () => {
    const first = await identity(open());
    const tokens = [stored().token];
    for (let reload = 0; reload < 3; reload++) {
      assert.equal(await identity(open()), first);
      tokens.push(stored().token);
    }
    assert.equal(new Set(tokens).size, 4);
  });

  it("keeps its identity when an answer got lost", async () => {
    const first = await identity(open());
    const before = stored();
    assert.equal(await identity(open()), first);
    storage.setItem(refreshTokenKey(worker.url), JSON.stringify(before));
    assert.equal(await identity(open()), first);
  });

  it("keeps its identity when the Worker is cut off in between", async () => {
    const first = await identity(open());
    await worker.kill();
    await assert.rejects(open().threads.list());
    await worker.start();
    assert.equal(await identity(open()), first);
  });

  it("keeps its identity while the Worker is misconfigured", async () => {
    const first = await identity(open());
    const { SIGNING_KEY } = worker.variables;
    await worker.restart({ SIGNING_KEY: undefined });
    await assert.rejects(open().threads.list(), { message: "Assistant Cloud token refresh failed with status 503" });
    await worker.restart({ SIGNING_KEY });
    assert.equal(await identity(open()), first);
  });

  it("shares one identity among tabs that open at once", async () => {
    await identity(open());
    const shared = await Promise.all([1, 2, 3, 4].map(() => identity(open())));
    assert.equal(new Set(shared).size, 1);
  });

  it("becomes somebody else when its token is junk", async () => {
    const first = await identity(open());
    storage.setItem(refreshTokenKey(worker.url), JSON.stringify({ ...stored(), token: "refresh_0junk" }));
    assert.notEqual(await identity(open()), first);
  });

  it("is turned away where anonymous access is off", async () => {
    await worker.restart({ ANONYMOUS: "off" });
    await assert.rejects(open().threads.list(), { message: "Authorization failed" });
    await worker.restart({ ANONYMOUS: "on" });
  });
});
