//! Events in storage (contract 1.6, 20).

use super::Store;
use crate::event::{Event, NewEvent};
use crate::id::{Kind, UserId};
use crate::json::JsonBuf;
use crate::page::RecordListQuery;
use crate::sql::{Row, Sql, SqlError};
use crate::timestamp::Timestamp;

/// The columns of the table, in order.
pub const COLUMNS: &str =
    "id, thread_id, kind, message_id, run_id, value, props, created_at, created_by";

impl<S: Sql> Store<S> {
    /// Stores a batch and returns how many events of it were stored: those of a thread that this workspace
    /// does not have are dropped. A workspace in which nothing was ever written drops all, so that a flood
    /// of visitors costs no storage. The oldest events go when there are too many.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn record_events(
        &self,
        events: Vec<NewEvent>,
        user: &UserId,
        now: Timestamp,
        random: u128,
    ) -> Result<usize, SqlError> {
        if !self.exists()? {
            return Ok(0);
        }
        let mut stored: usize = 0;
        for (event, random) in events.into_iter().zip(successors(random)) {
            if let Some(thread) = &event.thread_id
                && !self.has_thread(thread)?
            {
                continue;
            }
            self.sql.run(
                &format!("INSERT INTO events ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
                vec![
                    Kind::Event.new_id(random).into(),
                    event.thread_id.into(),
                    event.kind.into(),
                    event.message_id.into(),
                    event.run_id.into(),
                    event.value.into(),
                    event.props.into(),
                    now.as_millis().into(),
                    user.as_str().into(),
                ],
            )?;
            stored = stored.saturating_add(1);
        }
        self.keep_newest("events")?;
        Ok(stored)
    }

    /// A page of events, the latest first.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn list_events(&self, query: &RecordListQuery<'_>) -> Result<Vec<Event>, SqlError> {
        self.list_records("events", COLUMNS, query)?
            .into_iter()
            .map(read_event)
            .collect()
    }

    /// Removes every event of a thread.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn forget_events(&self, thread: &str) -> Result<(), SqlError> {
        let statement = "DELETE FROM events WHERE thread_id = ?";
        self.sql.run(statement, vec![thread.into()])?;
        Ok(())
    }
}

/// Numbers of their own for a batch's ids, in the batch's order.
fn successors(random: u128) -> impl Iterator<Item = u128> {
    std::iter::successors(Some(random), |number| Some(number.wrapping_add(1)))
}

fn read_event(mut row: Row) -> Result<Event, SqlError> {
    Ok(Event {
        id: row.text()?,
        thread_id: row.optional_text()?,
        kind: row.text()?,
        message_id: row.optional_text()?,
        run_id: row.optional_text()?,
        value: row.optional_integer()?,
        props: row
            .optional_text()?
            .map(|props| JsonBuf::parse(props).ok_or_else(no_json))
            .transpose()?,
        created_at: Timestamp::from_millis(row.integer()?),
        created_by: row.text()?,
    })
}

fn no_json() -> SqlError {
    SqlError("props are no JSON".to_owned())
}
