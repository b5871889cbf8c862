//! Threads: what they are on the wire, and what a new or changed one may say (contract 1.6, 4 to 8).

use crate::body::{Body, Change, Null};
use crate::error::ApiError;
use crate::timestamp::Timestamp;

/// The longest title and external id, in characters.
const MAX_TEXT_CHARS: usize = 255;
/// The largest metadata, in bytes of JSON.
const MAX_METADATA_BYTES: usize = 16_384;

/// A thread to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewThread {
    /// What the list is ordered by.
    pub last_message_at: Timestamp,
    /// Its title, if it has one already.
    pub title: Option<String>,
    /// The application's own data, as JSON.
    pub metadata: Option<String>,
    /// The application's own name for it.
    pub external_id: Option<String>,
    /// Whether a thread of the same external id serves in its place.
    pub upsert: bool,
}

/// A change to a thread. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadPatch {
    /// A new title.
    pub title: Option<String>,
    /// A new place in the list.
    pub last_message_at: Option<Timestamp>,
    /// New data.
    pub metadata: Change<String>,
    /// Into the archive or out of it.
    pub is_archived: Option<bool>,
}

impl NewThread {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(body)?;
        let last_message_at = body.timestamp("last_message_at");
        let last_message_at = body.required("last_message_at", last_message_at);
        let thread = Self {
            last_message_at: last_message_at.unwrap_or(Timestamp::from_millis(0)),
            title: body.text("title", MAX_TEXT_CHARS, Null::IsAbsent),
            metadata: match metadata(&mut body) {
                Change::Set(text) => Some(text),
                Change::Keep | Change::Clear => None,
            },
            external_id: body.text("external_id", MAX_TEXT_CHARS, Null::IsAbsent),
            upsert: body.boolean("upsert").unwrap_or(false),
        };
        body.finish()?;
        if thread.upsert && thread.external_id.is_none() {
            return Err(ApiError::UpsertWithoutExternalId);
        }
        Ok(thread)
    }
}

impl ThreadPatch {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(body)?;
        let patch = Self {
            title: body.text("title", MAX_TEXT_CHARS, Null::IsRefused),
            last_message_at: body.timestamp("last_message_at"),
            metadata: metadata(&mut body),
            is_archived: body.boolean("is_archived"),
        };
        body.finish()?;
        Ok(patch)
    }
}

fn metadata(body: &mut Body<'_>) -> Change<String> {
    match body.object("metadata", MAX_METADATA_BYTES) {
        Change::Set(text) => Change::Set(text.to_owned()),
        Change::Clear => Change::Clear,
        Change::Keep => Change::Keep,
    }
}
