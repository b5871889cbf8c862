//! The tables of a workspace and how they came to be.

use crate::sql::{Sql, SqlError};

/// Every version of the schema, as the statements that lead there from the one before. Never change an
/// entry that has been released: workspaces out there have run it.
const MIGRATIONS: &[&[&str]] = &[&[
    "CREATE TABLE threads (
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
    "CREATE INDEX threads_by_recency ON threads (is_archived, last_message_at DESC, id DESC)",
    "CREATE INDEX threads_by_external_id ON threads (external_id, created_at, id)
        WHERE external_id IS NOT NULL",
    "CREATE TABLE refresh_family (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        counter INTEGER NOT NULL,
        rotated_at INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        revoked INTEGER NOT NULL
    ) STRICT",
]];

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

/// Runs what is missing from `version` on and returns the version reached. The version is written before
/// the tables: in a Durable Object all of it becomes durable together or not at all.
pub(super) fn migrate(sql: &impl Sql, version: usize) -> Result<usize, SqlError> {
    let missing = MIGRATIONS.get(version..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(version);
    }
    if version == 0 {
        sql.run(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT",
            vec![],
        )?;
        sql.run("INSERT INTO schema_version (version) VALUES (0)", vec![])?;
    }
    for statement in missing.iter().copied().flatten() {
        sql.run(statement, vec![])?;
    }
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    sql.run("UPDATE schema_version SET version = ?", vec![newest.into()])?;
    Ok(MIGRATIONS.len())
}
