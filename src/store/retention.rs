//! Threads that nobody has written to for a long time, and their end.

use super::Store;
use crate::sql::{Sql, SqlError};
use crate::timestamp::Timestamp;

/// The most threads that are removed in one go, so that no event of the object takes long.
const BATCH: i64 = 50;

impl<S: Sql> Store<S> {
    /// When the workspace's oldest thread had its last message; `None` without threads.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn oldest_activity(&self) -> Result<Option<Timestamp>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        // Two ends of an index, one of the archive and one of the rest.
        let rows = self.sql.run(
            "SELECT min(last_message_at) FROM threads WHERE is_archived = 0
             UNION ALL SELECT min(last_message_at) FROM threads WHERE is_archived = 1",
            vec![],
        )?;
        let mut oldest = None;
        for mut row in rows {
            if let Some(millis) = row.optional_integer()? {
                let at = Timestamp::from_millis(millis);
                oldest = Some(oldest.map_or(at, |found: Timestamp| found.min(at)));
            }
        }
        Ok(oldest)
    }

    /// Removes threads whose last message is from before `limit`, with everything under them. Not
    /// necessarily all of them: [`Self::oldest_activity`] tells what is left.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn remove_idle_threads(&self, limit: Timestamp) -> Result<(), SqlError> {
        if !self.exists()? {
            return Ok(());
        }
        for is_archived in [false, true] {
            let rows = self.sql.run(
                "SELECT id FROM threads WHERE is_archived = ? AND last_message_at < ? LIMIT ?",
                vec![is_archived.into(), limit.as_millis().into(), BATCH.into()],
            )?;
            for mut row in rows {
                self.delete_thread(&row.text()?)?;
            }
        }
        Ok(())
    }
}
