//! JSON that stays text (RFC 8259). One pass says that it is JSON and where its parts are; a part is read when
//! somebody asks for it, so that a large one is neither taken apart nor copied.
//!
//! What serde makes of a type to be read is code for every type, and for every way in which a text may be of another
//! one: a quarter of the Worker. This is one reader, that says yes or no.

use std::borrow::Cow;

use super::writing::ToJson;

/// The most members of an object whose members have to be different.
const MAX_DIFFERENT: usize = 256;

/// The text of one JSON value, without space around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonText<'a>(&'a str);

/// The text of one JSON value, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBuf(String);

/// An object's members in their own order. Of one that is there twice the last one counts.
///
/// They are few, or few of them are asked for: looking for one from the end needs no tree of them.
#[derive(Debug, Default)]
pub struct Members<'a>(Vec<(Cow<'a, str>, JsonText<'a>)>);

impl<'a> Members<'a> {
    /// A member.
    pub fn get(&self, name: &str) -> Option<JsonText<'a>> {
        let mut members = self.0.iter().rev();
        members
            .find(|(member, _)| member == name)
            .map(|(_, value)| *value)
    }

    /// Takes a member out, as often as it is there.
    pub fn remove(&mut self, name: &str) -> Option<JsonText<'a>> {
        let found = self.get(name)?;
        self.0.retain(|(member, _)| member != name);
        Some(found)
    }

    /// All of them, each as often as it is there.
    pub fn as_slice(&self) -> &[(Cow<'a, str>, JsonText<'a>)] {
        &self.0
    }

    /// All of them. `None`, when one is there twice: to two readers it could be two different things. Neither may
    /// there be more than 256, as they are compared pairwise.
    pub fn into_different(self) -> Option<Vec<(Cow<'a, str>, JsonText<'a>)>> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &self.0 {
            if names.len() >= MAX_DIFFERENT || names.contains(&name.as_ref()) {
                return None;
            }
            names.push(name);
        }
        Some(self.0)
    }

    /// All of them, each as often as it is there.
    pub fn into_vec(self) -> Vec<(Cow<'a, str>, JsonText<'a>)> {
        self.0
    }
}

/// What can be read from JSON.
pub trait FromJson<'a>: Sized {
    /// Reads it. `None`, when the value is of another type.
    fn from_json(text: JsonText<'a>) -> Option<Self>;
}

/// Reads one value of that type. `None` for any other text.
pub fn read<'a, T: FromJson<'a>>(text: &'a str) -> Option<T> {
    JsonText::parse(text)?.read()
}

/// Reads one value of that type from bytes, which have to be UTF-8.
pub fn read_bytes<'a, T: FromJson<'a>>(text: &'a [u8]) -> Option<T> {
    read(std::str::from_utf8(text).ok()?)
}

impl<'a> JsonText<'a> {
    /// `null`.
    pub const NULL: Self = Self("null");
    /// `true`.
    pub const TRUE: Self = Self("true");

    /// Takes a text that is one value, with nothing but space around it.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        reader.skip_space();
        let value = reader.value()?;
        reader.skip_space();
        reader.next().is_none().then_some(value)
    }

    /// The text.
    pub const fn get(self) -> &'a str {
        self.0
    }

    /// Reads a value of that type.
    pub fn read<T: FromJson<'a>>(self) -> Option<T> {
        T::from_json(self)
    }

    /// An object's members.
    pub fn members(self) -> Option<Members<'a>> {
        let mut members = Vec::new();
        let mut reader = Reader::within(self, b'{')?;
        while reader.goes_on(b'}', members.is_empty())? {
            let name = reader.name()?;
            let name = name.read()?;
            reader.skip_space();
            members.push((name, reader.value()?));
        }
        Some(Members(members))
    }

    /// The same text, to be kept.
    pub fn to_owned(self) -> JsonBuf {
        JsonBuf(self.0.to_owned())
    }
}

impl JsonBuf {
    /// Takes a text that is one value, with nothing but space around it.
    pub fn parse(text: String) -> Option<Self> {
        let value = JsonText::parse(&text)?;
        if value.0.len() < text.len() {
            return Some(value.to_owned());
        }
        Some(Self(text))
    }

    /// Writes a value.
    pub fn write(value: &dyn ToJson) -> Self {
        Self(super::write(value))
    }

    /// The text.
    pub fn get(&self) -> &str {
        &self.0
    }

    /// The text, to be read.
    pub fn as_text(&self) -> JsonText<'_> {
        JsonText(&self.0)
    }
}

impl Default for JsonBuf {
    /// `null`.
    fn default() -> Self {
        JsonText::NULL.to_owned()
    }
}

impl<'a> FromJson<'a> for JsonText<'a> {
    fn from_json(text: Self) -> Option<Self> {
        Some(text)
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Option<T> {
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        if text == JsonText::NULL {
            return Some(None);
        }
        text.read().map(Some)
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Vec<T> {
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        let mut items = Self::new();
        let mut reader = Reader::within(text, b'[')?;
        while reader.goes_on(b']', items.is_empty())? {
            items.push(reader.value()?.read()?);
        }
        Some(items)
    }
}

impl<'a> FromJson<'a> for Members<'a> {
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        text.members()
    }
}

