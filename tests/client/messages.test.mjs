// @ts-check
/** Messages beside the official client, and what it does not have: contract 1.6, 10 to 14. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { key, same, sameRefusals } from "./both.mjs";
import { AssistantCloud, answer, installFetch } from "./world.mjs";

const row = {
  id: "msg_02", parent_id: "msg_01", height: 1, created_at: "2026-09-04T11:00:00.000Z", updated_at: "2026-09-04T12:00:00.001Z",
  format: "aui/v0", content: { role: "user", created_at: "2026-09-04T11:00:00.000Z", parts: [{ n: 0.1, deep: [null] }] },
};
const awkward = ["t", "a/b c", "ü?#", "../x", "%2F", "{}"];

describe("a list of messages", () => {
  test("has dates, and contents as they are", async () => {
    const root = { ...row, id: "msg_01", parent_id: null, height: 0, surprise: true };
    const { value } = await same({ messages: [row, root] }, ({ threads }) => threads.messages.list("t"));
    const created_at = new Date(row.created_at);
    const updated_at = new Date(row.updated_at);
    assert.deepEqual(value.messages[0], { ...row, created_at, updated_at });
    assert.deepEqual(Object.keys(value.messages[1]), Object.keys(row));
    assert.deepEqual(await same({ messages: [] }, ({ threads }) => threads.messages.list("t")).then(({ value }) => value), { messages: [] });
  });

  test("is asked for with format and place", async () => {
    for (const id of awkward) {
      const query = { format: "aui/v0", limit: 200, after: "msg_1 &" };
      const { request } = await same({ messages: [] }, ({ threads }) => threads.messages.list(id, query));
      assert.equal(request.url, `https://cloud.test/v1/threads/${encodeURIComponent(id)}/messages?format=aui%2Fv0&limit=200&after=msg_1+%26`);
      assert.equal(request.method, "GET");
    }
  });

  test("drops what is undefined from the query", async () => {
    const fetch = installFetch(answer({ messages: [] }));
    await new AssistantCloud(key).threads.messages.list("t", { format: undefined, after: undefined, limit: 5 });
    assert.equal(fetch.mock.calls[0]?.arguments[0].search, "?limit=5");
  });

  test("names the row and the field that break the contract", async () => {
    /** @type {[string, Record<string, unknown>][]} */
    const changes = [
      ["id: a string", { id: 7 }], ["parent_id: a string", { parent_id: undefined }], ["parent_id: a string", { parent_id: 1 }],
      ["height: an integer", { height: "1" }], ["height: an integer", { height: 0.5 }], ["height: an integer", { height: undefined }],
      ["created_at: a canonical ISO timestamp", { created_at: "2026-09-04T11:00:00Z" }],
      ["updated_at: a canonical ISO timestamp", { updated_at: null }],
      ["format: a string", { format: null }], ["content: an object", { content: [] }], ["content: an object", { content: "x" }], ["content: an object", { content: null }],
    ];
    await sameRefusals([
      ['"thread message list response": expected an object', "null"], ['"messages": expected an array', {}],
      ['"messages[0]": expected an object', { messages: [null] }],
      ...changes.map(([words, change]) => /** @type {[string, unknown]} */ (
        [`"messages[1].${words.replace(": ", '": expected ')}`, { messages: [row, { ...row, ...change }] }])),
    ], ({ threads }) => threads.messages.list("t"));
  });

  test("has the external ids that the server sends, and lacks those that it does not", async () => {
    installFetch(answer({ messages: [{ ...row, external_id: "e" }, { ...row, external_id: null }, row] }), answer({ messages: [{ ...row, external_id: 1 }] }));
    const { messages } = new AssistantCloud(key).threads;
    const list = await messages.list("t");
    assert.deepEqual(list.messages.map(({ external_id }) => external_id), ["e", null, undefined]);
    assert.deepEqual(list.messages.map((message) => "external_id" in message), [true, true, false]);
    await assert.rejects(messages.list("t"), { message: 'Invalid Assistant Cloud response for "messages[0].external_id": expected a string' });
  });
});

