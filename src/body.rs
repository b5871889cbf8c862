//! The members of a JSON body, read one by one. What is wrong with them is gathered, so that a caller
//! learns of all of it at once.

use std::borrow::Cow;

use crate::error::ApiError;
use crate::json::{FromJson, JsonText, Members};
use crate::timestamp::Timestamp;

/// A body's members, unread as yet: each is JSON text within the request's own bytes, so that a large one
/// is neither taken apart nor copied.
#[derive(Debug)]
pub struct Body<'a> {
    members: Members<'a>,
    problems: Vec<Cow<'static, str>>,
}

/// What a member that is null means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The same as if it were not there.
    IsAbsent,
    /// A mistake.
    IsRefused,
}

/// A member that may be left out, cleared or set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Left out: it stays.
    #[default]
    Keep,
    /// Null: there is none from now on.
    Clear,
    /// This one from now on.
    Set(T),
}

impl<'a> Body<'a> {
    /// Reads a body. Of a member that is there twice the last one counts.
    ///
    /// # Errors
    ///
    /// [`ApiError::MalformedJson`], or [`ApiError::Schema`] for JSON that is no object.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ApiError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ApiError::MalformedJson)?;
        Self::read(JsonText::parse(text).ok_or(ApiError::MalformedJson)?)
    }

    /// Reads an object within a body.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], when it is none.
    pub fn read(text: JsonText<'a>) -> Result<Self, ApiError> {
        let members = text.read();
        Ok(Self {
            members: members.ok_or_else(|| ApiError::schema("body: must be an object"))?,
            problems: Vec::new(),
        })
    }

    /// Notes that a member is not as it should be.
    pub fn complain(&mut self, name: &str, rule: &str) {
        self.problems.push([name, ": ", rule].concat().into());
    }

    /// A member's JSON text, if it is there and not null.
    pub fn take(&mut self, name: &str) -> Option<JsonText<'a>> {
        self.members
            .remove(name)
            .filter(|value| value.get() != "null")
    }

    /// A member of that type; anything else breaks `rule`.
    pub fn typed<T: FromJson<'a>>(&mut self, name: &str, null: Null, rule: &str) -> Option<T> {
        let value = self.members.remove(name)?;
        if value.get() == "null" && null == Null::IsAbsent {
            return None;
        }
        let read = value.read();
        if read.is_none() {
            self.complain(name, rule);
        }
        read
    }

    /// A text of 1 to `most` characters.
    pub fn text(&mut self, name: &str, most: usize, null: Null) -> Option<String> {
        let rule = [
            "must be a string of 1 to ",
            &most.to_string(),
            " characters",
        ]
        .concat();
        let text: String = self.typed(name, null, &rule)?;
        if (1..=most).contains(&text.chars().count()) && !text.contains('\0') {
            return Some(text);
        }
        self.complain(name, &rule);
        None
    }

    /// An RFC 3339 date and time.
    pub fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        const RULE: &str = "must be an ISO date and time";
        let text: String = self.typed(name, Null::IsRefused, RULE)?;
        let timestamp = Timestamp::parse(&text);
        if timestamp.is_none() {
            self.complain(name, RULE);
        }
        timestamp
    }

    /// True or false.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        self.typed(name, Null::IsRefused, "must be true or false")
    }

    /// An object of at most `most` bytes, as its JSON text.
    pub fn object(&mut self, name: &str, most: usize) -> Change<&'a str> {
        match self.members.remove(name).map(JsonText::get) {
            None => Change::Keep,
            Some("null") => Change::Clear,
            Some(text) if text.starts_with('{') && text.len() <= most => Change::Set(text),
            Some(_) => {
                let rule = ["must be an object of at most ", &most.to_string(), " bytes"];
                self.complain(name, &rule.concat());
                Change::Keep
            }
        }
    }

    /// Unwraps a member that has to be there. Notes its absence, unless there was something wrong with it
    /// already.
    pub fn required<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let noted = self
            .problems
            .iter()
            .any(|line| line.split(':').next() == Some(name));
        if value.is_none() && !noted {
            self.complain(name, "is required");
        }
        value
    }

    /// The members that nobody has asked for, each as often as it is there.
    pub fn rest(&mut self) -> Vec<(Cow<'a, str>, JsonText<'a>)> {
        std::mem::take(&mut self.members).into_vec()
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], with every complaint.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Schema(self.problems))
        }
    }
}
