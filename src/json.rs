//! JSON of any shape from outside, read strictly: what two readers could take for two different things is
//! refused (RFC 8725, section 2.7).

mod decimal;
mod text;
mod writing;

pub use decimal::Decimal;
pub use text::{FromJson, JsonBuf, JsonText, Members, read, read_bytes};
pub use writing::{Member, ToJson, object, write, write_object};

/// How deep a text may nest. The stack is safe far beyond; nothing that is read here goes past 8.
const MAX_DEPTH: u8 = 32;

/// A JSON value. An object's members have different names, after their escapes have been read.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that is written as an integer and fits.
    Integer(i64),
    /// Any other number.
    Decimal(Decimal),
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
        tree(JsonText::parse(std::str::from_utf8(text).ok()?)?, MAX_DEPTH)
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
fn tree(text: JsonText<'_>, depth: u8) -> Option<Json> {
    // An array or an object counts as a level, whatever is in it.
    let inner = |value: JsonText<'_>| tree(value, depth.checked_sub(1)?);
    Some(match text.get().as_bytes().first()? {
        b'n' => Json::Null,
        b't' | b'f' => Json::Bool(text.read()?),
        b'"' => Json::Text(text.read()?),
        b'[' => {
            let items: Vec<_> = text.read()?;
            Json::Array(items.into_iter().map(inner).collect::<Option<_>>()?)
        }
        b'{' => {
            let members = text.members()?.into_different()?.into_iter();
            let read = members.map(|(name, value)| Some((name.into_owned(), inner(value)?)));
            Json::Object(read.collect::<Option<_>>()?)
        }
        _ => match text.read() {
            Some(integer) => Json::Integer(integer),
            None => Json::Decimal(text.read()?),
        },
    })
}
