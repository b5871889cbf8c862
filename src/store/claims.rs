//! Both ends of a claim in storage. See [`crate::claim`] for how they work together.

use super::Store;
use crate::claim::{
    DELIVERY_BYTES, Delivery, DeliveryRequest, PARCEL_ROWS, Parcel, Place, SMALL_ROW_BYTES, TABLES,
    THREADS, Table,
};
use crate::error::ApiError;
use crate::rotation::{Presented, Verdict, judge};
use crate::sql::{Row, Sql, SqlError, SqlValue};
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
        match judge(self.read_family()?, presented, now) {
            Verdict::Rotate(_) | Verdict::Repeat(_) => {}
            Verdict::Revoke(_) | Verdict::Refuse => {
                return Err(ApiError::RefreshTokenInvalid.into());
            }
        }
        if !self.exists()? {
            return Ok(Delivery::default());
        }
        self.migrate()?;
        for thread in &request.settled {
            self.remove_given(thread, &request.claimant)?;
        }
        let place = match &request.after {
            Some(place) => Some(place.clone()),
            None if request.settled.is_empty() => {
                self.set_threads_aside(&request.claimant)?;
                self.given_thread_after("", &request.claimant)?
            }
            None => None,
        };
        Ok(self.pack(place, &request.claimant)?)
    }

    /// Takes every thread out of the workspace's sight, for one claimant.
    fn set_threads_aside(&self, claimant: &str) -> Result<(), SqlError> {
        let columns = THREADS.columns;
        self.sql.run(
            &format!(
                "INSERT OR IGNORE INTO given_threads (claimant, {columns}) SELECT ?, {columns} FROM threads"
            ),
            vec![claimant.into()],
        )?;
        self.sql.run("DELETE FROM threads", vec![])?;
        Ok(())
    }

    /// The beginning of the first thread behind `thread` that was set aside for `claimant`.
    fn given_thread_after(&self, thread: &str, claimant: &str) -> Result<Option<Place>, SqlError> {
        self.sql
            .run(
                "SELECT id FROM given_threads WHERE claimant = ? AND id > ? ORDER BY id LIMIT 1",
                vec![claimant.into(), thread.into()],
            )?
            .into_iter()
            .next()
            .map(|mut row| {
                Ok(Place {
                    thread: row.text()?,
                    table: 0,
                    row: 0,
                })
            })
            .transpose()
    }

    /// Removes what the claimant has stored. Somebody else's threads stay, whatever they name.
    fn remove_given(&self, thread: &str, claimant: &str) -> Result<(), SqlError> {
        let removed = self.sql.run(
            "DELETE FROM given_threads WHERE id = ? AND claimant = ? RETURNING 1",
            vec![thread.into(), claimant.into()],
        )?;
        if removed.is_empty() {
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
                place = self.given_thread_after(&at.thread, claimant)?;
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
            let (name, columns) = (table.name, table.columns);
            let rows = self.sql.run(
                &format!(
                    "SELECT {columns} FROM {name}
                     WHERE thread_id = ? AND rowid > ? AND rowid <= ? ORDER BY rowid"
                ),
                vec![at.thread.as_str().into(), at.row.into(), last.into()],
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

    /// The parcel that completes a thread.
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
                "SELECT rowid, {weight} FROM {name} WHERE thread_id = ? AND rowid > ?
                 ORDER BY rowid LIMIT ?"
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
    /// of these are new here.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn take(&self, delivery: &Delivery) -> Result<(Vec<String>, u64), SqlError> {
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
                self.sql.run(
                    &format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({places})"),
                    row.clone(),
                )?;
            }
            if completes && !parcel.rows.is_empty() {
                self.sql.run(
                    "INSERT INTO taken_threads (id) VALUES (?)",
                    vec![parcel.thread.as_str().into()],
                )?;
                moved = moved.saturating_add(1);
            }
        }
        Ok((settled, moved))
    }

    fn has_taken(&self, thread: &str) -> Result<bool, SqlError> {
        let rows = self.sql.run(
            "SELECT 1 FROM taken_threads WHERE id = ?",
            vec![SqlValue::from(thread)],
        )?;
        Ok(!rows.is_empty())
    }
}
