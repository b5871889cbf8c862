//! A message's metadata: fixed members and the application's own in `aui/v0`, all the application's own in a
//! `UIMessage`.

use super::json::{Json, Members, Object};
use super::{Role, Target};

/// The members that mean something to assistant-ui, where it reads a `UIMessage` as well. Those of the
/// application have to stay out of their way.
const RESERVED: [&str; 9] = [
    "unstable_state",
    "unstable_annotations",
    "unstable_data",
    "steps",
    "timing",
    "submittedFeedback",
    "isOptimistic",
    "modality",
    "custom",
];
/// The ones of an answer. The official reader refuses `steps` in any other message.
const ANSWER: [&str; 3] = ["unstable_state", "timing", "submittedFeedback"];
/// The ones of an answer that are lists.
const ANSWER_LISTS: [&str; 3] = ["unstable_annotations", "unstable_data", "steps"];

/// What a tool keeps for its view alone, by tool call: under these names the official AI SDK runtime stores it.
#[derive(Debug, Default)]
pub(super) struct ToolData<'a> {
    pub(super) artifacts: Object<'a>,
    pub(super) interactions: Object<'a>,
}

/// Converts the metadata of a message. In version 6 the application's own members stand beside the others, in
/// version 5 within `custom`: that is where the readers of each look.
pub(super) fn convert<'a>(
    stored: &Members<'a>,
    role: Role,
    target: Target,
    tools: ToolData<'a>,
) -> Option<Object<'a>> {
    let custom = stored.members("custom").unwrap_or_default();
    let mut metadata = Object::default();
    let mut nested = Object::default();
    for (name, value) in custom {
        if target == Target::V5 || RESERVED.contains(&name.as_ref()) {
            nested.push(name, value);
        } else {
            metadata.push(name, value);
        }
    }
    let mut fixed = vec!["modality"];
    if role == Role::Assistant {
        fixed.extend(ANSWER);
        let lists = ANSWER_LISTS.into_iter();
        fixed.extend(lists.filter(|name| {
            let value = stored.get(name);
            value.is_some_and(|value| value.get().starts_with('['))
        }));
    }
    for name in fixed {
        let value = stored.get(name);
        if let Some(value) = value.filter(|value| !matches!(value.get(), "null" | "[]")) {
            metadata.set(name, value);
        }
    }
    metadata
        .with_some("custom", nested.filled())
        .with_some("__aui_toolArtifacts", tools.artifacts.filled())
        .with_some("__aui_toolInteractions", tools.interactions.filled())
        .filled()
}

impl<'a> ToolData<'a> {
    /// Notes what a tool call keeps for its view.
    pub(super) fn gather(&mut self, call: &Members<'a>) {
        let Some(id) = call.text("toolCallId") else {
            return;
        };
        if let Some(artifact) = call.get("artifact") {
            self.artifacts.push(id.clone(), artifact);
        }
        if let Some(interactions) = call.get("unstable_interactions") {
            self.interactions.push(id, Json::from(interactions));
        }
    }
}
