//! Ids made of claims: `{sub}`, `{org_id}_{sub}`, `{/user/id}`.

use std::fmt;

use crate::json::Json;

/// The longest template, in bytes.
const MAX_BYTES: usize = 255;

/// A text with places that claims fill. In braces stands the name of a claim, byte for byte, dots and slashes
/// included; or, where it begins with a slash, the way to one that lies deeper (JSON Pointer, RFC 6901).
///
/// A single claim goes in as it is, so that `{sub}` is the user's id. Where there are several, everything in
/// them that the template itself is written with is percent-encoded, so that no two users come to one id:
/// with `{org}_{user}`, `a_b` and `c` are `a%5Fb_c`, `a` and `b_c` are `a_b%5Fc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// The names on the way to a claim; one for a claim at the top.
    Place(Vec<String>),
}

/// A claim that a template names is missing, empty or no string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingClaim;

impl fmt::Display for MissingClaim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a claim that the template names is missing or no string")
    }
}

impl std::error::Error for MissingClaim {}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_BYTES {
            return Err("must have at most 255 bytes");
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let (name, after) = after.split_once('}').ok_or("must close every brace")?;
            if matches!(parts.last(), Some(Part::Place(_))) {
                return Err("must have something between two claims");
            }
            parts.push(Part::Place(parse_place(name)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        let template = Self(parts);
        let odd = |c: char| c.is_whitespace() || c.is_control() || "{}%".contains(c);
        if template.literals().any(|literal| literal.contains(odd)) {
            return Err("must have no white space, percent sign or stray brace");
        }
        if template.places() == 0 {
            return Err("must name a claim in braces, such as {sub}");
        }
        Ok(template)
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(literal) => Some(literal.as_str()),
            Part::Place(_) => None,
        })
    }

    fn places(&self) -> usize {
        self.0.len().saturating_sub(self.literals().count())
    }

    /// The text with the values of `claims` in its places.
    ///
    /// # Errors
    ///
    /// [`MissingClaim`]. There is no other claim to fall back on.
    pub fn fill(&self, claims: &Json) -> Result<String, MissingClaim> {
        let alone = self.places() == 1;
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Place(way) => {
                    let value = follow(claims, way).ok_or(MissingClaim)?;
                    for character in value.chars() {
                        if !alone && self.is_written_with(character) {
                            push_encoded(&mut text, character);
                        } else {
                            text.push(character);
                        }
                    }
                }
            }
        }
        Ok(text)
    }

    fn is_written_with(&self, character: char) -> bool {
        character == '%' || self.literals().any(|literal| literal.contains(character))
    }
}

fn parse_place(name: &str) -> Result<Vec<String>, &'static str> {
    match name.strip_prefix('/') {
        _ if name.is_empty() => Err("must name a claim in every pair of braces"),
        None => Ok(vec![name.to_owned()]),
        Some(pointer) => Ok(pointer
            .split('/')
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect()),
    }
}

fn follow<'a>(claims: &'a Json, way: &[String]) -> Option<&'a str> {
    way.iter()
        .try_fold(claims, |value, step| value.get(step))?
        .as_text()
        .filter(|text| !text.is_empty())
}

fn push_encoded(text: &mut String, character: char) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map(char::from);
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        text.push('%');
        text.extend(digit(byte >> 4));
        text.extend(digit(byte & 0x0f));
    }
}
