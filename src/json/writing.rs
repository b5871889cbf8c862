//! Writing JSON (RFC 8259). One function writes every object, from a table of its members: code for each type, as serde
//! has it, is larger, and a string that is made whole needs none of its errors.

use std::borrow::Cow;

use super::text::{JsonBuf, JsonText};

/// What can be written as JSON.
pub trait ToJson {
    /// Writes it after what is there.
    fn write_json(&self, json: &mut String);
}

/// An object's member: its name and its value.
pub type Member<'a> = (&'a str, &'a dyn ToJson);

/// A value as JSON.
pub fn write(value: &dyn ToJson) -> String {
    let mut json = String::new();
    value.write_json(&mut json);
    json
}

/// An object of these members, in their order.
pub fn object(members: &[Member<'_>]) -> String {
    let mut json = String::new();
    write_object(members, &mut json);
    json
}

/// Writes an object of these members, in their order.
pub fn write_object(members: &[Member<'_>], json: &mut String) {
    json.push('{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        name.write_json(json);
        json.push(':');
        value.write_json(json);
    }
    json.push('}');
}

/// Writes an array of these items.
fn write_array(items: &mut dyn Iterator<Item = &dyn ToJson>, json: &mut String) {
    json.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            json.push(',');
        }
        item.write_json(json);
    }
    json.push(']');
}

impl ToJson for str {
    fn write_json(&self, json: &mut String) {
        json.push('"');
        let mut rest = self;
        // What need not be escaped is copied whole; what need is ASCII, so that the text can be cut there.
        while let Some(at) = rest
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '))
            && let Some((plain, from)) = rest.split_at_checked(at)
            && let Some((sign, after)) = from.split_at_checked(1)
        {
            json.push_str(plain);
            match sign {
                "\u{8}" => json.push_str("\\b"),
                "\u{c}" => json.push_str("\\f"),
                "\n" => json.push_str("\\n"),
                "\r" => json.push_str("\\r"),
                "\t" => json.push_str("\\t"),
                "\"" => json.push_str("\\\""),
                "\\" => json.push_str("\\\\"),
                _ => {
                    json.push_str("\\u00");
                    json.push_str(&crate::id::hex(sign.as_bytes()));
                }
            }
            rest = after;
        }
        json.push_str(rest);
        json.push('"');
    }
}

impl ToJson for String {
    fn write_json(&self, json: &mut String) {
        self.as_str().write_json(json);
    }
}

impl ToJson for Cow<'_, str> {
    fn write_json(&self, json: &mut String) {
        self.as_ref().write_json(json);
    }
}

impl ToJson for bool {
    fn write_json(&self, json: &mut String) {
        json.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for i64 {
    fn write_json(&self, json: &mut String) {
        json.push_str(&self.to_string());
    }
}

impl ToJson for u32 {
    fn write_json(&self, json: &mut String) {
        i64::from(*self).write_json(json);
    }
}

impl ToJson for u64 {
    fn write_json(&self, json: &mut String) {
        json.push_str(&self.to_string());
    }
}

impl ToJson for usize {
    fn write_json(&self, json: &mut String) {
        json.push_str(&self.to_string());
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write_json(&self, json: &mut String) {
        (**self).write_json(json);
    }
}

/// `null` where there is none.
impl<T: ToJson> ToJson for Option<T> {
    fn write_json(&self, json: &mut String) {
        match self {
            Some(value) => value.write_json(json),
            None => json.push_str(JsonText::NULL.get()),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn write_json(&self, json: &mut String) {
        write_array(&mut self.iter().map(|item| item as &dyn ToJson), json);
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn write_json(&self, json: &mut String) {
        self.as_slice().write_json(json);
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write_json(&self, json: &mut String) {
        self.as_slice().write_json(json);
    }
}

impl ToJson for JsonText<'_> {
    fn write_json(&self, json: &mut String) {
        json.push_str(self.get());
    }
}

impl ToJson for JsonBuf {
    fn write_json(&self, json: &mut String) {
        json.push_str(self.get());
    }
}
