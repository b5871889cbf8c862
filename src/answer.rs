//! An HTTP answer as a value, before any runtime makes a response of it.

use crate::error::ApiError;
use crate::json::{self, Member};

/// How long an answer may be kept, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Not at all: a token, an error.
    NoStore,
    /// Not at all, and it is one person's: threads and messages (contract 1.3).
    Private,
    /// By anyone, for that many seconds.
    Public(u32),
}

/// An HTTP answer. Everything the Worker says is one of these first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The JSON body; empty where there is none.
    pub body: String,
    /// How long it may be kept.
    pub caching: Caching,
    /// Headers beyond content type, caching and CORS.
    pub headers: Vec<(&'static str, String)>,
    /// What the operator should know of it. Nobody's words are in here.
    pub remarks: Vec<String>,
}

impl Answer {
    /// A JSON answer that nobody may keep.
    pub fn json(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            caching: Caching::NoStore,
            headers: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The same answer with other caching.
    #[must_use]
    pub fn cached(mut self, caching: Caching) -> Self {
        self.caching = caching;
        self
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<ApiError> for Answer {
    /// The one place where an error becomes an answer. In its body (contract 1.1) `error` is a string, because the
    /// client takes it for the code.
    fn from(error: ApiError) -> Self {
        let code = error.code();
        let mut members: Vec<Member<'_>> = vec![("error", &code)];
        if let ApiError::Schema(lines) = &error {
            members.push(("details", lines));
        }
        let mut answer = Self::json(error.status(), json::object(&members));
        if let Some(seconds) = error.retry_after() {
            answer = answer.with_header("Retry-After", seconds.to_string());
        }
        if let ApiError::MethodNotAllowed(allow) = error {
            answer = answer.with_header("Allow", allow);
        }
        answer
    }
}
