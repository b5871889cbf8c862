//! The Worker: reads a request, lets the domain decide, writes the answer.

mod attachments;
mod claim;
mod database;
mod deployment;
mod environment;
mod errand;
mod log;
mod request;
mod response;
mod retention;
mod runtime;
mod state;
mod task;
mod titles;
mod webcrypto;
mod workspace;

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::Request;

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
use environment::Environment;
use errand::Way;
use request::Head;
use response::{Outcome, Reader};

/// Answers a request, whose head is written as [`Head::parse`] reads it. `background` takes work that outlives
/// the answer.
#[wasm_bindgen]
pub fn serve(request: Request, head: String, env: JsValue, background: Function) -> JsValue {
    task::start(async move {
        let head = Head::parse(&head);
        let env = Environment::new(env);
        let deployment = Deployment::of(&env).await;
        let reader = Reader {
            allowed: deployment
                .as_ref()
                .ok()
                .map(|deployment| deployment.project.allowed_origins()),
            origin: head.origin,
        };
        if head.method == "OPTIONS" {
            return response::preflight(&reader);
        }
        let outcome = match &deployment {
            Ok(deployment) => {
                let arrival = Arrival {
                    request: &request,
                    head: &head,
                    deployment,
                    env: &env,
                    background: &background,
                    now: runtime::now(),
                };
                arrival.outcome().await
            }
            Err(error) => Err(error.clone()),
        };
        let outcome = outcome.unwrap_or_else(|error| Outcome::Answer(error.into()));
        response::finish(outcome, &reader)
    })
}

/// A request and all that it meets here.
struct Arrival<'a> {
    request: &'a Request,
    head: &'a Head<'a>,
    deployment: &'a Rc<Deployment>,
    env: &'a Environment,
    background: &'a Function,
    now: Timestamp,
}

impl Arrival<'_> {
    async fn body(&self, endpoint: Endpoint) -> Result<Vec<u8>, ApiError> {
        match endpoint.method() {
            // What a GET may carry means nothing (RFC 9110, section 9.3.1).
            Method::Get => Ok(Vec::new()),
            _ => {
                self.head
                    .read_body(self.request, endpoint.body_limit())
                    .await
            }
        }
    }

    /// The way to a caller's workspace.
    fn way<'a>(&'a self, caller: &'a Caller) -> Way<'a> {
        Way {
            env: self.env,
            project: &self.deployment.project,
            caller,
        }
    }

    /// The routes that need no caller; the others go on to [`Self::serve_caller`].
    async fn outcome(&self) -> Result<Outcome, ApiError> {
        let Self {
            request,
            head,
            deployment,
            env,
            now,
            ..
        } = *self;
        let (project, signatures) = (&deployment.project, &deployment.signatures);
        let route = Route::parse(head.method, head.path)?;
        let address = || Address {
            name: &route.id,
            query: head.query,
            now,
        };
        let answer = match route.endpoint {
            Endpoint::Health => health::answer(project),
            Endpoint::Jwks => jwks::key_set(project, head.if_none_match),
            Endpoint::OpenIdConfiguration => jwks::discovery(project, head.if_none_match),
            Endpoint::CreateToken => {
                let random = runtime::random()?;
                issuer::create_token(head.credentials, project, signatures, now, random).await?
            }
            Endpoint::CreateAnonymousToken => {
                let random = [runtime::random()?, runtime::random()?];
                issuer::create_anonymous(project, signatures, now, random).await?
            }
            Endpoint::RefreshToken => {
                let body = self.body(route.endpoint).await?;
                let caller = issuer::open_refresh(project, &body)?.identity.caller();
                return self.forward(&caller, &route, "", body).await;
            }
            // The address itself is the proof.
            Endpoint::WriteAttachment => {
                Bucket::of(env)?.write(project, address(), request).await?
            }
            Endpoint::ReadAttachment => {
                let file = Bucket::of(env)?.read(project, address(), request).await?;
                return Ok(Outcome::Response(file.into()));
            }
            _ => {
                let caller = authentication::authenticate(
                    head.credentials,
                    project,
                    &deployment.verified_tokens,
                    signatures,
                    now,
                );
                return self.serve_caller(&caller.await?, &route).await;
            }
        };
        Ok(Outcome::Answer(answer))
    }

    /// The routes of a caller who is known, most of them their workspace's own.
    async fn serve_caller(&self, caller: &Caller, route: &Route<'_>) -> Result<Outcome, ApiError> {
        let project = &self.deployment.project;
        let body = self.body(route.endpoint).await?;
        let answer = match route.endpoint {
            Endpoint::SignUpload => {
                Bucket::of(self.env)?;
                attachment::sign_upload(project, caller, &body, self.now, runtime::random()?)?
            }
            Endpoint::SignDownload => {
                Bucket::of(self.env)?;
                attachment::sign_download(project, caller, &body, self.now)?
            }
            Endpoint::ConvertPdf => return Err(ApiError::PdfConversion),
            Endpoint::StreamRun => {
                let title = self.stream_title(caller, &body).await?;
                return Ok(Outcome::Response(title.into()));
            }
            endpoint => {
                if endpoint == Endpoint::ClaimThreads {
                    issuer::check_claim(project, caller, &body)?;
                }
                return self.forward(caller, route, self.head.query, body).await;
            }
        };
        Ok(Outcome::Answer(answer))
    }

    async fn forward(
        &self,
        caller: &Caller,
        route: &Route<'_>,
        query: &str,
        body: Vec<u8>,
    ) -> Result<Outcome, ApiError> {
        let way = self.way(caller);
        let response = way.forward(route, self.head.origin, query, body).await?;
        Ok(Outcome::Forwarded(response.into()))
    }

    /// Streams a thread's title, and has its workspace keep it.
    async fn stream_title(
        &self,
        caller: &Caller,
        body: &[u8],
    ) -> Result<web_sys::Response, ApiError> {
        let accept = self.request.headers().get("Accept").ok().flatten();
        title::check_accept(accept.as_deref())?;
        let request = TitleRequest::parse(body)?;
        let thread = request.thread_id.clone();
        let current = self.way(caller).title(&thread, None).await?;
        let (env, deployment) = (self.env.clone(), Rc::clone(self.deployment));
        let caller = caller.clone();
        let save = |title: String| async move {
            let way = Way {
                env: &env,
                project: &deployment.project,
                caller: &caller,
            };
            let stored = way.title(&thread, Some(&title)).await?;
            stored.ok_or(ApiError::Internal)
        };
        let model = self.deployment.project.title_model();
        titles::stream(self.background, self.env, model, request, current, save).await
    }
}
