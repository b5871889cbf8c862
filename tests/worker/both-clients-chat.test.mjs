// @ts-check
/**
 * Everything that a chat does beside its threads, once with our client and once with the official one: each tells the
 * same story in a workspace of its own, and every request, answer, error and record in it has to be the same.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as official from "assistant-cloud";

import { NOON, backend, listMessages, listRecords, listThreads, visit } from "./exchange.mjs";
import { comparable, outcome } from "./outcome.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */
/** @typedef {(name: string, call: () => Promise<any>) => Promise<any>} Step */
/** @typedef {(cloud: official.AssistantCloud, step: Step) => Promise<void>} Story */

/** @type {Worker} */
let worker;
/** @type {any[]} */
let libraries;
before(async () => {
  const built = "../../pkg/index.js";
  const [ours, started] = await Promise.all([import(built), startWorker({}, { bucket: true })]);
  libraries = [official, ours];
  worker = started;
});
after(() => worker?.close());

/** What differs from one telling to the next, in the order in which it turns up in each. */
const names = new RegExp(
  [
    /(?:thread|msg|run|score|event)_0[0-9A-Za-z]{23}/,
    /usr_anon_0\w+|refresh_0[\w-]+|workspace_(?:theirs|ours)_\d+/,
    /[0-9a-f]{32}[_/][\w.-]+/,
    /(?:expires=\d+&)?signature=[\w-]+/,
    /\d{4}-\d\d-\d\dT[\d:.]+Z/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** A value without what no two tellings share. */
function anonymizer() {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (/** @type {unknown} */ value) => {
    const text = JSON.stringify(value) ?? "undefined";
    return text.replace(names, (name) => {
      // Moments differ even where one telling has two and the other has one twice.
      if (/^\d{4}-/.test(name)) return name === NOON ? name : "a moment";
      if (!known.has(name)) known.set(name, `#${known.size + 1}`);
      return String(known.get(name));
    });
  };
}

let stories = 0;
/** Tells a story with both clients. @param {Story} story @param {object} [config] */
async function same(story, config) {
  stories += 1;
  const told = [];
  for (const [index, { AssistantCloud, CloudAPIError }] of libraries.entries()) {
    const workspaceId = `workspace_${index ? "ours" : "theirs"}_${stories}`;
    const apiKey = { baseUrl: worker.url, apiKey: worker.apiKey, userId: "user_1", workspaceId };
    const cloud = new AssistantCloud({ ...apiKey, ...config });
    const anonymous = anonymizer();
    /** @type {string[]} */
    const telling = [];
    await story(cloud, async (name, call) => {
      const { requests, value, error, thrown } = await outcome(call);
      const refused = thrown instanceof CloudAPIError;
      telling.push(`${name}: ${anonymous({ requests: requests.map(comparable), value, error, refused })}`);
      return value;
    });
    const headers = backend(worker, workspaceId, "user_1");
    const threads = await listThreads(worker, headers);
    telling.push(`left: ${anonymous(threads)}`);
    for (const { id } of threads) telling.push(`left: ${anonymous(await listMessages(worker, headers, id))}`);
    for (const kind of /** @type {const} */ (["runs", "scores", "events"])) {
      telling.push(`left: ${anonymous(await listRecords(worker, headers, kind))}`);
    }
    told.push(telling);
  }
  assert.deepEqual(told[1], told[0]);
  return told[0];
}

/** The chunks of a stream, as a value. @param {ReadableStream<any>} stream */
const chunks = async (stream) => Array.fromAsync(/** @type {any} */ (stream));

/**
 * A list as the official client gives it: of the newer API's `external_id` it does not know, and ours does.
 *
 * @param {{ messages: any[] }} list
 */
const older = ({ messages }) => ({ messages: messages.map(({ external_id, ...message }) => message) });

const last_message_at = new Date(NOON);

describe("both clients", () => {
  it("write, read, change and rate messages the same", async () => {
    const told = await same(async ({ threads }, step) => {
      const { thread_id } = await step("thread", () => threads.create({ last_message_at }));
      const { messages } = threads;
      const content = { role: "user", content: [{ type: "text", text: "é💥" }] };
      /** @type {any} */
      const rows = [
        { parent_id: null, format: "aui/v0", content },
        { parent_id: "local", format: "ai-sdk/v6", content: { role: "user", parts: [] } },
        { parent_id: null, format: "aui/v0", content, external_id: "x" },
        { parent_id: null, format: "aui/v0", content, external_id: "x" },
        ...[{}, { parent_id: null }, { parent_id: null, format: "", content: {} }],
        ...[{ parent_id: "msg_0", format: "a", content }, { parent_id: null, format: "a", content: [] }],
        { parent_id: null, format: "a", content: { date: new Date(0), none: undefined } },
        { parent_id: null, format: "a", content: { text: "x".repeat(1_048_576) } },
      ];
      const made = [];
      for (const row of rows) made.push(await step("create", () => messages.create(thread_id, row)));
      const { message_id } = made[0];
      await step("child", () => messages.create(thread_id, { ...rows[0], parent_id: message_id }));
      const queries = [undefined, {}, { limit: 1 }, { limit: 200 }, { limit: 0 }, { format: "ai-sdk/v6" }];
      for (const query of [...queries, { after: message_id }, { after: "msg_0" }, { format: "" }]) {
        await step("list", () => messages.list(thread_id, query).then(older));
      }
      for (const id of ["thread_0", "a/b", "a b?#%"]) await step("list", () => messages.list(id).then(older));
      await step("update", () => messages.update(thread_id, message_id, { content: { role: "user" } }));
      await step("update", () => messages.update(thread_id, "msg_0", { content: {} }));
      await step("update", () => messages.update(thread_id, message_id, /** @type {any} */ ({})));
      for (const feedback of /** @type {any[]} */ ([
        ...[{ type: "positive" }, { type: "positive", comment: " Good " }, { type: "negative", comment: " " }],
        ...[{ type: "neutral" }, { type: "negative", comment: "x".repeat(2_001) }],
      ])) {
        await step("feedback", () => messages.feedback(thread_id, message_id, feedback));
      }
      await step("feedback", () => messages.feedback(thread_id, "msg_0", { type: "positive" }));
      await step("feedback", () => messages.feedback("thread_0", message_id, { type: "positive" }));
    });
    assert.ok(told.filter((line) => line.includes('"refused":true')).length >= 8);
  });

  it("report runs, scores and events the same", async () => {
    const told = await same(async (cloud, step) => {
      const { thread_id } = await step("thread", () => cloud.threads.create({ last_message_at }));
      /** @type {any[]} */
      const reports = [
        { status: "completed", tags: ["a"], steps: [{}], metadata: { a: 1 }, total_steps: 1, provider_type: "p" },
        ...[{ status: "done" }, { status: "error", thread_id: "thread_0" }, { status: "error", tags: "a" }],
      ];
      const made = [];
      for (const report of reports) made.push(await step("run", () => cloud.runs.report({ thread_id, ...report })));
      const { run_id } = made[0];
      for (const score of /** @type {any[]} */ ([
        { name: "a", data_type: "numeric", value: 1.5, thread_id },
        { name: "a", data_type: "boolean", value: true, run_id, comment: "Good" },
        { name: "a", data_type: "categorical", string_value: "good", thread_id },
        { name: "a", data_type: "categorical", value: 1, thread_id },
        { name: "a b", data_type: "numeric", value: 1, thread_id },
        ...[{ name: "a", data_type: "numeric", value: 1 }, {}],
        { name: "a", data_type: "numeric", value: 1, run_id: "x" },
      ])) {
        await step("score", () => cloud.scores.create(score));
      }
      await step("events", async () => {
        cloud.events.track({ kind: "message_sent", thread_id, value: 1, props: { a: "b" } });
        cloud.events.track({ kind: "error_shown", message_id: "x".repeat(49), value: -1, props: { a: Number.NaN } });
        cloud.events.dispose();
        await new Promise((resolve) => setTimeout(resolve, 300));
      });
    });
    assert.match(told.at(-1) ?? "", /message_sent/);
  });

  it("are given a title the same, also one that is there", async () => {
    const told = await same(async ({ threads, runs }, step) => {
      const { thread_id } = await step("thread", () => threads.create({ last_message_at }));
      const messages = [{ role: "user", content: [{ type: "text", text: "Why is the sky blue?" }] }];
      /** @param {any} [change] */
      const ask = async (change) =>
        chunks(await runs.stream({ thread_id, assistant_id: "system/thread_title", messages, ...change }));
      for (const change of [{}, {}, { thread_id: "thread_0" }, { assistant_id: "other" }, { messages: [] }]) {
        await step("stream", () => ask(change));
      }
      await step("options", async () => {
        const { api, headers, body } = runs.__internal_getAssistantOptions("x");
        const { "Aui-Sdk": sdk, ...rest } = await headers();
        return { api, body: { ...body }, rest, sdk: typeof sdk };
      });
    });
    assert.match(told[1], /sky/i);
  });

  it("sign attachments the same", async () => {
    await same(async ({ files }, step) => {
      const upload = await step("upload", () => files.generatePresignedUploadUrl({ filename: "rain.png" }));
      for (const filename of ["", "a.png/b", "x".repeat(256), "none"]) {
        await step("upload", () => files.generatePresignedUploadUrl({ filename }));
      }
      /** @type {any[]} */
      const asked = [{ key: upload.key }, { url: upload.publicUrl }, { key: "x" }, { key: "/../x" }, {}];
      for (const body of [...asked, { key: upload.key, url: upload.publicUrl }]) {
        await step("download", () => files.generatePresignedDownloadUrl(body));
      }
    });
  });

  it("are refused the same what this Worker does not do", async () => {
    const told = await same(async ({ files, projects }, step) => {
      for (const body of [{ file_url: "https://x.test/a.pdf" }, { file_blob: "AA==" }, {}]) {
        await step("pictures", () => files.pdfToImages(body));
      }
      /** @type {any[]} */
      const queries = [undefined, {}, { limit: 1 }, { limit: 0 }, { is_archived: true }, { after: "a b?#%" }];
      for (const query of queries) await step("threads", () => projects.threads.list(query));
      const { messages } = projects.threads;
      for (const id of ["thread_0", "a/b", "a b?#%"]) {
        for (const query of [undefined, { limit: 1, format: "ai-sdk/v6", after: "msg_0" }]) {
          await step("messages", () => messages.list(id, query));
        }
      }
    });
    const refusals = { pictures: 501, threads: 404, messages: 404 };
    for (const [name, status] of Object.entries(refusals)) {
      const lines = told.filter((line) => line.startsWith(name));
      assert.ok(lines.length >= 3);
      for (const line of lines) assert.match(line, new RegExp(`"status":${status},.*"refused":true`));
    }
  });

  it("claim the same", async () => {
    await same(async ({ threads }, step) => {
      const { access_token, refresh_token } = await visit(worker);
      const visitor = new official.AssistantCloud({ baseUrl: worker.url, authToken: async () => access_token });
      await visitor.threads.create({ last_message_at });
      for (const token of [refresh_token.token, refresh_token.token, "refresh_0", "x", ""]) {
        await step("claim", () => threads.claim({ refresh_token: token }));
      }
    });
  });

  it("say the same of themselves", async () => {
    for (const telemetry of [undefined, true, false, {}, { enabled: false }, { events: false, environment: "test" }]) {
      await same(
        async (cloud, step) => {
          await step("telemetry", async () => cloud.telemetry);
          cloud.registerSdk({ name: "@acme/chat", version: "1.2.3" });
          cloud.registerSdk({ name: "no name", version: "1" });
          await step("sdk", async () => {
            const { fetch } = globalThis;
            /** @type {string | null | undefined} */
            let sdk;
            globalThis.fetch = (input, init) => {
              sdk = new Request(input, init).headers.get("Aui-Sdk");
              return fetch(input, init);
            };
            try {
              await cloud.threads.list();
            } finally {
              globalThis.fetch = fetch;
            }
            return sdk?.split(" ").slice(1);
          });
          await step("events", async () => {
            cloud.events.track({ kind: "error_shown" });
            cloud.events.dispose();
            await new Promise((resolve) => setTimeout(resolve, 50));
          });
        },
        { telemetry },
      );
    }
  });
});
