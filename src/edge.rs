//! The Worker: reads a request, lets the domain decide, writes the answer.

mod attachments;
mod call_limit;
mod claim;
mod database;
mod deployment;
mod document;
mod environment;
mod errand;
mod list;
mod log;
mod provider_keys;
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

use crate::answer::Answer;
use crate::attachment;
use crate::authentication::{self, Authentication};
use crate::base62;
use crate::caller::Caller;
use crate::client_address;
use crate::cors::Page;
use crate::error::ApiError;
use crate::exchange::ProvenIdentity;
use crate::health;
use crate::id;
use crate::issuer;
use crate::jwks;
use crate::project::Project;
use crate::provider_token::{ProviderToken, Verification, VerificationError};
use crate::rate_limit::LimitedCall;
use crate::refusal::Refusal;
use crate::route::{Endpoint, Method, Route};
use crate::session_exchange;
use crate::timestamp::Timestamp;
use crate::title::{self, TitleRequest};
use attachments::{Address, Bucket};
use deployment::Deployment;
use document::Inquiry;
use environment::Environment;
use errand::Way;
use provider_keys::NoKey;
use request::{Body, Head};
use response::{Headers, Outcome, Reader};

/// Answers a request, whose head is written as [`Head::parse`] reads it. `background` takes work that outlives
/// the answer.
#[wasm_bindgen]
pub fn serve(request: Request, head: String, env: JsValue, background: Function) -> JsValue {
    task::start(async move {
        let head = Head::parse(&head);
        let env = Environment::new(env);
        let deployment = Deployment::of(&env).await;
        let reader = reader_of(deployment.as_ref().ok(), &head);
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
            Err(error) => Err(error.clone().into()),
        };
        response::finish(outcome.unwrap_or_else(refuse), &reader)
    })
}

/// Who may read the answer.
fn reader_of<'a>(deployment: Option<&'a Rc<Deployment>>, head: &Head<'a>) -> Reader<'a> {
    let project = deployment.map(|deployment| &deployment.project);
    let allows = |project| session_exchange::allows_any(project, head.origin);
    let exchanges = || {
        Route::parse("POST", head.path)
            .is_ok_and(|route| route.endpoint == Endpoint::ExchangeSession)
    };
    Reader {
        allowed: project.map(Project::allowed_origins),
        page: Page {
            origin: head.origin,
            shares_cookies: project.is_some_and(allows) && exchanges(),
        },
    }
}

