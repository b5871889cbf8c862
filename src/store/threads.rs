//! Threads in storage (contract 1.6, 4 to 8).

use super::Store;
use crate::body::Change;
use crate::caller::Caller;
use crate::id::{Kind, ProjectId, UserId};
use crate::page::ThreadListQuery;
use crate::sql::{Selection, Sql, SqlError, SqlValue, timestamp};
use crate::thread::{NewThread, ThreadPatch};
use crate::timestamp::Timestamp;

/// The expression for a thread as JSON. Its `?` are the project's and the workspace's ids, as JSON. Every member
/// is written, null or not, because the official client refuses a whole list for one that is missing.
fn json() -> String {
    [
        r#"'{"id":' || json_quote(id) || ',"project_id":' || ? || ',"workspace_id":' || ?
        || ',"title":' || json_quote(title)
        || ',"last_message_at":' || "#,
        &timestamp("last_message_at"),
        r#" || ',"created_at":' || "#,
        &timestamp("created_at"),
        r#" || ',"updated_at":' || "#,
        &timestamp("updated_at"),
        r#" || ',"is_archived":' || iif(is_archived, 'true', 'false')
        || ',"external_id":' || json_quote(external_id)
        || ',"metadata":' || ifnull(metadata, 'null') || '}'"#,
    ]
    .concat()
}

/// What fills the `?` of [`json`].
fn json_values(project: &ProjectId, caller: &Caller) -> Vec<SqlValue> {
    [project.as_str(), caller.workspace.as_str()]
        .map(|id| crate::json::write(&id).into())
        .into()
}

/// What became of a request for a new thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// A thread was made; its id.
    New(String),
    /// A thread of the same external id was there before; its id.
    Existing(String),
}

