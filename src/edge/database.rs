//! A Durable Object's SQLite as the store's [`Sql`].

use worker::js_sys::Array;
use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::{SqlStorage, State};

use super::log;
use crate::sql::{Row, Sql, SqlError, SqlValue};

#[wasm_bindgen]
extern "C" {
    /// `ctx.storage.sql`. `worker` has a wrapper for it; a row that is missing or broken throws through
    /// that one, and the request then hangs for ever, so every call here is one that catches.
    type Handle;
    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &Handle, statement: &str, values: &Array) -> Result<Cursor, JsValue>;

    type Cursor;
    #[wasm_bindgen(method, catch)]
    fn raw(this: &Cursor) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn collect(rows: &JsValue) -> Result<Array, JsValue>;
}

/// 2^53, up to which a double is an exact integer.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// The database of one object.
pub(super) struct Database(SqlStorage);

impl Database {
    pub(super) fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    fn rows(&self, statement: &str, values: &Array) -> Result<Array, JsValue> {
        let handle: &Handle = self.0.as_ref().unchecked_ref();
        collect(&handle.exec(statement, values)?.raw()?)
    }
}

impl Sql for Database {
    fn run(&self, statement: &str, values: Vec<SqlValue>) -> Result<Vec<Row>, SqlError> {
        let values: Array = values.into_iter().map(to_js).collect();
        let rows = self
            .rows(statement, &values)
            .map_err(|error| SqlError(log::describe(&error)))?;
        rows.iter()
            .map(|columns| {
                let columns = columns.unchecked_into::<Array>();
                columns.iter().map(|column| from_js(&column)).collect()
            })
            .map(|columns: Result<_, _>| columns.map(Row::new))
            .collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the store keeps integers within ±2^53"
)]
fn to_js(value: SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Integer(number) => JsValue::from_f64(number as f64),
        SqlValue::Real(number) => JsValue::from_f64(number),
        SqlValue::Text(text) => JsValue::from_str(&text),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the store keeps integers within ±2^53"
)]
fn from_js(value: &JsValue) -> Result<SqlValue, SqlError> {
    if let Some(number) = value.as_f64() {
        // JavaScript does not say which of them SQLite has: both are its numbers.
        return Ok(if number.fract() == 0.0 && number.abs() <= MAX_INTEGER {
            SqlValue::Integer(number as i64)
        } else {
            SqlValue::Real(number)
        });
    }
    if let Some(text) = value.as_string() {
        return Ok(SqlValue::Text(text));
    }
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    Err(SqlError(
        "a column has a type that is not stored".to_owned(),
    ))
}
