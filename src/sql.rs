//! The database of one workspace, as the store sees it: SQLite in a Durable Object, or in a test.

use std::fmt;

use crate::json::{Decimal, FromJson, JsonBuf, JsonText, ToJson};

/// A value in a statement or a row.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "SQLite's own names for them")]
pub enum SqlValue {
    Null,
    /// Within ±2^53, because the runtime hands numbers over as doubles.
    Integer(i64),
    Real(Decimal),
    Text(String),
}

impl ToJson for SqlValue {
    fn write_json(&self, json: &mut String) {
        match self {
            Self::Null => JsonText::NULL.write_json(json),
            Self::Integer(value) => value.write_json(json),
            Self::Real(value) => value.write_json(json),
            Self::Text(value) => value.write_json(json),
        }
    }
}

impl FromJson<'_> for SqlValue {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        if text == JsonText::NULL {
            return Some(Self::Null);
        }
        let integer = text.read().map(Self::Integer);
        let number = integer.or_else(|| text.read().map(Self::Real));
        number.or_else(|| text.read().map(Self::Text))
    }
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for SqlValue {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A statement that failed, or a row that is not as its statement says. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError(pub String);

impl fmt::Display for SqlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SqlError {}

/// A database that runs one statement at a time, each to its end. Between two calls without an `await`
/// nobody else comes in, and what was written becomes durable together.
pub trait Sql {
    /// Runs one statement, its `?` filled in order, and returns all of its rows. It is prepared once, and kept. But
    /// of a list, in an order and with a limit, SQLite's planner looks at each value that is compared for equality,
    /// and at the limit, and prepares it anew at every run: there it is `+?`, which the planner does not look into.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    fn run(&self, statement: &str, values: Vec<SqlValue>) -> Result<Vec<Row>, SqlError>;
}

/// A statement that gives one text, and what fills its `?` in order. Whoever answers with the text need not
/// read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The statement: one row of one column.
    pub statement: String,
    /// The values.
    pub values: Vec<SqlValue>,
}

/// The expression for a column of milliseconds as a [`crate::Timestamp`] is written, in quotation marks.
pub(crate) fn timestamp(column: &str) -> String {
    [
        "strftime('\"%Y-%m-%dT%H:%M:%fZ\"', ",
        column,
        " / 1000.0, 'unixepoch')",
    ]
    .concat()
}

/// A row, read from its first column on.
#[derive(Debug)]
pub struct Row(std::vec::IntoIter<SqlValue>);

impl Row {
    /// A row of these columns.
    pub fn new(columns: Vec<SqlValue>) -> Self {
        Self(columns.into_iter())
    }

    /// The columns that are left.
    pub fn into_values(self) -> Vec<SqlValue> {
        self.0.collect()
    }

    /// The next column, an integer.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when it is none.
    pub fn integer(&mut self) -> Result<i64, SqlError> {
        match self.0.next() {
            Some(SqlValue::Integer(value)) => Ok(value),
            _ => Err(SqlError("expected an integer column".to_owned())),
        }
    }

    /// The next column, an integer or null.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when it is neither.
    pub fn optional_integer(&mut self) -> Result<Option<i64>, SqlError> {
        match self.0.next() {
            Some(SqlValue::Integer(value)) => Ok(Some(value)),
            Some(SqlValue::Null) => Ok(None),
            _ => Err(SqlError("expected an integer or null column".to_owned())),
        }
    }

    /// The next column, a real or null, as JSON. The runtime hands a real without a fraction over as an integer.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when it is neither.
    pub fn optional_number(&mut self) -> Result<Option<JsonBuf>, SqlError> {
        match self.0.next() {
            Some(SqlValue::Integer(value)) => Ok(Some(JsonBuf::write(&value))),
            Some(SqlValue::Real(value)) => Ok(Some(JsonBuf::write(&value))),
            Some(SqlValue::Null) => Ok(None),
            _ => Err(SqlError("expected a number or null column".to_owned())),
        }
    }

    /// The next column, a text.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when it is none.
    pub fn text(&mut self) -> Result<String, SqlError> {
        self.optional_text()?
            .ok_or_else(|| SqlError("expected a text column".to_owned()))
    }

    /// The next column, a text or null.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when it is neither.
    pub fn optional_text(&mut self) -> Result<Option<String>, SqlError> {
        match self.0.next() {
            Some(SqlValue::Text(value)) => Ok(Some(value)),
            Some(SqlValue::Null) => Ok(None),
            _ => Err(SqlError("expected a text or null column".to_owned())),
        }
    }
}
