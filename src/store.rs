//! A workspace's storage: every statement that reads or writes it.
//!
//! One database belongs to one workspace, so no statement names a workspace and none can reach another.

mod attachments;
mod claims;
mod events;
mod message_list;
mod messages;
mod records;
mod refresh_family;
mod retention;
mod runs;
mod schema;
mod scores;
mod threads;

use std::cell::Cell;

pub use attachments::COLUMNS as ATTACHMENT_COLUMNS;
pub use events::COLUMNS as EVENT_COLUMNS;
pub use message_list::{MessageList, MessageRows, Part};
pub use messages::{Appended, COLUMNS as MESSAGE_COLUMNS};
pub use records::MAX_RECORDS;
pub use runs::COLUMNS as RUN_COLUMNS;
pub use scores::COLUMNS as SCORE_COLUMNS;
pub use threads::Created;

use crate::sql::{Row, Sql, SqlError, SqlValue};

/// The storage of one workspace. Lives as long as the object that owns the database.
#[derive(Debug)]
pub struct Store<S> {
    sql: S,
    /// The schema's version, once it has been read.
    version: Cell<Option<usize>>,
}

impl<S: Sql> Store<S> {
    /// The store in this database. Reads and writes nothing yet.
    pub fn new(sql: S) -> Self {
        Self {
            sql,
            version: Cell::new(None),
        }
    }

    /// The database itself.
    pub fn sql(&self) -> &S {
        &self.sql
    }

    /// Whether anything but a session was ever written; what an older version has written is up to date then.
    /// A workspace that is only looked at stays without storage, so that a flood of visitors costs none.
    fn exists(&self) -> Result<bool, SqlError> {
        let exists = self.schema_version()? > schema::SESSION_ONLY;
        if exists {
            self.migrate()?;
        }
        Ok(exists)
    }

    fn schema_version(&self) -> Result<usize, SqlError> {
        if let Some(version) = self.version.get() {
            return Ok(version);
        }
        let version = schema::read_version(&self.sql)?;
        self.version.set(Some(version));
        Ok(version)
    }

    /// The first row of a statement, if it has any.
    fn first(&self, statement: &str, values: Vec<SqlValue>) -> Result<Option<Row>, SqlError> {
        Ok(self.sql.run(statement, values)?.into_iter().next())
    }

    /// Brings the schema up to date, before a write that may be the first one.
    fn migrate(&self) -> Result<(), SqlError> {
        self.migrate_to(schema::NEWEST)
    }

    fn migrate_to(&self, target: usize) -> Result<(), SqlError> {
        let version = schema::migrate(&self.sql, self.schema_version()?, target)?;
        self.version.set(Some(version));
        Ok(())
    }
}
