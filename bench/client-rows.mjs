// @ts-check
/** What a client costs the page that uses it, ours beside the official one. Runs in Node and in a browser alike. */
import { AssistantCloud as Official } from "assistant-cloud";
// @ts-ignore: bench/client.mjs says where it is
import { AssistantCloud as Ours } from "assistant-cloud-edge";
import { median } from "./measure.mjs";

/** @typedef {{ row: string, ours: number, official: number, ratio: number }} Row times in µs */

const baseUrl = "https://cloud.test";
const now = Math.floor(Date.now() / 1000);
const encode = (/** @type {object} */ part) => btoa(JSON.stringify(part)).replaceAll("=", "");
const token = `${encode({ alg: "none" })}.${encode({ sub: "alice", iat: now, exp: now + 86_400 })}.sig`;

/** How long one measurement of one side takes at least, in ms: browsers tell the time by 0.1 ms. */
const SLICE_MS = 25;
/** The sides take turns so often; the median counts. */
const TURNS = 21;

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

/** @param {new (config: any) => any} Cloud */
const client = (Cloud) => new Cloud({ baseUrl, authToken: async () => token });

/**
 * What the first `new` costs, of one of the two. Once in a process or page.
 *
 * @param {"ours" | "official"} side
 * @returns {number} µs
 */
export function firstNew(side) {
  const Cloud = side === "ours" ? Ours : Official;
  const started = performance.now();
  client(Cloud);
  return (performance.now() - started) * 1000;
}

/**
 * @param {() => Promise<unknown>} act
 * @returns {Promise<number>} µs for one
 */
async function slice(act) {
  let count = 0;
  const started = performance.now();
  for (;;) {
    // The clock is looked at seldom, because it costs as much as the smallest of what is measured.
    for (let turn = 0; turn < 8; turn++) await act();
    count += 8;
    const passed = performance.now() - started;
    if (passed >= SLICE_MS) return (passed / count) * 1000;
  }
}

/**
 * @param {string} row
 * @param {() => Promise<unknown>} ours
 * @param {() => Promise<unknown>} official
 * @returns {Promise<Row>}
 */
async function compare(row, ours, official) {
  /** @type {[number[], number[]]} */
  const [mine, theirs] = [[], []];
  for (let turn = -3; turn < TURNS; turn++) {
    const [a, b] = [await slice(ours), await slice(official)];
    // The first turns are for the compiler.
    if (turn >= 0) {
      mine.push(a);
      theirs.push(b);
    }
  }
  const ratios = mine.map((value, index) => value / (theirs[index] ?? NaN));
  return { row, ours: median(mine), official: median(theirs), ratio: median(ratios) };
}

/** Everything but the first `new`. @returns {Promise<Row[]>} */
export async function compareCalls() {
  const [ours, official] = [client(Ours), client(Official)];
  let body = "";
  globalThis.fetch = async () => new Response(body, { headers: { "Content-Type": "application/json" } });
  body = threads(0);
  await Promise.all([ours.threads.list(), official.threads.list()]);
  const rows = [
    await compare("a token from the cache", () => ours.auth.getToken(), () => official.threads.cloud._auth.getAuthHeaders()),
  ];
  for (const count of [1, 100, 1_000]) {
    body = threads(count);
    rows.push(await compare(`threads.list, ${count} rows`, () => ours.threads.list(), () => official.threads.list()));
  }
  body = messages(200, 5_000);
  rows.push(await compare("messages.list, 200 × 5 KB", () => ours.threads.messages.list("t"), () => official.threads.messages.list("t")));
  return rows;
}
