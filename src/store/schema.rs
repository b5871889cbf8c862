//! The tables of a workspace and how they came to be.

use crate::sql::{Sql, SqlError};

/// Every version of the schema, as the statements that lead there from the one before. Never change an
/// entry that has been released: workspaces out there have run it. Each statement can be run again, because
/// one that fails leaves those before it done.
const MIGRATIONS: &[&[&str]] = &[SESSION, TABLES, GIVEN_RECORDS, ATTACHMENTS];

/// The version of a visitor's workspace that has a refresh session and nothing else. Most visitors never write
/// more, and each table and index of the rest is a page of storage and a row on the bill.
pub(super) const SESSION_ONLY: usize = 1;
/// The version that has everything.
pub(super) const NEWEST: usize = MIGRATIONS.len();

const SESSION: &[&str] = &["CREATE TABLE IF NOT EXISTS refresh_family (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        counter INTEGER NOT NULL,
        rotated_at INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        revoked INTEGER NOT NULL
    ) STRICT"];

const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS threads (
        id TEXT PRIMARY KEY,
        title TEXT,
        last_message_at INTEGER NOT NULL,
        metadata TEXT,
        external_id TEXT,
        is_archived INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS threads_by_recency ON threads (is_archived, last_message_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS threads_by_external_id ON threads (external_id, created_at, id)
        WHERE external_id IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY,
        thread_id TEXT NOT NULL,
        parent_id TEXT,
        height INTEGER NOT NULL,
        format TEXT NOT NULL,
        role TEXT,
        external_id TEXT,
        content TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS messages_by_height
        ON messages (thread_id, height DESC, created_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS messages_by_parent ON messages (thread_id, parent_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS messages_by_external_id
        ON messages (thread_id, external_id) WHERE external_id IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS given_threads (
        id TEXT PRIMARY KEY,
        claimant TEXT NOT NULL,
        title TEXT,
        last_message_at INTEGER NOT NULL,
        metadata TEXT,
        external_id TEXT,
        is_archived INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS taken_threads (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS runs (
        id TEXT PRIMARY KEY,
        thread_id TEXT NOT NULL,
        message_id TEXT,
        trace_id TEXT,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        summary TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS runs_by_recency ON runs (created_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS runs_by_thread ON runs (thread_id, created_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS runs_by_trace ON runs (trace_id, created_at, id)
        WHERE trace_id IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS scores (
        id TEXT PRIMARY KEY,
        thread_id TEXT NOT NULL,
        message_id TEXT,
        run_id TEXT,
        name TEXT NOT NULL,
        data_type TEXT NOT NULL,
        value REAL,
        string_value TEXT,
        comment TEXT,
        author_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS scores_by_recency ON scores (created_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS scores_by_thread ON scores (thread_id, created_at DESC, id DESC)",
    "CREATE UNIQUE INDEX IF NOT EXISTS scores_by_target ON scores
        (thread_id, ifnull(message_id, ''), ifnull(run_id, ''), name, author_id)",
    "CREATE TABLE IF NOT EXISTS events (
        id TEXT PRIMARY KEY,
        thread_id TEXT,
        kind TEXT NOT NULL,
        message_id TEXT,
        run_id TEXT,
        value INTEGER,
        props TEXT,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS events_by_recency ON events (created_at DESC, id DESC)",
    "CREATE INDEX IF NOT EXISTS events_by_thread ON events (thread_id, created_at DESC, id DESC)",
];

/// What a claim takes along that is of no thread: `id` stands in the place of a thread's in the records.
const GIVEN_RECORDS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS given_records (
        id TEXT PRIMARY KEY,
        claimant TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE VIEW IF NOT EXISTS given AS
        SELECT id, claimant FROM given_threads UNION ALL SELECT id, claimant FROM given_records",
];

/// Which messages name which files of the bucket, which files are the claimant's, and which are to go.
const ATTACHMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS attachments (
        thread_id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        key TEXT NOT NULL
    ) STRICT",
    "CREATE UNIQUE INDEX IF NOT EXISTS attachments_by_message ON attachments (message_id, key)",
    "CREATE INDEX IF NOT EXISTS attachments_by_thread ON attachments (thread_id)",
    "CREATE INDEX IF NOT EXISTS attachments_by_key ON attachments (key)",
    "CREATE TABLE IF NOT EXISTS given_attachments (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS removed_attachments (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
];

/// The version that the database has; 0 for one that was never written.
pub(super) fn read_version(sql: &impl Sql) -> Result<usize, SqlError> {
    let tables = sql.run(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
        vec![],
    )?;
    if tables.is_empty() {
        return Ok(0);
    }
    let Some(mut row) = sql
        .run("SELECT version FROM schema_version", vec![])?
        .into_iter()
        .next()
    else {
        return Ok(0);
    };
    usize::try_from(row.integer()?).map_err(|_| SqlError("schema version is negative".to_owned()))
}

/// Runs what is missing between `version` and `target` and returns the version reached, which is noted last.
pub(super) fn migrate(sql: &impl Sql, version: usize, target: usize) -> Result<usize, SqlError> {
    let missing = MIGRATIONS.get(version..target).unwrap_or_default();
    if missing.is_empty() {
        return Ok(version);
    }
    for statement in missing.iter().copied().flatten() {
        sql.run(statement, vec![])?;
    }
    sql.run(
        "CREATE TABLE IF NOT EXISTS schema_version (
            id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL
        ) STRICT",
        vec![],
    )?;
    let reached = i64::try_from(target).unwrap_or(i64::MAX);
    sql.run(
        "INSERT INTO schema_version (id, version) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET version = excluded.version",
        vec![reached.into()],
    )?;
    Ok(target)
}
