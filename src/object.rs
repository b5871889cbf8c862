//! JSON objects of a known shape.

use std::borrow::Cow;

use crate::json::{self, FromJson, JsonText};

/// An object that has no member twice, and at most 256. To two readers it could be two different things.
#[derive(Debug)]
pub struct Object<'a>(Vec<(Cow<'a, str>, JsonText<'a>)>);

impl<'a> Object<'a> {
    /// Reads an object. `None` for any other text.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        json::read_bytes(text)
    }

    /// Reads a member that has to be there.
    pub fn get<T: FromJson<'a>>(&self, name: &str) -> Option<T> {
        self.member(name)?.read()
    }

    /// Reads a member that may be absent or null. `None`, when it is something else.
    pub fn optional<T: FromJson<'a>>(&self, name: &str) -> Option<Option<T>> {
        self.member(name).map_or(Some(None), JsonText::read)
    }

    fn member(&self, name: &str) -> Option<JsonText<'a>> {
        let mut members = self.0.iter();
        members
            .find(|(member, _)| member == name)
            .map(|(_, value)| *value)
    }

    /// Whether it has only members of these names.
    pub fn has_only(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .all(|(name, _)| names.contains(&name.as_ref()))
    }
}

impl<'a> FromJson<'a> for Object<'a> {
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        text.members()?.into_different().map(Self)
    }
}
