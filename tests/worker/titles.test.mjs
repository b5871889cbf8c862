// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { PAGE, ask, backend, createThread, getThread, refused } from "./exchange.mjs";
import { DONE, piece, says, startModel } from "./model.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const KEY = "sk-the-model-only";

/** One without a model, one with, and one with a binding. @type {Worker} */
let offline;
/** @type {Worker} */
let online;
/** @type {Worker} */
let bound;
/** @type {Awaited<ReturnType<typeof startModel>>} */
let model;
before(async () => {
  model = await startModel();
  const variables = { TITLE_MODEL_URL: model.url, TITLE_MODEL: "small", TITLE_MODEL_KEY: KEY };
  const binding = startWorker({}, { models: model.host });
  [offline, online, bound] = await Promise.all([startWorker(), startWorker(variables), binding]);
});
after(async () => {
  await Promise.all([offline?.close(), online?.close(), bound?.close()]);
  await model?.close();
});

/** @param {string} text */
const userMessage = (text) => ({ role: "user", content: [{ type: "text", text }] });

/** @param {string} thread_id @param {string} text @param {object} [more] */
const body = (thread_id, text, more) => ({
  thread_id,
  assistant_id: "system/thread_title",
  messages: [userMessage(text)],
  ...more,
});

/**
 * Asks for a title as the official client does, and gives the answer's head and its stream.
 *
 * @param {Worker} worker
 * @param {string} thread_id
 * @param {string} text
 */
