// @ts-check
/**
 * What a request costs as the data behind it grows.
 *
 * The requests go through the API. The rows that are there before are written into the object's own SQLite file while
 * workerd is down: 100,000 requests would take minutes and leave the same rows.
 */
import { run } from "./load.mjs";
import { median } from "./measure.mjs";
import { ask, asPage, backend, createThread, message, request, workspaceToken } from "./rows.mjs";

/** @import { DatabaseSync as Database } from "node:sqlite" */
/** @import { Side } from "./sides.mjs" */

/** The most that a request over the most data may cost of one over the least. */
export const MOST = 1.5;

/** @typedef {{ threads: number[], messages: number[], rounds: number, requests: number }} Extent */

/** @type {Extent} */
export const whole = {
  threads: [10, 1_000, 100_000],
  messages: [10, 1_000, 10_000],
  rounds: 15,
  requests: 12,
};

/** The same in a few seconds. @type {Extent} */
export const quick = { threads: [10, 20], messages: [10, 20], rounds: 1, requests: 4 };

/** @param {number} number */
const id = (number) => `0${number.toString(36).padStart(23, "0")}`;

/** @typedef {{ workspace: string, thread: string, size: number }} Place a workspace with so much in it */

/**
 * Fills the database in which a place is.
 *
 * @param {Side} side
 * @param {Place} place
 * @param {(database: Database) => void} fill
 */
