//! Both ends of a claim in storage. See [`crate::claim`] for how they work together.

use super::Store;
use crate::claim::{
    DELIVERY_BYTES, Delivery, DeliveryRequest, PARCEL_ROWS, Parcel, Place, SMALL_ROW_BYTES, TABLES,
    THREADS, Table,
};
use crate::error::ApiError;
use crate::id::{Kind, UserId};
use crate::rotation::{Presented, judge};
use crate::sql::{Row, Sql, SqlError};
use crate::timestamp::Timestamp;
use crate::workspace::WorkspaceError;

impl<S: Sql> Store<S> {
    /// The giving side's next delivery.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`]: the refresh token behind the claim is none that the session would accept.
    pub fn give(
        &self,
        request: &DeliveryRequest,
        now: Timestamp,
    ) -> Result<Delivery, WorkspaceError> {
        let presented = Presented {
            counter: request.counter,
            issued_at: Timestamp::from_millis(request.issued_at_millis),
        };
        // Only looked at: a claim renews no session and ends none.
        let verdict = judge(self.read_family()?, presented, now);
        verdict.answered().ok_or(ApiError::RefreshTokenInvalid)?;
        if !self.exists()? {
            return Ok(Delivery::default());
        }
        for thread in &request.settled {
            self.remove_given(thread, &request.claimant)?;
        }
        let place = match &request.after {
            Some(place) => Some(place.clone()),
            None if request.settled.is_empty() => {
                self.set_aside(&request.claimant)?;
                self.given_after("", &request.claimant)?
            }
            None => None,
        };
        Ok(self.pack(place, &request.claimant)?)
    }

    /// Takes everything out of the workspace's sight, for one claimant.
    fn set_aside(&self, claimant: &str) -> Result<(), SqlError> {
        let columns = THREADS.columns;
        self.sql.run(
            &format!(
                "INSERT OR IGNORE INTO given_threads (claimant, {columns}) SELECT ?, {columns} FROM threads"
            ),
            vec![claimant.into()],
        )?;
        self.sql.run("DELETE FROM threads", vec![])?;
        self.give_attachments()?;
        self.bunch_events(claimant)?;
        // Whatever is left is of threads that are set aside, for this claimant or another, or of threads
        // that were removed before.
        self.sql.run(
            "INSERT OR IGNORE INTO given_records (id, claimant)
             SELECT thread_id, ? FROM (
                SELECT thread_id FROM runs UNION SELECT thread_id FROM scores
                UNION SELECT thread_id FROM events
             ) WHERE thread_id NOT IN (SELECT id FROM given)",
            vec![claimant.into()],
        )?;
        Ok(())
    }

    /// Has the events of no thread go as if they were of one, under the id of one of them: so no two bunches
    /// are ever one.
    fn bunch_events(&self, claimant: &str) -> Result<(), SqlError> {
        let bunch = self.first("SELECT min(id) FROM events WHERE thread_id IS NULL", vec![])?;
        let Some(bunch) = optional(bunch)? else {
            return Ok(());
        };
        self.sql.run(
            "INSERT OR IGNORE INTO given_records (id, claimant) VALUES (?, ?)",
            vec![bunch.as_str().into(), claimant.into()],
        )?;
        self.sql.run(
            "UPDATE events SET thread_id = ? WHERE thread_id IS NULL",
            vec![bunch.into()],
        )?;
        Ok(())
    }

    /// The beginning of what comes first behind `thread` of what was set aside for `claimant`.
    fn given_after(&self, thread: &str, claimant: &str) -> Result<Option<Place>, SqlError> {
        // Not min(id), for which SQLite walks all that is left of a view, and so all of it for every thread.
        let first = self.first(
            "SELECT id FROM given WHERE claimant = ? AND id > ? ORDER BY id LIMIT 1",
            vec![claimant.into(), thread.into()],
        )?;
        Ok(optional(first)?.map(|thread| Place {
            thread,
            table: 0,
            row: 0,
        }))
    }

    /// Removes what the claimant has stored. What is somebody else's stays, whatever they name.
    pub(super) fn remove_given(&self, thread: &str, claimant: &str) -> Result<(), SqlError> {
        let mut was_given = false;
        for table in ["given_threads", "given_records"] {
            let removed = self.sql.run(
                &format!("DELETE FROM {table} WHERE id = ? AND claimant = ? RETURNING 1"),
                vec![thread.into(), claimant.into()],
            )?;
            was_given |= !removed.is_empty();
        }
        if !was_given {
            return Ok(());
        }
        for table in TABLES.iter().filter(|table| table.name != THREADS.name) {
            let name = table.name;
            self.sql.run(
                &format!("DELETE FROM {name} WHERE thread_id = ?"),
                vec![thread.into()],
            )?;
        }
        Ok(())
    }

