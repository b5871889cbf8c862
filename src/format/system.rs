//! System messages: in every format one text, and the official readers refuse any other.

use std::borrow::Cow;

use super::json::{Members, Object};
use crate::json::JsonText;

/// The one text of a system message: the only one there is, or all that there are in one.
pub(super) fn part<'a>(parts: &[JsonText<'a>]) -> Object<'a> {
    let parts = parts.iter().filter_map(|part| Members::of(*part));
    let parts = parts.filter(|part| part.text("type").as_deref() == Some("text"));
    let mut texts: Vec<_> = parts
        .filter_map(|part| Some((part.text("text")?, part)))
        .collect();
    match (texts.pop(), texts.is_empty()) {
        (Some((text, part)), true) => Object::part("text").with("text", text).with_some(
            "providerMetadata",
            part.provider_metadata("providerMetadata"),
        ),
        (Some((last, _)), false) => {
            let mut text: String = texts.into_iter().map(|(text, _)| text).collect();
            text.push_str(&last);
            Object::part("text").with("text", Cow::from(text))
        }
        (None, _) => empty(),
    }
}

/// What stands in a message that would have no part: the AI SDK refuses it otherwise, and with the row would go
/// every answer to it.
pub(super) fn empty<'a>() -> Object<'a> {
    Object::part("text").with("text", "")
}
