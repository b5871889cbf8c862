// @ts-check
/**
 * The same person, however they prove who they are, has the same threads: nothing is moved when an app changes from
 * one way to another. Our own API key and workspace token, a provider's token, and the session of an application whose
 * cookie is exchanged.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AssistantCloud } from "assistant-cloud";

import { startBetterAuth } from "../providers/better-auth-application.mjs";
import { sessionToken } from "../providers/session.mjs";
import { Visitor } from "../providers/visitor.mjs";
import { NOON, append, ask, backend, bearer, createThread, getThread, listMessages, mint } from "./exchange.mjs";
import { listRecords, listThreads } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Application } from "../providers/application.mjs" */
/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** An application with people, tokens and sessions of its own. @type {Application} */
let application;
/** The person, signed in there. */
const visitor = new Visitor();
/** The person's id there. */
let user = "";
/** The person's workspace, by every rule. */
let workspace = "";
before(async () => {
  application = await startBetterAuth();
  const url = application.origin;
  const rules = [
    { name: "tokens", provider: "better-auth", url, workspace: "org_1_{sub}" },
    { name: "sessions", provider: "better-auth-session", url, workspace: "org_1_{/user/id}" },
  ];
  worker = await startWorker({ AUTH_RULES: JSON.stringify(rules) });
  const json = { name: "Ada", email: "ada@example.com", password: "correct horse battery staple" };
  const headers = { Origin: url };
  const answer = await visitor.send(`${url}/api/auth/sign-up/email`, { method: "POST", headers, json });
  user = (await answer.json()).user.id;
  workspace = `org_1_${user}`;
});
after(async () => {
  await worker?.close();
  await application?.close();
});

/** What the application's JWT plugin gives. @returns {Promise<string>} */
async function providerToken() {
  return (await (await visitor.send(`${application.origin}/api/auth/token`)).json()).token;
}

/** What that is exchanged for, in the head of the first answer. */
async function exchangedToken() {
  const answer = await ask(worker, "GET /v1/threads", { headers: bearer(await providerToken()), provider: true });
  return String(answer.headers.get("Authorization")).replace("Bearer ", "");
}

/** Every way in which the person can come. @returns {Promise<[string, Record<string, string>][]>} */
async function ways() {
  return [
    ["an API key", backend(worker, workspace, user)],
    ["an API key that names nobody", backend(worker, workspace)],
    ["a workspace token", bearer(await mint(worker, workspace, user))],
    ["a provider's token", bearer(await exchangedToken())],
    ["a session", bearer(await sessionToken(worker, application, visitor))],
  ];
}

/** All that a way shows. @param {Record<string, string>} headers */
async function everything(headers) {
  const threads = await listThreads(worker, headers, "?limit=100");
  const messages = await Promise.all(threads.map(({ id }) => listMessages(worker, headers, id)));
  const kinds = /** @type {const} */ (["runs", "scores", "events"]);
  return { threads, messages, records: await Promise.all(kinds.map((kind) => listRecords(worker, headers, kind))) };
}

describe("whoever switches from one credential to another", () => {
  it("finds all that was written with the one through the other", async () => {
    const all = await ways();
    for (const [name, headers] of all) {
      const thread_id = await createThread(worker, headers, { title: name });
      const message_id = await append(worker, headers, thread_id);
      for (const [line, json] of /** @type {[string, object][]} */ ([
        ["runs", { thread_id, status: "completed" }],
        [`threads/${thread_id}/messages/${message_id}/feedback`, { type: "positive" }],
        ["events", { events: [{ kind: "message_sent", thread_id }] }],
      ])) {
        assert.ok((await ask(worker, `POST /v1/${line}`, { headers, json })).status < 300);
      }
    }
    const [first, ...others] = await Promise.all(all.map(([, headers]) => everything(headers)));
    assert.equal(first.threads.length, all.length);
    assert.deepEqual(first.records.map(({ length }) => length), [all.length, all.length, all.length]);
    for (const other of others) assert.deepEqual(other, first);
  });

  it("goes on with a thread through the other", async () => {
    const all = await ways();
    for (const [index, [, headers]] of all.entries()) {
      const [, next] = all[(index + 1) % all.length];
      const thread = await createThread(worker, headers);
      const parent_id = await append(worker, headers, thread);
      const child = await append(worker, next, thread, { parent_id });
      const json = { content: { role: "assistant", content: [] } };
      const line = `PUT /v1/threads/${thread}/messages/${parent_id}`;
      assert.equal((await ask(worker, line, { headers: next, json })).status, 200);
      const messages = await listMessages(worker, headers, thread);
      assert.deepEqual(messages.map(({ id }) => id), [child, parent_id]);
      assert.equal((await ask(worker, `DELETE /v1/threads/${thread}`, { headers: next })).status, 200);
      assert.equal((await ask(worker, `GET /v1/threads/${thread}`, { headers })).status, 404);
    }
  });

  it("sees the same through the clients, ours and the official one", async () => {
    const ours = await import(/** @type {string} */ ("../../pkg/index.js"));
    const { thread_id } = await new AssistantCloud({
      baseUrl: worker.url,
      apiKey: worker.apiKey,
      userId: user,
      workspaceId: workspace,
    }).threads.create({ last_message_at: new Date(NOON), title: "Switched" });
    const session = () => sessionToken(worker, application, visitor);
    for (const Cloud of [AssistantCloud, ours.AssistantCloud]) {
      for (const authToken of [() => mint(worker, workspace, user), providerToken, session]) {
        const cloud = new Cloud({ baseUrl: worker.url, authToken });
        assert.equal((await cloud.threads.get(thread_id)).title, "Switched");
      }
    }
  });

  it("finds nothing by a name that is only alike", async () => {
    await createThread(worker, backend(worker, workspace));
    for (const other of [`${workspace}_`, workspace.toUpperCase(), "org_1", user]) {
      for (const headers of [backend(worker, other, user), bearer(await mint(worker, other, user))]) {
        assert.deepEqual(await listThreads(worker, headers), [], other);
      }
    }
  });
});

it("a token goes on with the same threads when the Worker is another process", async () => {
  const thread = await createThread(worker, backend(worker, workspace));
  const before = await getThread(worker, backend(worker, workspace), thread);
  const token = await mint(worker, workspace);
  await worker.restart();
  assert.deepEqual(await getThread(worker, bearer(token), thread), before);
});
