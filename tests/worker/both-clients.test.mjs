// @ts-check
/** Our client and the official one on the same Worker: what the one answers, the other answers, value by value. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as official from "assistant-cloud";

import { NOON, mint } from "./exchange.mjs";
import { decode, newApiKey } from "./keys.mjs";
import { comparable, outcome } from "./outcome.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */
/** @typedef {Pick<official.AssistantCloud, "threads" | "auth">} Cloud */
/** @typedef {{ AssistantCloud: new (config: any) => Cloud, CloudAPIError: Function }} Library */

/** @type {Worker} */
let worker;
/** @type {Record<"theirs" | "ours", Library>} */
let libraries;
before(async () => {
  const built = "../../pkg/index.js";
  // Without its generated half the package cannot be imported, and every test here fails: nothing is skipped.
  const [ours, started] = await Promise.all([import(built), startWorker()]);
  libraries = { theirs: official, ours };
  worker = started;
});
after(() => worker?.close());

let workspaces = 0;
const newWorkspace = () => `workspace_${++workspaces}`;

/** @param {Partial<{ apiKey: string, userId: string, workspaceId: string }>} [changes] */
const backendConfig = (changes) => ({
  baseUrl: worker.url,
  apiKey: worker.apiKey,
  userId: "user_1",
  workspaceId: "workspace_1",
  ...changes,
});

/**
 * Makes the same call with both and compares everything that comes of it.
 *
 * @param {any} config
 * @param {(cloud: Cloud) => Promise<unknown>} call
 */
async function same(config, call) {
  const outcomes = [];
  for (const { AssistantCloud, CloudAPIError } of [libraries.theirs, libraries.ours]) {
    const cloud = new AssistantCloud(config);
    const { thrown, requests, ...rest } = await outcome(() => call(cloud));
    outcomes.push({ ...rest, requests: requests.map(comparable), refused: thrown instanceof CloudAPIError });
  }
  assert.deepEqual(outcomes[1], outcomes[0]);
  return outcomes[0];
}

