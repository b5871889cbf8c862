//! A Durable Object's SQLite as the store's [`Sql`].

use js_sys::Array;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::log;
use super::state::{SqlStorage, State};
use crate::json::Decimal;
use crate::sql::{Row, Selection, Sql, SqlError, SqlValue};

#[wasm_bindgen(module = "/src/edge/database.js")]
extern "C" {
    #[wasm_bindgen(js_name = bindText)]
    fn bind_text(value: &str);
    #[wasm_bindgen(js_name = bindNumber)]
    fn bind_number(value: f64);
    #[wasm_bindgen(js_name = bindDecimal)]
    fn bind_decimal(value: &str);
    #[wasm_bindgen(js_name = bindNull)]
    fn bind_null();
    // What throws through Rust breaks its instance.
    #[wasm_bindgen(catch)]
    fn run(sql: &SqlStorage, statement: &str, values: usize) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch)]
    fn select(sql: &SqlStorage, statement: &str, values: usize) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
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

    /// The text of a selection, as a response's body.
    ///
    /// # Errors
    ///
    /// [`SqlError`], when the database refuses.
    pub(super) fn select(&self, selection: &Selection) -> Result<JsValue, SqlError> {
        selection.values.iter().for_each(bind);
        select(&self.0, &selection.statement, selection.values.len())
            .map_err(|error| SqlError(log::describe(&error)))
    }
}

impl Sql for Database {
    fn run(&self, statement: &str, values: Vec<SqlValue>) -> Result<Vec<Row>, SqlError> {
        values.iter().for_each(bind);
        let rows = run(&self.0, statement, values.len())
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
fn bind(value: &SqlValue) {
    match value {
        SqlValue::Null => bind_null(),
        SqlValue::Integer(number) => bind_number(*number as f64),
        SqlValue::Real(number) => bind_decimal(number.get()),
        SqlValue::Text(text) => bind_text(text),
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
