//! How often an address or a user may call: by the runtime's limiter, where one is bound, which counts for all isolates of a
//! location; else by this isolate's own.

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::deployment::Deployment;
use super::environment::Environment;
use super::log;
use super::task::settled;
use crate::error::ApiError;
use crate::rate_limit::LimitedCall;
use crate::timestamp::Timestamp;

#[wasm_bindgen(module = "/src/edge/call_limit.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn admits(limiter: &JsValue, key: &str) -> Result<Promise, JsValue>;
}

/// Counts a call under the name that it goes by.
///
/// # Errors
///
/// [`ApiError::RateLimited`], when it is one too many.
pub(super) async fn count(
    call: LimitedCall,
    key: &str,
    env: &Environment,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<(), ApiError> {
    if !deployment.project.limits_rates() {
        return Ok(());
    }
    let asked = env
        .binding(call.binding())
        .map(|limiter| admits(&limiter, key));
    let admitted = match asked {
        None => None,
        Some(Ok(promise)) => match settled(promise).await {
            Ok(verdict) => Some(verdict.is_truthy()),
            Err(error) => note(&error),
        },
        Some(Err(error)) => note(&error),
    };
    let admitted =
        admitted.unwrap_or_else(|| deployment.call_limits.borrow_mut().admit(call, key, now));
    if admitted {
        Ok(())
    } else {
        Err(ApiError::RateLimited)
    }
}

/// A limiter that fails stops nobody: this isolate counts instead.
fn note(error: &JsValue) -> Option<bool> {
    let _ = log::unavailable("rate limiter", error);
    None
}
