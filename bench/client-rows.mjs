// @ts-check
/** What a client costs the page that uses it, ours beside the official one. Runs in Node and in a browser alike. */
import { AssistantCloud as Official } from "assistant-cloud";
// @ts-ignore: bench/client.mjs says where it is
import { AssistantCloud as Ours } from "assistant-cloud-edge";
import { inTurns } from "./turns.mjs";

/** @import { Row, Side } from "./turns.mjs" */

const baseUrl = "https://cloud.test";
const now = Math.floor(Date.now() / 1000);
const encode = (/** @type {object} */ part) => btoa(JSON.stringify(part)).replaceAll("=", "");
const token = `${encode({ alg: "none" })}.${encode({ sub: "alice", iat: now, exp: now + 86_400 })}.sig`;

const time = new Date(0).toISOString();

/** @param {number} count */
const threads = (count) => JSON.stringify({
  threads: Array.from({ length: count }, (_, index) => ({
    id: `thread_0${index}`, project_id: "proj", workspace_id: "w", title: "A title", last_message_at: time, created_at: time,
    updated_at: time, is_archived: false, external_id: null, metadata: null,
  })),
});

/** @param {number} count @param {number} size */
const messages = (count, size) => JSON.stringify({
  messages: Array.from({ length: count }, (_, index) => ({
    id: `msg_0${index}`, parent_id: null, height: index, created_at: time, updated_at: time, format: "aui/v0",
    content: { role: "user", content: [{ type: "text", text: "x".repeat(size) }] },
  })),
});

/** @type {Record<Side, new (config: any) => any>} */
const clients = { ours: Ours, official: Official };

/** @param {Side} side */
const client = (side) => new clients[side]({ baseUrl, authToken: async () => token });

/** From now on the server answers with what this says. @param {() => string} body */
const answerWith = (body) => {
  globalThis.fetch = async () => new Response(body(), { headers: { "Content-Type": "application/json" } });
};

/**
 * What the first `new` costs, of one of the two. Once in a process or page.
 *
 * @param {Side} side
 * @returns {number} µs
 */
export function firstNew(side) {
  const started = performance.now();
  client(side);
  return (performance.now() - started) * 1000;
}

/**
 * What it costs with the first call, which asks for the first token. Once in a process or page.
 *
 * @param {Side} side
 * @returns {Promise<number>} µs
 */
export async function firstList(side) {
  answerWith(() => threads(1));
  // What the platform makes ready for its first response is neither's.
  await (await fetch(new URL(baseUrl))).text();
  const started = performance.now();
  await client(side).threads.list();
  return (performance.now() - started) * 1000;
}

/**
 * Everything but what is done for the first time.
 *
 * @param {number} turns
 * @param {number} slice how long one turn of one side takes at least, in ms
 * @returns {Promise<Row[]>}
 */
export async function compareCalls(turns, slice) {
  const [ours, official] = [client("ours"), client("official")];
  let body = threads(0);
  answerWith(() => body);
  await Promise.all([ours.threads.list(), official.threads.list()]);

  /** @param {string} row @param {Record<Side, () => Promise<unknown>>} acts @param {number} [batch] */
  const compare = async (row, acts, batch = 1) => {
    const measure = (/** @type {Side} */ side) => repeat(acts[side], slice, batch);
    // The first turns are for the compiler.
    await inTurns(row, Math.ceil(turns / 4), measure);
    return inTurns(row, turns, measure);
  };
  /** @param {string} row @param {string} answer @param {(client: any) => Promise<unknown>} call */
  const compareLists = (row, answer, call) => {
    body = answer;
    return compare(row, { ours: () => call(ours), official: () => call(official) });
  };

  const rows = [
    await compare("a token from the cache", {
      ours: () => ours.auth.getToken(),
      official: () => official.threads.cloud._auth.getAuthHeaders(),
    }, 8),
  ];
  for (const count of [1, 100, 1_000]) {
    rows.push(await compareLists(`threads.list, ${count} rows`, threads(count), (client) => client.threads.list()));
  }
  rows.push(await compareLists("messages.list, 200 × 5 KB", messages(200, 5_000), (client) => client.threads.messages.list("t")));
  return rows;
}

/**
 * @param {() => Promise<unknown>} act
 * @param {number} slice
 * @param {number} batch how many there are between two looks at the clock, which costs as much as the smallest act
 * @returns {Promise<number>} µs for one
 */
async function repeat(act, slice, batch) {
  const started = performance.now();
  for (let count = batch; ; count += batch) {
    for (let turn = 0; turn < batch; turn++) await act();
    const passed = performance.now() - started;
    if (passed >= slice) return (passed / count) * 1000;
  }
}
