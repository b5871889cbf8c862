// @ts-check
/** Runs, scores, feedback and events: what is recorded beside the messages. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { append, ask, backend, createThread, listRecords, refused } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

let workspaces = 0;
/** A thread with a message in a workspace that nobody used before, and its owner's headers. */
async function newPlace() {
  const workspace = `workspace_${++workspaces}`;
  const headers = backend(worker, workspace, "user_1");
  const thread_id = await createThread(worker, headers);
  const message_id = await append(worker, headers, thread_id);
  return { workspace, headers, thread_id, message_id };
}

/** @param {Record<string, string>} headers @param {string} line @param {unknown} json */
const post = (headers, line, json) => ask(worker, `POST /v1/${line}`, { headers, json });

/** @param {string} text */
function assertCanonical(text) {
  assert.equal(new Date(text).toISOString(), text);
}

describe("a run", () => {
  it("is stored with what its report says, and listed without what was said", async () => {
    const { headers, thread_id, message_id } = await newPlace();
    const report = {
      thread_id,
      message_id,
      status: "completed",
      trace_id: "trace 1",
      model_id: "model",
      provider: "provider",
      provider_type: "provider",
      input_tokens: 100_000_000,
      duration_ms: 12,
      steps: [{ input_tokens: 1 }, {}],
      tool_calls: [{ tool_name: "weather", tool_args: "{}", tool_source: "mcp" }],
      output_text: "The secret of the rain",
      metadata: { a: 1, b: 1 },
      attributes: { b: 3 },
      b: 2,
      c: 2,
      tags: [" x ", "x", "y"],
    };
    const answer = await post(headers, "runs", report);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(Object.keys(answer.body), ["run_id"]);
    assert.match(answer.body.run_id, /^run_0[0-9A-Za-z]{23}$/);
    const [run, ...others] = await listRecords(worker, headers, "runs");
    assert.deepEqual(others, []);
    assertCanonical(run.created_at);
    assertCanonical(run.updated_at);
    const { id, created_by, status, total_steps, tags, attributes, provider, environment } = run;
    assert.deepEqual(
      { id, created_by, status, total_steps, tags, attributes, provider, environment },
      {
        id: answer.body.run_id,
        created_by: "user_1",
        status: "completed",
        total_steps: 2,
        tags: ["x", "y"],
        attributes: { a: 1, b: 3, c: 2 },
        provider: "provider",
        environment: null,
      },
    );
    assert.ok(!JSON.stringify(run).includes("secret"));
    const whole = (await ask(worker, `GET /v1/runs/${id}`, { headers })).body.run;
    const { error, output_text, steps, tool_calls, ...same } = whole;
    assert.deepEqual(same, run);
    assert.deepEqual({ output_text, steps, tool_calls, error }, {
      output_text: report.output_text,
      steps: report.steps,
      tool_calls: report.tool_calls,
      error: null,
    });
    const stranger = await newPlace();
    refused(await ask(worker, `GET /v1/runs/${id}`, { headers: stranger.headers }), 404, "Run not found");
  });

  it("is reported once or twice under one trace, and is one", async () => {
    const { headers, thread_id } = await newPlace();
    const trace_id = "0123456789abcdef0123456789abcdef";
    const first = await post(headers, "runs", { thread_id, trace_id, status: "incomplete" });
    const reports = Array.from({ length: 5 }, () => ({ thread_id, trace_id, status: "incomplete", input_tokens: 5 }));
    for (const { status, body } of await Promise.all(reports.map((report) => post(headers, "runs", report)))) {
      assert.deepEqual([status, body], [201, first.body]);
    }
    const [run, ...others] = await listRecords(worker, headers, "runs");
    assert.deepEqual([run.id, run.input_tokens, others], [first.body.run_id, 5, []]);
    const foreign = await newPlace();
    const report = { thread_id: foreign.thread_id, trace_id, status: "completed" };
    assert.notDeepEqual((await post(foreign.headers, "runs", report)).body, first.body);
  });

  it("is held to its limits", async () => {
    const { headers, thread_id, message_id } = await newPlace();
    const good = { thread_id, status: "completed" };
    const most = {
      ...good,
      message_id,
      error_code: "x".repeat(64),
      error: "é".repeat(2_048),
      tags: Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(64, "x")),
      environment: "x".repeat(64),
      release: "x".repeat(255),
      output_text: "x".repeat(50_000),
      tool_calls: Array(1_000).fill({ tool_name: "x" }),
      attributes: { a: "x".repeat(16_384 - 8) },
      root_span_id: "0123456789abcdef",
      outcome_type: "content_filter",
    };
    const answer = await post(headers, "runs", most);
    assert.equal(answer.status, 201, answer.text);
    for (const wrong of [
      { status: "done" },
      { status: undefined },
      { thread_id: undefined },
      { thread_id: "" },
      { error_code: "x".repeat(65) },
      { error: "x".repeat(2_049) },
      { tags: Array.from({ length: 21 }, (_, index) => `${index}`) },
      { tags: ["x".repeat(65)] },
      { tags: [1] },
      { environment: "x".repeat(65) },
      { output_text: "x".repeat(50_001) },
      { tool_calls: Array(1_001).fill({ tool_name: "x" }) },
      { tool_calls: [{}] },
      { tool_calls: [{ tool_name: "x", tool_args: {} }] },
      { tool_calls: [{ tool_name: "x", tool_source: "x" }] },
      { steps: {} },
      { input_tokens: 100_000_001 },
      { input_tokens: -1 },
      { input_tokens: 1.5 },
      { root_span_id: "0123456789ABCDEF" },
      { outcome_type: "x" },
      { cost_usd: -1 },
      { trace_id: "x".repeat(49) },
      { metadata: [] },
    ]) {
      const { status, body } = await post(headers, "runs", { ...good, ...wrong });
      const about = JSON.stringify(wrong).slice(0, 60);
      refused({ status, body }, 400, "Schema validation error", about);
      assert.ok(body.details.every((/** @type {string} */ line) => line.startsWith(Object.keys(wrong)[0])), about);
    }
    const large = { ...good, attributes: { a: "x".repeat(16_384 - 7) } };
    refused(await post(headers, "runs", large), 400, "attributes must not exceed 16384 bytes");
    refused(await post(headers, "runs", { ...good, thread_id: "thread_0" }), 404, "Thread not found");
    const foreign = { ...good, message_id: (await newPlace()).message_id };
    refused(await post(headers, "runs", foreign), 400, "message_id must belong to thread_id");
    assert.equal((await listRecords(worker, headers, "runs")).length, 1);
  });
});

