//! JSON of any shape from outside, read strictly: what two readers could take for two different things is
//! refused (RFC 8725, section 2.7).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How deep a text may nest. The stack is safe far beyond; nothing that is read here goes past 8.
const MAX_DEPTH: u8 = 32;
/// The most members of one object. They are compared pairwise.
const MAX_MEMBERS: usize = 256;

/// A JSON value. An object's members have different names, after their escapes have been read.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that is written as an integer and fits.
    Integer(i64),
    /// Any other number; always finite.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in its own order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text of UTF-8 without a byte order mark. `None` for anything that is not one JSON value, that
    /// has a member twice, more than 256 in one object, or more than 32 levels.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = Depth(MAX_DEPTH).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(value)
    }

    /// Reads an object, as [`Self::parse`] does.
    pub fn parse_object(text: &[u8]) -> Option<Self> {
        Self::parse(text).filter(|value| matches!(value, Self::Object(_)))
    }

    /// An object's member.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(member, _)| member == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// An object's members; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// An object's member that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// An object's member that is an integer.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A string's text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a value that may still nest so deep.
struct Depth(u8);

impl Depth {
    fn inner<E: Error>(&self) -> Result<u8, E> {
        self.0
            .checked_sub(1)
            .ok_or_else(|| E::custom("too many levels"))
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond an i64 there is nothing to be exact about"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let depth = self.inner()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Depth(depth))? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let depth = self.inner()?;
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            if members.len() >= MAX_MEMBERS || members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a member twice, or too many"));
            }
            members.push((name, entries.next_value_seed(Depth(depth))?));
        }
        Ok(Json::Object(members))
    }
}
