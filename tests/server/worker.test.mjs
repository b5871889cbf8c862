// @ts-check
/** The tokens of the real Worker, with the keys that it publishes. */
import assert from "node:assert/strict";
import { after, before, mock, test } from "node:test";
import { AssistantCloud } from "../../pkg/index.js";
import { CloudUnavailableError, authenticate } from "../../pkg/server.js";
import { newKey } from "../worker/keys.mjs";
import { PROJECT_ID, startWorker } from "../worker/workerd.mjs";
import { bearing } from "./issuer.mjs";

/** @type {import("../worker/workerd.mjs").Worker} */
let worker;
before(async () => void (worker = await startWorker()));
after(() => worker?.close());

const options = () => ({ baseUrl: worker.url, projectId: PROJECT_ID });
const alice = { userId: "alice", workspaceId: "team_1", projectId: PROJECT_ID, anonymous: false };

async function aliceToken() {
  const cloud = new AssistantCloud({ baseUrl: worker.url, apiKey: worker.apiKey, userId: "alice", workspaceId: "team_1" });
  return (await cloud.auth.tokens.create()).token;
}

test("a user's token", async () => {
  assert.deepEqual(await authenticate(bearing(await aliceToken()), options()), alice);
});

test("a visitor's token", async () => {
  const response = await fetch(`${worker.url}/v1/auth/tokens/anonymous`, { method: "POST" });
  const { access_token } = await response.json();
  const caller = await authenticate(bearing(access_token), options());
  assert.match(String(caller?.userId), /^usr_anon_/);
  assert.deepEqual(caller, { userId: caller?.userId, workspaceId: caller?.userId, projectId: PROJECT_ID, anonymous: true });
});

test("what a page sends along, of our own client's", async () => {
  const page = new AssistantCloud({ baseUrl: worker.url, authToken: aliceToken });
  const request = new Request("https://app.test/api/chat", { headers: { Authorization: `Bearer ${await page.auth.getToken()}` } });
  const { userId, workspaceId } = page.auth.state;
  assert.deepEqual(await authenticate(request, options()), { ...alice, userId, workspaceId });
});

test("an API key is no user's token", async () => {
  assert.equal(await authenticate(bearing(worker.apiKey), options()), null);
});

test("a token of before and one of after a rotation of the keys, then only of after", async () => {
  const old = await aliceToken();
  assert.deepEqual(await authenticate(bearing(old), options()), alice);
  const [previous, next] = [worker.variables.SIGNING_KEY, newKey()];
  await worker.restart({ SIGNING_KEY: next, SIGNING_KEY_PREVIOUS: previous });
  const fresh = await aliceToken();
  assert.notEqual(fresh.split(".")[0], old.split(".")[0]);
  // One that has the old set, and one that has none yet.
  for (const settings of [options(), { ...options(), clockTolerance: 1 }]) {
    for (const token of [old, fresh]) assert.deepEqual(await authenticate(bearing(token), settings), alice);
  }
  await worker.restart({ SIGNING_KEY_PREVIOUS: undefined });
  const settings = { ...options(), clockTolerance: 2 };
  assert.deepEqual(await authenticate(bearing(fresh), settings), alice);
  assert.equal(await authenticate(bearing(old), settings), null);
});

test("the Worker's trouble is nobody's refusal", async () => {
  const [known, token] = [options(), await aliceToken()];
  assert.deepEqual(await authenticate(bearing(token), known), alice);
  await worker.kill();
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 1_000 });
  try {
    assert.deepEqual(await authenticate(bearing(token), known), alice);
    await assert.rejects(authenticate(bearing(token), { ...known, clockTolerance: 3 }), CloudUnavailableError);
  } finally {
    mock.timers.reset();
    await worker.start();
  }
});
