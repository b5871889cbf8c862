// @ts-check
/**
 * What a request costs as a workspace grows: `node bench/growth.mjs` drives the built Worker on a real workerd, prints
 * a table and writes it to bench/GROWTH.md.
 *
 * The requests go through the API. The rows that are there before are written into the object's own SQLite file while
 * workerd is down: 100,000 requests would take minutes and leave the same rows.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";

import { packageBin } from "../scripts/toolchain.mjs";
import { append, ask, backend, createThread } from "../tests/worker/exchange.mjs";
import { startWorker } from "../tests/worker/workerd.mjs";

/** @import { DatabaseSync as Database } from "node:sqlite" */
/** @import { Worker } from "../tests/worker/workerd.mjs" */

// Node 20 has no SQLite; the one among the npm packages has.
if (!isBuiltin("node:sqlite")) {
  const { status } = spawnSync(join(packageBin, "node"), [import.meta.filename], { stdio: "inherit" });
  process.exit(status ?? 1);
}
const { DatabaseSync } = await import("node:sqlite");

const THREADS = [10, 1_000, 100_000];
const MESSAGES = [10, 1_000, 10_000];
/** Rounds in which every size has its turn, and requests of a kind in a turn. */
const [ROUNDS, REQUESTS] = [15, 12];
/** The most that the last column may take of the first. */
const MOST = 1.5;
const WORKSPACES = 1_000;

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {number} number */
const id = (number) => `0${number.toString(36).padStart(23, "0")}`;

/**
 * Fills the database in which a thread is.
 *
 * @param {Worker} worker which has been killed
 * @param {string} thread
 * @param {(database: Database) => void} fill
 */
function seed(worker, thread, fill) {
  for (const path of worker.databases()) {
    const database = new DatabaseSync(path);
    try {
      const tables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'threads'").all();
      if (tables.length === 0) continue;
      if (database.prepare("SELECT 1 FROM threads WHERE id = ?").all(thread).length === 0) continue;
      database.exec("BEGIN");
      fill(database);
      database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
      return;
    } finally {
      database.close();
    }
  }
  throw new Error(`no database has ${thread}`);
}

/** @typedef {{ headers: Record<string, string>, thread: string, size: number }} Place */

/** A workspace with so many threads. @param {Place} place @returns {(database: Database) => void} */
const threads = ({ size, thread }) => (database) => {
  const insert = database.prepare(
    `INSERT INTO threads SELECT ?, title, ?, metadata, external_id, is_archived, created_at, created_by, updated_at,
       updated_by FROM threads WHERE id = ?`,
  );
  for (let count = 1; count < size; count++) insert.run(`thread_${id(count)}`, 1.7e12 + count, thread);
};

/**
 * A thread with so many messages, one below the other.
 *
 * @param {Place} place
 * @returns {(database: Database) => void}
 */
const messages = ({ size, thread }) => (database) => {
  const [first] = database.prepare("SELECT id FROM messages WHERE thread_id = ?").all(thread);
  const insert = database.prepare(
    `INSERT INTO messages SELECT ?, thread_id, ?, ?, format, role, external_id, content, created_at, created_by,
       updated_at, updated_by FROM messages WHERE id = ?`,
  );
  let parent = String(first.id);
  for (let count = 1; count < size; count++) {
    const message = `msg_${id(count)}`;
    insert.run(message, parent, count, String(first.id));
    parent = message;
  }
};

/**
 * One place of each size.
 *
 * @param {Worker} worker
 * @param {number[]} sizes
 * @param {string} name
 * @param {(place: Place) => (database: Database) => void} fill
 */
async function places(worker, sizes, name, fill) {
  /** @type {Place[]} */
  const all = [];
  for (const size of sizes) {
    const headers = backend(worker, `${name}_${size}`, "user_1");
    const thread = await createThread(worker, headers, { title: "A title as users write them" });
    await append(worker, headers, thread, { content: { role: "user", text: "x".repeat(200) } });
    all.push({ headers, thread, size });
  }
  await worker.kill();
  for (const place of all) seed(worker, place.thread, fill(place));
  await worker.start();
  return all;
}

/**
 * Times each kind of request at each place, all of them in every round, so that what else the machine does hits them
 * alike.
 *
 * @param {Place[]} all
 * @param {Record<string, (place: Place) => Promise<unknown>>} kinds
 */
