// @ts-check
/** What requests read, write and store, counted on real databases. */
import { statSync } from "node:fs";

import { run } from "./load.mjs";
import { ask, backend, createThread, fillThread, message, request } from "./rows.mjs";

/** @import { Sides } from "./sides.mjs" */

/** @typedef {"begin" | "mint" | "anonymous" | "refresh" | "list" | "open" | "thread" | "title" | "append" | "update" | "run" | "events"} Action */

/** What an action takes. @typedef {{ row?: string, objects: number, read: number, written: number }} Cost `row`: of the results, for its CPU time; none where it is a part of another request */

/** @typedef {{ costs: Record<Action, Cost>, emptyBytes: number, messageBytes: number }} Counted sizes of a database, and of a message in it */

/** The rows that one INSERT writes into a table: itself and an entry of each index. @param {import("node:sqlite").DatabaseSync} database @param {string} table @param {string[]} [without] indexes that it is not in */
function rowsOfInsert(database, table, without = []) {
  const indexes = database.prepare(`SELECT name FROM pragma_index_list('${table}') WHERE NOT (origin = 'pk' AND EXISTS
    (SELECT 1 FROM pragma_table_list('${table}') WHERE wr = 1))`).all();
  return 1 + indexes.filter(({ name }) => !without.includes(String(name))).length;
}

/**
 * Counts what actions read and write, on the peer's database, which has the same tables and is asked with the same
 * statements. What the peer does not have follows from the tables of ours.
 *
 * @param {Sides} sides
 * @param {number} contentBytes of a message
 * @returns {Promise<Counted>}
 */
export async function count(sides, contentBytes) {
  const { DatabaseSync } = await import("node:sqlite");
  const [ours, metered] = [sides.side("ours"), sides.side("metered")];
  const project = String(metered.worker.variables.PROJECT_ID);
  const workspace = "counted";
  const meter = async (/** @type {() => Promise<unknown>} */ act) => {
    const query = `/meter?object=${project.length}:${project}:${workspace}`;
    const read = async () => JSON.parse((await ask(metered, request(metered, `GET ${query}`), 200)).body.toString());
    await read();
    await act();
    return /** @type {{ read: number, written: number }} */ (await read());
  };
  const headers = backend(metered, workspace);
  for (let index = 0; index < 20; index++) await createThread(metered, workspace, index);
  const { thread, ids } = await fillThread(metered, workspace, 20, contentBytes);
  const send = (/** @type {string} */ line, /** @type {unknown} */ json) => () => ask(metered, request(metered, line, headers, json));
  const append = await meter(send(`POST /v1/threads/${thread}/messages`, message("user", contentBytes, { parent_id: ids[19] })));
  const list = await meter(send("GET /v1/threads?limit=20", undefined));
  const open = await meter(send(`GET /v1/threads/${thread}/messages`, undefined));
  const create = await meter(() => createThread(metered, workspace, 21));

  const size = () => Math.max(...ours.worker.databases().map((path) => statSync(path).size));
  const own = await fillThread(ours, workspace, 1, contentBytes);
  await ours.worker.kill();
  const database = new DatabaseSync(ours.worker.databases()[0]);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const runs = rowsOfInsert(database, "runs");
  const events = rowsOfInsert(database, "events");
  // A row for each table and index, and the version.
  const [{ tables }] = database.prepare("SELECT 1 + count(*) AS tables FROM sqlite_master").all();
  const family = rowsOfInsert(database, "refresh_family");
  const expected = rowsOfInsert(database, "messages", ["messages_by_external_id"]);
  database.close();
  if (append.written < expected) throw new Error(`an append writes ${append.written} rows, its INSERT alone ${expected}`);
  const emptyBytes = size();
  await ours.worker.start();
  const more = 500;
  const job = { port: ours.port, connections: 1, status: 201, total: more };
  const line = `POST /v1/threads/${own.thread}/messages`;
  await run({ ...job, requests: [request(ours, line, backend(ours, workspace), message("user", contentBytes, { parent_id: null }))] });
  await ours.worker.kill();
  const full = new DatabaseSync(ours.worker.databases()[0]);
  full.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  full.close();
  const messageBytes = (size() - emptyBytes) / more;
  await ours.worker.start();
  return {
    emptyBytes,
    messageBytes,
    costs: {
      begin: { objects: 0, read: 0, written: Number(tables) },
      mint: { row: "mint", objects: 0, read: 0, written: 0 },
      anonymous: { row: "anonymous", objects: 0, read: 0, written: 0 },
      refresh: { row: "refresh", objects: 1, read: 1, written: family },
      list: { row: "threads", objects: 1, ...list },
      open: { row: "threads", objects: 1, ...open },
      thread: { row: "append", objects: 1, ...create },
      // The title is read, made and set, where a thread has none.
      title: { row: "append", objects: 2, read: 3, written: 1 },
      append: { row: "append", objects: 1, ...append },
      // Content is in no index.
      update: { row: "append", objects: 1, read: 3, written: 1 },
      run: { row: "append", objects: 1, read: 4, written: runs },
      // Two events, and a look for those that are too many.
      events: { row: "append", objects: 1, read: 6, written: 2 * events },
    },
  };
}