describe("a score", () => {
  it("is answered and listed, one for each target, name and author", async () => {
    const { workspace, headers, thread_id, message_id } = await newPlace();
    const { run_id } = (await post(headers, "runs", { thread_id, status: "completed" })).body;
    const targets = [{ thread_id }, { thread_id, message_id }, { run_id }];
    const verdicts = [
      [{ data_type: "numeric", value: -1.5 }, { data_type: "numeric", value: -1.5, string_value: null }],
      [{ data_type: "boolean", value: true }, { data_type: "boolean", value: 1, string_value: null }],
      [{ data_type: "boolean", value: 0 }, { data_type: "boolean", value: 0, string_value: null }],
      [
        { data_type: "categorical", string_value: "good" },
        { data_type: "categorical", value: null, string_value: "good" },
      ],
    ];
    const given = new Set();
    for (const target of targets) {
      const ids = new Set();
      for (const [verdict, expected] of verdicts) {
        const answer = await post(headers, "scores", { name: "quality", ...target, ...verdict });
        assert.equal(answer.status, 201, answer.text);
        const { score_id, ...rest } = answer.body;
        assert.deepEqual(rest, { name: "quality", ...expected });
        ids.add(score_id);
      }
      assert.equal(ids.size, 1, "the same author's verdict is replaced");
      given.add([...ids][0]);
    }
    const other = backend(worker, workspace, "user_2");
    const second = await post(other, "scores", { name: "quality", thread_id, data_type: "numeric", value: 1 });
    given.add(second.body.score_id);
    const scores = await listRecords(worker, headers, "scores");
    assert.deepEqual(new Set(scores.map(({ id }) => id)), given);
    assert.equal(given.size, 4);
    assert.deepEqual(scores.map(({ author_id }) => author_id).sort(), ["user_1", "user_1", "user_1", "user_2"]);
  });

  it("is held to its schema and its target", async () => {
    const { headers, thread_id, message_id } = await newPlace();
    const good = { name: "a", data_type: "numeric", value: 1, thread_id };
    for (const wrong of [
      { name: "" },
      { name: "a b" },
      { name: "x".repeat(65) },
      { data_type: "text" },
      { value: "1" },
      { value: undefined },
      { value: true },
      { string_value: "a" },
      { comment: "" },
      { comment: "x".repeat(2_001) },
      { data_type: "boolean", value: 2 },
      { data_type: "categorical" },
      { data_type: "categorical", value: undefined },
      { thread_id: undefined },
      { thread_id: undefined, message_id },
      { run_id: "run_0" },
    ]) {
      const about = JSON.stringify(wrong);
      refused(await post(headers, "scores", { ...good, ...wrong }), 400, "Schema validation error", about);
    }
    const stranger = await newPlace();
    refused(await post(stranger.headers, "scores", good), 404, "Thread not found");
    const elsewhere = { ...good, thread_id: stranger.thread_id, message_id };
    assert.ok([400, 404].includes((await post(stranger.headers, "scores", elsewhere)).status));
    const { run_id } = (await post(headers, "runs", { thread_id, status: "error" })).body;
    refused(await post(stranger.headers, "scores", { ...good, thread_id: undefined, run_id }), 404, "Run not found");
    assert.deepEqual(await listRecords(worker, stranger.headers, "scores"), []);
  });
});

