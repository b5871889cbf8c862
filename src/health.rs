//! Whether the deployment works, and what it accepts.

use crate::answer::Answer;
use crate::error::ApiError;
use crate::json;
use crate::project::Project;

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
        let body = json::object(&[("ok", &true), ("credentials", &credentials)]);
        return Answer::json(200, body);
    }
    let error = ApiError::Misconfigured;
    let body = json::object(&[
        ("ok", &false),
        ("credentials", &credentials),
        ("error", &error.code()),
        ("problems", &["auth_rules"]),
    ]);
    // Status and headers are those of the error; the body says more.
    Answer {
        body,
        ..Answer::from(error)
    }
}
