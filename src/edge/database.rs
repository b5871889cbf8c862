//! A Durable Object's SQLite as the store's [`Sql`].

use js_sys::Array;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::log;
use super::state::{SqlStorage, State};
use crate::json::Decimal;
use crate::sql::{Row, Sql, SqlError, SqlValue};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn collect(rows: &JsValue) -> Result<Array, JsValue>;

    /// The nearest double of a number's text.
    #[wasm_bindgen(js_name = Number)]
    fn to_double(text: &str) -> f64;
    /// The shortest text that is read back as the same double.
    #[wasm_bindgen(js_name = String)]
    fn to_text(number: f64) -> String;
}

/// 2^53, up to which a double is an exact integer.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// The database of one object.
pub(super) struct Database(SqlStorage);

impl Database {
    pub(super) fn of(state: &State) -> Self {
        Self(state.storage().sql())
    }

    pub(super) fn handle(&self) -> &SqlStorage {
        &self.0
    }

    fn rows(&self, statement: &str, values: &Array) -> Result<Array, JsValue> {
        collect(&self.0.exec(statement, values)?.raw()?)
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
pub(super) fn to_js(value: SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Integer(number) => JsValue::from_f64(number as f64),
        SqlValue::Real(number) => JsValue::from_f64(to_double(number.get())),
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
            let number = Decimal::parse(&to_text(number));
            SqlValue::Real(number.ok_or_else(|| wrong("a column is no finite number"))?)
        });
    }
    if let Some(text) = value.as_string() {
        return Ok(SqlValue::Text(text));
    }
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    Err(wrong("a column has a type that is not stored"))
}

fn wrong(reason: &str) -> SqlError {
    SqlError(reason.to_owned())
}