describe("feedback", () => {
  it("keeps its comment with its verdict, and goes with its message", async () => {
    const { headers, thread_id, message_id } = await newPlace();
    const line = `threads/${thread_id}/messages/${message_id}/feedback`;
    const steps = [
      [{ type: "positive" }, { type: "positive", comment: null }],
      [{ type: "positive", comment: " Good " }, { type: "positive", comment: "Good" }],
      [{ type: "positive" }, { type: "positive", comment: "Good" }],
      [{ type: "negative" }, { type: "negative", comment: null }],
      [{ type: "negative", comment: "x".repeat(2_000) }, { type: "negative", comment: "x".repeat(2_000) }],
    ];
    const ids = new Set();
    for (const [sent, expected] of steps) {
      const { status, body } = await post(headers, line, sent);
      const { feedback_id, ...rest } = body;
      assert.deepEqual([status, rest], [200, expected]);
      ids.add(feedback_id);
    }
    assert.equal(ids.size, 1);
    const [{ name, data_type, value, author_id }] = await listRecords(worker, headers, "scores");
    assert.deepEqual([name, data_type, value, author_id], ["feedback", "boolean", 0, "user_1"]);
    for (const wrong of [{}, { type: "neutral" }, { type: "positive", comment: "x".repeat(2_001) }]) {
      refused(await post(headers, line, wrong), 400, "Schema validation error");
    }
    const nowhere = line.replace(message_id, "msg_0");
    refused(await post(headers, nowhere, { type: "positive" }), 404, "Message not found");
    refused(await post((await newPlace()).headers, line, { type: "positive" }), 404, "Thread not found");
    const message_ids = [message_id];
    await ask(worker, `DELETE /v1/threads/${thread_id}/messages`, { headers, json: { message_ids } });
    assert.deepEqual(await listRecords(worker, headers, "scores"), []);
  });
});
