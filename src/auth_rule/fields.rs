//! The fields of one rule, read one by one. What is wrong is noted under the rule's name.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::{RuleMistake, Template};
use crate::json::Json;

/// The longest text of a field, in bytes.
const MAX_TEXT_BYTES: usize = 2_047;
/// The most texts of a field.
const MAX_TEXTS: usize = 32;

/// A rule's fields, each to be taken once.
pub(super) struct Fields<'a> {
    rule: String,
    members: Vec<(String, Json)>,
    mistakes: &'a mut Vec<RuleMistake>,
}

impl<'a> Fields<'a> {
    pub(super) fn open(item: Json, index: usize, mistakes: &'a mut Vec<RuleMistake>) -> Self {
        let place = ["rule ", &index.saturating_add(1).to_string()].concat();
        let mut fields = Self {
            rule: place,
            members: Vec::new(),
            mistakes,
        };
        match item {
            Json::Object(members) => fields.members = members,
            _ => fields.complain("", "must be an object"),
        }
        fields
    }

    /// Takes the rule's name, by which its mistakes are called from here on.
    pub(super) fn name(&mut self) -> Option<String> {
        let name = self.required("name")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.len() > 64 || !name.bytes().all(plain) {
            self.complain("name", "must be 1 to 64 of a-z, 0-9 and -");
            return None;
        }
        self.rule.clone_from(&name);
        Some(name)
    }

    pub(super) fn complain(&mut self, field: &str, reason: impl Into<Cow<'static, str>>) {
        self.mistakes.push(RuleMistake {
            rule: self.rule.clone(),
            field: field.chars().take(64).collect(),
            reason: reason.into(),
        });
    }

    /// The value of what may be wrong, which is noted then.
    pub(super) fn sound<T>(&mut self, field: &str, value: Result<T, &'static str>) -> Option<T> {
        value.map_err(|reason| self.complain(field, reason)).ok()
    }

    fn take(&mut self, field: &str) -> Option<Json> {
        let at = self.members.iter().position(|(name, _)| name == field)?;
        Some(self.members.swap_remove(at).1)
    }

    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        let value = self.take(field)?;
        let text = into_text(value);
        if text.is_none() {
            self.complain(field, "must be a text of printable characters");
        }
        text
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.members.iter().any(|(name, _)| name == field)
    }

    pub(super) fn required(&mut self, field: &str) -> Option<String> {
        if !self.has(field) {
            self.complain(field, "is missing");
        }
        self.text(field)
    }

    /// A list of texts, or one text that stands for a list of it. `None` where the field is not there.
    pub(super) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        let texts = match self.take(field)? {
            Json::Array(items) if (1..=MAX_TEXTS).contains(&items.len()) => {
                items.into_iter().map(into_text).collect()
            }
            Json::Array(_) => None,
            value => into_text(value).map(|text| vec![text]),
        };
        if texts.is_none() {
            self.complain(field, "must be a text or a list of 1 to 32 texts");
        }
        Some(texts.unwrap_or_default())
    }

    pub(super) fn whole_seconds(
        &mut self,
        field: &str,
        range: RangeInclusive<i64>,
        otherwise: i64,
    ) -> i64 {
        match self.take(field) {
            None => otherwise,
            Some(Json::Integer(seconds)) if range.contains(&seconds) => seconds,
            Some(_) => {
                let (least, most) = (range.start().to_string(), range.end().to_string());
                let reason = ["must be whole seconds from ", &least, " to ", &most].concat();
                self.complain(field, reason);
                otherwise
            }
        }
    }

    pub(super) fn switch(&mut self, field: &str) -> bool {
        match self.take(field) {
            None => false,
            Some(Json::Bool(on)) => on,
            Some(_) => {
                self.complain(field, "must be true or false");
                false
            }
        }
    }

    pub(super) fn template(&mut self, field: &str, otherwise: &str) -> Option<Template> {
        let text = self.text(field);
        self.sound(field, Template::parse(text.as_deref().unwrap_or(otherwise)))
    }

    /// Notes every field that nobody has taken.
    pub(super) fn finish(mut self) {
        for (name, _) in std::mem::take(&mut self.members) {
            self.complain(&name, "is not a field of this provider's rules");
        }
    }
}

fn into_text(value: Json) -> Option<String> {
    match value {
        Json::Text(text)
            if (1..=MAX_TEXT_BYTES).contains(&text.len())
                && !text.chars().any(|c| c.is_control() || c.is_whitespace()) =>
        {
            Some(text)
        }
        _ => None,
    }
}
