//! What the operator reads: one JSON line an event. No credential, no claim and no body ever gets here.

use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use crate::auth_rule::RuleMistake;
use crate::error::ApiError;
use crate::json::{self, Member};
use crate::project::ConfigError;
use crate::refusal::Refusal;
use crate::sql::SqlError;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(line: &str);
}

/// Writes what happened. Of what it has no word for there is no member.
fn write(event: &str, said: &[(&str, Option<&str>)]) {
    let mut members: Vec<Member<'_>> = vec![("event", &event)];
    for (name, text) in said {
        if let Some(text) = text {
            members.push((name, text));
        }
    }
    error(&json::object(&members));
}

/// A variable that is missing or wrong.
pub(super) fn misconfigured(error: &ConfigError) {
    write(
        "misconfigured",
        &[
            ("variable", Some(error.variable)),
            ("reason", Some(&error.reason)),
        ],
    );
}

/// A part of the platform that failed. Returns what the caller is told.
pub(super) fn unavailable(part: &str, error: &JsValue) -> ApiError {
    write(
        "unavailable",
        &[("part", Some(part)), ("reason", Some(&describe(error)))],
    );
    ApiError::Unavailable
}

/// A public key that the runtime does not take. Nothing verifies with it.
pub(super) fn unusable_key(error: &JsValue) {
    write("unusable_key", &[("reason", Some(&describe(error)))]);
}

/// A statement that failed. Returns what the caller is told: to try again, because nothing was written.
pub(super) fn storage_failed(error: &SqlError) -> ApiError {
    write("storage_failed", &[("reason", Some(&error.0))]);
    ApiError::Unavailable
}

/// An auth rule that is wrong.
pub(super) fn rule_mistake(mistake: &RuleMistake) {
    write(
        "misconfigured",
        &[
            ("variable", Some("AUTH_RULES")),
            ("rule", Some(&mistake.rule)),
            ("field", Some(&mistake.field)),
            ("reason", Some(&mistake.reason)),
        ],
    );
}

/// An identity provider, or an application whose sessions are exchanged, that does not answer as it should.
pub(super) fn provider(rule: &str, reason: &str) {
    write(
        "provider",
        &[("rule", Some(rule)), ("reason", Some(reason))],
    );
}

/// A credential that was refused. The response has the same request id.
pub(super) fn refused(request: &str, refusal: &Refusal) {
    write(
        "credential_refused",
        &[
            ("request", Some(request)),
            ("rule", refusal.rule.as_deref()),
            ("reason", Some(refusal.reason)),
        ],
    );
}

/// What an answer has for the operator.
pub(super) fn remark(text: &str) {
    write("remark", &[("text", Some(text))]);
}

/// A JavaScript error in words. JavaScript can throw anything.
pub(super) fn describe(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "something that is no error was thrown".to_owned())
}
