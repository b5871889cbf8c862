//! Pages of a list: how many rows, after which one.

use std::borrow::Cow;

use crate::error::ApiError;
use crate::route::MAX_ID_BYTES;

/// The query of a list, taken apart and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadListQuery<'a> {
    /// Which threads: the archived ones or the others, never both (contract 1.6, 4).
    pub is_archived: bool,
    /// Only threads with this name of the application's.
    pub external_id: Option<Cow<'a, str>>,
    /// The page.
    pub page: Page<'a>,
}

/// A part of a list: at most `limit` rows, from behind the row whose id is `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a> {
    /// The most rows.
    pub limit: u32,
    /// The last row of the page before, by id.
    pub after: Option<Cow<'a, str>>,
}

/// How many threads a page can have, and how many it has unless the query says.
const THREAD_LIMITS: Limits = Limits {
    most: 100,
    default: 20,
};
/// The same for messages.
const MESSAGE_LIMITS: Limits = Limits {
    most: 200,
    default: 200,
};

/// The same for runs, scores and events.
const RECORD_LIMITS: Limits = Limits {
    most: 100,
    default: 50,
};

/// How many rows a page can have, beside the one that it has at least.
struct Limits {
    most: u32,
    default: u32,
}

/// A query string, read name by name. Unknown names are ignored, so that newer clients are served; of a
/// repeated name the last one counts.
struct Query<'a> {
    page: Page<'a>,
    limits: Limits,
    problems: Vec<Cow<'static, str>>,
}

impl<'a> Query<'a> {
    fn new(limits: Limits) -> Self {
        Self {
            page: Page {
                limit: limits.default,
                after: None,
            },
            limits,
            problems: Vec::new(),
        }
    }

    /// Reads the names that every list has.
    fn read_page(&mut self, name: &str, value: Cow<'a, str>) {
        match name {
            // A sign is no digit, though Rust would read one.
            "limit" => match value
                .strip_prefix('+')
                .map_or(value.parse(), |_| "".parse())
            {
                Ok(limit) if (1..=self.limits.most).contains(&limit) => self.page.limit = limit,
                _ => {
                    let most = self.limits.most.to_string();
                    let rule = ["limit: must be a whole number from 1 to ", &most].concat();
                    self.problems.push(rule.into());
                }
            },
            "after" if (1..=MAX_ID_BYTES).contains(&value.len()) => self.page.after = Some(value),
            "after" => self.problems.push("after: must be an id".into()),
            _ => {}
        }
    }

    /// A text of 1 to 255 characters.
    fn text(&mut self, name: &str, value: Cow<'a, str>) -> Option<Cow<'a, str>> {
        if (1..=255).contains(&value.chars().count()) {
            return Some(value);
        }
        let rule = [name, ": must have 1 to 255 characters"].concat();
        self.problems.push(rule.into());
        None
    }

    fn finish(self) -> Result<Page<'a>, ApiError> {
        if self.problems.is_empty() {
            Ok(self.page)
        } else {
            Err(ApiError::Schema(self.problems))
        }
    }
}

impl<'a> ThreadListQuery<'a> {
    /// Reads a query string.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], with a line for every value that is not as it should be.
    pub fn parse(text: &'a str) -> Result<Self, ApiError> {
        let mut query = Query::new(THREAD_LIMITS);
        let mut is_archived = false;
        let mut external_id = None;
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("is_archived", "true") => is_archived = true,
                ("is_archived", "false") => is_archived = false,
                ("is_archived", _) => {
                    let rule = "is_archived: must be true or false";
                    query.problems.push(rule.into());
                }
                ("external_id", _) => external_id = query.text("external_id", value),
                (name, _) => query.read_page(name, value),
            }
        }
        Ok(Self {
            is_archived,
            external_id,
            page: query.finish()?,
        })
    }
}

/// The query of a thread's message list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageListQuery<'a> {
    /// The format that the caller can read. A wish, no filter.
    pub format: Option<Cow<'a, str>>,
    /// The page.
    pub page: Page<'a>,
}

impl<'a> MessageListQuery<'a> {
    /// Reads a query string.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], with a line for every value that is not as it should be.
    pub fn parse(text: &'a str) -> Result<Self, ApiError> {
        let mut query = Query::new(MESSAGE_LIMITS);
        let mut format = None;
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "format" => format = query.text("format", value),
                name => query.read_page(name, value),
            }
        }
        Ok(Self {
            format,
            page: query.finish()?,
        })
    }
}

/// The query of a list of runs, scores or events, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordListQuery<'a> {
    /// Only what belongs to this thread.
    pub thread_id: Option<Cow<'a, str>>,
    /// The page.
    pub page: Page<'a>,
}

impl<'a> RecordListQuery<'a> {
    /// Reads a query string.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], with a line for every value that is not as it should be.
    pub fn parse(text: &'a str) -> Result<Self, ApiError> {
        let mut query = Query::new(RECORD_LIMITS);
        let mut thread_id = None;
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "thread_id" => thread_id = query.text("thread_id", value),
                name => query.read_page(name, value),
            }
        }
        Ok(Self {
            thread_id,
            page: query.finish()?,
        })
    }
}
