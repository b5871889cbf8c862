// @ts-check
/** Auth.js' people and sessions in SQLite: what its sign-in by mail needs of an adapter. */
import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

const schema = `
  CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT, emailVerified INTEGER);
  CREATE TABLE sessions (sessionToken TEXT PRIMARY KEY, userId TEXT NOT NULL, expires INTEGER NOT NULL);
  CREATE TABLE verifications (identifier TEXT NOT NULL, token TEXT NOT NULL, expires INTEGER NOT NULL);
`;

/** @param {any} row */
const user = (row) => row && { ...row, emailVerified: row.emailVerified === null ? null : new Date(row.emailVerified) };
/** @param {any} row */
const dated = (row) => row && { ...row, expires: new Date(row.expires) };

/** @returns {import("@auth/core/adapters").Adapter} */
export function sqliteAdapter() {
  const database = new DatabaseSync(":memory:");
  database.exec(schema);
  const get = (/** @type {string} */ sql, /** @type {any[]} */ ...values) => /** @type {any} */ (database.prepare(sql).get(...values));
  const all = /** @type {Record<string, (...parts: any[]) => any>} */ ({
    createUser: async ({ email, name, emailVerified }) =>
      user(get("INSERT INTO users VALUES (?, ?, ?, ?) RETURNING *", randomUUID(), email, name ?? null, emailVerified?.getTime() ?? null)),
    getUser: async (id) => user(get("SELECT * FROM users WHERE id = ?", id)) ?? null,
    getUserByEmail: async (email) => user(get("SELECT * FROM users WHERE email = ?", email)) ?? null,
    getUserByAccount: async () => null,
    updateUser: async ({ id, emailVerified }) =>
      user(get("UPDATE users SET emailVerified = ? WHERE id = ? RETURNING *", emailVerified?.getTime() ?? null, id)),
    linkAccount: async () => undefined,
    createSession: async ({ sessionToken, userId, expires }) =>
      dated(get("INSERT INTO sessions VALUES (?, ?, ?) RETURNING *", sessionToken, userId, expires.getTime())),
    async getSessionAndUser(token) {
      const session = dated(get("SELECT * FROM sessions WHERE sessionToken = ?", token));
      return session ? { session, user: user(get("SELECT * FROM users WHERE id = ?", session.userId)) } : null;
    },
    updateSession: async ({ sessionToken, expires }) =>
      dated(get("UPDATE sessions SET expires = ? WHERE sessionToken = ? RETURNING *", expires.getTime(), sessionToken)),
    deleteSession: async (token) => dated(get("DELETE FROM sessions WHERE sessionToken = ? RETURNING *", token)),
    createVerificationToken: async ({ identifier, token, expires }) =>
      dated(get("INSERT INTO verifications VALUES (?, ?, ?) RETURNING *", identifier, token, expires.getTime())),
    useVerificationToken: async ({ identifier, token }) =>
      dated(get("DELETE FROM verifications WHERE identifier = ? AND token = ? RETURNING *", identifier, token)) ?? null,
  });
  return all;
}
