//! `UIMessage`, the message of the AI SDK: written, and brought from version 5 to version 6.
//!
//! Whatever version 5 accepts version 6 accepts too, so a message that is in order stays the text that it is.
//! What is not comes from other writers or from `undefined`, which JSON leaves out.

use std::borrow::Cow;

use super::json::{Json, Members, Object};
use super::{ConversionError, Role, Stored, system};
use crate::json::JsonText;

/// Writes a message around its parts.
pub(super) fn write<'a>(message: Object<'a>, role: Role, mut parts: Vec<Json<'a>>) -> String {
    if parts.is_empty() && role != Role::Assistant {
        parts.push(system::empty().into());
    }
    message.with("parts", parts).to_json()
}

/// A part of a type that a `UIMessage` does not have: `data-<type>`, with the members as its data.
pub(super) fn unknown<'a>(kind: Cow<'a, str>, mut part: Members<'a>) -> Object<'a> {
    part.remove("type");
    let id = part.string("id");
    if kind.starts_with("data-") {
        let data = part.get("data").unwrap_or(JsonText::NULL);
        return Object::part(kind).with("data", data).with_some("id", id);
    }
    Object::part(["data-", kind.as_ref()].concat())
        .with("data", part)
        .with_some("id", id)
}

/// Brings a message of version 5 to version 6. An id within it would take the place of the row's.
pub(super) fn upgrade(content: JsonText<'_>) -> Result<Cow<'_, str>, ConversionError> {
    let Stored {
        mut members,
        role,
        parts,
    } = Stored::read(content, "parts")?;
    let mut is_in_order = members.remove("id").is_none();
    let mut upgraded = Vec::with_capacity(parts.len());
    for &part in &parts {
        match judge(part, role) {
            Verdict::Keep => {
                upgraded.push(part.into());
                continue;
            }
            Verdict::Replace(part) => upgraded.push(part.into()),
            Verdict::Drop => {}
        }
        is_in_order = false;
    }
    if role == Role::System && upgraded.len() != 1 {
        is_in_order = false;
        upgraded = vec![system::part(&parts).into()];
    }
    if is_in_order && (role == Role::Assistant || !upgraded.is_empty()) {
        return Ok(content.get().into());
    }
    Ok(Cow::Owned(write(members.into(), role, upgraded)))
}

/// What becomes of a part of version 5.
enum Verdict<'a> {
    Keep,
    Replace(Object<'a>),
    Drop,
}

fn judge(raw: JsonText<'_>, role: Role) -> Verdict<'_> {
    let Some(part) = Members::of(raw) else {
        return Verdict::Drop;
    };
    let Some(kind) = part.text("type") else {
        return Verdict::Drop;
    };
    let has = |names: &[&str]| names.iter().all(|name| part.string(name).is_some());
    let is_answer = role == Role::Assistant;
    let fits = match kind.as_ref() {
        "text" => has(&["text"]),
        _ if role == Role::System => false,
        "file" => has(&["mediaType", "url"]),
        "step-start" => true,
        "reasoning" => is_answer && has(&["text"]),
        "source-url" => is_answer && has(&["sourceId", "url"]),
        "source-document" => is_answer && has(&["sourceId", "mediaType", "title"]),
        "dynamic-tool" if is_answer && has(&["toolName"]) => return tool(part),
        "dynamic-tool" => false,
        kind if kind.starts_with("tool-") && is_answer => return tool(part),
        kind if kind.starts_with("tool-") => false,
        kind if kind.starts_with("data-") && part.get("data").is_some() => true,
        _ => return Verdict::Replace(unknown(kind, part)),
    };
    if fits { Verdict::Keep } else { Verdict::Drop }
}

/// Judges a tool call by what its state needs.
fn tool(part: Members<'_>) -> Verdict<'_> {
    let state = part.text("state").unwrap_or_default();
    let approval = part.members("approval");
    let (needs, fits): (&[&str], bool) = match state.as_ref() {
        "input-streaming" => (&[], true),
        "input-available" => (&["input"], true),
        "output-available" => (&["input", "output"], true),
        "output-error" => (&[], part.string("errorText").is_some()),
        "approval-requested" | "approval-responded" | "output-denied" => {
            let id = approval.and_then(|approval| approval.string("id"));
            (&["input"], id.is_some())
        }
        _ => (&[], false),
    };
    if !fits || part.string("toolCallId").is_none() {
        return Verdict::Drop;
    }
    let mut missing = needs
        .iter()
        .filter(|name| part.get(name).is_none())
        .peekable();
    if missing.peek().is_none() {
        return Verdict::Keep;
    }
    let missing: Vec<_> = missing.collect();
    let mut part = Object::from(part);
    for name in missing {
        part.set(*name, JsonText::NULL);
    }
    Verdict::Replace(part)
}
