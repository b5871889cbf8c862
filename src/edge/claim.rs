//! The claim between two objects: the account's asks, the visitor's gives. See [`crate::claim`].

use super::database::Database;
use super::environment::Environment;
use super::errand::Way;
use super::{log, runtime};
use crate::answer::{Answer, Caching};
use crate::caller::Caller;
use crate::claim::{Delivery, DeliveryRequest, ERRAND};
use crate::error::ApiError;
use crate::issuer;
use crate::json;
use crate::project::Project;
use crate::refresh_token::RefreshToken;
use crate::store::Store;
use crate::workspace::WorkspaceError;

/// Brings every thread of the visitor behind a refresh token into this object's workspace. When it is cut
/// off, what has come stays, and the next claim brings the rest.
///
/// # Errors
///
/// [`ApiError`]; with 503 where a part does not answer, after which the claim can be repeated.
pub(super) async fn collect(
    env: &Environment,
    project: &Project,
    store: &Store<Database>,
    claimant: &Caller,
    body: &[u8],
) -> Result<Answer, ApiError> {
    let token = issuer::open_claim(project, body)?;
    let visitor = token.identity.caller();
    let mut moved = 0_u64;
    if visitor.workspace != claimant.workspace {
        let way = Way {
            env,
            project,
            caller: &visitor,
        };
        let mut request = first_request(claimant, &token);
        loop {
            let delivery = ask(&way, &request).await?;
            let (settled, new) = store
                .take(&delivery, &claimant.user)
                .map_err(|error| log::storage_failed(&error))?;
            moved = moved.saturating_add(new);
            if delivery.then.is_none() && settled.is_empty() {
                break;
            }
            request.settled = settled;
            request.after = delivery.then;
        }
    }
    Ok(Answer::json(200, json::object(&[("moved", &moved)])).cached(Caching::Private))
}

fn first_request(claimant: &Caller, token: &RefreshToken) -> DeliveryRequest {
    DeliveryRequest {
        claimant: claimant.workspace.as_str().to_owned(),
        counter: token.counter,
        issued_at_millis: token.issued_at.as_millis(),
        settled: Vec::new(),
        after: None,
    }
}

/// Asks the visitor's object for the next delivery.
async fn ask(way: &Way<'_>, request: &DeliveryRequest) -> Result<Delivery, ApiError> {
    match way.ask(ERRAND, request).await? {
        Ok(delivery) => Ok(delivery),
        Err(403) => Err(ApiError::RefreshTokenInvalid),
        Err(_) => Err(ApiError::Unavailable),
    }
}

/// Answers another object's request for a delivery.
///
/// # Errors
///
/// [`WorkspaceError`].
pub(super) fn give(store: &Store<Database>, body: &[u8]) -> Result<Answer, WorkspaceError> {
    let request: DeliveryRequest = json::read_bytes(body).ok_or(ApiError::Internal)?;
    let delivery = store.give(&request, runtime::now())?;
    Ok(Answer::json(200, json::write(&delivery)))
}
