// @ts-check
/** The threads of a whole project beside the official client: contract 1.6, 22. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { same, sameRefusals } from "./both.mjs";

const time = "2026-09-04T12:00:00.000Z";
const thread = {
  id: "thread_01", project_id: "proj", workspace_id: "w", title: null, last_message_at: time, created_at: time, updated_at: time,
  is_archived: false, external_id: null, metadata: { a: "1" },
};
const message = { id: "msg_01", parent_id: null, height: 0, created_at: time, updated_at: time, format: "aui/v0", content: {} };

describe("a project's threads", () => {
  test("are read like a workspace's", async () => {
    const { value, request } = await same({ threads: [thread] }, ({ projects }) => projects.threads.list());
    const date = new Date(time);
    assert.deepEqual(value, { threads: [{ ...thread, title: "", last_message_at: date, created_at: date, updated_at: date }] });
    assert.deepEqual([request.method, request.url], ["GET", "https://cloud.test/v1/projects/threads"]);
  });

  test("are filtered and paged", async () => {
    for (const [query, search] of /** @type {const} */ ([
      [{ is_archived: false }, "?is_archived=false"], [{ is_archived: true, limit: 10, after: "t1" }, "?is_archived=true&limit=10&after=t1"],
    ])) {
      const { request } = await same({ threads: [] }, ({ projects }) => projects.threads.list(query));
      assert.equal(new URL(request.url).search, search);
    }
  });

  test("that break the contract are named", async () => {
    await sameRefusals([
      ['"project thread list response": expected an object', ""], ['"threads": expected an array', {}],
      ['"threads[1].id": expected a string', { threads: [thread, { ...thread, id: 7 }] }],
    ], ({ projects }) => projects.threads.list());
  });

  test("are refused to anything but an API key", async () => {
    const error = "Project-wide thread listing requires API key authentication";
    assert.equal((await same({ error }, ({ projects }) => projects.threads.list(), 403)).code, error);
  });
});

describe("a project's messages", () => {
  test("are read and paged like a workspace's", async () => {
    const query = { format: "ai-sdk/v5", limit: 100, after: "msg_9" };
    const { value, request } = await same({ messages: [message] }, ({ projects }) => projects.threads.messages.list("thread/with space", query));
    assert.deepEqual(value, { messages: [{ ...message, created_at: new Date(time), updated_at: new Date(time) }] });
    assert.equal(request.url, "https://cloud.test/v1/projects/threads/thread%2Fwith%20space/messages?format=ai-sdk%2Fv5&limit=100&after=msg_9");
  });

  test("that break the contract are named", async () => {
    await sameRefusals([
      ['"project thread message list response": expected an object', ""], ['"messages": expected an array', {}],
      ['"messages[0].height": expected an integer', { messages: [{ ...message, height: "0" }] }],
    ], ({ projects }) => projects.threads.messages.list("t"));
  });
});
