// @ts-check
/** The lists that the database writes, as `list.rs` asks for them. */

/** @typedef {{ exec(statement: string, ...values: unknown[]): { raw(): Iterator<unknown[]> } }} SqlStorage */

/**
 * The one text that a statement gives, as the bytes that it is in the database: they never become a string.
 *
 * @param {SqlStorage} sql
 * @param {string} statement
 * @param {unknown[]} values
 */
export function select(sql, statement, values) {
  const [row] = Array.from(/** @type {any} */ (sql.exec(`SELECT CAST((${statement}) AS BLOB)`, ...values).raw()));
  return row[0];
}
