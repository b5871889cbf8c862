//! Whether the deployment works, and what it accepts.

use serde::Serialize;

use crate::answer::Answer;
use crate::project::Project;

#[derive(Serialize)]
struct Health {
    ok: bool,
    credentials: Vec<&'static str>,
}

/// The answer of a deployment whose configuration is sound (contract 1.3): the kinds of credential that it
/// accepts, by which a page can tell what to offer.
pub fn answer(project: &Project) -> Answer {
    let mut credentials = vec!["workspace_token"];
    if !project.api_keys().is_empty() {
        credentials.push("api_key");
    }
    if project.allows_anonymous() {
        credentials.push("anonymous");
    }
    Answer::json(
        200,
        &Health {
            ok: true,
            credentials,
        },
    )
}
