//! What a changed message is written in.
//!
//! A runtime that changes a message sends its content alone, not the format: a row that was answered in another
//! format comes back in that one.

use super::json::Members;
use super::{AI_SDK_V5, AI_SDK_V6, AUI_V0};
use crate::json::JsonText;

/// The format of a row with new content, of those in which it can have been answered.
///
/// A `UIMessage` counts as version 5 where it can be one: both versions read it then.
pub fn recognize<'a>(stored: &'a str, content: &str) -> &'a str {
    if !matches!(stored, AUI_V0 | AI_SDK_V5) {
        return stored;
    }
    let Some(members) = Members::read(content) else {
        return stored;
    };
    match (members.list("parts"), members.list("content")) {
        (Some(parts), None) if parts.iter().any(|part| is_version_6(*part)) => AI_SDK_V6,
        (Some(_), None) => AI_SDK_V5,
        _ => stored,
    }
}

/// Whether a part asks for leave to call a tool, which version 5 does not know of.
fn is_version_6(part: JsonText<'_>) -> bool {
    Members::of(part).is_some_and(|part| part.get("approval").is_some())
}
