//! The effects that the domain takes as arguments: time and randomness.

use js_sys::Date;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::log;
use crate::error::ApiError;
use crate::timestamp::Timestamp;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &mut [u8]) -> Result<(), JsValue>;
}

/// The runtime's clock. It stands still between two inputs or outputs.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a date fits an i64 by far; a NaN becomes 0"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(Date::now() as i64)
}

/// 128 bits from the runtime's cryptographic source.
///
/// # Errors
///
/// [`ApiError::Unavailable`], when the source fails.
pub(super) fn random() -> Result<u128, ApiError> {
    let mut bytes = [0; 16];
    fill_with_random(&mut bytes).map_err(|error| log::unavailable("randomness", &error))?;
    Ok(u128::from_be_bytes(bytes))
}
