// @ts-check
/** What lies on disk, read while no workerd runs. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** @import { Worker } from "./workerd.mjs" */

/**
 * Opens the only database there is, and runs one statement in it.
 *
 * @param {Worker} worker which has been killed
 * @param {string} statement
 * @param {(string | number)[]} values
 * @returns {unknown[]} its rows
 */
export function run(worker, statement, ...values) {
  const [path, ...others] = worker.databases();
  if (!path || others.length > 0) throw new Error(`expected one database, found ${worker.databases().length}`);
  const database = new DatabaseSync(path);
  try {
    return database.prepare(statement).all(...values);
  } finally {
    database.close();
  }
}

/**
 * The names of the tables that the Worker made, in all databases.
 *
 * @param {Worker} worker which has been killed
 */
export function tables(worker) {
  return worker.databases().flatMap((path) => {
    const database = new DatabaseSync(path);
    try {
      const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      // workerd keeps tables of its own, such as the alarm's.
      return names.map(({ name }) => String(name)).filter((name) => !name.startsWith("_cf_"));
    } finally {
      database.close();
    }
  });
}

/** Every byte that the Worker has ever stored. @param {Worker} worker */
export function dump(worker) {
  const files = readdirSync(worker.storage, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}
