//! JSON that broke off, as a model's arguments do when a run is stopped.

use crate::json::JsonBuf;

/// The object that a text was going to be, as far as it got: what is open is closed, and what cannot be told is
/// left out.
pub(super) fn complete(text: &str) -> Option<JsonBuf> {
    let mut open = Vec::new();
    let mut whole = "";
    let mut is_value = false;
    let mut is_string = false;
    let mut is_escaped = false;
    let mut escape = text;
    for (at, next) in text.char_indices() {
        let before = text.get(..at)?;
        let through = || text.get(..at.saturating_add(next.len_utf8()));
        match next {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => {
                is_escaped = true;
                escape = before;
            }
            '"' => {
                is_string = !is_string;
                if !is_string && is_value {
                    whole = through()?;
                }
            }
            _ if is_string => {}
            '{' | '[' => {
                open.push(if next == '{' { '}' } else { ']' });
                is_value = next == '[';
                whole = through()?;
            }
            '}' | ']' => {
                open.pop();
                whole = through()?;
            }
            ',' => {
                is_value = open.last() == Some(&']');
                whole = before;
            }
            ':' => is_value = true,
            _ => {}
        }
    }
    let closed = |start: &str, end: &str| {
        let mut text = [start, end].concat();
        text.extend(open.iter().rev());
        let is_object = text.trim_start().starts_with('{');
        JsonBuf::parse(text).filter(|_| is_object)
    };
    if is_string && is_value {
        // A string may have broken off within an escape.
        return closed(text, "\"").or_else(|| closed(escape, "\""));
    }
    closed(text, "").or_else(|| closed(whole, ""))
}
