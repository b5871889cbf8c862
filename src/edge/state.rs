//! A Durable Object's state, as far as a workspace needs it.

use js_sys::Promise;
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

    /// `ctx.storage.sql`, which `database.js` knows more of.
    pub(super) type SqlStorage;
}