describe("both clients read the same", () => {
  const workspaceId = "workspace_read";
  /** @type {string[]} */
  let ids = [];
  before(async () => {
    const { threads } = new official.AssistantCloud(backendConfig({ workspaceId }));
    const members = [
      {},
      { title: "Title" },
      { metadata: { a: [1, { b: null }], "": 1.5 } },
      { external_id: "x", title: "💥" },
      { metadata: {} },
    ];
    for (const [index, more] of members.entries()) {
      ids.push((await threads.create({ last_message_at: new Date(Date.parse(NOON) + index), ...more })).thread_id);
    }
    await threads.update(ids[4], { is_archived: true });
  });

  const queries = [
    ...[
      undefined,
      {},
      { is_archived: true },
      { is_archived: false },
      { limit: 1 },
      { limit: 100 },
      { limit: 2, is_archived: false },
    ],
    ...[{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { after: "" }, { after: "thread_0" }, { after: "a b&c=d%" }],
  ];

  /** Every way to reach the workspace. */
  const configs = () => ({
    "an API key": backendConfig({ workspaceId }),
    "a token": { baseUrl: worker.url, authToken: () => mint(worker, workspaceId, "user_1") },
    "a slash at the end": { ...backendConfig({ workspaceId }), baseUrl: `${worker.url}/` },
  });

  it("in lists of every kind", async () => {
    for (const config of Object.values(configs())) {
      for (const query of queries) await same(config, ({ threads }) => threads.list(query));
      for (const after of ids) await same(config, ({ threads }) => threads.list({ after, limit: 2 }));
    }
    const { value } = await same(configs()["an API key"], ({ threads }) => threads.list());
    assert.equal(/** @type {any} */ (value).threads.length, 4, "there was something to compare");
  });

  it("in single threads, and in those that are not there", async () => {
    for (const config of Object.values(configs())) {
      for (const id of [
        ...ids,
        "thread_0",
        "a/b",
        "a b",
        "?",
        "#",
        "%",
        "日本",
        "a\\b",
        "x".repeat(255),
        "x".repeat(256),
      ]) {
        const { value, error } = await same(config, ({ threads }) => threads.get(id));
        if (ids.includes(id)) assert.equal(/** @type {any} */ (value).id, id);
        else assert.equal(error?.status, 404);
      }
    }
  });
});

describe("both clients write the same", () => {
  /**
   * Makes the same call with both, each on a thread of the same making, and compares what it came to and what it left.
   *
   * @param {(cloud: Cloud, id: string) => Promise<unknown>} call
   */
  async function sameOnTwins(call) {
    const config = backendConfig({ workspaceId: newWorkspace() });
    const outcomes = [];
    for (const { AssistantCloud } of [libraries.theirs, libraries.ours]) {
      const { threads } = new official.AssistantCloud(config);
      const { thread_id } = await threads.create({
        last_message_at: new Date(NOON),
        title: "Old",
        metadata: { a: 1 },
        external_id: "x",
      });
      const { thrown, requests, value, ...rest } = await outcome(() => call(new AssistantCloud(config), thread_id));
      const lists = [await threads.list(), await threads.list({ is_archived: true })];
      const left = lists.flatMap((list) => list.threads);
      for (const { id } of left) await threads.delete(id);
      /** Twins differ in their ids and in when they were made. @param {string} text */
      const unnamed = (text) => text.replaceAll(thread_id, "the twin").replace(/thread_0\w{23}/, "another thread");
      outcomes.push({
        ...rest,
        requests: requests.map(comparable).map((request) => ({ ...request, url: unnamed(request.url) })),
        value: value && JSON.parse(unnamed(JSON.stringify(value))),
        left: left
          .map(({ id, created_at, updated_at, ...thread }) => ({ ...thread, id: unnamed(id) }))
          .sort((one, other) => (one.id < other.id ? -1 : 1)),
      });
    }
    assert.deepEqual(outcomes[1], outcomes[0]);
  }

  const last_message_at = new Date(NOON);
  /** Bodies as an app may pass them, wrong ones too. @type {any[]} */
  const bodies = [
    ...[
      { last_message_at },
      { last_message_at, title: "Title" },
      { last_message_at, title: undefined, metadata: undefined, external_id: undefined },
    ],
    ...[
      { last_message_at, metadata: { a: [1, null, { b: "💥" }], d: new Date(0) } },
      { last_message_at, metadata: null },
      { last_message_at, external_id: "x" },
    ],
    ...[
      { last_message_at, external_id: "x", upsert: true },
      { last_message_at, external_id: "new", upsert: true },
      { last_message_at, upsert: true },
    ],
    ...[
      {},
      { last_message_at: "yesterday" },
      { last_message_at, title: "" },
      { last_message_at, title: 1 },
      { last_message_at, metadata: [] },
    ],
    ...[
      { last_message_at, unknown: true },
      { last_message_at, title: "x".repeat(70_000) },
      { last_message_at: new Date(8.64e15) },
    ],
    ...[
      { title: "New" },
      { is_archived: true },
      { is_archived: false, title: "New" },
      { metadata: {} },
      { title: null },
      { is_archived: "true" },
    ],
  ];

  it("when they create", async () => {
    for (const body of bodies) await sameOnTwins(({ threads }) => threads.create(body));
  });

  it("when they update", async () => {
    for (const body of bodies) await sameOnTwins(({ threads }, id) => threads.update(id, body));
    await sameOnTwins(({ threads }) => threads.update("thread_0", { title: "New" }));
  });

  it("when they delete", async () => {
    await sameOnTwins(({ threads }, id) => threads.delete(id));
    await sameOnTwins(({ threads }) => threads.delete("thread_0"));
  });
});

describe("both clients are refused the same", () => {
  it("for a bad key and bad ids", async () => {
    const { text } = newApiKey(PROJECT_ID);
    for (const changes of [
      { apiKey: "sk_aui_x" },
      { apiKey: text },
      { apiKey: "x" },
      { workspaceId: "usr_anon_0" },
      { workspaceId: "a b" },
      { userId: "a b" },
      { userId: "usr_anon_0" },
    ]) {
      for (const call of [
        (/** @type {Cloud} */ cloud) => cloud.auth.tokens.create(),
        (/** @type {Cloud} */ cloud) => cloud.threads.list(),
      ]) {
        assert.equal((await same(backendConfig(changes), call)).error?.status, 403);
      }
    }
  });

  it("for a token that does not count", async () => {
    const token = await mint(worker);
    const [header, , signature] = token.split(".");
    const payload = Buffer.from(JSON.stringify({ ...decode(token).payload, sub: "other" })).toString("base64url");
    const foreign = Buffer.from(JSON.stringify({ ...decode(token).payload, iss: "https://other.test" })).toString(
      "base64url",
    );
    for (const text of [`${header}.${payload}.${signature}`, `${header}.${foreign}.${signature}`]) {
      const { error } = await same({ baseUrl: worker.url, authToken: async () => text }, ({ threads }) =>
        threads.list(),
      );
      assert.equal(error?.status, 403);
    }
    const { error } = await same({ baseUrl: worker.url, authToken: async () => token }, ({ auth }) =>
      auth.tokens.create(),
    );
    assert.equal(error?.code, "This endpoint may only be accessed from the backend");
  });
});

it("both clients make tokens that say the same", async () => {
  const payloads = [];
  for (const { AssistantCloud } of [libraries.theirs, libraries.ours]) {
    const answer = await new AssistantCloud(backendConfig()).auth.tokens.create();
    assert.deepEqual(Object.keys(answer), ["token"]);
    const { jti, iat, nbf, exp, ...rest } = decode(answer.token).payload;
    payloads.push(rest);
  }
  assert.deepEqual(payloads[1], payloads[0]);
});
