//! Events: what users do, without what they say (contract 1.6, 20).

use std::borrow::Cow;

use crate::body::{Body, Change, Null};
use crate::error::ApiError;
use crate::json::{self, Decimal, JsonBuf, JsonText, ToJson};
use crate::timestamp::Timestamp;

/// The most events of a batch.
const MAX_EVENTS: usize = 50;
/// The longest id, in characters.
const MAX_ID_CHARS: usize = 48;
/// The largest value.
const MAX_VALUE: i64 = 2_147_483_647;
/// The largest props, in bytes of JSON; the longest name and the longest text in them, in characters.
const MAX_PROPS_BYTES: usize = 1_024;
const MAX_PROP_NAME_CHARS: usize = 64;
const MAX_PROP_CHARS: usize = 256;

const KINDS: &[&str] = &[
    "message_sent",
    "message_edited",
    "run_stopped",
    "message_regenerated",
    "message_copied",
    "branch_switched",
    "suggestions_shown",
    "suggestion_clicked",
    "attachment_added",
    "attachment_failed",
    "thread_switched",
    "tool_approved",
    "tool_rejected",
    "speech_started",
    "voice_started",
    "error_shown",
];

/// An event to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened, one of the contract's sixteen words.
    pub kind: String,
    /// The thread in which it happened.
    pub thread_id: Option<String>,
    /// The message to which it happened.
    pub message_id: Option<String>,
    /// The run to which it happened.
    pub run_id: Option<String>,
    /// How much of it.
    pub value: Option<i64>,
    /// Texts, numbers and booleans by name, as JSON.
    pub props: Option<String>,
}

/// An event as a list answers it. Every member is written, null or not.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name, `event_0…`.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// The thread in which it happened.
    pub thread_id: Option<String>,
    /// The message to which it happened.
    pub message_id: Option<String>,
    /// The run to which it happened.
    pub run_id: Option<String>,
    /// How much of it.
    pub value: Option<i64>,
    /// Texts, numbers and booleans by name.
    pub props: Option<JsonBuf>,
    /// When it came in.
    pub created_at: Timestamp,
    /// Who did it.
    pub created_by: String,
}

impl ToJson for Event {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 9] = [
            ("id", &self.id),
            ("kind", &self.kind),
            ("thread_id", &self.thread_id),
            ("message_id", &self.message_id),
            ("run_id", &self.run_id),
            ("value", &self.value),
            ("props", &self.props),
            ("created_at", &self.created_at),
            ("created_by", &self.created_by),
        ];
        json::write_object(&members, json);
    }
}

/// Reads a batch.
///
/// # Errors
///
/// [`ApiError`] with 400, when any event of it is not as it should be.
pub fn parse(bytes: &[u8]) -> Result<Vec<NewEvent>, ApiError> {
    const RULE: &str = "must be an array of 1 to 50 events";
    let mut body = Body::parse(bytes)?;
    let events: Option<Vec<JsonText<'_>>> = body.typed("events", Null::IsAbsent, RULE);
    let events = body.required("events", events).unwrap_or_default();
    if !(1..=MAX_EVENTS).contains(&events.len()) {
        body.complain("events", RULE);
    }
    body.finish()?;
    let mut batch = Vec::with_capacity(events.len());
    let mut problems = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match NewEvent::parse(*event) {
            Ok(event) => batch.push(event),
            Err(ApiError::Schema(lines)) => problems.extend(
                lines
                    .iter()
                    .map(|line| format!("events[{index}].{line}").into()),
            ),
            Err(error) => return Err(error),
        }
    }
    if problems.is_empty() {
        Ok(batch)
    } else {
        Err(ApiError::Schema(problems))
    }
}

impl NewEvent {
    fn parse(event: JsonText<'_>) -> Result<Self, ApiError> {
        let mut body = Body::read(event)?;
        let kind = kind(&mut body);
        let kind = body.required("kind", kind).unwrap_or_default();
        let mut id = |name| body.text(name, MAX_ID_CHARS, Null::IsAbsent);
        let event = Self {
            kind,
            thread_id: id("thread_id"),
            message_id: id("message_id"),
            run_id: id("run_id"),
            value: value(&mut body),
            props: props(&mut body),
        };
        body.finish()?;
        Ok(event)
    }
}

fn kind(body: &mut Body<'_>) -> Option<String> {
    const RULE: &str = "must be the name of an event";
    let kind: String = body.typed("kind", Null::IsAbsent, RULE)?;
    if KINDS.contains(&kind.as_str()) {
        return Some(kind);
    }
    body.complain("kind", RULE);
    None
}

fn value(body: &mut Body<'_>) -> Option<i64> {
    const RULE: &str = "must be a whole number from 0 to 2147483647";
    let value = body.typed("value", Null::IsAbsent, RULE)?;
    if !(0..=MAX_VALUE).contains(&value) {
        body.complain("value", RULE);
    }
    Some(value)
}

fn props(body: &mut Body<'_>) -> Option<String> {
    let Change::Set(text) = body.object("props", MAX_PROPS_BYTES) else {
        return None;
    };
    let fits = |(name, prop): (Cow<'_, str>, JsonText<'_>)| {
        (1..=MAX_PROP_NAME_CHARS).contains(&name.chars().count()) && is_prop(prop)
    };
    if Body::parse(text.as_bytes()).is_ok_and(|mut props| props.rest().into_iter().all(fits)) {
        return Some(text.to_owned());
    }
    body.complain(
        "props",
        "must have names of 1 to 64 characters, and strings of at most 256, numbers or booleans",
    );
    None
}

/// Whether JSON is a string that is not too long, a number or a boolean.
fn is_prop(json: JsonText<'_>) -> bool {
    match json.read::<Cow<'_, str>>() {
        Some(text) => text.chars().count() <= MAX_PROP_CHARS,
        None => json.read::<bool>().is_some() || json.read::<Decimal>().is_some(),
    }
}