describe("a message", () => {
  test("is made under its parent", async () => {
    for (const id of awkward) {
      for (const parent_id of [null, "msg_01"]) {
        const body = { parent_id, format: "ai-sdk/v6", content: { role: "user", gone: /** @type {any} */ (undefined) } };
        const { value, request } = await same({ message_id: "msg_02", more: 1 }, ({ threads }) => threads.messages.create(id, body), 201);
        assert.deepEqual(value, { message_id: "msg_02" });
        assert.deepEqual([request.method, request.url], ["POST", `https://cloud.test/v1/threads/${encodeURIComponent(id)}/messages`]);
        assert.deepEqual(JSON.parse(request.body), { parent_id, format: "ai-sdk/v6", content: { role: "user" } });
      }
    }
  });

  test("may have external ids", async () => {
    const fetch = installFetch(answer({ message_id: "msg_02" }));
    const body = { parent_id: null, format: "aui/v0", content: {}, external_id: "e", parent_external_id: "p" };
    await new AssistantCloud(key).threads.messages.create("t", body);
    assert.deepEqual(JSON.parse(fetch.mock.calls[0]?.arguments[1].body), body);
  });

  test("that was made has an id", async () => {
    await sameRefusals([
      ['"thread message create response": expected an object', ""], ['"message_id": expected a string', {}], ['"message_id": expected a string', { message_id: null }],
    ], ({ threads }) => threads.messages.create("t", { parent_id: null, format: "aui/v0", content: {} }));
  });

  test("is changed in its place", async () => {
    for (const id of awkward) {
      const { value, request } = await same({}, ({ threads }) => threads.messages.update("t/1", id, { content: { a: [1] } }));
      assert.deepEqual(value, {});
      assert.deepEqual([request.method, request.url, request.body], [
        "PUT", `https://cloud.test/v1/threads/t%2F1/messages/${encodeURIComponent(id)}`, '{"content":{"a":[1]}}',
      ]);
    }
  });

  test("that is refused says why", async () => {
    for (const [status, error] of /** @type {const} */ ([[404, "Thread not found"], [400, "Parent message not found in thread"], [409, "Message role cannot change"], [413, "Request body too large"]])) {
      const refused = await same({ error }, ({ threads }) => threads.messages.create("t", { parent_id: "x", format: "aui/v0", content: {} }), status);
      assert.deepEqual([refused.name, refused.status, refused.code], ["CloudAPIError", status, error]);
    }
  });
});

describe("feedback", () => {
  test("goes to its message, with a comment that says something", async () => {
    /** @type {[string | undefined, string][]} */
    const comments = [
      [undefined, '{"type":"positive"}'], ["", '{"type":"positive"}'], [" \n", '{"type":"positive"}'], [" good ", '{"type":"positive","comment":"good"}'],
    ];
    for (const [comment, sent] of comments) {
      const body = { type: /** @type {const} */ ("positive"), ...(comment !== undefined && { comment }) };
      const { request } = await same({ feedback_id: "f", type: "positive" }, ({ threads }) => threads.messages.feedback("t/1", "m/1", body));
      assert.deepEqual([request.method, request.url, request.body], ["POST", "https://cloud.test/v1/threads/t%2F1/messages/m%2F1/feedback", sent]);
    }
  });

  test("comes back with the comment that the server keeps, if it says so", async () => {
    for (const more of [{}, { comment: null }, { comment: "kept" }]) {
      const stored = { feedback_id: "f", type: "negative", ...more };
      const { value } = await same({ ...stored, more: 1 }, ({ threads }) => threads.messages.feedback("t", "m", { type: "negative" }));
      assert.deepEqual(value, stored);
    }
  });

  test("that breaks the contract is named", async () => {
    const stored = { feedback_id: "f", type: "positive" };
    await sameRefusals([
      ['"thread message feedback response": expected an object', "[]"], ['"feedback_id": expected a string', { type: "positive" }],
      ['"type": expected one of "positive", "negative"', { ...stored, type: "neutral" }], ['"type": expected a string', { ...stored, type: 1 }],
      ['"comment": expected a string', { ...stored, comment: 1 }],
    ], ({ threads }) => threads.messages.feedback("t", "m", { type: "positive" }));
  });
});
