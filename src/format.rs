//! Message contents in the format that a reader asks for (contract 1.6, 10).
//!
//! A runtime reads back only its own format: a thread that one wrote is empty to the other. So a reader that
//! asks for `ai-sdk/v6` gets rows of `aui/v0` and `ai-sdk/v5` in it, and one that asks for `ai-sdk/v5` gets
//! rows of `aui/v0`. Every other row is answered as it is stored.
//!
//! What becomes of a part of `aui/v0`:
//!
//! | Part | In `ai-sdk/v5` and `ai-sdk/v6` |
//! |---|---|
//! | `text`, `reasoning` | the same; a reasoning without text shows its summary |
//! | `source` | `source-url` or `source-document` |
//! | `image`, `file`, `audio` | `file` with a URL: what is bare base64 becomes a data URL |
//! | `data`, `data-<name>` | `data-<name>` |
//! | `generative-ui` | `data-generative-ui`, its spec as the data |
//! | `tool-call` | `tool-<name>`, in a state that follows from its result, error and approval |
//! | any other | `data-<type>`, its members as the data |
//!
//! The parts of a user's attachments follow those of the content. A part that lacks what its type needs is left
//! out, as the official reader leaves it out, and so is one that the role cannot carry: a reader that met it
//! would give up the whole thread. What no `UIMessage` has a place for is lost: a part's parent, a tool call's
//! timing, interrupt and nested messages, the message's status.
//!
//! Nothing here takes apart what it only passes on: a tool's result or a file's data stays the text that it is.

use std::borrow::Cow;
use std::fmt;

use crate::json::JsonText;

mod json;
mod media;
mod metadata;
mod partial;
mod recognition;
mod system;
mod thread_message;
mod tool_call;
mod ui_message;

pub use recognition::recognize;

/// What the runtimes of assistant-ui write.
pub const AUI_V0: &str = "aui/v0";
/// A `UIMessage` of the AI SDK's version 5, without its id.
pub const AI_SDK_V5: &str = "ai-sdk/v5";
/// A `UIMessage` of the AI SDK's version 6, without its id. Version 7 kept the name.
pub const AI_SDK_V6: &str = "ai-sdk/v6";

/// Why a row cannot be answered in the requested format. The reader gets the list without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConversionError {
    /// Not an object, or JSON that cannot be read.
    Malformed,
    /// A `role` that is not `user`, `assistant` or `system`.
    Role,
    /// No list of parts: `content` in `aui/v0`, `parts` in `ai-sdk/v5`.
    Parts,
}

impl fmt::Display for ConversionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "message content is not a readable object",
            Self::Role => "message content has no known role",
            Self::Parts => "message content has no list of parts",
        })
    }
}

impl std::error::Error for ConversionError {}

/// A row's content and what it is written in.
#[derive(Debug)]
pub struct Conversion<'a> {
    /// The format that the row has now.
    pub format: &'a str,
    /// The content; borrowed where it could stay as it was.
    pub content: Cow<'a, str>,
}

/// The format to convert into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    V5,
    V6,
}

/// The stored formats that [`convert`] turns into `requested`. Rows of any other are answered as they are.
pub fn sources(requested: &str) -> &'static [&'static str] {
    match requested {
        AI_SDK_V5 => &[AUI_V0],
        AI_SDK_V6 => &[AUI_V0, AI_SDK_V5],
        _ => &[],
    }
}

/// Answers a row that is `stored` in one format to a reader who `requested` another. Where no conversion is
/// due, the content is not looked at.
///
/// # Errors
///
/// [`ConversionError`], for a row to be left out of the answer.
pub fn convert<'a>(
    stored: &'a str,
    requested: &str,
    content: JsonText<'a>,
) -> Result<Conversion<'a>, ConversionError> {
    let (format, content) = match (stored, requested) {
        (AUI_V0, AI_SDK_V6) => (AI_SDK_V6, thread_message::convert(content, Target::V6)?),
        (AUI_V0, AI_SDK_V5) => (AI_SDK_V5, thread_message::convert(content, Target::V5)?),
        (AI_SDK_V5, AI_SDK_V6) => (AI_SDK_V6, ui_message::upgrade(content)?),
        _ => (stored, content.get().into()),
    };
    Ok(Conversion { format, content })
}

/// Who speaks. It decides which parts a message can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    User,
    Assistant,
    System,
}

/// A stored message, read no further than its parts.
struct Stored<'a> {
    members: json::Members<'a>,
    role: Role,
    parts: Vec<JsonText<'a>>,
}

impl<'a> Stored<'a> {
    /// Reads a message whose parts are in the member `parts`.
    fn read(content: JsonText<'a>, parts: &str) -> Result<Self, ConversionError> {
        let members = json::Members::of(content).ok_or(ConversionError::Malformed)?;
        let role = match members.text("role").as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("system") => Role::System,
            _ => return Err(ConversionError::Role),
        };
        let parts = members.list(parts).ok_or(ConversionError::Parts)?;
        Ok(Self {
            members,
            role,
            parts,
        })
    }
}
