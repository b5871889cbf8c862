// @ts-check
/**
 * Random requests of two workspaces, each of which knows every id of the other and tries them all: no answer to the
 * one ever holds an id or a word of the other.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, it } from "node:test";

import { ask, backend, bearer, mint, visit } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const REQUESTS = 4_000;
/** How many are on their way at once. */
const ABREAST = 8;
/** The same seed makes the same requests: `SEED=1 node --test …`. */
const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({}, { bucket: true });
});
after(() => worker?.close());

/** Numbers from 0 to 1 (mulberry32). @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const idPattern = /(?:thread|msg|run|score|event)_0[0-9A-Za-z]{23}|attachments\/[\w/.-]+/g;

/** Someone with a workspace: the words that only they say, and the ids that only they were given. */
class Party {
  /** @type {Set<string>} */
  ids = new Set();

  /** @param {string} word @param {() => Record<string, string>} headers */
  constructor(word, headers) {
    this.word = word;
    this.headers = headers;
  }
}

it(`no answer holds what is another workspace's, in ${REQUESTS} requests (seed ${SEED})`, async () => {
  const random = generator(SEED);
  /** @template Item @param {readonly Item[]} items @returns {Item} */
  const pick = (items) => items[Math.floor(random() * items.length)];
  const token = bearer(await mint(worker, "workspace_tokens", "user_1"));
  const visitor = bearer((await visit(worker)).access_token);
  const parties = [
    new Party("albatross", () => backend(worker, "workspace_1", "user_1")),
    new Party("bumblebee", () => pick([token, backend(worker, "workspace_tokens", "user_1")])),
    new Party("chameleon", () => visitor),
  ];

  /** An id that is there, as likely as not somebody else's. @param {string} kind */
  function someId(kind) {
    const ids = parties.flatMap((party) => [...party.ids]).filter((id) => id.startsWith(kind));
    return ids.length > 0 && random() < 0.95 ? pick(ids.slice(-40)) : `${kind}0`;
  }

  /** A request of a party's, with its word wherever there is room for one. @param {string} word */
  function request(word) {
    const [thread, message, run] = [someId("thread_"), someId("msg_"), someId("run_")];
    const text = `${word} ${Math.floor(random() * 1e6)}`;
    const content = { role: pick(["user", "assistant"]), content: [{ type: "text", text }] };
    const at = `/v1/threads/${thread}`;
    const query = pick(["", `?after=${message}`, `?limit=3&after=${message}`, "?format=ai-sdk/v6"]);
    const records = pick(["", `?thread_id=${thread}`, `?after=${pick([run, someId("score_"), someId("event_")])}`]);
    const target = pick([{ thread_id: thread }, { thread_id: thread, message_id: message }, { run_id: run }]);
    const last_message_at = new Date(1.7e12 + random() * 1e9);
    /** @type {[string, unknown?][]} */
    const requests = [
      ["POST /v1/threads", { last_message_at, title: text, metadata: { text }, external_id: pick(["x", text]) }],
      ["POST /v1/threads", { last_message_at, external_id: "x", upsert: true }],
      [`GET /v1/threads${pick(["", "?external_id=x", `?after=${thread}`, "?is_archived=true", "?limit=3"])}`],
      [`GET ${at}`],
      [`PUT ${at}`, pick([{ title: text }, { is_archived: random() < 0.5 }, { metadata: { text } }])],
      [`GET ${at}/messages${query}`],
      [`POST ${at}/messages`, { parent_id: pick([null, message]), format: "aui/v0", content }],
      [`POST ${at}/messages`, { parent_id: null, format: "aui/v0", content, external_id: "x" }],
      [`PUT ${at}/messages/${message}`, { content }],
      [`POST ${at}/messages/${message}/feedback`, { type: "negative", comment: text }],
      ["POST /v1/runs", { thread_id: thread, status: "error", error: text, tags: [word], trace_id: "a".repeat(32) }],
      [`GET /v1/runs/${run}`],
      [`GET /v1/${pick(["runs", "scores", "events"])}${records}`],
      ["POST /v1/scores", { ...target, name: "a", data_type: "categorical", string_value: text, comment: text }],
      ["POST /v1/events", { events: [{ kind: "error_shown", thread_id: thread, props: { text } }] }],
      ["POST /v1/files/attachments/generate-presigned-upload-url", { filename: `${word}.png` }],
      ["POST /v1/files/attachments/generate-presigned-download-url", { key: someId("attachments/") }],
    ];
    // What is removed cannot give anything away any more: seldom.
    if (random() < 0.03) return pick([[`DELETE ${at}`], [`DELETE ${at}/messages`, { message_ids: [message] }]]);
    return pick(requests);
  }

  let [left, served] = [REQUESTS, 0];
  const askers = Array.from({ length: ABREAST }, async () => {
    while (left-- > 0) {
      const party = pick(parties);
      const [line, json] = /** @type {[string, unknown?]} */ (request(party.word));
      const answer = await ask(worker, line, { headers: party.headers(), json });
      if (answer.status < 300) served += 1;
      // An id in the answer that the request did not name is the caller's own.
      const named = `${line} ${JSON.stringify(json)}`;
      const found = [...answer.text.matchAll(idPattern)].map(([id]) => id);
      const about = `${party.word}: ${named} is answered ${answer.text}`;
      for (const other of parties) {
        if (other === party) continue;
        assert.ok(!answer.text.includes(other.word), about);
        for (const id of found) assert.ok(!other.ids.has(id), about);
      }
      if (answer.status < 300) for (const id of found) party.ids.add(id);
    }
  });
  await Promise.all(askers);
  assert.ok(served > REQUESTS / 4, `${served} requests were served`);
  for (const { word, ids } of parties) assert.ok(ids.size > 100, `${word} has ${ids.size} ids`);
});
