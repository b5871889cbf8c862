//! Whether the deployment works, and what it accepts.

use serde::Serialize;

use crate::answer::Answer;
use crate::error::ApiError;
use crate::project::Project;

#[derive(Serialize)]
struct Health {
    ok: bool,
    credentials: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'static [&'static str],
}

/// The answer of a deployment that works (contract 1.3): the kinds of credential that it accepts, by which a
/// page can tell what to offer. Where the auth rules have a mistake it works in part, which the status and
/// `problems` say.
pub fn answer(project: &Project) -> Answer {
    let mut credentials = vec!["workspace_token"];
    if !project.api_keys().is_empty() {
        credentials.push("api_key");
    }
    if project.allows_anonymous() {
        credentials.push("anonymous");
    }
    let rules = project.auth_rules();
    if rules.tokens().is_ok_and(|rules| !rules.is_empty()) {
        credentials.push("provider_token");
    }
    if rules.sessions().is_ok_and(|rules| !rules.is_empty()) {
        credentials.push("session");
    }
    if rules.mistakes().is_empty() {
        return Answer::json(
            200,
            &Health {
                ok: true,
                credentials,
                error: None,
                problems: &[],
            },
        );
    }
    let error = ApiError::Misconfigured;
    let body = Health {
        ok: false,
        credentials,
        error: Some(error.code()),
        problems: &["auth_rules"],
    };
    // Status and headers are those of the error; the body says more.
    Answer {
        body: Answer::json(200, &body).body,
        ..Answer::from(error)
    }
}
