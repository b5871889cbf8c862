//! Runs in storage (contract 1.6, 15), and how everything that is recorded is listed.

use super::Store;
use crate::error::ApiError;
use crate::id::{Kind, UserId};
use crate::page::RecordListQuery;
use crate::run::{self, Members, Run, RunReport};
use crate::sql::{Row, Sql, SqlError, SqlValue};
use crate::timestamp::Timestamp;
use crate::workspace::WorkspaceError;

/// The columns of the table, in order.
pub const COLUMNS: &str = "id, thread_id, message_id, trace_id, created_at, created_by, updated_at, \
     summary, detail";

/// What a list reads of them: all but the details, which can be a megabyte each.
const LISTED_COLUMNS: &str = "id, thread_id, message_id, trace_id, created_at, created_by, \
     updated_at, summary";

impl<S: Sql> Store<S> {
    /// Stores a report and returns its run's id. One of a trace that has a run joins that run.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`]: no such thread, a message that is not in it, too large together with what was
    /// reported before.
    pub fn record_run(
        &self,
        report: RunReport,
        user: &UserId,
        now: Timestamp,
        random: u128,
    ) -> Result<String, WorkspaceError> {
        self.require_place(&report.thread_id, report.message_id.as_deref())?;
        self.migrate()?;
        let (id, created_at, created_by, report) =
            if let Some((id, at, by, first)) = self.run_of_trace(report.trace())? {
                (id, at, by, first.join(report)?)
            } else {
                let by = user.as_str().to_owned();
                (Kind::Run.new_id(random), now.as_millis(), by, report)
            };
        self.sql.run(
            &format!("INSERT OR REPLACE INTO runs ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            vec![
                id.as_str().into(),
                report.thread_id.into(),
                report.message_id.into(),
                report.trace_id.into(),
                created_at.into(),
                created_by.into(),
                now.as_millis().into(),
                write_members(&report.summary)?.into(),
                write_members(&report.detail)?.into(),
            ],
        )?;
        Ok(id)
    }

    /// A trace's run: its id, when and by whom it was first reported, and the report as it stands.
    fn run_of_trace(
        &self,
        trace: Option<&str>,
    ) -> Result<Option<(String, i64, String, RunReport)>, SqlError> {
        let Some(trace) = trace else {
            return Ok(None);
        };
        self.sql
            .run(
                "SELECT id, created_at, created_by, thread_id, message_id, trace_id, summary, detail
                 FROM runs WHERE trace_id = ? ORDER BY created_at, id LIMIT 1",
                vec![trace.into()],
            )?
            .into_iter()
            .next()
            .map(|mut row| {
                let (id, created_at, created_by) = (row.text()?, row.integer()?, row.text()?);
                let report = RunReport {
                    thread_id: row.text()?,
                    message_id: row.optional_text()?,
                    trace_id: row.optional_text()?,
                    summary: read_members(&mut row)?,
                    detail: read_members(&mut row)?,
                };
                Ok((id, created_at, created_by, report))
            })
            .transpose()
    }

    /// A page of runs, the first reported last. They have no details.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn list_runs(&self, query: &RecordListQuery<'_>) -> Result<Vec<Run>, SqlError> {
        self.list_records("runs", LISTED_COLUMNS, query)?
            .into_iter()
            .map(|mut row| read_run(&mut row))
            .collect()
    }

    /// One run, with its details; `None` where this workspace has none of that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn get_run(&self, id: &str) -> Result<Option<Run>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        self.sql
            .run(
                &format!("SELECT {COLUMNS} FROM runs WHERE id = ?"),
                vec![id.into()],
            )?
            .into_iter()
            .next()
            .map(|mut row| {
                let run = read_run(&mut row)?;
                Ok(run.with_detail(read_members(&mut row)?))
            })
            .transpose()
    }

    /// Removes what was said from a thread's runs; the figures stay.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn forget_run_details(&self, thread: &str) -> Result<(), SqlError> {
        self.sql.run(
            "UPDATE runs SET detail = '{}' WHERE thread_id = ?",
            vec![thread.into()],
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
        let found = self.sql.run(
            "SELECT 1 FROM messages WHERE id = ? AND thread_id = ?",
            vec![message.into(), thread.into()],
        )?;
        if found.is_empty() {
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
        let mut conditions = Vec::new();
        let mut values: Vec<SqlValue> = Vec::new();
        if let Some(thread) = &query.thread_id {
            conditions.push("thread_id = ?");
            values.push(thread.as_ref().into());
        }
        if let Some(after) = &query.page.after {
            let statement = format!("SELECT created_at FROM {table} WHERE id = ?");
            let rows = self.sql.run(&statement, vec![after.as_ref().into()])?;
            if let Some(mut row) = rows.into_iter().next() {
                conditions.push("(created_at, id) < (?, ?)");
                values.extend([row.integer()?.into(), after.as_ref().into()]);
            }
        }
        let mut statement = format!("SELECT {columns} FROM {table}");
        for (index, condition) in conditions.iter().enumerate() {
            statement.push_str(if index == 0 { " WHERE " } else { " AND " });
            statement.push_str(condition);
        }
        statement.push_str(" ORDER BY created_at DESC, id DESC LIMIT ?");
        values.push(i64::from(query.page.limit).into());
        self.sql.run(&statement, values)
    }
}

fn read_run(row: &mut Row) -> Result<Run, SqlError> {
    Ok(Run {
        id: row.text()?,
        thread_id: row.text()?,
        message_id: row.optional_text()?,
        trace_id: row.optional_text()?,
        created_at: Timestamp::from_millis(row.integer()?),
        created_by: row.text()?,
        updated_at: Timestamp::from_millis(row.integer()?),
        members: run::complete(read_members(row)?),
    })
}

fn read_members(row: &mut Row) -> Result<Members, SqlError> {
    serde_json::from_str(&row.text()?).map_err(|_| SqlError("a report is no JSON".to_owned()))
}

fn write_members(members: &Members) -> Result<String, SqlError> {
    serde_json::to_string(members).map_err(|error| SqlError(error.to_string()))
}
