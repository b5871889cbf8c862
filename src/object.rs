//! JSON objects of a known shape.
//!
//! What serde derives for a struct reads an array in the order of its members as well. To anyone else such an
//! array is not the object, so it must not be that to us.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads an object. `None` for any other text, with a member twice, or of another shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    read_borrowed(text)
}

/// Reads an object that borrows from its text, in the same way.
pub fn read_borrowed<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return None;
    }
    // Every text is read as a `str`: a second kind of input would be a second copy of all the code that reads.
    serde_json::from_str(std::str::from_utf8(text).ok()?).ok()
}