async function seed(side, { thread }, fill) {
  const { DatabaseSync } = await import("node:sqlite");
  for (const path of side.worker.databases()) {
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

/** A workspace with so many threads. @param {Place} place @returns {(database: Database) => void} */
const threads = ({ size, thread }) => (database) => {
  const insert = database.prepare(
    `INSERT INTO threads SELECT ?, title, ?, metadata, external_id, is_archived, created_at, created_by, updated_at,
       updated_by FROM threads WHERE id = ?`,
  );
  for (let count = 1; count < size; count++) insert.run(`thread_${id(count)}`, 1.7e12 + count, thread);
};

/** A thread with so many messages, one below the other. @param {Place} place @returns {(database: Database) => void} */
const messages = ({ size, thread }) => (database) => {
  const [first] = database.prepare("SELECT id FROM messages WHERE thread_id = ?").all(thread);
  const insert = database.prepare(
    `INSERT INTO messages SELECT ?, thread_id, ?, ?, format, role, external_id, content, created_at, created_by,
       updated_at, updated_by FROM messages WHERE id = ?`,
  );
  let parent = String(first.id);
  for (let count = 1; count < size; count++) {
    const name = `msg_${id(count)}`;
    insert.run(name, parent, count, String(first.id));
    parent = name;
  }
};

/**
 * One place of each size.
 *
 * @param {Side} side
 * @param {number[]} sizes
 * @param {string} name
 * @param {typeof threads} fill
 */
async function places(side, sizes, name, fill) {
  /** @type {Place[]} */
  const all = [];
  for (const size of sizes) {
    const workspace = `${name}_${size}`;
    const thread = await createThread(side, workspace, 0);
    const line = `POST /v1/threads/${thread}/messages`;
    await ask(side, request(side, line, backend(side, workspace), note({})), 201);
    all.push({ workspace, thread, size });
  }
  await side.worker.kill();
  for (const place of all) await seed(side, place, fill(place));
  await side.worker.start();
  return all;
}

/** A kind of request. @typedef {[name: string, (place: Place) => [line: string, json?: unknown]]} Kind */

/** A message without much in it. @param {object} members */
const note = (members) => message("user", 200, { parent_id: null, ...members });

/** @type {Kind[]} */
const overThreads = [
  ["threads, first page", () => ["GET /v1/threads?limit=4"]],
  ["threads, a page from the middle", ({ size }) => [`GET /v1/threads?limit=4&after=thread_${id(size >> 1)}`]],
  ["threads, one of the last pages", () => [`GET /v1/threads?limit=4&after=thread_${id(5)}`]],
  ["append to a thread", ({ thread }) => [`POST /v1/threads/${thread}/messages`, note({})]],
  ["new thread", () => ["POST /v1/threads", { last_message_at: "2026-01-01T12:00:00.000Z" }]],
];

/** @type {Kind[]} */
const overMessages = [
  ["messages, first page", ({ thread }) => [`GET /v1/threads/${thread}/messages?limit=4`]],
  ["messages, a page from the middle", ({ thread, size }) =>
    [`GET /v1/threads/${thread}/messages?limit=4&after=msg_${id(size >> 1)}`]],
  ["messages, one of the last pages", ({ thread }) =>
    [`GET /v1/threads/${thread}/messages?limit=4&after=msg_${id(5)}`]],
  ["append as a root", ({ thread }) => [`POST /v1/threads/${thread}/messages`, note({})]],
  ["append below the 9th", ({ thread }) =>
    [`POST /v1/threads/${thread}/messages`, note({ parent_id: `msg_${id(9)}` })]],
];

/**
 * Takes back what requests made, so that a place keeps its size.
 *
 * @param {Side} side
 * @param {Place} place
 * @param {string[]} made
 */
async function remove(side, { workspace, thread }, made) {
  const headers = backend(side, workspace);
  if (made[0]?.startsWith("msg_")) {
    const line = `DELETE /v1/threads/${thread}/messages`;
    await ask(side, request(side, line, headers, { message_ids: made }), 200);
    return;
  }
  for (const one of made) await ask(side, request(side, `DELETE /v1/threads/${one}`, headers), 200);
}

/**
 * Medians at each size, in µs of CPU and in milliseconds until the answer; the last cost as a multiple of the first.
 *
 * @typedef {{ kind: string, sizes: number[], cpu: number[], millis: number[], ratio: number }} Curve
 */

/**
 * Measures each kind of request at each place, all of them in every round.
 *
 * @param {Side} side
 * @param {Place[]} all
 * @param {Kind[]} kinds
 * @param {Extent} extent
 * @returns {Promise<Curve[]>}
 */
async function curves(side, all, kinds, { rounds, requests: total }) {
  /** @type {{ cpu: number[], millis: number[] }[][]} */
  const samples = kinds.map(() => all.map(() => ({ cpu: [], millis: [] })));
  // Two rounds are for caches and compilers.
  for (let round = -2; round < rounds; round++) {
    for (const [index, [, make]] of kinds.entries()) {
      // The first size first in one round and last in the next.
      const order = [...all.keys()];
      if (round % 2) order.reverse();
      for (const at of order) {
        const place = all[at];
        const [line, json] = make(place);
        const requests = [asPage(side, line, workspaceToken(side, place.workspace), json)];
        const status = line.startsWith("POST ") ? 201 : 200;
        /** @type {string[]} */
        const made = [];
        const job = { port: side.port, requests, total, connections: 1, status };
        const before = side.cpu();
        const { seconds } = await run(job, ({ body }) => {
          if (status === 201) made.push(...Object.values(JSON.parse(body.toString())).map(String));
        });
        if (round >= 0) {
          samples[index][at].cpu.push(((side.cpu() - before) * 1e6) / total);
          samples[index][at].millis.push((seconds * 1e3) / total);
        }
        await remove(side, place, made);
      }
    }
  }
  const sizes = all.map(({ size }) => size);
  return samples.map((places, index) => {
    const cpu = places.map(({ cpu }) => median(cpu));
    const millis = places.map(({ millis }) => median(millis));
    return { kind: kinds[index][0], sizes, cpu, millis, ratio: cpu[cpu.length - 1] / cpu[0] };
  });
}

/** Measures a Worker. @param {Side} side @param {Extent} extent */
export async function measureGrowth(side, extent) {
  const wide = await places(side, extent.threads, "threads", threads);
  const byThreads = await curves(side, wide, overThreads, extent);
  const deep = await places(side, extent.messages, "messages", messages);
  return { threads: byThreads, messages: await curves(side, deep, overMessages, extent) };
}
