//! Messages in storage (contract 1.6, 10 to 13).

use super::Store;
use crate::attachment::Reference;
use crate::error::ApiError;
use crate::format;
use crate::id::{Kind, UserId};
use crate::json;
use crate::message::{NewMessage, Parent};
use crate::sql::{Sql, SqlError};
use crate::timestamp::Timestamp;
use crate::workspace::WorkspaceError;

/// The columns of the table, in order.
pub const COLUMNS: &str = "id, thread_id, parent_id, height, format, role, external_id, content, \
     created_at, created_by, updated_at, updated_by";

/// What became of a request for a new message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// A message was stored; its id.
    New(String),
    /// One of the same external id was there, and has this content now; its id.
    Existing(String),
}

impl<S: Sql> Store<S> {
    /// Stores a message at the end of its parent's branch and moves its thread to the top of the list. One
    /// of the same external id is the same message, sent again because an answer was lost.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`]: no such thread or parent, another role under the same external id.
    pub fn append_message(
        &self,
        thread: &str,
        message: &NewMessage<'_>,
        attachments: &[Reference],
        (user, now, random): (&UserId, Timestamp, u128),
    ) -> Result<Appended, WorkspaceError> {
        if !self.has_thread(thread)? {
            return Err(ApiError::ThreadNotFound.into());
        }
        if let Some(external_id) = &message.external_id
            && let Some((id, role)) = self.message_named(thread, external_id)?
        {
            if role != message.role {
                return Err(ApiError::MessageRoleChange.into());
            }
            if self.repeat_message(thread, &id, message, user, now)? {
                self.note_attachments(thread, &id, attachments)?;
            }
            return Ok(Appended::Existing(id));
        }
        let parent = self.find_parent(thread, &message.parent)?;
        let (parent_id, height) = match parent {
            Some((id, height)) => (Some(id), height.saturating_add(1)),
            None => (None, 0),
        };
        let id = Kind::Message.new_id(random);
        self.sql.run(
            &format!(
                "INSERT INTO messages ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ),
            vec![
                id.as_str().into(),
                thread.into(),
                parent_id.into(),
                height.into(),
                message.format.as_str().into(),
                message.role.as_deref().into(),
                message.external_id.as_deref().into(),
                message.content.into(),
                now.as_millis().into(),
                user.as_str().into(),
                now.as_millis().into(),
                user.as_str().into(),
            ],
        )?;
        if !attachments.is_empty() {
            self.note_attachments(thread, &id, attachments)?;
        }
        self.touch_thread(thread, user, now)?;
        Ok(Appended::New(id))
    }

    fn message_named(
        &self,
        thread: &str,
        external_id: &str,
    ) -> Result<Option<(String, Option<String>)>, SqlError> {
        self.first(
            "SELECT id, role FROM messages WHERE thread_id = ? AND external_id = ?",
            vec![thread.into(), external_id.into()],
        )?
        .map(|mut row| Ok((row.text()?, row.optional_text()?)))
        .transpose()
    }

    /// Takes a message that was sent again; only a content that differs is news. Whether it is.
    fn repeat_message(
        &self,
        thread: &str,
        id: &str,
        message: &NewMessage<'_>,
        user: &UserId,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        let changed = self.sql.run(
            "UPDATE messages SET format = ?, content = ?, updated_at = ?, updated_by = ?
             WHERE id = ? AND content <> ? RETURNING 1",
            vec![
                message.format.as_str().into(),
                message.content.into(),
                now.as_millis().into(),
                user.as_str().into(),
                id.into(),
                message.content.into(),
            ],
        )?;
        if changed.is_empty() {
            return Ok(false);
        }
        self.touch_thread(thread, user, now)?;
        Ok(true)
    }

    /// The id and the height of a new message's parent; `None` for a root.
    fn find_parent(
        &self,
        thread: &str,
        parent: &Parent,
    ) -> Result<Option<(String, i64)>, WorkspaceError> {
        let (column, name, missing) = match parent {
            Parent::None => return Ok(None),
            Parent::Id(id) => ("id", id, ApiError::ParentNotFound),
            Parent::ExternalId(id) => ("external_id", id, ApiError::ExternalParentNotFound),
        };
        let row = self.first(
            &format!("SELECT id, height FROM messages WHERE thread_id = ? AND {column} = ?"),
            vec![thread.into(), name.as_str().into()],
        )?;
        let mut row = row.ok_or(missing)?;
        Ok(Some((row.text()?, row.integer()?)))
    }

    /// Moves a thread to where its latest message puts it in the list.
    fn touch_thread(&self, thread: &str, user: &UserId, now: Timestamp) -> Result<(), SqlError> {
        self.sql.run(
            "UPDATE threads SET last_message_at = max(last_message_at, ?), updated_at = ?,
                updated_by = ? WHERE id = ?",
            vec![
                now.as_millis().into(),
                now.as_millis().into(),
                user.as_str().into(),
                thread.into(),
            ],
        )?;
        Ok(())
    }

    /// Replaces a message's content, and its format where that has changed with it; false where the thread
    /// has no such message. The thread stays where it is in the list: a tool's late result is no new message.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn update_message(
        &self,
        thread: &str,
        id: &str,
        (content, role): (&str, Option<String>),
        attachments: &[Reference],
        (user, now): (&UserId, Timestamp),
    ) -> Result<bool, SqlError> {
        if !self.has_thread(thread)? {
            return Ok(false);
        }
        let stored = self.first(
            "SELECT format FROM messages WHERE id = ? AND thread_id = ?",
            vec![id.into(), thread.into()],
        )?;
        let Some(mut row) = stored else {
            return Ok(false);
        };
        self.sql.run(
            "UPDATE messages SET format = ?, content = ?, role = ?, updated_at = ?, updated_by = ?
             WHERE id = ?",
            vec![
                format::recognize(&row.text()?, content).into(),
                content.into(),
                role.into(),
                now.as_millis().into(),
                user.as_str().into(),
                id.into(),
            ],
        )?;
        self.note_attachments(thread, id, attachments)?;
        Ok(true)
    }

    /// Removes messages; false where the thread has none of them. What answered a removed message answers
    /// its parent from then on: nothing is lost that was not named, and no parent is missing.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn delete_messages(&self, thread: &str, ids: &[String]) -> Result<bool, SqlError> {
        if !self.has_thread(thread)? {
            return Ok(false);
        }
        // From the root on, each answer is handed to the parent that it keeps; the other way round it would be handed up
        // one removed message after another.
        let rows = self.sql.run(
            "SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?))
             AND +thread_id = ? ORDER BY height",
            vec![json::write(&ids).into(), thread.into()],
        )?;
        let found = !rows.is_empty();
        for mut row in rows {
            let id = row.text()?;
            let Some(mut row) = self.first(
                "DELETE FROM messages WHERE id = ? RETURNING parent_id",
                vec![id.as_str().into()],
            )?
            else {
                continue;
            };
            self.forget_message_scores(thread, &id)?;
            self.remove_attachments("message_id", &id)?;
            self.sql.run(
                "UPDATE messages SET parent_id = ? WHERE thread_id = ? AND parent_id = ?",
                vec![row.optional_text()?.into(), thread.into(), id.into()],
            )?;
        }
        Ok(found)
    }
}
