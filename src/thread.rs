//! Threads: what they are on the wire, and what a new or changed one may say (contract 1.6, 4 to 8).

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::timestamp::Timestamp;

/// The longest body of a thread route, in bytes.
pub const MAX_BODY_BYTES: usize = 65_536;
/// The longest title and external id, in characters.
const MAX_TEXT_CHARS: usize = 255;
/// The largest metadata, in bytes of JSON.
const MAX_METADATA_BYTES: usize = 16_384;

/// A thread as it is stored and as it is answered. Every member is written, null or not, because the
/// official client refuses a whole list for one that is missing.
#[derive(Debug, Clone, Serialize)]
pub struct Thread<'a> {
    /// Its name, `thread_0…`.
    pub id: String,
    /// The deployment's project.
    pub project_id: &'a str,
    /// The workspace that owns it.
    pub workspace_id: &'a str,
    /// What the list shows; null until it has one.
    pub title: Option<String>,
    /// What the list is ordered by.
    pub last_message_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it is out of the default list.
    pub is_archived: bool,
    /// The application's own name for it; not unique.
    pub external_id: Option<String>,
    /// The application's own data, a JSON object.
    pub metadata: Option<Box<RawValue>>,
}

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
    pub metadata: MetadataChange,
    /// Into the archive or out of it.
    pub is_archived: Option<bool>,
}

/// What a body says of a thread's metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MetadataChange {
    /// Nothing: it stays.
    #[default]
    Keep,
    /// Null: there is none from now on.
    Clear,
    /// This JSON object.
    Set(String),
}

impl NewThread {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let last_message_at = fields.timestamp("last_message_at");
        if last_message_at.is_none() {
            fields.require("last_message_at", "must be an ISO date and time");
        }
        let thread = Self {
            last_message_at: last_message_at.unwrap_or(Timestamp::from_millis(0)),
            title: fields.text("title", Null::IsAbsent),
            metadata: match fields.metadata() {
                MetadataChange::Set(text) => Some(text),
                MetadataChange::Keep | MetadataChange::Clear => None,
            },
            external_id: fields.text("external_id", Null::IsAbsent),
            upsert: fields.boolean("upsert").unwrap_or(false),
        };
        fields.finish()?;
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
        let mut fields = Fields::parse(body)?;
        let patch = Self {
            title: fields.text("title", Null::IsRefused),
            last_message_at: fields.timestamp("last_message_at"),
            metadata: fields.metadata(),
            is_archived: fields.boolean("is_archived"),
        };
        fields.finish()?;
        Ok(patch)
    }
}

/// What a member that is null means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    IsAbsent,
    IsRefused,
}

/// The members of a body, read one by one; what is wrong with them is gathered.
struct Fields {
    members: Map<String, Value>,
    problems: Vec<std::borrow::Cow<'static, str>>,
}

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self {
                members,
                problems: Vec::new(),
            }),
            Ok(_) => Err(ApiError::schema("body: must be an object")),
            Err(_) => Err(ApiError::MalformedJson),
        }
    }

    fn require(&mut self, name: &'static str, rule: &'static str) {
        // A member that was there and wrong has its line already.
        if self.problems.is_empty() {
            self.complain(name, rule);
        }
    }

    fn complain(&mut self, name: &'static str, rule: &'static str) {
        self.problems.push([name, ": ", rule].concat().into());
    }

    fn text(&mut self, name: &'static str, null: Null) -> Option<String> {
        match self.members.remove(name) {
            None => None,
            Some(Value::Null) if null == Null::IsAbsent => None,
            Some(Value::String(text))
                if (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && !text.contains('\0') =>
            {
                Some(text)
            }
            Some(_) => {
                self.complain(name, "must be a string of 1 to 255 characters");
                None
            }
        }
    }

    fn timestamp(&mut self, name: &'static str) -> Option<Timestamp> {
        let value = self.members.remove(name)?;
        let timestamp = value.as_str().and_then(Timestamp::parse);
        if timestamp.is_none() {
            self.complain(name, "must be an ISO date and time");
        }
        timestamp
    }

    fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let value = self.members.remove(name)?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            self.complain(name, "must be true or false");
        }
        boolean
    }

    fn metadata(&mut self) -> MetadataChange {
        let value = match self.members.remove("metadata") {
            None => return MetadataChange::Keep,
            Some(Value::Null) => return MetadataChange::Clear,
            Some(value) => value,
        };
        let text = value.to_string();
        if value.is_object() && text.len() <= MAX_METADATA_BYTES {
            return MetadataChange::Set(text);
        }
        self.complain(
            "metadata",
            "must be an object of at most 16384 bytes, or null",
        );
        MetadataChange::Keep
    }

    fn finish(self) -> Result<(), ApiError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Schema(self.problems))
        }
    }
}
