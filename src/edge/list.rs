//! Lists that are written row by row, as they are read.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::database::Database;
use super::log;
use super::response::Head;
use crate::sql::SqlError;
use crate::store::{MessageRows, Store};

/// The next bytes of a list that is written row by row; `None` at the end.
fn next(store: &Store<Database>, rows: &mut MessageRows) -> Result<Option<Vec<u8>>, SqlError> {
    while let Some(part) = store.write_next(rows)? {
        if let Some(remark) = &part.remark {
            log::remark(remark);
        }
        if !part.text.is_empty() {
            return Ok(Some(part.text.into_bytes()));
        }
    }
    Ok(None)
}

/// All of such a list, as a reply's body.
///
/// # Errors
///
/// [`SqlError`], when the database refuses.
pub(super) fn write_whole(
    store: &Store<Database>,
    mut rows: MessageRows,
) -> Result<JsValue, SqlError> {
    let mut whole = Vec::new();
    while let Some(part) = next(store, &mut rows)? {
        whole.extend(part);
    }
    Ok(Uint8Array::from(whole.as_slice()).into())
}

/// A list that is too large to be made before it is sent. `entry.js` makes a stream of it, and comes for the
/// parts as the client reads.
#[wasm_bindgen]
pub struct ListStream {
    pub(super) store: AssertUnwindSafe<Rc<Store<Database>>>,
    pub(super) rows: MessageRows,
    pub(super) head: Head,
}

impl std::fmt::Debug for ListStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ListStream")
    }
}

#[wasm_bindgen]
impl ListStream {
    /// The next bytes; undefined at the end, null where the list breaks off.
    pub fn next(&mut self) -> JsValue {
        match next(&self.store, &mut self.rows) {
            Ok(Some(part)) => Uint8Array::from(part.as_slice()).into(),
            Ok(None) => JsValue::UNDEFINED,
            Err(error) => {
                let _ = log::storage_failed(&error);
                JsValue::NULL
            }
        }
    }

    /// The reply with the stream.
    pub fn reply(&self, stream: JsValue) -> JsValue {
        self.head.reply(stream)
    }
}
