//! Lists of messages (contract 1.6, 10).
//!
//! The database writes a list itself, as JSON, so that contents pass through nothing that would only copy
//! them. A page that is too large for one text, or has rows to be converted, is written row by row, and takes
//! the memory of one row: 200 messages may have a megabyte each, an object's isolate has 128.

use super::Store;
use crate::format;
use crate::json::{self, JsonBuf};
use crate::message::Message;
use crate::page::MessageListQuery;
use crate::sql::{Row, Selection, Sql, SqlError, SqlValue, timestamp};
use crate::timestamp::Timestamp;

/// The most bytes of contents in one text. SQLite on the platform makes none of more than 2 MB, and what else
/// is in 200 rows has 0.7 MB at most.
const MAX_BYTES_AT_ONCE: i64 = 1_250_000;

/// What a row is read as to be converted, in the order in which [`read_message`] takes it.
const COLUMNS: &str = "id, parent_id, height, created_at, updated_at, format, external_id, content";

/// A page of messages.
#[derive(Debug)]
pub enum MessageList {
    /// A page without a message.
    Empty,
    /// The answer is one text.
    Whole(Selection),
    /// The answer is written row by row.
    RowByRow(MessageRows),
}

/// The answer of a page that is written row by row. A message that is removed meanwhile is not in it.
#[derive(Debug)]
pub struct MessageRows {
    thread: String,
    ids: std::vec::IntoIter<String>,
    format: Option<String>,
    is_large: bool,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    NothingWritten,
    HeadWritten,
    RowWritten,
    Done,
}

/// A part of such an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is to be sent; nothing for a row that is left out.
    pub text: String,
    /// What the operator should know of it.
    pub remark: Option<String>,
}

/// The expression for a message as JSON. Its content is the text that it is.
fn message_json() -> String {
    [
        r#"'{"id":' || json_quote(id) || ',"parent_id":' || json_quote(parent_id)
        || ',"height":' || height || ',"created_at":' || "#,
        &timestamp("created_at"),
        r#" || ',"updated_at":' || "#,
        &timestamp("updated_at"),
        r#" || ',"format":' || json_quote(format) || ',"external_id":' || json_quote(external_id)
        || ',"content":' || content || '}'"#,
    ]
    .concat()
}

