// @ts-check
/** The peer's Durable Object: a workspace's threads and messages in SQLite, and its refresh session. */
// @ts-ignore: of this runtime only
import { DurableObject } from "cloudflare:workers";

const IDLE_MILLIS = 30 * 24 * 60 * 60 * 1_000;
const ABSOLUTE_MILLIS = 365 * 24 * 60 * 60 * 1_000;
const GRACE_MILLIS = 10_000;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The same tables and indexes as the Worker's own; `npm run bench` compares them. */
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS threads (
    id TEXT PRIMARY KEY, title TEXT, last_message_at INTEGER NOT NULL, metadata TEXT, external_id TEXT,
    is_archived INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS threads_by_recency ON threads (is_archived, last_message_at DESC, id DESC)",
  `CREATE INDEX IF NOT EXISTS threads_by_external_id ON threads (external_id, created_at, id)
    WHERE external_id IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, thread_id TEXT NOT NULL, parent_id TEXT, height INTEGER NOT NULL, format TEXT NOT NULL,
    role TEXT, external_id TEXT, content TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
  ) STRICT`,
  "CREATE INDEX IF NOT EXISTS messages_by_height ON messages (thread_id, height DESC, created_at DESC, id DESC)",
  "CREATE INDEX IF NOT EXISTS messages_by_parent ON messages (thread_id, parent_id)",
  `CREATE UNIQUE INDEX IF NOT EXISTS messages_by_external_id ON messages (thread_id, external_id)
    WHERE external_id IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS refresh_family (
    id INTEGER PRIMARY KEY CHECK (id = 1), counter INTEGER NOT NULL, rotated_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL, revoked INTEGER NOT NULL
  ) STRICT`,
];

/** @param {string} prefix */
function newId(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(23));
  let id = prefix;
  for (const byte of bytes) id += DIGITS[byte % 62];
  return id;
}

const iso = (/** @type {number} */ millis) => new Date(millis).toISOString();

export class Workspace extends DurableObject {
  /** @param {any} ctx @param {any} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.env = env;
    this.sql = ctx.storage.sql;
    ctx.blockConcurrencyWhile(async () => {
      for (const statement of SCHEMA) this.sql.exec(statement);
    });
  }

  /**
   * A page of threads, as the text of the answer.
   *
   * @param {string} workspace
   * @param {{ limit: number, after?: string, isArchived: boolean, externalId?: string }} query
   */
  listThreads(workspace, { limit, after, isArchived, externalId }) {
    let statement = `SELECT id, title, last_message_at, created_at, updated_at, is_archived, external_id, metadata
      FROM threads WHERE is_archived = ?`;
    const values = /** @type {(string | number)[]} */ ([Number(isArchived)]);
    if (externalId !== undefined) {
      statement += " AND external_id = ?";
      values.push(externalId);
    }
    const [cursor] = after ? this.sql.exec("SELECT last_message_at FROM threads WHERE id = ?", after).toArray() : [];
    if (cursor) {
      statement += " AND (last_message_at, id) < (?, ?)";
      values.push(cursor.last_message_at, /** @type {string} */ (after));
    }
    statement += " ORDER BY last_message_at DESC, id DESC LIMIT ?";
    const rows = this.sql.exec(statement, ...values, limit).toArray();
    const threads = rows.map((/** @type {any} */ row) => ({
      id: row.id,
      project_id: this.env.PROJECT_ID,
      workspace_id: workspace,
      title: row.title,
      last_message_at: iso(row.last_message_at),
      created_at: iso(row.created_at),
      updated_at: iso(row.updated_at),
      is_archived: row.is_archived !== 0,
      external_id: row.external_id,
      metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    }));
    return JSON.stringify({ threads });
  }

