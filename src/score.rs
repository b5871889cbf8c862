//! Scores: what somebody thinks of a thread, a message or a run, under a name; and the feedback that is one
//! of them (contract 1.6, 14 and 21).

use crate::body::{Body, Null};
use crate::error::ApiError;
use crate::json::{self, Decimal, JsonBuf, JsonText, ToJson};
use crate::timestamp::Timestamp;

/// The name of the score that feedback is.
pub const FEEDBACK: &str = "feedback";
/// The longest name and id, the longest category and the longest comment, in characters.
const MAX_NAME_CHARS: usize = 64;
const MAX_ID_CHARS: usize = 48;
const MAX_CATEGORY_CHARS: usize = 255;
const MAX_COMMENT_CHARS: usize = 2_000;

/// A score to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewScore {
    /// What is judged.
    pub target: Target,
    /// In which respect.
    pub name: String,
    /// The verdict.
    pub value: ScoreValue,
    /// The reason.
    pub comment: Option<String>,
}

/// What a score is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A thread.
    Thread(String),
    /// A message.
    Message {
        /// The thread that it is in.
        thread_id: String,
        /// The message.
        message_id: String,
    },
    /// A run.
    Run(String),
}

/// A score's verdict.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreValue {
    /// A number.
    Numeric(Decimal),
    /// Yes or no, answered as 1 or 0.
    Boolean(bool),
    /// A word.
    Categorical(String),
}

/// What a user thinks of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Whether it is good.
    pub positive: bool,
    /// Why.
    pub comment: Option<String>,
}

/// A score as a list answers it. Every member is written, null or not.
#[derive(Debug, Clone)]
pub struct Score {
    /// Its name, `score_0…`.
    pub id: String,
    /// The thread that it is about, or that its message or run belongs to.
    pub thread_id: String,
    /// The message that it is about.
    pub message_id: Option<String>,
    /// The run that it is about.
    pub run_id: Option<String>,
    /// In which respect.
    pub name: String,
    /// `numeric`, `categorical` or `boolean`.
    pub data_type: String,
    /// The number; 1 or 0 for yes or no; null for a word.
    pub value: Option<JsonBuf>,
    /// The word; null for a number.
    pub string_value: Option<String>,
    /// The reason.
    pub comment: Option<String>,
    /// Whose verdict it is.
    pub author_id: String,
    /// When it was first given.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl ToJson for Score {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 12] = [
            ("id", &self.id),
            ("thread_id", &self.thread_id),
            ("message_id", &self.message_id),
            ("run_id", &self.run_id),
            ("name", &self.name),
            ("data_type", &self.data_type),
            ("value", &self.value),
            ("string_value", &self.string_value),
            ("comment", &self.comment),
            ("author_id", &self.author_id),
            ("created_at", &self.created_at),
            ("updated_at", &self.updated_at),
        ];
        json::write_object(&members, json);
    }
}

impl ScoreValue {
    /// The wire's name for its type.
    pub const fn data_type(&self) -> &'static str {
        match self {
            Self::Numeric(_) => "numeric",
            Self::Boolean(_) => "boolean",
            Self::Categorical(_) => "categorical",
        }
    }
}

impl Score {
    /// What whoever gave it is answered, as JSON.
    pub fn created(&self) -> String {
        json::object(&[
            ("score_id", &self.id),
            ("name", &self.name),
            ("data_type", &self.data_type),
            ("value", &self.value),
            ("string_value", &self.string_value),
        ])
    }

    /// What is answered where it was given as feedback, as JSON.
    pub fn feedback(&self, positive: bool) -> String {
        let kind = if positive { "positive" } else { "negative" };
        json::object(&[
            ("feedback_id", &self.id),
            ("type", &kind),
            ("comment", &self.comment),
        ])
    }
}

