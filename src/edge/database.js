// @ts-check
/**
 * A Durable Object's SQLite, as `database.rs` runs statements on it. A statement's values come one by one, before it:
 * to gather them in a list on Rust's side takes three calls out of it for each.
 */

/**
 * @typedef {{ exec(statement: string, ...values: (string | number | null)[]): { raw(): Iterable<unknown[]> } }} SqlStorage
 */

/** @type {(string | number | null)[]} */
let bound = [];

/** @param {string} value */
export const bindText = (value) => void bound.push(value);

/** @param {number} value */
export const bindNumber = (value) => void bound.push(value);

/** A number as its text. The nearest double is bound. @param {string} value */
export const bindDecimal = (value) => void bound.push(Number(value));

export const bindNull = () => void bound.push(null);

/**
 * All rows of a statement.
 *
 * @param {SqlStorage} sql
 * @param {string} statement
 * @param {number} count of its values: those before them are of a statement that an instance broke down over
 */
export function run(sql, statement, count) {
  const values = bound.slice(bound.length - count);
  bound = [];
  return Array.from(sql.exec(statement, ...values).raw());
}

/**
 * The one text that a statement gives, as the bytes that it is in the database: they never become a string.
 *
 * @param {SqlStorage} sql
 * @param {string} statement
 * @param {number} count of its values
 */
export function select(sql, statement, count) {
  const [row] = run(sql, `SELECT CAST((${statement}) AS BLOB)`, count);
  return row[0];
}