async function stream(worker, thread_id, text, headers = backend(worker)) {
  const response = await fetch(`${worker.url}/v1/runs/stream`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json", Accept: "text/plain", Origin: PAGE },
    body: JSON.stringify(body(thread_id, text)),
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Type")?.split(";")[0], "text/plain");
  assert.equal(response.headers.get("Access-Control-Allow-Origin"), PAGE);
  assert.equal(response.headers.get("Cache-Control"), "private, no-store");
  assert.ok(response.body);
  return response.body;
}

/**
 * The whole title, which is kept before the stream ends.
 *
 * @param {Worker} worker
 * @param {string} thread_id
 * @param {string} text
 */
async function titled(worker, thread_id, text, headers = backend(worker)) {
  const title = await new Response(await stream(worker, thread_id, text, headers)).text();
  assert.equal((await getThread(worker, headers, thread_id)).title, title);
  return title;
}

describe("a title without a model", () => {
  it("is made of what the user says, in any language", async () => {
    for (const [text, title] of [
      ["hi, can you help me write a cover letter for a data analyst job?", "Write cover letter for data analyst job"],
      ["Hello! How do I reverse a list in Python?", "Reverse a list in Python"],
      ["日本の首都はどこですか？", undefined],
      ["Как приготовить борщ?", undefined],
      ["💥", undefined],
      ["", undefined],
      [" \n\t", undefined],
      ["x".repeat(100_000), undefined],
    ]) {
      const made = await titled(offline, await createThread(offline, backend(offline)), String(text));
      if (title) assert.equal(made, title);
      assert.ok(made.length >= 1 && made.length <= 255, made);
      assert.ok(made.split(/\s+/).length <= 7, made);
    }
  });

  it("is of the first user message, whatever else is sent with it", async () => {
    const headers = backend(offline);
    const thread_id = await createThread(offline, headers);
    const messages = [
      { role: "system", content: [{ type: "text", text: "You are a pirate" }] },
      { role: "assistant", content: [{ type: "text", text: "Ahoy" }, { type: "tool-call", toolName: "x", args: {} }] },
      { ...userMessage("Why is the sky blue?"), id: "1", createdAt: "2026-01-01", metadata: {}, attachments: [] },
      userMessage("And the grass green?"),
    ];
    const asked = JSON.stringify(body(thread_id, "", { messages, unknown: true }));
    const response = await fetch(`${offline.url}/v1/runs/stream`, { method: "POST", headers, body: asked });
    assert.match(await response.text(), /sky/i);
    assert.match((await getThread(offline, headers, thread_id)).title, /sky/i);
  });

  it("never takes the place of one that is there", async () => {
    const headers = backend(offline);
    const thread_id = await createThread(offline, headers, { title: "The user's own" });
    assert.equal(await titled(offline, thread_id, "Why is the sky blue?"), "The user's own");
    const untitled = await createThread(offline, headers);
    const texts = ["Why is the sky blue?", "Why is the grass green?", "Why is the sea deep?"];
    const titles = await Promise.all(texts.map((text) => titled(offline, untitled, text)));
    assert.equal(new Set(titles).size, 1, "of many at once, one");
    const { title, last_message_at } = await getThread(offline, headers, untitled);
    assert.deepEqual([title, last_message_at], [titles[0], "2026-01-01T12:00:00.000Z"]);
  });

  it("is refused where there is nothing to title, in JSON", async () => {
    const headers = backend(offline);
    const thread_id = await createThread(offline, headers);
    const post = (/** @type {any} */ json, more = {}) =>
      ask(offline, "POST /v1/runs/stream", { headers: { ...headers, ...more }, json });
    refused(await post(body("thread_0", "Hi")), 404, "Thread not found");
    const stranger = backend(offline, "workspace_stranger");
    refused(await post(body(thread_id, "Hi"), stranger), 404, "Thread not found");
    refused(await post(body(thread_id, "Hi", { assistant_id: "system/other" })), 404, "Assistant not found");
    refused(await post(body(thread_id, "Hi"), { Accept: "application/json" }), 400, "Invalid response format");
    for (const wrong of [
      { messages: [] },
      { messages: "Hi" },
      { messages: undefined },
      { messages: [null] },
      { messages: [{ role: "robot", content: [] }] },
      { messages: [{ role: "user", content: "Hi" }] },
      { messages: [{ role: "user", content: [{ text: "Hi" }] }] },
      { messages: Array(1_001).fill(userMessage("Hi")) },
      { assistant_id: undefined },
      { thread_id: undefined },
      { thread_id: 1 },
    ]) {
      const answer = await post(body(thread_id, "Hi", wrong));
      refused(answer, 400, "Schema validation error", JSON.stringify(wrong).slice(0, 60));
    }
    const nobody = await ask(offline, "POST /v1/runs/stream", { json: body(thread_id, "Hi") });
    refused(nobody, 401, "Authorization header is missing");
    assert.equal((await getThread(offline, headers, thread_id)).title, null);
  });
});

describe("a title from a model", () => {
  const newThread = () => createThread(online, backend(online));

  it("is asked for with the key and the first messages, and with nothing else", async () => {
    model.questions = [];
    model.reply = says("Blue ", "skies");
    assert.equal(await titled(online, await newThread(), "Why is the sky blue?"), "Blue skies");
    const [{ url, headers, body: question }, ...others] = model.questions;
    assert.deepEqual([url, others], ["/v1/chat/completions", []]);
    assert.equal(headers.authorization, `Bearer ${KEY}`);
    const { model: name, stream: streamed, messages } = question;
    assert.deepEqual([name, streamed, messages.length], ["small", true, 2]);
    assert.match(messages[1].content, /Why is the sky blue\?/);
    assert.ok(!JSON.stringify([headers, question]).includes(online.apiKey));
  });

  it("streams while the model speaks, and is kept before the stream ends", async () => {
    /** @type {(value: unknown) => void} */
    let goOn = () => {};
    model.reply = async (response) => {
      response.setHeader("Content-Type", "text/event-stream");
      response.write(piece("Rain ") + piece("in "));
      await new Promise((resolve) => (goOn = resolve));
      response.end(piece("Spain") + DONE);
    };
    const thread_id = await newThread();
    const reader = (await stream(online, thread_id, "Where does it rain?")).getReader();
    const first = await reader.read();
    assert.match(Buffer.from(first.value ?? []).toString(), /^Rain/);
    assert.equal((await getThread(online, backend(online), thread_id)).title, null, "the model speaks still");
    goOn(undefined);
    let title = Buffer.from(first.value ?? []).toString();
    for (let next = await reader.read(); !next.done; next = await reader.read()) title += Buffer.from(next.value);
    assert.equal(title, "Rain in Spain");
    assert.equal((await getThread(online, backend(online), thread_id)).title, title);
  });

  it("does not take the place of the one that the user gives meanwhile", async () => {
    /** @type {(value: unknown) => void} */
    let goOn = () => {};
    model.reply = async (response) => {
      response.setHeader("Content-Type", "text/event-stream");
      response.write(piece("Rain ") + piece("in "));
      await new Promise((resolve) => (goOn = resolve));
      response.end(piece("Spain") + DONE);
    };
    const [headers, thread_id] = [backend(online), await newThread()];
    const reader = (await stream(online, thread_id, "Where does it rain?")).getReader();
    await reader.read();
    await ask(online, `PUT /v1/threads/${thread_id}`, { headers, json: { title: "The user's own" } });
    goOn(undefined);
    while (!(await reader.read()).done);
    assert.equal((await getThread(online, headers, thread_id)).title, "The user's own");
  });

  it("is kept although the user has gone", async () => {
    /** @type {(value: unknown) => void} */
    let goOn = () => {};
    model.reply = async (response) => {
      response.setHeader("Content-Type", "text/event-stream");
      response.write(piece("Long "));
      await new Promise((resolve) => (goOn = resolve));
      response.end(piece("journey") + DONE);
    };
    const thread_id = await newThread();
    const reader = (await stream(online, thread_id, "I am off")).getReader();
    await reader.read();
    await reader.cancel();
    await wait(200);
    goOn(undefined);
    const deadline = Date.now() + 5_000;
    let title = null;
    while (title === null && Date.now() < deadline) ({ title } = await getThread(online, backend(online), thread_id));
    assert.match(String(title), /^Long/);
  });

  it("is derived where the model fails, and the log tells without the key or the words", async () => {
    const failures = /** @type {Record<string, import("./model.mjs").Reply>} */ ({
      "status 500": (response) => void response.writeHead(500).end(KEY),
      "status 401": (response) => void response.writeHead(401).end(KEY),
      redirect: (response) => void response.writeHead(302, { Location: "https://example.com" }).end(),
      "no connection": (response) => void response.destroy(),
      "no stream": (response) => void response.end("<html>"),
      nothing: (response) => void response.end(),
      silence: says("", " ", "\n"),
      "an error in the stream": (response) => void response.end('data: {"error":{"message":"no"}}\n\n'),
      "no JSON": (response) => void response.end("data: {\n\n"),
      "an endless event": (response) => void response.end(`data: ${"x".repeat(200_000)}`),
    });
    for (const [about, reply] of Object.entries(failures)) {
      model.reply = reply;
      assert.match(await titled(online, await newThread(), "Why is the sky blue, unspeakable?"), /sky/i, about);
    }
    assert.ok(online.log.includes("title model"), "the operator learns of it");
    for (const secret of [KEY, "unspeakable"]) assert.ok(!online.log.includes(secret));
  });

  it("that breaks off is what was said until then", async () => {
    model.reply = (response) => {
      response.writeHead(200);
      response.write(piece("Half a title that ") + piece("ends"));
      setTimeout(() => response.destroy(), 100);
    };
    assert.match(await titled(online, await newThread(), "Why is the sky blue?"), /^Half a title/);
  });

  it("is a title's length and one line, whatever the model says", async () => {
    for (const [said, title] of [
      ['"Quoted"', "Quoted"],
      ["Title: Blue skies.", "Blue skies"],
      ["<think>Hm, a title</think>Blue skies", "Blue skies"],
      ["Blue skies\nand an explanation", "Blue skies"],
      ["**Blue** skies", "Blue skies"],
    ]) {
      model.reply = says(...said);
      assert.equal(await titled(online, await newThread(), "Why?"), title, said);
    }
    model.reply = says("word ".repeat(5_000));
    assert.ok((await titled(online, await newThread(), "Why?")).split(" ").length <= 12);
  });

  it("is not asked for where the thread has one", async () => {
    model.questions = [];
    const thread_id = await createThread(online, backend(online), { title: "The user's own" });
    assert.equal(await titled(online, thread_id, "Why?"), "The user's own");
    assert.deepEqual(model.questions, []);
  });
});

describe("a title from Workers AI", () => {
  const newThread = () => createThread(bound, backend(bound));

  /** Answers as Workers AI does, in pieces. @param {unknown[]} pieces @returns {import("./model.mjs").Reply} */
  const speaks = (...pieces) => (response) => {
    response.setHeader("Content-Type", "text/event-stream");
    response.end(pieces.map((piece) => `data: ${JSON.stringify({ response: piece })}\n\n`).join("") + DONE);
  };

  it("comes through the binding, streams and is kept", async () => {
    model.questions = [];
    model.reply = speaks("Apollo ", 11, " landing");
    assert.equal(await titled(bound, await newThread(), "When did Apollo 11 land?"), "Apollo 11 landing");
    const [{ url, headers, body: question }, ...others] = model.questions;
    assert.deepEqual(others, []);
    assert.match(String(url), /^\/run\b/);
    assert.match(JSON.stringify([headers, question]), /@cf\/meta\/llama/);
    assert.equal(question.inputs.stream, true);
    assert.match(question.inputs.messages[1].content, /When did Apollo 11 land\?/);
  });

  it("is derived where the binding fails", async () => {
    const failures = /** @type {Record<string, import("./model.mjs").Reply>} */ ({
      "status 500": (response) => void response.writeHead(500).end("no"),
      "no connection": (response) => void response.destroy(),
      silence: speaks("", " "),
    });
    for (const [about, reply] of Object.entries(failures)) {
      model.reply = reply;
      assert.match(await titled(bound, await newThread(), "Why is the sky blue?"), /sky/i, about);
    }
    assert.ok(bound.log.includes("title model"), "the operator learns of it");
  });
});
