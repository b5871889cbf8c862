// @ts-check
/** What requests read, write and store, counted on real databases. */
import { statSync } from "node:fs";

import { refreshToken } from "./answers.mjs";
import { run } from "./load.mjs";
import { ask, backend, createThread, fillThread, message, request } from "./rows.mjs";

/** @import { DatabaseSync as Database } from "node:sqlite" */
/** @import { Side, Sides } from "./sides.mjs" */

/**
 * What people do.
 *
 * @typedef {"begin" | "session" | "mint" | "anonymous" | "refresh" | "list" | "open" | "thread" | "title" | "append" | "update"
 *   | "run" | "events"} Action
 */

/** @typedef {{ read: number, written: number }} Rows */

/**
 * What one of them takes.
 *
 * @typedef {object} Cost
 * @property {string} [row] of the results, for its CPU time; none where it is a part of another request
 * @property {number} objects requests to objects
 * @property {number} read rows
 * @property {number} written rows
 */

/**
 * @typedef {object} Counted
 * @property {Record<Action, Cost>} costs
 * @property {number} sessionBytes of a database with a session and nothing else
 * @property {number} emptyBytes of a database with one message
 * @property {number} messageBytes of a message more
 */

const WORKSPACE = "counted";

/** What the Worker has made in a database: the runtime has tables of its own there. */
const OWN = "sqlite_master WHERE tbl_name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";

/**
 * Opens the one database of a side that is down, beside those named.
 *
 * @template T
 * @param {Side} side
 * @param {string[]} others
 * @param {(database: Database) => T} look
 */
async function lookInto(side, others, look) {
  const { DatabaseSync } = await import("node:sqlite");
  const [path] = side.worker.databases().filter((path) => !others.includes(path));
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return { bytes: statSync(path).size, seen: look(database) };
  } finally {
    database.close();
  }
}

/** The rows that an INSERT writes: its own, and one for each index. @param {Database} database @param {string} table */
function rowsOfInsert(database, table) {
  const statement = `SELECT count(*) AS indexes FROM pragma_index_list('${table}')`;
  return 1 + Number(database.prepare(statement).all()[0].indexes);
}

/**
 * What our Worker's database tells of the statements that the peer does not have, and of sizes.
 *
 * @param {Side} ours
 * @param {number} contentBytes of a message
 */
async function weigh(ours, contentBytes) {
  const refresh_token = await refreshToken(ours);
  await ask(ours, request(ours, "POST /v1/auth/tokens/refresh", {}, { refresh_token }), 200);
  await ours.worker.kill();
  const sessions = ours.worker.databases();
  const session = await lookInto(ours, [], (database) => {
    const [{ tables }] = database.prepare(`SELECT count(*) AS tables FROM ${OWN}`).all();
    return Number(tables);
  });
  await ours.worker.start();
  const { thread } = await fillThread(ours, WORKSPACE, 1, contentBytes);
  await ours.worker.kill();
  const empty = await lookInto(ours, sessions, (database) => {
    const [{ tables }] = database.prepare(`SELECT count(*) AS tables FROM ${OWN}`).all();
    const [run, event] = ["runs", "events"].map((name) => rowsOfInsert(database, name));
    return { tables: Number(tables), run, event };
  });
  await ours.worker.start();
  const total = 500;
  const line = `POST /v1/threads/${thread}/messages`;
  const json = message("user", contentBytes, { parent_id: null });
  const requests = [request(ours, line, backend(ours, WORKSPACE), json)];
  await run({ port: ours.port, requests, total, connections: 1, status: 201 });
  await ours.worker.kill();
  const full = await lookInto(ours, sessions, () => undefined);
  await ours.worker.start();
  const sessionCost = { tables: session.seen, bytes: session.bytes };
  return { ...empty.seen, session: sessionCost, emptyBytes: empty.bytes, messageBytes: (full.bytes - empty.bytes) / total };
}

/**
 * Counts. What the peer has too is counted there: it has the same tables and asks them with the same statements, and it
 * can be metered.
 *
 * @param {Sides} sides
 * @param {number} contentBytes of a message
 * @returns {Promise<Counted>}
 */
export async function count(sides, contentBytes) {
  const { tables, run, event, session, emptyBytes, messageBytes } = await weigh(sides.side("ours"), contentBytes);
  const side = sides.side("metered");
  const project = String(side.worker.variables.PROJECT_ID);
  const headers = backend(side, WORKSPACE);
  for (let index = 0; index < 20; index++) await createThread(side, WORKSPACE, index);
  const { thread, ids } = await fillThread(side, WORKSPACE, 20, contentBytes);

  /** @returns {Promise<Rows>} those since the last time */
  const read = async () => {
    const { body } = await ask(side, request(side, `GET /meter?object=${project.length}:${project}:${WORKSPACE}`), 200);
    return JSON.parse(body.toString());
  };
  const counted = async (/** @type {string} */ line, /** @type {unknown} */ json) => {
    await read();
    await ask(side, request(side, line, headers, json));
    return read();
  };
  const messages = `/v1/threads/${thread}/messages`;
  const reply = message("user", contentBytes, { parent_id: ids[19] });
  const newThread = { last_message_at: "2026-01-01T12:00:00.000Z", external_id: "counted" };
  return {
    sessionBytes: session.bytes,
    emptyBytes,
    messageBytes,
    costs: {
      // A row for each table and each index, and the version's.
      begin: { objects: 0, read: 0, written: tables + 1 },
      session: { objects: 0, read: 0, written: session.tables + 1 },
      mint: { row: "mint", objects: 0, read: 0, written: 0 },
      anonymous: { row: "anonymous", objects: 0, read: 0, written: 0 },
      refresh: { row: "refresh", objects: 1, read: 1, written: 1 },
      list: { row: "threads", objects: 1, ...(await counted("GET /v1/threads?limit=20", undefined)) },
      open: { row: "threads", objects: 1, ...(await counted(`GET ${messages}`, undefined)) },
      thread: { row: "append", objects: 1, ...(await counted("POST /v1/threads", newThread)) },
      // It is read, made, and set where there is none. No index has it.
      title: { row: "append", objects: 2, read: 3, written: 1 },
      append: { row: "append", objects: 1, ...(await counted(`POST ${messages}`, reply)) },
      // No index has the content.
      update: { row: "append", objects: 1, read: 3, written: 1 },
      run: { row: "append", objects: 1, read: 4, written: run },
      // Two of them, and a look for those that are too many.
      events: { row: "append", objects: 1, read: 6, written: 2 * event },
    },
  };
}
