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

/// The fewest and the most threads of a page, and how many there are unless the query says.
const THREAD_LIMITS: (u32, u32, u32) = (1, 100, 20);

impl<'a> ThreadListQuery<'a> {
    /// Reads a query string. Unknown names are ignored, so that newer clients are served; of a repeated
    /// name the last one counts.
    ///
    /// # Errors
    ///
    /// [`ApiError::Schema`], with a line for every value that is not as it should be.
    pub fn parse(query: &'a str) -> Result<Self, ApiError> {
        let (fewest, most, default) = THREAD_LIMITS;
        let mut parsed = Self {
            is_archived: false,
            external_id: None,
            page: Page {
                limit: default,
                after: None,
            },
        };
        let mut problems = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "is_archived" => match value.as_ref() {
                    "true" => parsed.is_archived = true,
                    "false" => parsed.is_archived = false,
                    _ => problems.push("is_archived: must be true or false".into()),
                },
                "limit" => match value.parse() {
                    Ok(limit) if (fewest..=most).contains(&limit) => parsed.page.limit = limit,
                    _ => problems.push("limit: must be a whole number from 1 to 100".into()),
                },
                "after" if value.len() <= MAX_ID_BYTES => parsed.page.after = Some(value),
                "after" => problems.push("after: must be a thread id".into()),
                "external_id" if (1..=255).contains(&value.chars().count()) => {
                    parsed.external_id = Some(value);
                }
                "external_id" => problems.push("external_id: must have 1 to 255 characters".into()),
                _ => {}
            }
        }
        if problems.is_empty() {
            Ok(parsed)
        } else {
            Err(ApiError::Schema(problems))
        }
    }
}
