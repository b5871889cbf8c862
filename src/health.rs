//! Whether the deployment works, and what it accepts.

use serde::Serialize;

use crate::answer::Answer;
use crate::project::Project;

#[derive(Serialize)]
struct Health {
    ok: bool,
    credentials: Vec<&'static str>,
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
    let ok = rules.mistakes().is_empty();
    let health = Health {
        ok,
        credentials,
        problems: if ok { &[] } else { &["auth_rules"] },
    };
    Answer::json(if ok { 200 } else { 503 }, &health)
}
