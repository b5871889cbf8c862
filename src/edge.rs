//! The Worker: reads a request, lets the domain decide, writes the answer.

mod attachments;
mod claim;
mod database;
mod deployment;
mod log;
mod request;
mod response;
mod retention;
mod runtime;
mod titles;
mod workspace;

use std::rc::Rc;

use worker::{Context, Env, event, web_sys};

use crate::attachment;
use crate::authentication;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::health;
use crate::issuer;
use crate::jwks;
use crate::route::{Endpoint, Method, Route};
use crate::timestamp::Timestamp;
use crate::title::{self, TitleRequest};
use attachments::{Address, Bucket};
use deployment::Deployment;
use request::Head;
use response::Outcome;

/// The entry of every request.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
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
        Ok(deployment) => {
            let arrival = Arrival {
                request: &request,
                head: &head,
                deployment,
                env: &env,
                context: &context,
                now: runtime::now(),
            };
            serve(&arrival).await
        }
        Err(error) => Err(error.clone()),
    };
    let outcome = outcome.unwrap_or_else(|error| Outcome::Answer(error.into()));
    response::finish(outcome, origins, &head)
}

/// A request and all that it meets here.
struct Arrival<'a> {
    request: &'a web_sys::Request,
    head: &'a Head,
    deployment: &'a Rc<Deployment>,
    env: &'a Env,
    context: &'a Context,
    now: Timestamp,
}

impl Arrival<'_> {
    async fn body(&self, endpoint: Endpoint) -> Result<Vec<u8>, ApiError> {
        match endpoint.method() {
            // What a GET may carry means nothing (RFC 9110, section 9.3.1).
            Method::Get => Ok(Vec::new()),
            _ => request::read_body(self.request, endpoint.body_limit()).await,
        }
    }
}

/// The routes that need no caller; the others go on to [`serve_caller`].
async fn serve(arrival: &Arrival<'_>) -> Result<Outcome, ApiError> {
    let Arrival {
        request,
        head,
        deployment,
        env,
        now,
        ..
    } = *arrival;
    let project = &deployment.project;
    let route = Route::parse(&head.method, head.path())?;
    let address = || Address {
        name: &route.id,
        query: head.query(),
        now,
    };
    let answer = match route.endpoint {
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
            let body = arrival.body(route.endpoint).await?;
            let caller = issuer::open_refresh(project, &body)?.identity.caller();
            return workspace::forward(env, project, &caller, &route, "", &body).await;
        }
        // The address itself is the proof.
        Endpoint::WriteAttachment => Bucket::of(env)?.write(project, address(), request).await?,
        Endpoint::ReadAttachment => {
            let file = Bucket::of(env)?.read(project, address(), request).await?;
            return Ok(Outcome::Forwarded(file));
        }
        _ => {
            let caller = authentication::authenticate(
                head.credentials(),
                project,
                &mut deployment.verified_tokens(),
                now,
            )?;
            return serve_caller(arrival, &caller, &route).await;
        }
    };
    Ok(Outcome::Answer(answer))
}

/// The routes of a caller who is known, most of them their workspace's own.
async fn serve_caller(
    arrival: &Arrival<'_>,
    caller: &Caller,
    route: &Route<'_>,
) -> Result<Outcome, ApiError> {
    let Arrival {
        head,
        deployment,
        env,
        now,
        ..
    } = *arrival;
    let project = &deployment.project;
    let body = arrival.body(route.endpoint).await?;
    let answer = match route.endpoint {
        Endpoint::SignUpload => {
            Bucket::of(env)?;
            attachment::sign_upload(project, caller, &body, now, runtime::random()?)?
        }
        Endpoint::SignDownload => {
            Bucket::of(env)?;
            attachment::sign_download(project, caller, &body, now)?
        }
        Endpoint::ConvertPdf => return Err(ApiError::PdfConversion),
        Endpoint::StreamRun => {
            let title = stream_title(arrival, caller, &body).await?;
            return Ok(Outcome::Forwarded(title));
        }
        endpoint => {
            if endpoint == Endpoint::ClaimThreads {
                issuer::check_claim(project, caller, &body)?;
            }
            return workspace::forward(env, project, caller, route, head.query(), &body).await;
        }
    };
    Ok(Outcome::Answer(answer))
}

/// Streams a thread's title, and has its workspace keep it.
async fn stream_title(
    arrival: &Arrival<'_>,
    caller: &Caller,
    body: &[u8],
) -> Result<web_sys::Response, ApiError> {
    let accept = arrival.request.headers().get("Accept").ok().flatten();
    title::check_accept(accept.as_deref())?;
    let request = TitleRequest::parse(body)?;
    let (env, deployment) = (arrival.env.clone(), Rc::clone(arrival.deployment));
    let (caller, thread) = (caller.clone(), request.thread_id.clone());
    let current = workspace::title(&env, &deployment.project, &caller, &thread, None).await?;
    let save = |title: String| async move {
        let project = &deployment.project;
        let stored = workspace::title(&env, project, &caller, &thread, Some(&title)).await?;
        stored.ok_or(ApiError::Internal)
    };
    let model = arrival.deployment.project.title_model();
    titles::stream(arrival.context, arrival.env, model, request, current, save).await
}
