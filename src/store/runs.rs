//! Runs in storage (contract 1.6, 15).

use super::Store;
use super::records::in_sight;
use crate::id::{Kind, UserId};
use crate::json;
use crate::page::RecordListQuery;
use crate::run::{self, Members, Run, RunReport};
use crate::sql::{Row, Sql, SqlError};
use crate::timestamp::Timestamp;
use crate::workspace::WorkspaceError;

/// The columns of the table, in order.
pub const COLUMNS: &str = "id, thread_id, message_id, trace_id, created_at, created_by, updated_at, \
     summary, detail";

/// What a list reads of them: all but the details, which can be a megabyte each.
const LISTED_COLUMNS: &str = "id, thread_id, message_id, trace_id, created_at, created_by, \
     updated_at, summary";

impl<S: Sql> Store<S> {
    /// Stores a report and returns its run's id. One of a trace that has a run joins that run. The oldest runs
    /// go when there are too many.
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
                json::write(&report.summary).into(),
                json::write(&report.detail).into(),
            ],
        )?;
        self.keep_newest("runs")?;
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
        self.first(
                &format!(
                    "SELECT id, created_at, created_by, thread_id, message_id, trace_id, summary, detail
                     FROM runs WHERE trace_id = ? AND {} ORDER BY created_at, id LIMIT 1",
                    in_sight("runs")
                ),
                vec![trace.into()],
            )?
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
        self.first(
            &format!(
                "SELECT {COLUMNS} FROM runs WHERE id = ? AND {}",
                in_sight("runs")
            ),
            vec![id.into()],
        )?
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

    /// Removes a thread's runs.
    pub(super) fn forget_runs(&self, thread: &str) -> Result<(), SqlError> {
        let statement = "DELETE FROM runs WHERE thread_id = ?";
        self.sql.run(statement, vec![thread.into()])?;
        Ok(())
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
    json::read(&row.text()?).ok_or_else(|| SqlError("a report is no JSON".to_owned()))
}
