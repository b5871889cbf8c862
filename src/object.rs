//! JSON objects of a known shape.

use crate::json::{self, FromJson, JsonText, Members};

/// An object that has no member twice. To two readers it could be two different things.
#[derive(Debug)]
pub struct Object<'a>(Members<'a>);

impl<'a> Object<'a> {
    /// Reads an object. `None` for any other text.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        json::read_bytes(text)
    }

    /// Reads a member that has to be there.
    pub fn get<T: FromJson<'a>>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.read()
    }

    /// Reads a member that may be absent or null. `None`, when it is something else.
    pub fn optional<T: FromJson<'a>>(&self, name: &str) -> Option<Option<T>> {
        self.0.get(name).map_or(Some(None), |value| value.read())
    }

    /// Whether it has only members of these names.
    pub fn has_only(&self, names: &[&str]) -> bool {
        self.0.keys().all(|name| names.contains(&name.as_ref()))
    }
}

impl<'a> FromJson<'a> for Object<'a> {
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        let mut members = Members::new();
        for (name, value) in text.members()? {
            if members.insert(name, value).is_some() {
                return None;
            }
        }
        Some(Self(members))
    }
}