async function time(all, kinds) {
  /** @type {Record<string, number[][]>} */
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, all.map(() => [])]));
  for (let round = -2; round < ROUNDS; round++) {
    for (const [kind, request] of Object.entries(kinds)) {
      // The first column first in one round and last in the next.
      const order = [...all.keys()];
      if (round % 2) order.reverse();
      for (const index of order) {
        for (let count = 0; count < REQUESTS; count++) {
          const start = performance.now();
          const made = await request(all[index]);
          // Two rounds are for caches and compilers.
          if (round >= 0) times[kind][index].push(performance.now() - start);
          await remove(worker, all[index], made);
        }
      }
    }
  }
  return Object.entries(times).map(([kind, columns]) => ({ kind, medians: columns.map(median) }));
}

/** Resident memory of workerd, in MiB. @param {Worker} worker */
function memory(worker) {
  const status = readFileSync(`/proc/${worker.child?.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** @param {number[]} sizes @param {string} of @param {{ kind: string, medians: number[] }[]} rows */
function table(sizes, of, rows) {
  const lines = [[`median ms at`, ...sizes.map((size) => `${size.toLocaleString("en")} ${of}`), "last / first"]];
  lines.push(lines[0].map((_, index) => (index ? "---:" : "---")));
  for (const { kind, medians } of rows) {
    const ratio = medians[medians.length - 1] / medians[0];
    const verdict = `${ratio.toFixed(2)}${ratio > MOST ? " (too much)" : ""}`;
    lines.push([kind, ...medians.map((number) => number.toFixed(2)), verdict]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * Takes back what a request made, so that a place keeps its size.
 *
 * @param {Worker} worker
 * @param {Place} place
 * @param {unknown} made an id, or nothing
 */
async function remove(worker, { headers, thread }, made) {
  if (typeof made !== "string") return;
  const answer = made.startsWith("thread_")
    ? await ask(worker, `DELETE /v1/threads/${made}`, { headers })
    : await ask(worker, `DELETE /v1/threads/${thread}/messages`, { headers, json: { message_ids: [made] } });
  if (answer.status !== 200) throw new Error(answer.text);
}

const worker = await startWorker();
try {
  const get = (/** @type {string} */ path) => (/** @type {Place} */ { headers }) =>
    ask(worker, `GET ${path}`, { headers });
  const wide = await places(worker, THREADS, "threads", threads);
  const byThreads = await time(wide, {
    "first page of threads": get("/v1/threads?limit=10"),
    "a later page": get(`/v1/threads?limit=5&after=thread_${id(9)}`),
    "append to a thread": ({ headers, thread }) => append(worker, headers, thread),
    "new thread": ({ headers }) => createThread(worker, headers),
  });
  const deep = await places(worker, MESSAGES, "messages", messages);
  const byMessages = await time(deep, {
    "first page of messages": ({ headers, thread }) =>
      ask(worker, `GET /v1/threads/${thread}/messages?limit=10`, { headers }),
    "a later page": ({ headers, thread }) =>
      ask(worker, `GET /v1/threads/${thread}/messages?limit=5&after=msg_${id(9)}`, { headers }),
    "append as a root": ({ headers, thread }) => append(worker, headers, thread),
    "append below the 9th": ({ headers, thread }) => append(worker, headers, thread, { parent_id: `msg_${id(9)}` }),
  });
  await worker.restart();
  await ask(worker, "GET /healthz");
  const before = memory(worker);
  for (let count = 0; count < WORKSPACES; count++) {
    const headers = backend(worker, `touched_${count}`, "user_1");
    const thread = await createThread(worker, headers);
    await append(worker, headers, thread);
    await ask(worker, "GET /v1/threads", { headers });
  }
  const after = memory(worker);
  const each = ((after - before) * 1_024) / WORKSPACES;
  const text = `# Growth

Made by \`node bench/growth.mjs\` on ${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}.
Each figure is the median of ${ROUNDS * REQUESTS} requests over HTTP, all sizes in turn in ${ROUNDS} rounds.
Nothing may take more than ${MOST} times as long in the last column as in the first. A page has as many rows at every
size. What a size has before was written into the object's SQLite file directly.

${table(THREADS, "threads", byThreads)}

${table(MESSAGES, "messages", byMessages)}

Memory of workerd (resident): ${before.toFixed(0)} MiB after its start, ${after.toFixed(0)} MiB after a thread and a
message were written and a list was read in each of ${WORKSPACES} workspaces: ${each.toFixed(0)} KiB for each.
`;
  console.log(text);
  writeFileSync(join(import.meta.dirname, "GROWTH.md"), text);
} finally {
  await worker.close();
}
