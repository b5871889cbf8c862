//! Messages: a tree within a thread, each with content that is the application's own (contract 1.6, 10 to 13).

use std::borrow::Cow;

use crate::body::{Body, Null};
use crate::error::ApiError;
use crate::format::{self, ConversionError};
use crate::json::{self, JsonBuf, JsonText, Members, ToJson};
use crate::route::MAX_CONTENT_BYTES;
use crate::timestamp::Timestamp;

/// The longest format and external id, in characters.
const MAX_TEXT_CHARS: usize = 255;
/// The most messages that one request can remove.
const MAX_REMOVED: usize = 200;
/// What a message's id begins with. A parent of another form is one that only the client knows.
const ID_PREFIX: &str = "msg_";

/// A message as it is stored and as it is answered.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its name, `msg_0…`.
    pub id: String,
    /// The message that it answers; null for a root.
    pub parent_id: Option<String>,
    /// How many messages are above it when it is made.
    pub height: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its content was last changed.
    pub updated_at: Timestamp,
    /// What its content is written in, such as `aui/v0`.
    pub format: String,
    /// The application's own name for it, unique within the thread.
    pub external_id: Option<String>,
    /// A JSON object.
    pub content: JsonBuf,
}

impl ToJson for Message {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 8] = [
            ("id", &self.id),
            ("parent_id", &self.parent_id),
            ("height", &self.height),
            ("created_at", &self.created_at),
            ("updated_at", &self.updated_at),
            ("format", &self.format),
            ("external_id", &self.external_id),
            ("content", &self.content),
        ];
        json::write_object(&members, json);
    }
}

impl Message {
    /// Turns a message into the format that its reader asks for, where there is a way.
    ///
    /// # Errors
    ///
    /// [`ConversionError`], for a message to be left out of the answer.
    pub fn convert(&mut self, requested: &str) -> Result<(), ConversionError> {
        let conversion = format::convert(&self.format, requested, self.content.as_text())?;
        let name = conversion.format.to_owned();
        if let Cow::Owned(content) = conversion.content {
            self.content = JsonBuf::parse(content).ok_or(ConversionError::Malformed)?;
        }
        self.format = name;
        Ok(())
    }
}

/// Which message a new one answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// None: it is a root.
    None,
    /// The one of this id.
    Id(String),
    /// The one of this external id.
    ExternalId(String),
}

/// A message to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage<'a> {
    /// The message that it answers.
    pub parent: Parent,
    /// What its content is written in.
    pub format: String,
    /// A JSON object, as it came.
    pub content: &'a str,
    /// The content's own `role`, where it has one.
    pub role: Option<String>,
    /// The application's own name for it.
    pub external_id: Option<String>,
}

impl<'a> NewMessage<'a> {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400 or 413.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(bytes)?;
        let parent: Option<Option<String>> =
            body.typed("parent_id", Null::IsRefused, "must be a message id or null");
        let parent = body.required("parent_id", parent).flatten();
        let parent_external_id = body.text("parent_external_id", MAX_TEXT_CHARS, Null::IsAbsent);
        let format = body.text("format", MAX_TEXT_CHARS, Null::IsRefused);
        let format = body.required("format", format);
        let content = content(&mut body)?;
        let external_id = body.text("external_id", MAX_TEXT_CHARS, Null::IsAbsent);
        body.finish()?;
        let (Some(format), Some((content, role))) = (format, content) else {
            return Err(ApiError::Internal);
        };
        Ok(Self {
            parent: match (
                parent.filter(|id| id.starts_with(ID_PREFIX)),
                parent_external_id,
            ) {
                (Some(id), _) => Parent::Id(id),
                (None, Some(external_id)) => Parent::ExternalId(external_id),
                (None, None) => Parent::None,
            },
            format,
            content,
            role,
            external_id,
        })
    }
}

/// Reads the body of a change: the new content, and the role within it.
///
/// # Errors
///
/// [`ApiError`] with 400 or 413.
pub fn parse_change(bytes: &[u8]) -> Result<(&str, Option<String>), ApiError> {
    let mut body = Body::parse(bytes)?;
    let content = content(&mut body)?;
    body.finish()?;
    content.ok_or(ApiError::Internal)
}

/// The content and its role. A large one is refused whole, never cut.
fn content<'a>(body: &mut Body<'a>) -> Result<Option<(&'a str, Option<String>)>, ApiError> {
    let value = body.take("content");
    let Some(value) = body.required("content", value) else {
        return Ok(None);
    };
    let text = value.get();
    if text.len() > MAX_CONTENT_BYTES {
        return Err(ApiError::BodyTooLarge);
    }
    if !text.starts_with('{') {
        body.complain("content", "must be an object");
        return Ok(None);
    }
    // A role of another type is the application's own affair.
    let members: Members<'_> = value.read().unwrap_or_default();
    let role = members.get("role").and_then(JsonText::read);
    Ok(Some((text, role)))
}

/// Reads the ids of messages to be removed.
///
/// # Errors
///
/// [`ApiError`] with 400.
pub fn parse_removal(bytes: &[u8]) -> Result<Vec<String>, ApiError> {
    let mut body = Body::parse(bytes)?;
    let ids: Option<Vec<String>> =
        body.typed("message_ids", Null::IsRefused, "must be an array of ids");
    let ids = body.required("message_ids", ids).unwrap_or_default();
    if !(1..=MAX_REMOVED).contains(&ids.len()) {
        body.complain("message_ids", "must have 1 to 200 ids");
    }
    body.finish()?;
    Ok(ids)
}
