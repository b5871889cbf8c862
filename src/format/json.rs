//! JSON that is read one level deep and written around what it holds.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::{self, JsonText};

/// An object's members, each as the text that it is. Of a member that is there twice the last one counts.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(json::Members<'a>);

impl<'a> Members<'a> {
    /// The members of a value, if it is an object.
    pub(super) fn of(value: JsonText<'a>) -> Option<Self> {
        value.read().map(Self)
    }

    /// The members of a JSON text, if it is an object's.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        json::read(text).map(Self)
    }

    /// A member that is there, null or not.
    pub(super) fn get(&self, name: &str) -> Option<JsonText<'a>> {
        self.0.get(name).copied()
    }

    /// A member that is a string, as its JSON text.
    pub(super) fn string(&self, name: &str) -> Option<JsonText<'a>> {
        self.get(name).filter(|value| value.get().starts_with('"'))
    }

    /// A member that is a string, read.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.read()
    }

    /// A member that is a string with something in it, read.
    pub(super) fn filled(&self, name: &str) -> Option<Cow<'a, str>> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A member that is an object, as its JSON text.
    pub(super) fn object(&self, name: &str) -> Option<JsonText<'a>> {
        self.get(name).filter(|value| value.get().starts_with('{'))
    }

    /// A member that is an object, read.
    pub(super) fn members(&self, name: &str) -> Option<Members<'a>> {
        Members::of(self.get(name)?)
    }

    /// A member that is a list, read.
    pub(super) fn list(&self, name: &str) -> Option<Vec<JsonText<'a>>> {
        self.get(name)?.read()
    }

    /// Whether a member is true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() == "true")
    }

    /// A member that providers keep their own data in: an object of objects. The AI SDK refuses a whole list of
    /// messages for one that is not.
    pub(super) fn provider_metadata(&self, name: &str) -> Option<Members<'a>> {
        self.members(name).filter(|providers| {
            let mut values = providers.0.values();
            values.all(|value| value.get().starts_with('{'))
        })
    }

    /// Whether there is no member.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, name: &str) -> Option<JsonText<'a>> {
        self.0.remove(name)
    }
}

impl<'a> IntoIterator for Members<'a> {
    type Item = (Cow<'a, str>, JsonText<'a>);
    type IntoIter = std::collections::btree_map::IntoIter<Cow<'a, str>, JsonText<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A value to be written.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Raw(JsonText<'a>),
    Owned(Box<RawValue>),
    Text(Cow<'a, str>),
    Object(Object<'a>),
    List(Vec<Json<'a>>),
}

/// An object to be written, its members in the order of their names.
#[derive(Debug, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl Json<'_> {
    /// Writes it after what is there.
    fn write(&self, text: &mut String) {
        match self {
            Self::Raw(value) => text.push_str(value.get()),
            Self::Owned(value) => text.push_str(value.get()),
            Self::Text(value) => push_text(text, value),
            Self::Object(object) => object.write(text),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    text.push(if index == 0 { '[' } else { ',' });
                    item.write(text);
                }
                text.push_str(if items.is_empty() { "[]" } else { "]" });
            }
        }
    }
}

/// Writes a string.
fn push_text(text: &mut String, value: &str) {
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

impl<'a> Object<'a> {
    /// The object as JSON.
    pub(super) fn to_json(&self) -> Box<RawValue> {
        let mut text = String::new();
        self.write(&mut text);
        RawValue::from_string(text).unwrap_or_default()
    }

    fn write(&self, text: &mut String) {
        for (index, (name, value)) in self.0.iter().enumerate() {
            text.push(if index == 0 { '{' } else { ',' });
            push_text(text, name);
            text.push(':');
            value.write(text);
        }
        text.push_str(if self.0.is_empty() { "{}" } else { "}" });
    }

    /// A part of a message, as yet of nothing but a type.
    pub(super) fn part(kind: impl Into<Cow<'a, str>>) -> Self {
        Self::default().with("type", kind.into())
    }

    /// Adds a member.
    pub(super) fn with(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Json<'a>>,
    ) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a member, if there is something to put into it.
    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<Json<'a>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a member, or replaces it.
    pub(super) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.place_of(&name) {
            Ok(place) => {
                if let Some(member) = self.0.get_mut(place) {
                    member.1 = value;
                }
            }
            Err(place) => self.0.insert(place, (name, value)),
        }
    }

    /// Whether it has this member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.place_of(name).is_ok()
    }

    /// Where a member is, or would be.
    fn place_of(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(other, _)| other.as_ref().cmp(name))
    }

    /// The object, if there is something in it.
    pub(super) fn filled(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }
}

impl<'a> From<Members<'a>> for Object<'a> {
    fn from(members: Members<'a>) -> Self {
        let members = members.into_iter();
        Self(members.map(|(name, value)| (name, value.into())).collect())
    }
}

impl<'a> From<Members<'a>> for Json<'a> {
    fn from(members: Members<'a>) -> Self {
        Self::Object(members.into())
    }
}

impl<'a> From<JsonText<'a>> for Json<'a> {
    fn from(value: JsonText<'a>) -> Self {
        Self::Raw(value)
    }
}

impl From<Box<RawValue>> for Json<'_> {
    fn from(value: Box<RawValue>) -> Self {
        Self::Owned(value)
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Cow<'a, str>> for Json<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Object<'a>> for Json<'a> {
    fn from(object: Object<'a>) -> Self {
        Self::Object(object)
    }
}

impl<'a> From<Vec<Json<'a>>> for Json<'a> {
    fn from(list: Vec<Json<'a>>) -> Self {
        Self::List(list)
    }
}
