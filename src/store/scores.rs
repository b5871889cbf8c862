//! Scores and feedback in storage (contract 1.6, 14 and 21).

use super::Store;
use super::records::in_sight;
use crate::error::ApiError;
use crate::id::{Kind, UserId};
use crate::page::RecordListQuery;
use crate::score::{FEEDBACK, Feedback, NewScore, Score, ScoreValue, Target};
use crate::sql::{Row, Sql, SqlError, SqlValue};
use crate::timestamp::Timestamp;
use crate::workspace::WorkspaceError;

/// The columns of the table, in order.
pub const COLUMNS: &str = "id, thread_id, message_id, run_id, name, data_type, value, string_value, \
     comment, author_id, created_at, updated_at";

/// What becomes of a comment where there is a score already.
#[derive(Clone, Copy)]
enum Comment {
    /// It is replaced, also by none.
    Replaced,
    /// It stays where the verdict stays and no other comment is given.
    KeptWithVerdict,
}

/// Where a score hangs.
struct Place {
    thread: String,
    message: Option<String>,
    run: Option<String>,
}

impl<S: Sql> Store<S> {
    /// Stores a score. The same author's score of the same name on the same target is replaced; its id
    /// stays. The oldest scores go when there are too many.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`]: no such thread or run, a message that is not in the thread.
    pub fn create_score(
        &self,
        score: NewScore,
        author: &UserId,
        now: Timestamp,
        random: u128,
    ) -> Result<Score, WorkspaceError> {
        let place = self.find_place(score.target)?;
        let verdict = (score.name.as_str(), score.value, score.comment);
        let (comment, who) = (Comment::Replaced, (author, now, random));
        Ok(self.write_score(place, verdict, comment, who)?)
    }

    /// Stores what a user thinks of a message, as the score named `feedback`. The same rating again without
    /// a comment keeps the comment; the other one clears it.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`]: no such thread, no such message in it.
    pub fn rate_message(
        &self,
        thread: &str,
        message: &str,
        feedback: Feedback,
        author: &UserId,
        now: Timestamp,
        random: u128,
    ) -> Result<Score, WorkspaceError> {
        self.require_place(thread, Some(message))
            .map_err(|error| match error {
                WorkspaceError::Refused(ApiError::MessageOutsideThread) => {
                    ApiError::MessageNotFound.into()
                }
                error => error,
            })?;
        let place = Place {
            thread: thread.to_owned(),
            message: Some(message.to_owned()),
            run: None,
        };
        let value = ScoreValue::Boolean(feedback.positive);
        let verdict = (FEEDBACK, value, feedback.comment);
        let (comment, who) = (Comment::KeptWithVerdict, (author, now, random));
        Ok(self.write_score(place, verdict, comment, who)?)
    }

    /// Where a score of this target hangs: a run's with the run's thread, so that it goes where that goes.
    fn find_place(&self, target: Target) -> Result<Place, WorkspaceError> {
        let mut place = Place {
            thread: String::new(),
            message: None,
            run: None,
        };
        match target {
            Target::Thread(thread_id) => {
                self.require_place(&thread_id, None)?;
                place.thread = thread_id;
            }
            Target::Message {
                thread_id,
                message_id,
            } => {
                self.require_place(&thread_id, Some(&message_id))?;
                place.thread = thread_id;
                place.message = Some(message_id);
            }
            Target::Run(run_id) => {
                place.thread = self.thread_of_run(&run_id)?.ok_or(ApiError::RunNotFound)?;
                place.run = Some(run_id);
            }
        }
        Ok(place)
    }

    fn thread_of_run(&self, run: &str) -> Result<Option<String>, SqlError> {
        if !self.exists()? {
            return Ok(None);
        }
        self.first(
            &format!(
                "SELECT thread_id FROM runs WHERE id = ? AND {}",
                in_sight("runs")
            ),
            vec![run.into()],
        )?
        .map(|mut row| row.text())
        .transpose()
    }

    fn write_score(
        &self,
        place: Place,
        (name, value, text): (&str, ScoreValue, Option<String>),
        comment: Comment,
        (author, now, random): (&UserId, Timestamp, u128),
    ) -> Result<Score, SqlError> {
        let data_type = value.data_type();
        let (number, category) = match value {
            ScoreValue::Numeric(number) => (SqlValue::Real(number), SqlValue::Null),
            ScoreValue::Boolean(yes) => (SqlValue::from(yes), SqlValue::Null),
            ScoreValue::Categorical(word) => (SqlValue::Null, word.into()),
        };
        let comment = match comment {
            Comment::Replaced => "excluded.comment",
            Comment::KeptWithVerdict => {
                "CASE WHEN excluded.comment IS NULL AND excluded.value IS value
                    THEN comment ELSE excluded.comment END"
            }
        };
        let row = self.first(
            &format!(
                "INSERT INTO scores ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (thread_id, ifnull(message_id, ''), ifnull(run_id, ''), name, author_id)
                 DO UPDATE SET data_type = excluded.data_type, value = excluded.value,
                    string_value = excluded.string_value, comment = {comment},
                    updated_at = excluded.updated_at
                 RETURNING {COLUMNS}"
            ),
            vec![
                Kind::Score.new_id(random).into(),
                place.thread.into(),
                place.message.into(),
                place.run.into(),
                name.into(),
                data_type.into(),
                number,
                category,
                text.into(),
                author.as_str().into(),
                now.as_millis().into(),
                now.as_millis().into(),
            ],
        )?;
        self.keep_newest("scores")?;
        read_score(row.ok_or_else(|| SqlError("a score was not stored".to_owned()))?)
    }

    /// A page of scores, the first given last.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn list_scores(&self, query: &RecordListQuery<'_>) -> Result<Vec<Score>, SqlError> {
        self.list_records("scores", COLUMNS, query)?
            .into_iter()
            .map(read_score)
            .collect()
    }

    /// Removes every score of a thread, its messages and its runs.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn forget_scores(&self, thread: &str) -> Result<(), SqlError> {
        let statement = "DELETE FROM scores WHERE thread_id = ?";
        self.sql.run(statement, vec![thread.into()])?;
        Ok(())
    }

    /// Removes every score of a message.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn forget_message_scores(&self, thread: &str, message: &str) -> Result<(), SqlError> {
        let statement = "DELETE FROM scores WHERE thread_id = ? AND ifnull(message_id, '') = ?";
        self.sql
            .run(statement, vec![thread.into(), message.into()])?;
        Ok(())
    }
}

fn read_score(mut row: Row) -> Result<Score, SqlError> {
    Ok(Score {
        id: row.text()?,
        thread_id: row.text()?,
        message_id: row.optional_text()?,
        run_id: row.optional_text()?,
        name: row.text()?,
        data_type: row.text()?,
        value: row.optional_number()?,
        string_value: row.optional_text()?,
        comment: row.optional_text()?,
        author_id: row.text()?,
        created_at: Timestamp::from_millis(row.integer()?),
        updated_at: Timestamp::from_millis(row.integer()?),
    })
}
