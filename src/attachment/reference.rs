//! Which attachments a message's content names.

use super::key::{Key, Secret, prefix_of};
use crate::error::ApiError;
use crate::id::{ProjectId, WorkspaceId};

/// What every address and every key has before the name (contract 1.6, 17).
const MARK: &str = "attachments";
/// The most attachments that one content may name. Each is looked up and noted, and compared with the others.
pub const MAX_REFERENCES: usize = 256;

/// An attachment that a content names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its key in the bucket.
    pub key: String,
    /// Whether the workspace whose content it is has uploaded it.
    pub is_own: bool,
}

/// The attachments that a workspace's content, which is JSON, names: by public or signed address or by key, each
/// once. Of what is no name of ours nothing is said.
///
/// # Errors
///
/// [`ApiError::Schema`], when they are more than [`MAX_REFERENCES`]. None is left out: a file whose name was cut off
/// would be one that no message names any more, and go.
pub fn references(
    project: &ProjectId,
    workspace: &WorkspaceId,
    content: &str,
) -> Result<Vec<Reference>, ApiError> {
    let mut found: Vec<Reference> = Vec::new();
    // Most contents have none, and need no more than this search.
    for (at, mark) in content.match_indices(MARK) {
        let rest = content.get(at.saturating_add(mark.len())..);
        let Some(key) = rest.and_then(|rest| read(project, rest)) else {
            continue;
        };
        let key = key.to_text(project);
        if found.iter().all(|reference| reference.key != key) {
            if found.len() >= MAX_REFERENCES {
                return Err(ApiError::schema(
                    "content: must name at most 256 attachments",
                ));
            }
            let is_own = key.starts_with(&prefix_of(project, workspace));
            found.push(Reference { key, is_own });
        }
    }
    Ok(found)
}

/// The object that is named at the beginning of a text, slash first.
fn read(project: &ProjectId, text: &str) -> Option<Key> {
    let name = after_slash(text)?;
    let address = word(name);
    Secret::parse(project, address)
        .map(|secret| secret.key().clone())
        .or_else(|| Key::parse_name(address))
        .or_else(|| {
            let within = after_slash(name.strip_prefix(project.as_str())?)?;
            let owner = word(within);
            let file = word(after_slash(within.strip_prefix(owner)?)?);
            Key::parse_name(&[owner, "_", file].concat())
        })
}

/// What is behind a slash; JSON may have an escaped one.
fn after_slash(text: &str) -> Option<&str> {
    text.strip_prefix('\\').unwrap_or(text).strip_prefix('/')
}

/// The longest beginning that can be a name, without the full stop of a sentence.
fn word(text: &str) -> &str {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    let end = text.find(|letter| !is_of_name(letter));
    let word = end.and_then(|end| text.get(..end)).unwrap_or(text);
    word.trim_end_matches('.')
}
