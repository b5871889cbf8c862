//! What runs, scores and events have in common: what they may name, how they are listed, how many are kept.

use super::Store;
use crate::error::ApiError;
use crate::page::RecordListQuery;
use crate::sql::{Row, Sql, SqlError, SqlValue};
use crate::workspace::WorkspaceError;

/// How many runs a workspace keeps, how many scores, and how many events. Of more the oldest go.
pub const MAX_RECORDS: i64 = 10_000;

/// The condition under which a record is the workspace's to see: it is not set aside for a claimant.
pub(super) fn in_sight(table: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM given WHERE given.id = {table}.thread_id)")
}

impl<S: Sql> Store<S> {
    /// Removes the records of a table that are too many.
    pub(super) fn keep_newest(&self, table: &str) -> Result<(), SqlError> {
        // Rows are numbered as they come in, so the oldest are found without counting any.
        self.sql.run(
            &format!("DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?"),
            vec![MAX_RECORDS.into()],
        )?;
        Ok(())
    }

    /// Refuses what names a thread that this workspace does not have, or a message that is not in it.
    pub(super) fn require_place(
        &self,
        thread: &str,
        message: Option<&str>,
    ) -> Result<(), WorkspaceError> {
        if !self.has_thread(thread)? {
            return Err(ApiError::ThreadNotFound.into());
        }
        let Some(message) = message else {
            return Ok(());
        };
        let found = self.first(
            "SELECT 1 FROM messages WHERE id = ? AND thread_id = ?",
            vec![message.into(), thread.into()],
        )?;
        if found.is_none() {
            return Err(ApiError::MessageOutsideThread.into());
        }
        Ok(())
    }

    /// A page of a table, the newest first, equal times by id. It goes on behind the place of `after`; an
    /// `after` that is gone is as none.
    pub(super) fn list_records(
        &self,
        table: &str,
        columns: &str,
        query: &RecordListQuery<'_>,
    ) -> Result<Vec<Row>, SqlError> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let mut statement = format!("SELECT {columns} FROM {table} WHERE {}", in_sight(table));
        let mut values: Vec<SqlValue> = Vec::new();
        if let Some(thread) = &query.thread_id {
            statement.push_str(" AND thread_id = +?");
            values.push(thread.as_ref().into());
        }
        if let Some(after) = &query.page.after {
            let place = format!("SELECT created_at FROM {table} WHERE id = ?");
            if let Some(mut row) = self.first(&place, vec![after.as_ref().into()])? {
                statement.push_str(" AND (created_at, id) < (?, ?)");
                values.extend([row.integer()?.into(), after.as_ref().into()]);
            }
        }
        statement.push_str(" ORDER BY created_at DESC, id DESC LIMIT +?");
        values.push(i64::from(query.page.limit).into());
        self.sql.run(&statement, values)
    }
}