impl<S: Sql> Store<S> {
    /// A page of a thread's messages: the deepest first, so that read backwards every parent comes before
    /// its children. A thread that is not there has none. An `after` that is gone is as none.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub fn list_messages(
        &self,
        thread: &str,
        query: &MessageListQuery<'_>,
    ) -> Result<MessageList, SqlError> {
        if !self.has_thread(thread)? {
            return Ok(MessageList::Empty);
        }
        let mut rows = String::from("FROM messages WHERE thread_id = +?");
        let mut values = vec![SqlValue::from(thread)];
        if let Some(after) = &query.page.after
            && let Some((height, created_at)) = self.message_position(thread, after)?
        {
            rows.push_str(" AND (height, created_at, id) < (?, ?, ?)");
            values.extend([height.into(), created_at.into(), after.as_ref().into()]);
        }
        rows.push_str(" ORDER BY height DESC, created_at DESC, id DESC LIMIT +?");
        values.push(i64::from(query.page.limit).into());
        let sources = query.format.as_deref().map_or(&[][..], format::sources);
        let (bytes, converted) = self.weigh(&rows, &values, sources)?;
        let is_large = bytes > MAX_BYTES_AT_ONCE;
        if !is_large && !converted {
            let start = r#"SELECT '{"messages":[' || ifnull(group_concat(message), '') || ']}' FROM (SELECT "#;
            return Ok(MessageList::Whole(Selection {
                statement: [start, &message_json(), " AS message ", &rows, ")"].concat(),
                values,
            }));
        }
        let ids = self.sql.run(&["SELECT id ", &rows].concat(), values)?;
        let ids: Result<Vec<_>, _> = ids.into_iter().map(|mut row| row.text()).collect();
        Ok(MessageList::RowByRow(MessageRows {
            thread: thread.to_owned(),
            ids: ids?.into_iter(),
            format: query.format.as_deref().map(str::to_owned),
            is_large,
            progress: Progress::NothingWritten,
        }))
    }

    /// How many bytes the contents of rows have, and whether any of them is in one of the formats `sources`.
    fn weigh(
        &self,
        rows: &str,
        values: &[SqlValue],
        sources: &[&str],
    ) -> Result<(i64, bool), SqlError> {
        let formats = vec!["?"; sources.len()].join(", ");
        let statement = [
            "SELECT ifnull(sum(octet_length(content)), 0), ifnull(max(format IN (",
            &formats,
            ")), 0) FROM (SELECT content, format ",
            rows,
            ")",
        ];
        let sources = sources.iter().map(|source| SqlValue::from(*source));
        let values = sources.chain(values.iter().cloned()).collect();
        let weighed = self.sql.run(&statement.concat(), values)?;
        let missing = || SqlError("a sum has a row".to_owned());
        let mut row = weighed.into_iter().next().ok_or_else(missing)?;
        Ok((row.integer()?, row.integer()? != 0))
    }

    /// The height and the time of a message of this thread.
    fn message_position(&self, thread: &str, id: &str) -> Result<Option<(i64, i64)>, SqlError> {
        self.first(
            "SELECT height, created_at FROM messages WHERE id = ? AND thread_id = ?",
            vec![id.into(), thread.into()],
        )?
        .map(|mut row| Ok((row.integer()?, row.integer()?)))
        .transpose()
    }

    /// The next part of an answer that is written row by row; `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses; the answer has no end then.
    pub fn write_next(&self, rows: &mut MessageRows) -> Result<Option<Part>, SqlError> {
        let part = |text: &str| Part {
            text: text.to_owned(),
            remark: None,
        };
        match rows.progress {
            Progress::Done => return Ok(None),
            Progress::NothingWritten => {
                rows.progress = Progress::HeadWritten;
                return Ok(Some(part(r#"{"messages":["#)));
            }
            Progress::HeadWritten | Progress::RowWritten => {}
        }
        let Some(id) = rows.ids.next() else {
            rows.progress = Progress::Done;
            return Ok(Some(part("]}")));
        };
        let found = self.sql.run(
            &[
                "SELECT ",
                COLUMNS,
                " FROM messages WHERE id = ? AND thread_id = ?",
            ]
            .concat(),
            vec![id.into(), rows.thread.as_str().into()],
        )?;
        let Some(row) = found.into_iter().next() else {
            return Ok(Some(part("")));
        };
        let mut message = read_message(row)?;
        if let Some(format) = &rows.format
            && let Err(error) = message.convert(format)
        {
            return Ok(Some(Part {
                text: String::new(),
                remark: Some([&message.id, " was left out: ", &error.to_string()].concat()),
            }));
        }
        let separator = if rows.progress == Progress::RowWritten {
            ","
        } else {
            ""
        };
        rows.progress = Progress::RowWritten;
        Ok(Some(part(&[separator, &json::write(&message)].concat())))
    }
}

impl MessageRows {
    /// Whether the answer is too large to be made before it is sent.
    pub fn is_large(&self) -> bool {
        self.is_large
    }
}

fn read_message(mut row: Row) -> Result<Message, SqlError> {
    Ok(Message {
        id: row.text()?,
        parent_id: row.optional_text()?,
        height: row.integer()?,
        created_at: Timestamp::from_millis(row.integer()?),
        updated_at: Timestamp::from_millis(row.integer()?),
        format: row.text()?,
        external_id: row.optional_text()?,
        content: JsonBuf::parse(row.text()?)
            .ok_or_else(|| SqlError("content is no JSON".to_owned()))?,
    })
}
