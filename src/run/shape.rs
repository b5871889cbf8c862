//! What the members of a report have to be, as tables that read like the contract's own. Nothing is taken
//! apart for it: a value that keeps its rule stays the JSON text that it was.

use std::borrow::Cow;

use crate::body::Body;
use crate::json::JsonText;

/// The most items of an array.
const MAX_ITEMS: usize = 1_000;
/// The largest whole number that JavaScript counts exactly.
const MAX_WHOLE: i64 = 9_007_199_254_740_991;

/// What a member has to be. One that is left out or null breaks only [`Rule::Required`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// It has to be there, and to keep this rule.
    Required(&'static Rule),
    /// A string of that many characters, from and to.
    Text(usize, usize),
    /// That many lower-case hexadecimal digits.
    Hex(usize),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A whole number from 0 to this one.
    Whole(i64),
    /// An array of objects with these members.
    List(Schema),
}

/// Members and their rules.
pub(super) type Schema = &'static [(&'static str, Rule)];

const TOKENS: Rule = Rule::Whole(100_000_000);
const MILLIS: Rule = Rule::Whole(MAX_WHOLE);

/// The members that a list shows, and that are of one simple type.
pub(super) const SUMMARY: Schema = &[
    (
        "status",
        Rule::Required(&Rule::OneOf(&["completed", "incomplete", "error"])),
    ),
    (
        "outcome_type",
        Rule::OneOf(&[
            "rate_limited",
            "validation_failed",
            "provider_error",
            "server_error",
            "budget_denied",
            "persistence_error",
            "aborted",
            "timeout",
            "disconnected",
            "length",
            "content_filter",
        ]),
    ),
    ("error_code", Rule::Text(1, 64)),
    ("provider", Rule::Text(1, 255)),
    ("model_id", Rule::Text(1, 255)),
    ("environment", Rule::Text(1, 64)),
    ("release", Rule::Text(1, 255)),
    ("root_span_id", Rule::Hex(16)),
    ("input_tokens", TOKENS),
    ("cached_input_tokens", TOKENS),
    ("output_tokens", TOKENS),
    ("reasoning_tokens", TOKENS),
    ("total_steps", Rule::Whole(MAX_WHOLE)),
    ("duration_ms", MILLIS),
    ("first_token_ms", MILLIS),
];

/// The others.
pub(super) const DETAIL: Schema = &[
    ("error", Rule::Text(1, 2_048)),
    ("output_text", Rule::Text(0, 50_000)),
    ("steps", Rule::List(STEP)),
    ("tool_calls", Rule::List(TOOL_CALL)),
];

const STEP: Schema = &[
    ("input_tokens", TOKENS),
    ("output_tokens", TOKENS),
    ("reasoning_tokens", TOKENS),
    ("cached_input_tokens", TOKENS),
    ("tool_calls", Rule::List(TOOL_CALL)),
    ("start_ms", MILLIS),
    ("end_ms", MILLIS),
    ("finish_reason", Rule::Text(0, 32)),
    ("input", Rule::Text(0, 50_000)),
];

const TOOL_CALL: Schema = &[
    ("tool_name", Rule::Required(&Rule::Text(1, 255))),
    ("tool_call_id", Rule::Text(1, 255)),
    ("tool_args", Rule::Text(0, 50_000)),
    ("tool_result", Rule::Text(0, 50_000)),
    ("tool_source", Rule::OneOf(&["mcp", "frontend", "backend"])),
    ("start_ms", MILLIS),
    ("end_ms", MILLIS),
    ("sampling_calls", Rule::List(SAMPLING_CALL)),
];

const SAMPLING_CALL: Schema = &[
    ("model_id", Rule::Text(0, 255)),
    ("input_tokens", TOKENS),
    ("output_tokens", TOKENS),
    ("reasoning_tokens", TOKENS),
    ("cached_input_tokens", TOKENS),
    ("duration_ms", MILLIS),
];

/// Takes a member out of a body, where it keeps its rule.
pub(super) fn take<'a>(body: &mut Body<'a>, name: &str, rule: Rule) -> Option<JsonText<'a>> {
    let value = body.take(name);
    match rule.breach(value) {
        None => value,
        Some(Breach(place, wanted)) => {
            body.complain(&[name, &place].concat(), &wanted);
            None
        }
    }
}

/// How a value breaks a rule: the place within it, and what should be there.
struct Breach(String, String);

impl Rule {
    fn breach(self, value: Option<JsonText<'_>>) -> Option<Breach> {
        let broken = match (self, value) {
            (Self::Required(_), None) => true,
            (_, None) => false,
            (Self::Required(rule), value) => return rule.breach(value),
            (Self::List(schema), Some(value)) => return breach_among(value, schema),
            (rule, Some(value)) => !rule.is_kept_by(value),
        };
        broken.then(|| Breach(String::new(), self.to_text()))
    }

    /// Whether a value without members keeps this rule.
    fn is_kept_by(self, json: JsonText<'_>) -> bool {
        match self {
            Self::Text(least, most) => {
                characters(json.get()).is_some_and(|count| (least..=most).contains(&count))
            }
            Self::Hex(digits) => {
                let text = json.get();
                characters(text) == Some(digits) && is_hex(text.trim_matches('"'))
            }
            Self::OneOf(words) => json
                .read::<Cow<'_, str>>()
                .is_some_and(|word| words.contains(&word.as_ref())),
            Self::Whole(most) => {
                let number = json.read();
                number.is_some_and(|number| (0..=most).contains(&number))
            }
            Self::Required(_) | Self::List(_) => false,
        }
    }

    /// The rule, for whoever has broken it.
    fn to_text(self) -> String {
        match self {
            Self::Required(_) => "is required".to_owned(),
            Self::Text(least, most) => format!("must be a string of {least} to {most} characters"),
            Self::Hex(digits) => format!("must be {digits} lower-case hexadecimal digits"),
            Self::OneOf(words) => ["must be one of ", &words.join(", ")].concat(),
            Self::Whole(most) => format!("must be a whole number from 0 to {most}"),
            Self::List(_) => format!("must be an array of at most {MAX_ITEMS} objects"),
        }
    }
}

/// How an object breaks a schema; only the first breach counts.
fn breach_within(value: JsonText<'_>, schema: Schema) -> Option<Breach> {
    let Ok(mut body) = Body::read(value) else {
        return Some(Breach(String::new(), "must be an object".to_owned()));
    };
    schema.iter().find_map(|&(name, rule)| {
        let Breach(place, wanted) = rule.breach(body.take(name))?;
        Some(Breach([".", name, &place].concat(), wanted))
    })
}

/// How an array breaks a schema that each of its items has to keep.
fn breach_among(value: JsonText<'_>, schema: Schema) -> Option<Breach> {
    let items = value.read::<Vec<JsonText<'_>>>();
    let Some(items) = items.filter(|items| items.len() <= MAX_ITEMS) else {
        return Some(Breach(String::new(), Rule::List(schema).to_text()));
    };
    items.iter().enumerate().find_map(|(index, item)| {
        let Breach(place, wanted) = breach_within(*item, schema)?;
        Some(Breach(format!("[{index}]{place}"), wanted))
    })
}

/// How many characters a JSON string has. It is not decoded: a client that cuts a long text may cut a
/// surrogate pair in two, which JavaScript reads and Rust does not.
fn characters(json: &str) -> Option<usize> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut rest = text.chars();
    let mut count: usize = 0;
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next() == Some('u') {
            rest.nth(3);
        }
        count = count.saturating_add(1);
    }
    Some(count)
}

/// Whether a text has only lower-case hexadecimal digits.
pub(super) fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
