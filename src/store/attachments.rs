//! Which messages name which attachments, so that a file can go when the last message that named it is gone.
//!
//! A workspace removes what it has uploaded itself, and what came to it with a claim. What others have
//! uploaded is theirs, whoever names it; and what was given away in a claim is the claimant's.

use super::Store;
use crate::attachment::Reference;
use crate::sql::{Sql, SqlError};

/// The columns of the table that a claim takes along, in order.
pub const COLUMNS: &str = "thread_id, message_id, key";

impl<S: Sql> Store<S> {
    /// Notes what a message's content names now, instead of what it named before.
    pub(super) fn note_attachments(
        &self,
        thread: &str,
        message: &str,
        named: &[Reference],
    ) -> Result<(), SqlError> {
        let mut gone = self.attachments_of(message)?;
        for reference in named {
            let key = reference.key.as_str();
            if let Some(place) = gone.iter().position(|known| known == key) {
                gone.swap_remove(place);
            } else if self.owns_attachment(reference)? {
                self.sql.run(
                    &format!("INSERT OR IGNORE INTO attachments ({COLUMNS}) VALUES (?, ?, ?)"),
                    vec![thread.into(), message.into(), key.into()],
                )?;
                let statement = "DELETE FROM removed_attachments WHERE key = ?";
                self.sql.run(statement, vec![key.into()])?;
            }
        }
        for key in gone {
            self.sql.run(
                "DELETE FROM attachments WHERE message_id = ? AND key = ?",
                vec![message.into(), key.as_str().into()],
            )?;
            self.remove_unnamed(&key)?;
        }
        Ok(())
    }

    /// Whether a file is this workspace's: its own unless it was given away, and what it has by a claim.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn owns_attachment(&self, reference: &Reference) -> Result<bool, SqlError> {
        if !self.exists()? {
            return Ok(reference.is_own);
        }
        let condition = if reference.is_own {
            "NOT EXISTS (SELECT 1 FROM given_attachments WHERE key = ?)"
        } else {
            "EXISTS (SELECT 1 FROM attachments WHERE key = ?)"
        };
        let statement = ["SELECT 1 WHERE ", condition].concat();
        let found = self.first(&statement, vec![reference.key.as_str().into()])?;
        Ok(found.is_some())
    }

    fn attachments_of(&self, message: &str) -> Result<Vec<String>, SqlError> {
        let statement = "SELECT key FROM attachments WHERE message_id = ?";
        let rows = self.sql.run(statement, vec![message.into()])?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Has a file removed, if no message names it any more.
    fn remove_unnamed(&self, key: &str) -> Result<(), SqlError> {
        self.sql.run(
            "INSERT OR IGNORE INTO removed_attachments (key)
             SELECT ? WHERE NOT EXISTS (SELECT 1 FROM attachments WHERE key = ?)",
            vec![key.into(), key.into()],
        )?;
        Ok(())
    }

    /// Has the files removed that only this thread named, or this message: `column` is `thread_id` or `message_id`.
    pub(super) fn remove_attachments(&self, column: &str, id: &str) -> Result<(), SqlError> {
        // Each key once: a thread may name one file in every message, and looks through all of them for it.
        self.sql.run(
            &format!(
                "INSERT OR IGNORE INTO removed_attachments (key)
                 SELECT key FROM (SELECT DISTINCT key FROM attachments WHERE {column} = ?) AS mine
                 WHERE NOT EXISTS (
                    SELECT 1 FROM attachments AS other
                    WHERE other.key = mine.key AND other.{column} <> ?
                 )"
            ),
            vec![id.into(), id.into()],
        )?;
        self.sql.run(
            &format!("DELETE FROM attachments WHERE {column} = ?"),
            vec![id.into()],
        )?;
        Ok(())
    }

    /// Gives the files that are named in what is set aside to its claimant.
    pub(super) fn give_attachments(&self) -> Result<(), SqlError> {
        self.sql.run(
            "INSERT OR IGNORE INTO given_attachments (key) SELECT key FROM attachments",
            vec![],
        )?;
        Ok(())
    }

    /// The keys of files that are to be removed from the bucket, at most so many.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn removed_attachments(&self, most: u32) -> Result<Vec<String>, SqlError> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let statement = "SELECT key FROM removed_attachments LIMIT +?";
        let rows = self.sql.run(statement, vec![i64::from(most).into()])?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Forgets files that are not in the bucket any more.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn forget_removed_attachments(&self, keys: &[String]) -> Result<(), SqlError> {
        for key in keys {
            let statement = "DELETE FROM removed_attachments WHERE key = ?";
            self.sql.run(statement, vec![key.as_str().into()])?;
        }
        Ok(())
    }
}
