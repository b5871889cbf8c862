//! The Worker: reads a request, lets the domain decide, writes the answer.

#[expect(dead_code, reason = "not wired yet")]
mod attachments;
mod claim;
mod database;
mod deployment;
mod log;
mod request;
mod response;
mod runtime;
#[expect(dead_code, reason = "not wired yet")]
mod titles;
mod workspace;

use worker::{Context, Env, event, web_sys};

use crate::answer::Answer;
use crate::authentication;
use crate::error::ApiError;
use crate::health;
use crate::issuer;
use crate::jwks;
use crate::route::{Endpoint, Method, Route};
use deployment::Deployment;
use request::Head;
use response::Outcome;

/// The entry of every request.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    _context: Context,
) -> worker::Result<web_sys::Response> {
    let head = Head::read(&request)?;
    let deployment = Deployment::of(&env);
    let origins = deployment
        .as_ref()
        .ok()
        .map(|deployment| deployment.project.allowed_origins());
    if head.method == "OPTIONS" {
        return response::preflight(origins, &head);
    }
    let outcome = match &deployment {
        Ok(deployment) => serve(&request, &head, deployment, &env).await,
        Err(error) => Err(error.clone()),
    };
    let outcome = outcome.unwrap_or_else(|error| Outcome::Answer(error.into()));
    response::finish(outcome, origins, &head)
}

/// Route, caller, answer: here or from the workspace's object.
async fn serve(
    request: &web_sys::Request,
    head: &Head,
    deployment: &Deployment,
    env: &Env,
) -> Result<Outcome, ApiError> {
    let project = &deployment.project;
    let route = Route::parse(&head.method, head.path())?;
    let now = runtime::now();
    let answer: Answer = match route.endpoint {
        Endpoint::Health => health::answer(project),
        Endpoint::Jwks => jwks::key_set(project, head.if_none_match.as_deref()),
        Endpoint::OpenIdConfiguration => jwks::discovery(project, head.if_none_match.as_deref()),
        Endpoint::CreateToken => {
            let headers = head.credentials();
            issuer::create_token(headers, project, now, runtime::random()?)?
        }
        Endpoint::CreateAnonymousToken => {
            let random = [runtime::random()?, runtime::random()?];
            issuer::create_anonymous(project, now, random)?
        }
        Endpoint::RefreshToken => {
            let body = request::read_body(request, route.endpoint.body_limit()).await?;
            let caller = issuer::open_refresh(project, &body)?.identity.caller();
            return workspace::forward(env, project, &caller, &route, "", &body).await;
        }
        endpoint => {
            let caller = authentication::authenticate(
                head.credentials(),
                project,
                &mut deployment.verified_tokens(),
                now,
            )?;
            let body = match endpoint.method() {
                // What a GET may carry means nothing (RFC 9110, section 9.3.1).
                Method::Get => Vec::new(),
                _ => request::read_body(request, endpoint.body_limit()).await?,
            };
            if endpoint == Endpoint::ClaimThreads {
                issuer::check_claim(project, &caller, &body)?;
            }
            return workspace::forward(env, project, &caller, &route, head.query(), &body).await;
        }
    };
    Ok(Outcome::Answer(answer))
}
