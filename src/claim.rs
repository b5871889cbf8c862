//! How the threads of an anonymous workspace come into an account's: parcel by parcel, from one object to
//! the other.
//!
//! The two objects share no transaction, so every step can be repeated. The giving side sets all that it has
//! aside for the first account that claims them; from then on they are that account's and nobody else's. It
//! keeps what it has sent until the taking side has said that it is stored. The taking side notes each thread
//! that has come in full, so that one which is sent again is neither doubled nor, if its new owner has removed
//! it meanwhile, brought back.
//!
//! What is recorded of no thread, or of one that is gone, comes along in the same way, as a thread without a
//! thread: the visitor is left with nothing to be seen.
//!
//! Scores, feedback among them, become the claimant's: who has once judged a message changes their mind
//! about it, instead of having two. Everything else keeps who made it, as the record of what happened.

use crate::json::{self, FromJson, JsonText, ToJson};
use crate::object::Object;
use crate::sql::SqlValue;
use crate::store::{
    ATTACHMENT_COLUMNS, EVENT_COLUMNS, MESSAGE_COLUMNS, RUN_COLUMNS, SCORE_COLUMNS,
};

/// What the giving object is told in the place of a route. No route of the public contract reads so.
pub const ERRAND: &str = "claim";

/// What the taking side asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRequest {
    /// The workspace that claims.
    pub claimant: String,
    /// The counter of the refresh token that the claim was made with.
    pub counter: u32,
    /// When that token was issued, in milliseconds since the epoch.
    pub issued_at_millis: i64,
    /// Threads that the taking side has in full, for the giving side to remove.
    pub settled: Vec<String>,
    /// Where the delivery before ended; `None` for the first one and after the last one.
    pub after: Option<Place>,
}

/// How far a thread has been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The thread.
    pub thread: String,
    /// The table that is being sent, as an index into [`TABLES`].
    pub table: usize,
    /// The last row sent of it.
    pub row: i64,
}

/// Rows of one table and one thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// The thread, or what stands in its place.
    pub thread: String,
    /// The table, as an index into [`TABLES`]. The last of them completes the thread.
    pub table: usize,
    /// The rows, with the columns of the table in order.
    pub rows: Vec<Vec<SqlValue>>,
}

/// As many parcels as one answer should have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivery {
    /// The parcels, to be stored in order.
    pub parcels: Vec<Parcel>,
    /// Where the next delivery begins; `None` when this was the last one.
    pub then: Option<Place>,
}

impl ToJson for DeliveryRequest {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 5] = [
            ("claimant", &self.claimant),
            ("counter", &self.counter),
            ("issued_at_millis", &self.issued_at_millis),
            ("settled", &self.settled),
            ("after", &self.after),
        ];
        json::write_object(&members, json);
    }
}

impl FromJson<'_> for DeliveryRequest {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        Some(Self {
            claimant: members.get("claimant")?,
            counter: members.get("counter")?,
            issued_at_millis: members.get("issued_at_millis")?,
            settled: members.get("settled")?,
            after: members.optional("after")?,
        })
    }
}

impl ToJson for Place {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 3] = [
            ("thread", &self.thread),
            ("table", &self.table),
            ("row", &self.row),
        ];
        json::write_object(&members, json);
    }
}

impl FromJson<'_> for Place {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        Some(Self {
            thread: members.get("thread")?,
            table: members.get("table")?,
            row: members.get("row")?,
        })
    }
}

impl ToJson for Parcel {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 3] = [
            ("thread", &self.thread),
            ("table", &self.table),
            ("rows", &self.rows),
        ];
        json::write_object(&members, json);
    }
}

impl FromJson<'_> for Parcel {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        Some(Self {
            thread: members.get("thread")?,
            table: members.get("table")?,
            rows: members.get("rows")?,
        })
    }
}

impl ToJson for Delivery {
    fn write_json(&self, json: &mut String) {
        json::write_object(&[("parcels", &self.parcels), ("then", &self.then)], json);
    }
}

impl FromJson<'_> for Delivery {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        Some(Self {
            parcels: members.get("parcels")?,
            then: members.optional("then")?,
        })
    }
}

/// A table whose rows belong to threads.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static str,
    /// How many bytes a row of it has about, as an SQL expression.
    pub weight: &'static str,
    /// The place of the column that says whose opinion a row is, where it is one.
    pub author: Option<usize>,
}

/// How many bytes a row without large columns counts for.
pub const SMALL_ROW_BYTES: i64 = 1_024;

/// About how many bytes of rows a delivery has; one row may go beyond.
pub const DELIVERY_BYTES: i64 = 1_048_576;
/// The most rows of a parcel.
pub const PARCEL_ROWS: i64 = 200;

/// The tables of a thread, in the order in which they are sent. The thread itself is last: nobody sees it
/// before all that belongs to it is there.
pub const TABLES: &[Table] = &[
    Table {
        name: "messages",
        columns: MESSAGE_COLUMNS,
        weight: "length(content) + 1024",
        author: None,
    },
    Table {
        name: "runs",
        columns: RUN_COLUMNS,
        weight: "length(summary) + length(detail) + 1024",
        author: None,
    },
    Table {
        name: "scores",
        columns: SCORE_COLUMNS,
        weight: "10240",
        author: Some(9),
    },
    Table {
        name: "events",
        columns: EVENT_COLUMNS,
        weight: "2048",
        author: None,
    },
    Table {
        name: "attachments",
        columns: ATTACHMENT_COLUMNS,
        weight: "1024",
        author: None,
    },
    THREADS,
];

/// The last of [`TABLES`].
pub const THREADS: Table = Table {
    name: "threads",
    columns: "id, title, last_message_at, metadata, external_id, is_archived,
        created_at, created_by, updated_at, updated_by",
    weight: "1024",
    author: None,
};