/// Types that Rust reads from the same text.
macro_rules! as_in_rust {
    ($($name:ty),*) => {$(
        impl FromJson<'_> for $name {
            fn from_json(text: JsonText<'_>) -> Option<Self> {
                text.0.parse().ok()
            }
        }
    )*};
}

as_in_rust!(bool, i64, u32, u64, usize);

impl FromJson<'_> for String {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        Cow::from_json(text).map(Cow::into_owned)
    }
}

impl<'a> FromJson<'a> for Cow<'a, str> {
    /// Copies only what has an escape in it.
    fn from_json(text: JsonText<'a>) -> Option<Self> {
        let text = text.0.strip_prefix('"')?.strip_suffix('"')?;
        if text.contains('\\') {
            unescape(text).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(text))
        }
    }
}

/// A string's text without its escapes. `None` for half of a surrogate pair.
fn unescape(mut text: &str) -> Option<String> {
    let mut read = String::with_capacity(text.len());
    while let Some((plain, escape)) = text.split_once('\\') {
        read.push_str(plain);
        let mut rest = escape.chars();
        read.push(match rest.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (unit, after) = code_unit(rest.as_str())?;
                rest = after.chars();
                match unit {
                    0xd800..0xdc00 => {
                        let (low, after) = code_unit(after.strip_prefix("\\u")?)?;
                        rest = after.chars();
                        let mut pair = char::decode_utf16([unit, low]);
                        pair.next()?.ok()?
                    }
                    _ => char::from_u32(unit.into())?,
                }
            }
            quoted => quoted,
        });
        text = rest.as_str();
    }
    read.push_str(text);
    Some(read)
}

/// Four hexadecimal digits, and what follows.
fn code_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// A place in a text.
#[derive(Debug)]
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Enters an array or an object.
    fn within(text: JsonText<'a>, bracket: u8) -> Option<Self> {
        let mut reader = Self {
            text: text.0,
            at: 0,
        };
        reader.expect(bracket)?;
        Some(reader)
    }

    /// Goes to the next item. `false` at the end.
    fn goes_on(&mut self, bracket: u8, is_first: bool) -> Option<bool> {
        self.skip_space();
        if self.skip(bracket) {
            return Some(false);
        }
        if !is_first {
            self.expect(b',')?;
            self.skip_space();
        }
        Some(true)
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.advance(is_next.into());
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    /// Skips what fits. Returns how much.
    fn skip_while(&mut self, fits: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest();
        let count = rest
            .iter()
            .position(|&byte| !fits(byte))
            .unwrap_or(rest.len());
        self.advance(count);
        count
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Takes a value. However deep it nests, the stack is the same.
    fn value(&mut self) -> Option<JsonText<'a>> {
        let start = self.at;
        let mut open = Vec::new();
        loop {
            if self.skip(b'{') {
                self.skip_space();
                if !self.skip(b'}') {
                    self.name()?;
                    self.skip_space();
                    open.push(b'}');
                    continue;
                }
            } else if self.skip(b'[') {
                self.skip_space();
                if !self.skip(b']') {
                    open.push(b']');
                    continue;
                }
            } else {
                self.skip_scalar()?;
            }
            // A value has ended, and all that end with it.
            while let Some(&bracket) = open.last() {
                self.skip_space();
                if self.skip(b',') {
                    self.skip_space();
                    if bracket == b'}' {
                        self.name()?;
                        self.skip_space();
                    }
                    break;
                }
                self.expect(bracket)?;
                open.pop();
            }
            if open.is_empty() {
                return self.text.get(start..self.at).map(JsonText);
            }
        }
    }

    /// Takes a member's name, and the colon.
    fn name(&mut self) -> Option<JsonText<'a>> {
        let start = self.at;
        self.expect(b'"')?;
        self.skip_string()?;
        let name = self.text.get(start..self.at).map(JsonText);
        self.skip_space();
        self.expect(b':')?;
        name
    }

    fn skip_scalar(&mut self) -> Option<()> {
        if self.skip(b'"') {
            return self.skip_string();
        }
        for word in ["null", "true", "false"] {
            if self.rest().starts_with(word.as_bytes()) {
                self.advance(word.len());
                return Some(());
            }
        }
        self.skip_number()
    }

    /// Skips the rest of a string.
    fn skip_string(&mut self) -> Option<()> {
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'\\' | 0..b' '));
            let end = self.next()?;
            self.advance(1);
            match end {
                b'"' => return Some(()),
                b'\\' => {}
                _ => return None,
            }
            let escape = self.next()?;
            self.advance(1);
            match escape {
                b'u' => {
                    let digits = self.rest().get(..4)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.advance(4);
                }
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                _ => return None,
            }
        }
    }

    fn skip_number(&mut self) -> Option<()> {
        self.skip(b'-');
        if !self.skip(b'0') {
            self.skip_digits()?;
        }
        if self.skip(b'.') {
            self.skip_digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            if !self.skip(b'-') {
                self.skip(b'+');
            }
            self.skip_digits()?;
        }
        Some(())
    }

    fn skip_digits(&mut self) -> Option<()> {
        (self.skip_while(|byte| byte.is_ascii_digit()) > 0).then_some(())
    }
}