impl<S: Sql> Store<S> {
    /// The answer with a page of threads: the latest message first, equal times by id. It goes on behind the
    /// place where `after` stands now; an `after` that is gone is as none, which a client notices by its ids.
    /// `None` for a workspace without anything.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn list_threads(
        &self,
        query: &ThreadListQuery<'_>,
        project: &ProjectId,
        caller: &Caller,
    ) -> Result<Option<Selection>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        let mut statement = [
            r#"SELECT '{"threads":[' || ifnull(group_concat(thread), '') || ']}' FROM (SELECT "#,
            &json(),
            " AS thread FROM threads WHERE is_archived = +?",
        ]
        .concat();
        let mut values = json_values(project, caller);
        values.push(query.is_archived.into());
        if let Some(external_id) = &query.external_id {
            statement.push_str(" AND external_id = +?");
            values.push(external_id.as_ref().into());
        }
        if let Some(after) = &query.page.after
            && let Some(last_message_at) = self.thread_position(after)?
        {
            statement.push_str(" AND (last_message_at, id) < (?, ?)");
            values.push(last_message_at.into());
            values.push(after.as_ref().into());
        }
        statement.push_str(" ORDER BY last_message_at DESC, id DESC LIMIT +?)");
        values.push(i64::from(query.page.limit).into());
        Ok(Some(Selection { statement, values }))
    }

    fn thread_position(&self, id: &str) -> Result<Option<i64>, SqlError> {
        self.first(
            "SELECT last_message_at FROM threads WHERE id = ?",
            vec![id.into()],
        )?
        .map(|mut row| row.integer())
        .transpose()
    }

    /// The answer with one thread; `None` where this workspace has none of that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn get_thread(
        &self,
        id: &str,
        project: &ProjectId,
        caller: &Caller,
    ) -> Result<Option<String>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        let statement = [
            r#"SELECT '{"thread":' || "#,
            &json(),
            " || '}' FROM threads WHERE id = ?",
        ];
        let mut values = json_values(project, caller);
        values.push(id.into());
        self.first(&statement.concat(), values)?
            .map(|mut row| row.text())
            .transpose()
    }

    /// Whether this workspace has a thread of that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn has_thread(&self, id: &str) -> Result<bool, SqlError> {
        Ok(self.exists()? && self.thread_position(id)?.is_some())
    }

    /// Makes a thread, or finds the oldest one of the same external id where the caller allows it.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn create_thread(
        &self,
        thread: NewThread,
        user: &UserId,
        now: Timestamp,
        random: u128,
    ) -> Result<Created, SqlError> {
        self.migrate()?;
        if thread.upsert
            && let Some(existing) = self.oldest_thread_named(thread.external_id.as_deref())?
        {
            return Ok(Created::Existing(existing));
        }
        let id = Kind::Thread.new_id(random);
        self.sql.run(
            "INSERT INTO threads (id, title, last_message_at, metadata, external_id, is_archived,
                created_at, created_by, updated_at, updated_by)
             VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
            vec![
                id.as_str().into(),
                thread.title.into(),
                thread.last_message_at.as_millis().into(),
                thread.metadata.into(),
                thread.external_id.into(),
                now.as_millis().into(),
                user.as_str().into(),
                now.as_millis().into(),
                user.as_str().into(),
            ],
        )?;
        Ok(Created::New(id))
    }

    fn oldest_thread_named(&self, external_id: Option<&str>) -> Result<Option<String>, SqlError> {
        self.first(
            "SELECT id FROM threads WHERE external_id = ? ORDER BY created_at, id LIMIT 1",
            vec![external_id.into()],
        )?
        .map(|mut row| row.text())
        .transpose()
    }

    /// Changes a thread; false where this workspace has none of that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn update_thread(
        &self,
        id: &str,
        patch: ThreadPatch,
        user: &UserId,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        if !self.exists()? {
            return Ok(false);
        }
        let mut statement = String::from("UPDATE threads SET updated_at = ?, updated_by = ?");
        let mut values = vec![now.as_millis().into(), user.as_str().into()];
        let mut set = |column: &str, value: SqlValue| {
            statement.push_str(column);
            values.push(value);
        };
        if let Some(title) = patch.title {
            set(", title = ?", title.into());
        }
        if let Some(last_message_at) = patch.last_message_at {
            set(", last_message_at = ?", last_message_at.as_millis().into());
        }
        match patch.metadata {
            Change::Keep => {}
            Change::Clear => set(", metadata = ?", SqlValue::Null),
            Change::Set(text) => set(", metadata = ?", text.into()),
        }
        if let Some(is_archived) = patch.is_archived {
            set(", is_archived = ?", is_archived.into());
        }
        set(" WHERE id = ? RETURNING 1", id.into());
        Ok(!self.sql.run(&statement, values)?.is_empty())
    }

    /// Gives a thread a title unless it has one, and returns the one that it has then; `None` where this
    /// workspace has none of that id, `Some(None)` where it has no title and `title` is none either.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn title_thread(
        &self,
        id: &str,
        title: Option<&str>,
    ) -> Result<Option<Option<String>>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        self.first(
            "UPDATE threads SET title = coalesce(title, ?) WHERE id = ? RETURNING title",
            vec![title.into(), id.into()],
        )?
        .map(|mut row| row.optional_text())
        .transpose()
    }

    /// Removes a thread with its messages, scores and events, and the files that only it named; of its runs
    /// only the figures stay. False where this workspace has none of that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn delete_thread(&self, id: &str) -> Result<bool, SqlError> {
        if !self.has_thread(id)? {
            return Ok(false);
        }
        // The thread itself comes last: whatever fails before it can be done again.
        self.sql
            .run("DELETE FROM messages WHERE thread_id = ?", vec![id.into()])?;
        self.forget_scores(id)?;
        self.forget_events(id)?;
        self.forget_run_details(id)?;
        self.remove_attachments("thread_id", id)?;
        self.sql
            .run("DELETE FROM threads WHERE id = ?", vec![id.into()])?;
        Ok(true)
    }
}