/// The answer to a request that is refused. It has a name, by which the operator finds the log's line of it.
fn refuse(refusal: Refusal) -> Outcome {
    let id = runtime::random().map(base62::encode::<22>).ok();
    if refusal.concerns_credential() {
        log::refused(id.as_deref().unwrap_or_default(), &refusal);
    }
    let mut answer = Answer::from(refusal.error);
    if let Some(id) = id {
        answer = answer.with_header("X-Request-Id", id);
    }
    Outcome::Answer(answer)
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
    async fn body(&self, endpoint: Endpoint) -> Result<Body, ApiError> {
        match endpoint.method() {
            // What a GET may carry means nothing (RFC 9110, section 9.3.1).
            Method::Get => Ok(Body::EMPTY),
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
    async fn outcome(&self) -> Result<Outcome, Refusal> {
        let Self {
            request,
            head,
            deployment,
            env,
            now,
            ..
        } = *self;
        let (project, signatures) = (&deployment.project, &deployment.signatures);
        let route = Route::parse(head.method, head.path).map_err(ApiError::from)?;
        if let Some(call) = LimitedCall::of_address(route.endpoint) {
            let address = request.headers().get("CF-Connecting-IP").ok().flatten();
            let name = client_address::counted_as(address.as_deref());
            call_limit::count(call, &name, env, deployment, now).await?;
        }
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
                let caller = issuer::open_refresh(project, &body.bytes())?
                    .identity
                    .caller();
                return Ok(self.forward(&caller, &route, "", body).await?);
            }
            Endpoint::ExchangeSession => self.exchange_session().await?,
            // The address itself is the proof.
            Endpoint::WriteAttachment => {
                Bucket::of(env)?.write(project, address(), request).await?
            }
            Endpoint::ReadAttachment => {
                let file = Bucket::of(env)?.read(project, address(), request).await?;
                return Ok(Outcome::Response(file.into()));
            }
            _ => return self.serve_credential(&route).await,
        };
        Ok(Outcome::Answer(answer))
    }

    /// The routes of a caller. One who came with a provider's token takes a workspace token along, in the
    /// answer's `Authorization` (contract 1.4).
    async fn serve_credential(&self, route: &Route<'_>) -> Result<Outcome, Refusal> {
        let Deployment {
            project,
            signatures,
            verified_tokens,
            ..
        } = &**self.deployment;
        let credentials = self.head.credentials;
        let authenticated = authentication::authenticate(
            credentials,
            project,
            verified_tokens,
            signatures,
            self.now,
        );
        let identity = match authenticated.await? {
            Authentication::Known(caller) => return Ok(self.serve_caller(&caller, route).await?),
            Authentication::Provider(token) => self.verify(&token).await?,
        };
        let outcome = self.serve_caller(identity.caller(), route).await?;
        if outcome.status() >= 400 {
            return Ok(outcome);
        }
        let (now, random) = (runtime::now(), runtime::random()?);
        let token = identity.exchange(project, signatures, now, random).await;
        let token = token.map_err(ApiError::from)?;
        Ok(outcome.with_header("Authorization", ["Bearer ", &token].concat()))
    }

    /// Verifies a provider's token.
    async fn verify(&self, token: &ProviderToken<'_, '_>) -> Result<ProvenIdentity, Refusal> {
        let wanted = match token.verification() {
            Verification::Secret => return Ok(token.verify_with_secret(self.now)?),
            Verification::Key(wanted) => wanted,
        };
        let key = provider_keys::find(self.deployment, self.background, token.rule(), wanted);
        let key = key.await.map_err(|none| match none {
            NoKey::Refused(reason) => token.refuse(reason).into(),
            NoKey::Unavailable(error) => Refusal::from(error),
        })?;
        // Fetching keys takes time.
        let verified = token.verify_with_key(&key, &self.deployment.signatures, runtime::now());
        verified.await.map_err(|error| match error {
            VerificationError::Refused(refusal) => refusal.into(),
            VerificationError::Fault(fault) => ApiError::from(fault).into(),
        })
    }

    /// A workspace token for an application's session.
    async fn exchange_session(&self) -> Result<Answer, Refusal> {
        let (project, signatures) = (&self.deployment.project, &self.deployment.signatures);
        let body = self.body(Endpoint::ExchangeSession).await?.bytes();
        let rule = session_exchange::choose_rule(project, self.head.origin, &body)?;
        let refuse = |reason: session_exchange::Reason| reason.refuse(rule);
        let cookies = self.request.headers().get("Cookie").ok().flatten();
        let cookies = session_exchange::check_cookies(cookies.as_deref()).map_err(refuse)?;
        let inquiry = Inquiry {
            url: &rule.url,
            cookies: Some(cookies),
            limit: session_exchange::MAX_ANSWER_BYTES,
            millis: session_exchange::TIMEOUT_MILLIS,
        };
        let document = inquiry.fetch().await.map_err(|error| {
            log::provider(&rule.name, &log::describe(&error));
            refuse(session_exchange::Reason::Application)
        })?;
        let now = runtime::now();
        let identity = session_exchange::read_answer(rule, document.status, &document.body, now);
        let identity = identity.map_err(|reason| {
            if reason == session_exchange::Reason::Application {
                let status = document.status.to_string();
                log::provider(
                    &rule.name,
                    &["no session in an answer with status ", &status].concat(),
                );
            }
            refuse(reason)
        })?;
        let exchanged = issuer::exchange(&identity, project, signatures, now, runtime::random()?);
        Ok(exchanged.await?)
    }

    /// The routes of a caller who is known, most of them their workspace's own.
    async fn serve_caller(&self, caller: &Caller, route: &Route<'_>) -> Result<Outcome, ApiError> {
        let project = &self.deployment.project;
        if let Some(call) = LimitedCall::of_caller(route.endpoint) {
            let name = id::counted_as(project.id(), &caller.workspace, &caller.user);
            call_limit::count(call, &name, self.env, self.deployment, self.now).await?;
        }
        let body = self.body(route.endpoint).await?;
        let answer = match route.endpoint {
            Endpoint::SignUpload => {
                Bucket::of(self.env)?;
                attachment::sign_upload(
                    project,
                    caller,
                    &body.bytes(),
                    self.now,
                    runtime::random()?,
                )?
            }
            Endpoint::ConvertPdf => return Err(ApiError::PdfConversion),
            Endpoint::StreamRun => {
                let title = self.stream_title(caller, &body.bytes()).await?;
                return Ok(Outcome::Response(title.into()));
            }
            endpoint => {
                match endpoint {
                    Endpoint::ClaimThreads => issuer::check_claim(project, caller, &body.bytes())?,
                    Endpoint::SignDownload => drop(Bucket::of(self.env)?),
                    _ => {}
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
        body: Body,
    ) -> Result<Outcome, ApiError> {
        let reply = self.way(caller).forward(route, query, body).await?;
        match (route.endpoint, reply.status()) {
            // Whether a refresh token still counts is known there only; the log has it here.
            (Endpoint::RefreshToken | Endpoint::ClaimThreads, 403) => {
                Err(ApiError::RefreshTokenInvalid)
            }
            _ => Ok(Outcome::Relayed(reply, Headers::default())),
        }
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
