//! JSON that is read one level deep and written around what it holds.

use std::borrow::Cow;

use crate::json::{self, JsonBuf, JsonText, ToJson};

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
        self.0.get(name)
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
            let mut members = providers.0.as_slice().iter();
            members.all(|(_, value)| value.get().starts_with('{'))
        })
    }

    /// Whether there is no member.
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, name: &str) -> Option<JsonText<'a>> {
        self.0.remove(name)
    }
}

impl<'a> IntoIterator for Members<'a> {
    type Item = (Cow<'a, str>, JsonText<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}

/// A value to be written.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Raw(JsonText<'a>),
    Owned(JsonBuf),
    Text(Cow<'a, str>),
    Object(Object<'a>),
    List(Vec<Json<'a>>),
}

/// An object to be written. Of a member that is there twice the last one counts.
#[derive(Debug, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl Json<'_> {
    /// Writes it after what is there.
    fn write(&self, text: &mut String) {
        match self {
            Self::Raw(value) => text.push_str(value.get()),
            Self::Owned(value) => text.push_str(value.get()),
            Self::Text(value) => value.write_json(text),
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

impl<'a> Object<'a> {
    /// The object as JSON.
    pub(super) fn to_json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        for (index, (name, value)) in self.0.iter().enumerate() {
            text.push(if index == 0 { '{' } else { ',' });
            name.write_json(text);
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

    /// Adds a member without a look at the others, for what may have a hundred thousand. A reader takes the last one
    /// of a name (ECMA-262, `JSON.parse`).
    pub(super) fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds a member, or replaces it.
    pub(super) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) {
        let (name, value) = (name.into(), value.into());
        let mut members = self.0.iter_mut().rev();
        match members.find(|(member, _)| *member == name) {
            Some(member) => member.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Whether it has this member.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(member, _)| member == name)
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

impl From<JsonBuf> for Json<'_> {
    fn from(value: JsonBuf) -> Self {
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
