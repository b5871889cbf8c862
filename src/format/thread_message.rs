//! `aui/v0`, the message of assistant-ui, into a `UIMessage`.

use std::borrow::Cow;

use super::json::{Json, Members, Object};
use super::metadata::{self, ToolData};
use super::{ConversionError, Role, Stored, Target, media, system, tool_call, ui_message};
use crate::json::JsonText;

/// How much an attachment's parts may repeat of its name and its type, in bytes, beyond the length of the message.
const MIN_ROOM: usize = 16_384;

/// Converts a stored message. One that is a `UIMessage` already, whatever its writer called it, is taken as such.
pub(super) fn convert(
    content: JsonText<'_>,
    target: Target,
) -> Result<Cow<'_, str>, ConversionError> {
    let stored = match Stored::read(content, "content") {
        Err(ConversionError::Parts) => return ui_message::upgrade(content),
        stored => stored?,
    };
    let mut tools = ToolData::default();
    let mut parts = Parts {
        room: content.get().len().saturating_add(MIN_ROOM),
        ..Parts::default()
    };
    if stored.role == Role::System {
        parts.push(system::part(&stored.parts));
    } else {
        for part in stored.parts.iter().filter_map(|part| Members::of(*part)) {
            parts.convert(part, stored.role, target, &mut tools);
        }
    }
    if stored.role == Role::User {
        for attachment in stored.members.list("attachments").unwrap_or_default() {
            parts.attach(attachment);
        }
    }
    let metadata = stored.members.members("metadata").unwrap_or_default();
    let metadata = metadata::convert(&metadata, stored.role, target, tools);
    let message = Object::default()
        .with_some("role", stored.members.get("role"))
        .with_some("metadata", metadata);
    Ok(Cow::Owned(ui_message::write(
        message,
        stored.role,
        parts.written,
    )))
}

/// The parts of a `UIMessage`, as they come.
#[derive(Default)]
struct Parts<'a> {
    written: Vec<Json<'a>>,
    /// Whether the last one is a tool call that is over.
    is_after_tool: bool,
    /// What may still be repeated of attachments' names and types, in bytes.
    room: usize,
}

impl<'a> Parts<'a> {
    fn push(&mut self, part: Object<'a>) {
        self.written.push(part.into());
        self.is_after_tool = false;
    }

    fn convert(&mut self, part: Members<'a>, role: Role, target: Target, tools: &mut ToolData<'a>) {
        let Some(kind) = part.text("type") else {
            return;
        };
        let converted = match (kind.as_ref(), role) {
            ("tool-call", Role::Assistant) => {
                if let Some(call) = tool_call::convert(&part, target) {
                    tools.gather(&part);
                    self.push(call.part);
                    self.is_after_tool = call.is_over;
                }
                return;
            }
            ("reasoning", Role::Assistant) => reasoning(&part),
            ("source", Role::Assistant) => source(&part),
            ("tool-call" | "reasoning" | "source", _) => None,
            ("generative-ui", _) => generative_ui(&part),
            ("text" | "image" | "file" | "audio" | "data", _) => shared(&part, None, None),
            _ => Some(ui_message::unknown(kind.clone(), part)),
        };
        if let Some(converted) = converted {
            // What the model says on a tool's result is its next step. Without the mark between them the AI SDK
            // would tell the model that it had said it before.
            if self.is_after_tool && matches!(kind.as_ref(), "text" | "reasoning") {
                self.push(Object::part("step-start"));
            }
            self.push(converted);
        }
    }

    /// Adds the parts of an attachment, which go by its name. Each repeats it, so that a long name over many parts
    /// would make a gigabyte of a megabyte: a part for which there is no room goes by what it says itself.
    fn attach(&mut self, attachment: JsonText<'a>) {
        let Some(attachment) = Members::of(attachment) else {
            return;
        };
        let name = attachment.filled("name");
        let kind = attachment.text("contentType");
        let length = |member| attachment.string(member).map_or(0, |text| text.get().len());
        // The type is a part's media type, and in its data URL again.
        let kinds = length("contentType").saturating_mul(2);
        let repeated = length("name").saturating_add(kinds);
        for part in attachment.list("content").unwrap_or_default() {
            let Some(part) = Members::of(part) else {
                continue;
            };
            let left = self.room.checked_sub(repeated);
            let part = match left {
                Some(_) => shared(&part, name.clone(), kind.as_deref()),
                None => shared(&part, None, None),
            };
            if let Some(part) = part {
                self.room = left.unwrap_or(self.room);
                self.push(part);
            }
        }
    }
}

/// Converts a part of a type that users have too. A file goes by its attachment's name, if it is in one.
fn shared<'a>(
    part: &Members<'a>,
    name: Option<Cow<'a, str>>,
    attached_as: Option<&str>,
) -> Option<Object<'a>> {
    let name = name.or_else(|| part.filled("filename"));
    let file = |url: Cow<'a, str>, kind: String| {
        Object::part("file")
            .with("url", url)
            .with("mediaType", Cow::from(kind))
            .with_some("filename", name.clone())
            .with_some(
                "providerMetadata",
                part.provider_metadata("providerMetadata"),
            )
    };
    match part.text("type")?.as_ref() {
        "text" => Some(
            Object::part("text")
                .with("text", part.string("text")?)
                .with_some(
                    "providerMetadata",
                    part.provider_metadata("providerMetadata"),
                ),
        ),
        "image" => {
            let image = part.text("image")?;
            let kind = media::image_type(&image, attached_as);
            Some(file(media::url(image, &kind), kind))
        }
        "file" => {
            let data = part.text("data")?;
            let kind = media::file_type(&data, &part.text("mimeType")?);
            // What is marked as a reference is no base64, however it looks.
            match part.text("sourceType").as_deref() {
                Some("url" | "id") => Some(file(data, kind)),
                _ => Some(file(media::url(data, &kind), kind)),
            }
        }
        "audio" => {
            let audio = part.members("audio")?;
            let kind = ["audio/", audio.text("format")?.as_ref()].concat();
            Some(file(media::url(audio.text("data")?, &kind), kind))
        }
        "data" => Some(
            Object::part(["data-", part.text("name")?.as_ref()].concat())
                .with("data", part.get("data").unwrap_or(JsonText::NULL))
                .with_some("id", part.string("id")),
        ),
        _ => None,
    }
}

fn reasoning<'a>(part: &Members<'a>) -> Option<Object<'a>> {
    let is_blank = part.text("text").is_none_or(|text| text.trim().is_empty());
    let summary = part.string("unstable_summary").filter(|_| is_blank);
    Some(
        Object::part("reasoning")
            .with("text", summary.or_else(|| part.string("text"))?)
            .with_some("id", part.string("id"))
            .with_some(
                "providerMetadata",
                part.provider_metadata("providerMetadata"),
            ),
    )
}

fn source<'a>(part: &Members<'a>) -> Option<Object<'a>> {
    let source = match part.text("sourceType")?.as_ref() {
        "url" => Object::part("source-url")
            .with("url", part.string("url")?)
            .with_some("title", part.string("title")),
        "document" => Object::part("source-document")
            .with("title", part.string("title")?)
            .with("mediaType", part.string("mediaType")?)
            .with_some("filename", part.string("filename")),
        _ => return None,
    };
    Some(source.with("sourceId", part.string("id")?).with_some(
        "providerMetadata",
        part.provider_metadata("providerMetadata"),
    ))
}

fn generative_ui<'a>(part: &Members<'a>) -> Option<Object<'a>> {
    Some(
        Object::part("data-generative-ui")
            .with("data", part.object("spec")?)
            .with_some("id", part.string("id")),
    )
}