    /// Fills a delivery from `place` on.
    fn pack(&self, mut place: Option<Place>, claimant: &str) -> Result<Delivery, SqlError> {
        let mut delivery = Delivery::default();
        let mut bytes = 0_i64;
        while let Some(at) = place.take() {
            if bytes >= DELIVERY_BYTES {
                delivery.then = Some(at);
                break;
            }
            let Some(table) = TABLES
                .get(at.table)
                .filter(|table| table.name != THREADS.name)
            else {
                bytes = bytes.saturating_add(SMALL_ROW_BYTES);
                place = self.given_after(&at.thread, claimant)?;
                delivery
                    .parcels
                    .push(self.given_thread(at.thread, claimant)?);
                continue;
            };
            let room = DELIVERY_BYTES.saturating_sub(bytes);
            let Some((last, weight)) = self.measure(table, &at, room)? else {
                place = Some(Place {
                    table: at.table.saturating_add(1),
                    row: 0,
                    ..at
                });
                continue;
            };
            bytes = bytes.saturating_add(weight);
            let name = table.name;
            let columns = table
                .columns
                .replacen("thread_id", "nullif(thread_id, ?)", 1);
            let bunch = Some(at.thread.as_str()).filter(|id| Kind::Event.is_of(id));
            let rows = self.sql.run(
                &format!(
                    "SELECT {columns} FROM {name}
                     WHERE thread_id = +? AND rowid > ? AND rowid <= ? ORDER BY rowid"
                ),
                vec![
                    bunch.into(),
                    at.thread.as_str().into(),
                    at.row.into(),
                    last.into(),
                ],
            )?;
            delivery.parcels.push(Parcel {
                thread: at.thread.clone(),
                table: at.table,
                rows: rows.into_iter().map(Row::into_values).collect(),
            });
            place = Some(Place { row: last, ..at });
        }
        Ok(delivery)
    }

    /// The parcel that completes a thread. Where there is no thread it is empty.
    fn given_thread(&self, thread: String, claimant: &str) -> Result<Parcel, SqlError> {
        let columns = THREADS.columns;
        let rows = self.sql.run(
            &format!("SELECT {columns} FROM given_threads WHERE id = ? AND claimant = ?"),
            vec![thread.as_str().into(), claimant.into()],
        )?;
        Ok(Parcel {
            thread,
            table: TABLES.len().saturating_sub(1),
            rows: rows.into_iter().map(Row::into_values).collect(),
        })
    }

    /// The last row behind `place` that fits into `room`, and the bytes up to it; `None` where no row is
    /// left. One row is taken however large it is.
    fn measure(
        &self,
        table: &Table,
        place: &Place,
        room: i64,
    ) -> Result<Option<(i64, i64)>, SqlError> {
        let (name, weight) = (table.name, table.weight);
        let rows = self.sql.run(
            &format!(
                "SELECT rowid, {weight} FROM {name} WHERE thread_id = +? AND rowid > ?
                 ORDER BY rowid LIMIT +?"
            ),
            vec![
                place.thread.as_str().into(),
                place.row.into(),
                PARCEL_ROWS.into(),
            ],
        )?;
        let mut fitting = None;
        let mut bytes = 0_i64;
        for mut row in rows {
            let id = row.integer()?;
            bytes = bytes.saturating_add(row.integer()?);
            if fitting.is_some() && bytes > room {
                break;
            }
            fitting = Some((id, bytes));
        }
        Ok(fitting)
    }

    /// Stores a delivery on the taking side. Returns the threads that have come in full with it, and how many
    /// of these are new here. What the visitor thought of them is `claimant`'s opinion from now on.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn take(
        &self,
        delivery: &Delivery,
        claimant: &UserId,
    ) -> Result<(Vec<String>, u64), SqlError> {
        // A claim that brings nothing leaves no trace.
        if delivery.parcels.is_empty() {
            return Ok((Vec::new(), 0));
        }
        self.migrate()?;
        let (mut settled, mut moved) = (Vec::new(), 0_u64);
        for parcel in &delivery.parcels {
            let table = TABLES
                .get(parcel.table)
                .ok_or_else(|| SqlError("a parcel of an unknown table".to_owned()))?;
            let completes = table.name == THREADS.name;
            if completes {
                settled.push(parcel.thread.clone());
            }
            if self.has_taken(&parcel.thread)? {
                continue;
            }
            for row in &parcel.rows {
                let places = vec!["?"; row.len()].join(", ");
                let (name, columns) = (table.name, table.columns);
                let mut values = row.clone();
                if let Some(author) = table.author.and_then(|column| values.get_mut(column)) {
                    *author = claimant.as_str().into();
                }
                self.sql.run(
                    &format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({places})"),
                    values,
                )?;
            }
            let id = parcel.thread.as_str();
            if completes && parcel.rows.is_empty() {
                // It has grown too old on the way.
                for table in ["messages", "attachments"] {
                    let statement = format!("DELETE FROM {table} WHERE thread_id = ?");
                    self.sql.run(&statement, vec![id.into()])?;
                }
            } else if completes {
                let statement = "INSERT INTO taken_threads (id) VALUES (?)";
                self.sql.run(statement, vec![id.into()])?;
                moved = moved.saturating_add(1);
            }
        }
        Ok((settled, moved))
    }

    fn has_taken(&self, thread: &str) -> Result<bool, SqlError> {
        let statement = "SELECT 1 FROM taken_threads WHERE id = ?";
        Ok(self.first(statement, vec![thread.into()])?.is_some())
    }
}

/// The one column of a row that is there, a text or null.
fn optional(row: Option<Row>) -> Result<Option<String>, SqlError> {
    row.map_or(Ok(None), |mut row| row.optional_text())
}
