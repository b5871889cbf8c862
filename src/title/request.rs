//! What `POST /v1/runs/stream` is asked with (contract 1.6, 16).

use crate::body::{Body, Null};
use crate::error::ApiError;
use crate::json::JsonText;

/// The one assistant there is.
const ASSISTANT: &str = "system/thread_title";
/// The most messages, and the most parts of one.
const MAX_ITEMS: usize = 1_000;
const MESSAGES: &str = "must be an array of 1 to 1000 messages";
/// The longest id of a thread or assistant, in characters.
const MAX_NAME_CHARS: usize = 255;
/// How much of a message a title is made of, in characters.
const MAX_TEXT_CHARS: usize = 4_000;
/// How many problems are told; a caller that sends a thousand wrong messages needs no thousand lines.
const MAX_PROBLEMS: usize = 20;

/// A thread that wants a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleRequest {
    /// The thread, by id.
    pub thread_id: String,
    /// What it begins with.
    pub opening: Opening,
}

/// What a thread begins with, as far as a title is made of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening {
    /// The first user message that says something.
    pub text: String,
    /// The name of the first file that came with a user message; empty where it has none.
    pub attachment: Option<String>,
    /// What the assistant has answered first, if it has.
    pub reply: String,
}

/// Holds an `Accept` header to what a run can stream in. No header is no objection.
///
/// # Errors
///
/// [`ApiError::ResponseFormat`].
pub fn check_accept(accept: Option<&str>) -> Result<(), ApiError> {
    let fits = |range: &str| {
        let name = range.split(';').next().unwrap_or_default().trim();
        ["text/plain", "text/event-stream", "text/*", "*/*"]
            .iter()
            .any(|format| name.eq_ignore_ascii_case(format))
    };
    if accept.is_none_or(|accept| accept.split(',').any(fits)) {
        Ok(())
    } else {
        Err(ApiError::ResponseFormat)
    }
}

impl TitleRequest {
    /// Reads a request's body. Unknown members are ignored: the official client sends whole messages.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400; [`ApiError::AssistantNotFound`].
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(body)?;
        let assistant = body.text("assistant_id", MAX_NAME_CHARS, Null::IsRefused);
        if body
            .required("assistant_id", assistant)
            .is_some_and(|name| name != ASSISTANT)
        {
            return Err(ApiError::AssistantNotFound);
        }
        let thread_id = body.text("thread_id", MAX_NAME_CHARS, Null::IsRefused);
        let thread_id = body.required("thread_id", thread_id).unwrap_or_default();
        let messages = body.typed("messages", Null::IsRefused, MESSAGES);
        let messages: Option<Vec<JsonText<'_>>> = body.required("messages", messages);
        let opening = messages.map(|list| read_messages(&list, &mut body));
        body.finish()?;
        Ok(Self {
            thread_id,
            opening: opening.unwrap_or_default(),
        })
    }
}

fn read_messages(messages: &[JsonText<'_>], body: &mut Body<'_>) -> Opening {
    let mut opening = Opening::default();
    if !(1..=MAX_ITEMS).contains(&messages.len()) {
        body.complain("messages", MESSAGES);
        return opening;
    }
    let mut problems = 0_usize;
    for (index, message) in messages.iter().enumerate() {
        if let Err((member, rule)) = opening.take(*message)
            && problems < MAX_PROBLEMS
        {
            problems = problems.saturating_add(1);
            body.complain(&["messages.", &index.to_string(), member].concat(), rule);
        }
    }
    opening
}

impl Opening {
    /// Takes what a title needs of a message, or says which member of it breaks what rule.
    fn take(&mut self, message: JsonText<'_>) -> Result<(), (&'static str, &'static str)> {
        let mut message = members(message).ok_or(("", "must be an object"))?;
        let role = string(&mut message, "role").unwrap_or_default();
        if !matches!(role.as_str(), "system" | "user" | "assistant") {
            return Err((".role", "must be system, user or assistant"));
        }
        let parts = list(&mut message, "content")
            .filter(|parts| parts.len() <= MAX_ITEMS)
            .ok_or((".content", "must be an array of at most 1000 parts"))?;
        let typed = parts.into_iter().map(|part| {
            let mut part = members(part)?;
            Some((string(&mut part, "type")?, part))
        });
        let mut parts: Vec<Part<'_>> = typed
            .collect::<Option<_>>()
            .ok_or((".content", "must have a type in every part"))?;
        if role == "user" {
            fill(&mut self.text, &mut parts);
            if self.attachment.is_none() {
                self.attachment = find_attachment(&mut message, &mut parts);
            }
        } else if role == "assistant" {
            fill(&mut self.reply, &mut parts);
        }
        Ok(())
    }
}

/// A part of a message: its type, and its other members.
type Part<'a> = (String, Body<'a>);

fn members(value: JsonText<'_>) -> Option<Body<'_>> {
    Body::read(value).ok()
}

fn string(members: &mut Body<'_>, name: &str) -> Option<String> {
    members.typed(name, Null::IsAbsent, "must be a string")
}

fn list<'a>(members: &mut Body<'a>, name: &str) -> Option<Vec<JsonText<'a>>> {
    members.typed(name, Null::IsAbsent, "must be an array")
}

/// Takes the text of a message, unless an earlier one has said something already.
fn fill(text: &mut String, parts: &mut [Part<'_>]) {
    if !text.is_empty() {
        return;
    }
    for (kind, part) in parts {
        if kind == "text"
            && let Some(words) = string(part, "text")
            && !words.trim().is_empty()
        {
            let left = MAX_TEXT_CHARS.saturating_sub(text.chars().count());
            text.extend(words.trim().chars().take(left));
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
}

/// The name of the first file of a message: beside the content, or a part of it.
fn find_attachment(message: &mut Body<'_>, parts: &mut [Part<'_>]) -> Option<String> {
    let beside = list(message, "attachments").unwrap_or_default();
    let name = if let Some(file) = beside.first() {
        members(*file).and_then(|mut file| name_of(&mut file))
    } else {
        let mut parts = parts.iter_mut();
        let file = parts.find(|(kind, _)| matches!(kind.as_str(), "image" | "file" | "audio"));
        name_of(&mut file?.1)
    };
    Some(name.unwrap_or_default().chars().take(255).collect())
}

fn name_of(file: &mut Body<'_>) -> Option<String> {
    ["name", "filename"]
        .iter()
        .find_map(|member| string(file, member))
}
