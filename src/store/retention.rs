//! What nobody has used for a long time, and its end.

use super::Store;
use crate::sql::{Row, Sql, SqlError};
use crate::timestamp::Timestamp;

/// The most threads that are removed in one go, so that no event of the object takes long.
const BATCH: i64 = 50;

impl<S: Sql> Store<S> {
    /// When the workspace's oldest thread had its last message, those among them that are set aside for a
    /// claimant; without threads, when its oldest record was made. `None` where there is neither.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn oldest_activity(&self) -> Result<Option<Timestamp>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        // Ends of indexes, one of the archive and one of the rest. What is set aside is soon gone.
        let oldest = self.sql.run(
            "SELECT min(last_message_at) FROM threads WHERE is_archived = 0
             UNION ALL SELECT min(last_message_at) FROM threads WHERE is_archived = 1
             UNION ALL SELECT min(last_message_at) FROM given_threads",
            vec![],
        )?;
        if let Some(oldest) = earliest(oldest)? {
            return Ok(Some(oldest));
        }
        earliest(self.sql.run(
            "SELECT min(created_at) FROM runs UNION ALL SELECT min(created_at) FROM scores
             UNION ALL SELECT min(created_at) FROM events",
            vec![],
        )?)
    }

    /// Removes threads whose last message is from before `limit`, with everything under them and everything
    /// that was recorded of them, and what is recorded from before `limit` of no thread. Not necessarily all
    /// of it: [`Self::oldest_activity`] tells what is left.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn remove_idle(&self, limit: Timestamp) -> Result<(), SqlError> {
        if !self.exists()? {
            return Ok(());
        }
        for is_archived in [false, true] {
            let rows = self.sql.run(
                "SELECT id FROM threads WHERE is_archived = ? AND last_message_at < ? LIMIT +?",
                vec![is_archived.into(), limit.as_millis().into(), BATCH.into()],
            )?;
            for mut row in rows {
                let id = row.text()?;
                self.forget_runs(&id)?;
                self.delete_thread(&id)?;
            }
        }
        let rows = self.sql.run(
            "SELECT id, claimant FROM given_threads WHERE last_message_at < ? LIMIT +?",
            vec![limit.as_millis().into(), BATCH.into()],
        )?;
        for mut row in rows {
            self.remove_given(&row.text()?, &row.text()?)?;
        }
        for table in ["runs", "scores", "events"] {
            self.sql.run(
                &format!(
                    "DELETE FROM {table} WHERE created_at < ?
                     AND NOT EXISTS (SELECT 1 FROM threads WHERE threads.id = thread_id)
                     AND NOT EXISTS (SELECT 1 FROM given_threads WHERE given_threads.id = thread_id)"
                ),
                vec![limit.as_millis().into()],
            )?;
        }
        Ok(())
    }
}

/// The earliest of the times that there are.
fn earliest(rows: Vec<Row>) -> Result<Option<Timestamp>, SqlError> {
    let mut earliest = None;
    for mut row in rows {
        if let Some(millis) = row.optional_integer()? {
            let at = Timestamp::from_millis(millis);
            earliest = Some(earliest.map_or(at, |found: Timestamp| found.min(at)));
        }
    }
    Ok(earliest)
}