  /**
   * @param {string} user
   * @param {{ lastMessageAt: number, title?: string | null, metadata: string | null,
   *   externalId?: string | null }} thread
   */
  createThread(user, { lastMessageAt, title = null, metadata = null, externalId = null }) {
    const id = newId("thread_0");
    const now = Date.now();
    this.sql.exec(
      `INSERT INTO threads (id, title, last_message_at, metadata, external_id, is_archived, created_at, created_by,
        updated_at, updated_by) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
      id, title, lastMessageAt, metadata, externalId, now, user, now, user,
    );
    return id;
  }

  /** @param {string} thread */
  hasThread(thread) {
    return this.sql.exec("SELECT 1 FROM threads WHERE id = ?", thread).toArray().length > 0;
  }

  /**
   * A page of a thread's messages, as the answer. Contents are JSON already: they are put where they belong as they
   * are, which spares taking a megabyte apart and writing it again; and a body streams through the Worker, where a
   * string would be copied.
   *
   * @param {string} thread
   * @param {{ limit: number, after?: string }} query
   */
  listMessages(thread, { limit, after }) {
    if (!this.hasThread(thread)) return new Response('{"messages":[]}');
    let statement = `SELECT id, parent_id, height, created_at, updated_at, format, external_id, content
      FROM messages WHERE thread_id = ?`;
    const values = /** @type {(string | number)[]} */ ([thread]);
    const position = "SELECT height, created_at FROM messages WHERE id = ? AND thread_id = ?";
    const [cursor] = after ? this.sql.exec(position, after, thread).toArray() : [];
    if (cursor) {
      statement += " AND (height, created_at, id) < (?, ?, ?)";
      values.push(cursor.height, cursor.created_at, /** @type {string} */ (after));
    }
    statement += " ORDER BY height DESC, created_at DESC, id DESC LIMIT ?";
    const rows = this.sql.exec(statement, ...values, limit).toArray();
    const messages = rows.map((/** @type {any} */ row) => {
      const head = JSON.stringify({
        id: row.id,
        parent_id: row.parent_id,
        height: row.height,
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
        format: row.format,
        external_id: row.external_id,
      });
      return `${head.slice(0, -1)},"content":${row.content}}`;
    });
    return new Response(`{"messages":[${messages.join(",")}]}`);
  }

  /**
   * Stores a message at the end of its parent's branch and moves its thread to the top of the list.
   *
   * @param {string} user
   * @param {string} thread
   * @param {{ parentId: string | null, parentExternalId?: string | null, format: string, role: string | null,
   *   externalId?: string | null, content: string }} message
   * @returns {{ status: number, id?: string, error?: string }}
   */
  appendMessage(user, thread, { parentId, parentExternalId, format, role, externalId = null, content }) {
    if (!this.hasThread(thread)) return { status: 404, error: "Thread not found" };
    const now = Date.now();
    const touch = () =>
      this.sql.exec(
        `UPDATE threads SET last_message_at = max(last_message_at, ?), updated_at = ?, updated_by = ? WHERE id = ?`,
        now, now, user, thread,
      );
    if (externalId !== null) {
      const same = "SELECT id, role FROM messages WHERE thread_id = ? AND external_id = ?";
      const [existing] = this.sql.exec(same, thread, externalId).toArray();
      if (existing) {
        if (existing.role !== role) return { status: 409, error: "Message role cannot change" };
        const changed = this.sql.exec(
          `UPDATE messages SET content = ?, updated_at = ?, updated_by = ? WHERE id = ? AND content <> ? RETURNING 1`,
          content, now, user, existing.id, content,
        );
        if (changed.toArray().length > 0) touch();
        return { status: 200, id: existing.id };
      }
    }
    let parent;
    if (parentId !== null || parentExternalId) {
      const [column, name] = parentId === null ? ["external_id", parentExternalId] : ["id", parentId];
      const query = `SELECT id, height FROM messages WHERE thread_id = ? AND ${column} = ?`;
      [parent] = this.sql.exec(query, thread, name).toArray();
      if (!parent) {
        const what = parentId === null ? "Parent message with external_id" : "Parent message";
        return { status: 400, error: `${what} not found in thread` };
      }
    }
    const id = newId("msg_0");
    this.sql.exec(
      `INSERT INTO messages (id, thread_id, parent_id, height, format, role, external_id, content, created_at,
        created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, thread, parent?.id ?? null, parent ? parent.height + 1 : 0, format, role, externalId, content],
      ...[now, user, now, user],
    );
    touch();
    return { status: 201, id };
  }

  /**
   * Renews the refresh session with a genuine token. One step behind is a lost answer; two or more, later than 10 s
   * after the rotation, end the session. A counter ahead is one that a restored backup has forgotten.
   *
   * @param {{ counter: number, issuedAt: number }} presented
   * @returns {{ counter: number, rotatedAt: number, expiresAt: number } | null}
   */
  renew({ counter, issuedAt }) {
    const now = Date.now();
    const statement = "SELECT counter, rotated_at, started_at, revoked FROM refresh_family WHERE id = 1";
    const [row] = this.sql.exec(statement).toArray();
    const family = row ?? { counter, rotated_at: issuedAt, started_at: issuedAt, revoked: 0 };
    const expiresAt = () => Math.min(family.rotated_at + IDLE_MILLIS, family.started_at + ABSOLUTE_MILLIS);
    const write = () =>
      this.sql.exec(
        `INSERT INTO refresh_family (id, counter, rotated_at, started_at, revoked) VALUES (1, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET counter = excluded.counter, rotated_at = excluded.rotated_at,
            started_at = excluded.started_at, revoked = excluded.revoked`,
        family.counter, family.rotated_at, family.started_at, family.revoked,
      );
    if (family.revoked || now >= expiresAt()) return null;
    const behind = Math.max(0, family.counter - counter);
    if (behind === 0) {
      family.counter = counter + 1;
      family.rotated_at = now;
      write();
    } else if (behind > 1 && now - family.rotated_at > GRACE_MILLIS) {
      family.revoked = 1;
      write();
      return null;
    }
    return { counter: family.counter, rotatedAt: family.rotated_at, expiresAt: expiresAt() };
  }
}
