//! Tool calls: in `aui/v0` what is known of one, in a `UIMessage` a state and what belongs to it.

use super::json::{Json, Members, Object};
use super::{Target, partial};
use crate::json::{JsonBuf, JsonText};

/// What the error of a call says that failed without a word.
const NO_ERROR_TEXT: &str = "tool call failed";

/// A call's arguments.
enum Input<'a> {
    /// All of them.
    Whole(Json<'a>),
    /// A text that ends too early to be read.
    Partial(JsonText<'a>),
}

/// What a call's approval says. The state has to agree with it, or the AI SDK refuses the whole list.
enum Answer {
    Pending,
    Granted,
    Denied,
}

/// A converted call.
pub(super) struct ToolCall<'a> {
    pub(super) part: Object<'a>,
    /// Whether it has a result of some kind.
    pub(super) is_over: bool,
}

/// Converts a call, if it has an id and a name. An error counts before a result, and a result that is null counts
/// as one.
pub(super) fn convert<'a>(call: &Members<'a>, target: Target) -> Option<ToolCall<'a>> {
    let id = call.string("toolCallId")?;
    let name = call.text("toolName")?;
    let part = Object::part(["tool-", name.as_ref()].concat())
        .with("toolCallId", id)
        .with_some("callProviderMetadata", provider_metadata(call));
    let (approval, answer) = match target {
        Target::V5 => (None, None),
        Target::V6 => approval(call).unzip(),
    };
    let is_error = call.is_true("isError");
    let result = call.get("result");
    let is_granted = matches!(answer, Some(Answer::Granted));
    let part = match (is_error, result, input(call), answer) {
        (true, _, input, Some(Answer::Denied)) => part
            .with("state", "output-denied")
            .with("input", input.or_empty())
            .with_some("approval", approval),
        (true, _, input, _) => input
            .written(part.with("state", "output-error"))
            .with("errorText", error_text(result))
            .with_some("approval", approval.filter(|_| is_granted)),
        (false, Some(result), input, _) => part
            .with("state", "output-available")
            .with("input", input.or_empty())
            .with("output", output(call, result, target))
            .with_some("preliminary", preliminary(call))
            .with_some("approval", approval.filter(|_| is_granted)),
        (false, None, input @ Input::Partial(_), _) => {
            input.written(part.with("state", "input-streaming"))
        }
        (false, None, Input::Whole(input), answer) => part
            .with(
                "state",
                match answer {
                    None => "input-available",
                    Some(Answer::Pending) => "approval-requested",
                    Some(Answer::Granted | Answer::Denied) => "approval-responded",
                },
            )
            .with("input", input)
            .with_some("approval", approval),
    };
    Some(ToolCall {
        part,
        is_over: is_error || result.is_some(),
    })
}

impl<'a> Input<'a> {
    fn or_empty(self) -> Json<'a> {
        match self {
            Self::Whole(input) => input,
            Self::Partial(text) => begun(text).unwrap_or_else(|| Object::default().into()),
        }
    }

    fn written(self, part: Object<'a>) -> Object<'a> {
        match self {
            Self::Whole(input) => part.with("input", input),
            Self::Partial(text) => part.with_some("input", begun(text)).with("rawInput", text),
        }
    }
}

/// As much of the arguments as there is.
fn begun<'a>(written: JsonText<'_>) -> Option<Json<'a>> {
    partial::complete(&written.read::<String>()?).map(Json::from)
}

/// The arguments: as they are, or as the text that the model wrote.
fn input<'a>(call: &Members<'a>) -> Input<'a> {
    if let Some(arguments) = call.object("args") {
        return Input::Whole(arguments.into());
    }
    let Some(written) = call.string("argsText") else {
        return Input::Whole(Object::default().into());
    };
    match written.read::<String>() {
        Some(text) if text.trim().is_empty() => Input::Whole(Object::default().into()),
        Some(text) => match JsonBuf::parse(text) {
            Some(arguments) => Input::Whole(arguments.into()),
            None => Input::Partial(written),
        },
        None => Input::Partial(written),
    }
}

/// The approval in the form that its answer asks for: what the application added to it stays.
fn approval<'a>(call: &Members<'a>) -> Option<(Object<'a>, Answer)> {
    let mut approval = call.members("approval")?;
    approval.string("id")?;
    if approval.string("signature").is_none() {
        approval.remove("signature");
    }
    let answer = match approval.get("approved").map(JsonText::get) {
        Some("true") => Answer::Granted,
        Some("false") => Answer::Denied,
        _ => Answer::Pending,
    };
    if matches!(answer, Answer::Pending) {
        approval.remove("approved");
    }
    if matches!(answer, Answer::Pending) || approval.string("reason").is_none() {
        approval.remove("reason");
    }
    Some((approval.into(), answer))
}

/// What providers keep of the call, and where the application of an MCP tool is.
fn provider_metadata<'a>(call: &Members<'a>) -> Option<Object<'a>> {
    let own = call.provider_metadata("providerMetadata");
    let mut metadata = Object::from(own.unwrap_or_default());
    if let Some(mcp) = call.object("mcp").filter(|_| !metadata.has("mcp")) {
        metadata.set("mcp", mcp);
    }
    metadata.filled()
}

/// The result, with what the model is told in its place: that is how the official AI SDK runtime stores both.
fn output<'a>(call: &Members<'a>, result: JsonText<'a>, target: Target) -> Json<'a> {
    let told = call
        .get("modelContent")
        .filter(|told| told.get().starts_with('['));
    match told.filter(|_| target == Target::V6) {
        Some(told) => Object::default()
            .with("__aui_modelContent", told)
            .with("value", result)
            .into(),
        None => result.into(),
    }
}

fn preliminary<'a>(call: &Members<'a>) -> Option<JsonText<'a>> {
    call.is_true("isPreliminary").then_some(JsonText::TRUE)
}

/// What an error says: a text, the text of an object that holds no more than one, or else its JSON.
fn error_text(result: Option<JsonText<'_>>) -> Json<'_> {
    let Some(result) = result.filter(|result| result.get() != "null") else {
        return NO_ERROR_TEXT.into();
    };
    if result.get().starts_with('"') {
        return result.into();
    }
    let mut members = Members::of(result).unwrap_or_default();
    let error = members.string("error");
    members.remove("error");
    match error.filter(|_| members.is_empty()) {
        Some(error) => error.into(),
        None => result.get().into(),
    }
}
