//! Contents of any kind, made of the words of the formats.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// The words that the formats are made of.
const WORDS: [&str; 53] = [
    "",
    "!",
    "type",
    "role",
    "content",
    "parts",
    "user",
    "assistant",
    "system",
    "text",
    "reasoning",
    "source",
    "sourceType",
    "url",
    "document",
    "id",
    "title",
    "mediaType",
    "filename",
    "image",
    "file",
    "data",
    "mimeType",
    "audio",
    "format",
    "name",
    "generative-ui",
    "spec",
    "tool-call",
    "toolCallId",
    "toolName",
    "args",
    "argsText",
    "result",
    "isError",
    "approval",
    "approved",
    "reason",
    "artifact",
    "attachments",
    "metadata",
    "custom",
    "steps",
    "providerMetadata",
    "mcp",
    "data-x",
    "tool-x",
    "dynamic-tool",
    "state",
    "output-available",
    "approval-requested",
    "data:image/é;base64,é",
    "data:;base64,AAAAAAAAAAAAAAAé",
];

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..10)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// An object that often gets past the role and the list.
fn any_message() -> impl Strategy<Value = Value> {
    let part = (prop::sample::select(&WORDS[..]), any_object()).prop_map(|(kind, mut part)| {
        part.insert("type".to_owned(), kind.into());
        Value::from(part)
    });
    let parts = prop::collection::vec(part, 0..6);
    let role = prop::sample::select(&["user", "assistant", "system"][..]);
    (role, parts, any_object()).prop_map(|(role, parts, mut message)| {
        message.insert("role".to_owned(), role.into());
        message.insert("content".to_owned(), parts.clone().into());
        message.insert("parts".to_owned(), parts.into());
        message.into()
    })
}

fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    let member = (prop::sample::select(&WORDS[..]), any_json());
    prop::collection::vec(member, 0..8).prop_map(|members| {
        let members = members.into_iter();
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

/// An object, or any value.
pub(crate) fn content() -> impl Strategy<Value = Value> {
    prop_oneof![1 => any_json(), 2 => any_message()]
}
