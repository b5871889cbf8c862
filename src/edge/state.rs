//! A Durable Object's state, as far as a workspace needs it.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The runtime's `ctx` of an object.
    #[derive(Debug)]
    pub type State;
    #[wasm_bindgen(method, getter)]
    pub(super) fn storage(this: &State) -> Storage;

    pub(super) type Storage;
    #[wasm_bindgen(method, getter)]
    pub(super) fn sql(this: &Storage) -> SqlStorage;
    /// Comes to the time for which the alarm is set, in milliseconds since the epoch, or to null.
    #[wasm_bindgen(method, catch, js_name = getAlarm)]
    pub(super) fn get_alarm(this: &Storage) -> Result<Promise, JsValue>;
    /// `time` in milliseconds since the epoch.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(super) fn set_alarm(this: &Storage, time: f64) -> Result<Promise, JsValue>;

    /// `ctx.storage.sql`. Every call here is one that catches: what throws through Rust breaks its instance.
    pub(super) type SqlStorage;
    #[wasm_bindgen(method, catch, variadic)]
    pub(super) fn exec(
        this: &SqlStorage,
        statement: &str,
        values: &Array,
    ) -> Result<Cursor, JsValue>;

    pub(super) type Cursor;
    #[wasm_bindgen(method, catch)]
    pub(super) fn raw(this: &Cursor) -> Result<JsValue, JsValue>;
}
