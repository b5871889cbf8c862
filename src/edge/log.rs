//! What the operator reads: one JSON line an event. No credential, no claim and no body ever gets here.

use serde::Serialize;
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use crate::auth_rule::RuleMistake;
use crate::error::ApiError;
use crate::project::ConfigError;
use crate::refusal::Refusal;
use crate::sql::SqlError;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(line: &str);
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Misconfigured {
        variable: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<&'a str>,
        reason: &'a str,
    },
    Unavailable {
        part: &'a str,
        reason: String,
    },
    StorageFailed {
        reason: &'a str,
    },
    UnusableKey {
        reason: String,
    },
    Remark {
        text: &'a str,
    },
    Provider {
        rule: &'a str,
        reason: &'a str,
    },
    CredentialRefused {
        request: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<&'a str>,
        reason: &'a str,
    },
}

fn write(event: &Event<'_>) {
    if let Ok(line) = serde_json::to_string(event) {
        error(&line);
    }
}

/// A variable that is missing or wrong.
pub(super) fn misconfigured(error: &ConfigError) {
    write(&Event::Misconfigured {
        variable: error.variable,
        rule: None,
        field: None,
        reason: &error.reason,
    });
}

/// A part of the platform that failed. Returns what the caller is told.
pub(super) fn unavailable(part: &str, error: &JsValue) -> ApiError {
    write(&Event::Unavailable {
        part,
        reason: describe(error),
    });
    ApiError::Unavailable
}

/// A public key that the runtime does not take. Nothing verifies with it.
pub(super) fn unusable_key(error: &JsValue) {
    write(&Event::UnusableKey {
        reason: describe(error),
    });
}

/// A statement that failed. Returns what the caller is told: to try again, because nothing was written.
pub(super) fn storage_failed(error: &SqlError) -> ApiError {
    write(&Event::StorageFailed { reason: &error.0 });
    ApiError::Unavailable
}

/// An auth rule that is wrong.
pub(super) fn rule_mistake(mistake: &RuleMistake) {
    write(&Event::Misconfigured {
        variable: "AUTH_RULES",
        rule: Some(&mistake.rule),
        field: Some(&mistake.field),
        reason: &mistake.reason,
    });
}

/// An identity provider, or an application whose sessions are exchanged, that does not answer as it should.
pub(super) fn provider(rule: &str, reason: &str) {
    write(&Event::Provider { rule, reason });
}

/// A credential that was refused. The response has the same request id.
pub(super) fn refused(request: &str, refusal: &Refusal) {
    write(&Event::CredentialRefused {
        request,
        rule: refusal.rule.as_deref(),
        reason: refusal.reason,
    });
}

/// What an answer has for the operator.
pub(super) fn remark(text: &str) {
    write(&Event::Remark { text });
}

/// A JavaScript error in words. JavaScript can throw anything.
pub(super) fn describe(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "something that is no error was thrown".to_owned())
}