impl NewScore {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(bytes)?;
        let name = name(&mut body);
        let name = body.required("name", name);
        let data_type = data_type(&mut body);
        let data_type = body.required("data_type", data_type);
        let number = body.take("value");
        let category = body.text("string_value", MAX_CATEGORY_CHARS, Null::IsAbsent);
        let comment = body.text("comment", MAX_COMMENT_CHARS, Null::IsAbsent);
        let mut id = |name| body.text(name, MAX_ID_CHARS, Null::IsAbsent);
        let ids = (id("thread_id"), id("message_id"), id("run_id"));
        body.finish()?;
        let (Some(name), Some(data_type)) = (name, data_type) else {
            return Err(ApiError::Internal);
        };
        // The hosted service's own lines, which name no member.
        match (value(&data_type, number, category), target(ids)) {
            (Ok(value), Ok(target)) => Ok(Self {
                target,
                name,
                value,
                comment,
            }),
            (value, target) => {
                let lines = [value.err(), target.err()];
                let lines = lines.into_iter().flatten().map(Into::into);
                Err(ApiError::Schema(lines.collect()))
            }
        }
    }
}

fn name(body: &mut Body<'_>) -> Option<String> {
    let name = body.text("name", MAX_NAME_CHARS, Null::IsAbsent)?;
    if name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    {
        return Some(name);
    }
    body.complain("name", "must have only letters, digits and _ . -");
    None
}

fn data_type(body: &mut Body<'_>) -> Option<String> {
    const RULE: &str = "must be one of numeric, categorical, boolean";
    let data_type: String = body.typed("data_type", Null::IsAbsent, RULE)?;
    if matches!(data_type.as_str(), "numeric" | "categorical" | "boolean") {
        return Some(data_type);
    }
    body.complain("data_type", RULE);
    None
}

fn value(
    data_type: &str,
    number: Option<JsonText<'_>>,
    category: Option<String>,
) -> Result<ScoreValue, &'static str> {
    match (data_type, number.map(JsonText::get), category) {
        ("categorical", Some(_), _) => Err("categorical scores cannot include value"),
        ("categorical", None, Some(category)) => Ok(ScoreValue::Categorical(category)),
        ("categorical", None, None) => Err("string_value is required for categorical scores"),
        (_, _, Some(_)) => Err("only categorical scores can include string_value"),
        ("boolean", Some("true" | "1" | "1.0"), None) => Ok(ScoreValue::Boolean(true)),
        ("boolean", Some("false" | "0" | "0.0"), None) => Ok(ScoreValue::Boolean(false)),
        ("boolean", _, None) => Err("boolean scores require value to be true, false, 1, or 0"),
        (_, _, None) => number
            .and_then(JsonText::read)
            .map(ScoreValue::Numeric)
            .ok_or("value is required for numeric scores"),
    }
}

/// What a thread's, a message's and a run's id together point at.
fn target(ids: (Option<String>, Option<String>, Option<String>)) -> Result<Target, &'static str> {
    match ids {
        (Some(thread_id), Some(message_id), None) => Ok(Target::Message {
            thread_id,
            message_id,
        }),
        (Some(thread_id), None, None) => Ok(Target::Thread(thread_id)),
        (None, None, Some(run_id)) => Ok(Target::Run(run_id)),
        (None, None, None) => Err("a score must target a message, run, or thread"),
        _ => Err("a score must target exactly one message, run, or thread"),
    }
}

impl Feedback {
    /// Reads a request's body. Unknown members are ignored, so that newer clients are served.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        const TYPE: &str = "must be one of positive, negative";
        const COMMENT: &str = "must be a string of 1 to 2000 characters";
        let mut body = Body::parse(bytes)?;
        let kind: Option<String> = body.typed("type", Null::IsAbsent, TYPE);
        let kind = body.required("type", kind);
        let positive = kind.as_deref() == Some("positive");
        if !positive && kind.is_some_and(|kind| kind != "negative") {
            body.complain("type", TYPE);
        }
        let comment: Option<String> = body.typed("comment", Null::IsAbsent, COMMENT);
        let comment = comment.map(|comment| comment.trim().to_owned());
        if let Some(comment) = &comment
            && (!(1..=MAX_COMMENT_CHARS).contains(&comment.chars().count())
                || comment.contains('\0'))
        {
            body.complain("comment", COMMENT);
        }
        body.finish()?;
        Ok(Self { positive, comment })
    }
}
