//! The Durable Object that a workspace lives in, and the way to it.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, durable_object,
    web_sys,
};

use super::database::Database;
use super::deployment::Deployment;
use super::request::{self, Head};
use super::response::{self, Outcome};
use super::retention::Alarm;
use super::{claim, log, runtime};
use crate::answer::Answer;
use crate::caller::{self, Caller};
use crate::error::ApiError;
use crate::id;
use crate::project::Project;
use crate::rate_limit::RateLimit;
use crate::route::{self, Endpoint, Route};
use crate::store::Store;
use crate::workspace::{Call, WorkspaceError, answer};

/// The binding's name in `wrangler.toml`.
const BINDING: &str = "WORKSPACE";
/// How many batches of events a user may send a minute (contract 1.6, 20).
const EVENTS_PER_MINUTE: u32 = 600;
/// The Worker has measured the body already; this is only a bound for the reader.
const MAX_BODY_BYTES: usize = 2_097_152;

/// Hands an authenticated call on to its workspace's object.
///
/// # Errors
///
/// [`ApiError::Unavailable`].
pub(super) async fn forward(
    env: &Env,
    project: &Project,
    caller: &Caller,
    route: &Route<'_>,
    query: &str,
    body: &[u8],
) -> Result<Outcome, ApiError> {
    let errand = route.to_header();
    let response = send(env, project, caller, &errand, query, body).await?;
    Ok(Outcome::Forwarded(response.into()))
}

/// Sends a request to the object of `caller`'s workspace: a route, or another object's errand. Every way in which that can fail is passing: 503,
/// never 4xx, because a client may throw its identity away on those.
///
/// # Errors
///
/// [`ApiError::Unavailable`].
pub(super) async fn send(
    env: &Env,
    project: &Project,
    caller: &Caller,
    errand: &str,
    query: &str,
    body: &[u8],
) -> Result<Response, ApiError> {
    let name = id::object_name(project.id(), &caller.workspace);
    let ask = || {
        let headers = Headers::new();
        headers.set(caller::HEADER, &caller.to_header())?;
        headers.set(route::HEADER, errand)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(headers);
        if !body.is_empty() {
            init.with_body(Some(Uint8Array::from(body).into()));
        }
        let url = ["https://workspace/?", query].concat();
        let request = Request::new_with_init(&url, &init)?;
        Ok((env.durable_object(BINDING)?.get_by_name(&name)?, request))
    };
    let (object, request) = ask().map_err(failed_object)?;
    object
        .fetch_with_request(request)
        .await
        .map_err(failed_object)
}

/// What the object is told in the place of a route, when it is to read or to set a thread's title.
const TITLE_ERRAND: &str = "title";

/// What such an errand says, and what is answered.
#[derive(Serialize, Deserialize)]
struct TitleErrand {
    thread: String,
    title: Option<String>,
}

/// A thread's title. `title` becomes it where the thread has none.
///
/// # Errors
///
/// [`ApiError::ThreadNotFound`], [`ApiError::Unavailable`].
pub(super) async fn title(
    env: &Env,
    project: &Project,
    caller: &Caller,
    thread: &str,
    title: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let errand = TitleErrand {
        thread: thread.to_owned(),
        title: title.map(str::to_owned),
    };
    let body = serde_json::to_vec(&errand).map_err(|_| ApiError::Internal)?;
    let mut response = send(env, project, caller, TITLE_ERRAND, "", &body).await?;
    match response.status_code() {
        200 => {
            let text = response.text().await.map_err(failed_object)?;
            let answer: TitleErrand =
                serde_json::from_str(&text).map_err(|_| ApiError::Internal)?;
            Ok(answer.title)
        }
        404 => Err(ApiError::ThreadNotFound),
        _ => Err(ApiError::Unavailable),
    }
}

/// Notes that an object did not answer. Returns what the caller is told.
pub(super) fn failed_object(error: worker::Error) -> ApiError {
    log::unavailable("workspace object", &error.into())
}

/// One workspace: its threads, and for an anonymous one its refresh session.
#[durable_object(alarm)]
pub struct Workspace {
    store: Store<Database>,
    alarm: Alarm,
    event_limit: RefCell<RateLimit>,
    state: State,
    env: Env,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Workspace")
    }
}

impl DurableObject for Workspace {
    fn new(state: State, env: Env) -> Self {
        Self {
            store: Store::new(Database::of(&state)),
            alarm: Alarm::default(),
            event_limit: RefCell::new(RateLimit::per_minute(EVENTS_PER_MINUTE)),
            state,
            env,
        }
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let rung = async {
            let deployment = Deployment::of(&self.env)?;
            let project = &deployment.project;
            self.alarm.ring(project, &self.store, &self.state).await
        };
        // An error makes the platform ring again.
        rung.await
            .map_err(|error: ApiError| worker::Error::RustError(error.to_string()))?;
        Response::empty()
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let answer = self
            .answer(request.inner())
            .await
            .unwrap_or_else(Answer::from);
        for remark in &answer.remarks {
            log::remark(remark);
        }
        Ok(response::plain(&answer)?.into())
    }
}

impl Workspace {
    async fn answer(&self, request: &web_sys::Request) -> Result<Answer, ApiError> {
        let deployment = Deployment::of(&self.env)?;
        let head = Head::read(request).map_err(|error| log::unavailable("request", &error))?;
        let header = |name| request.headers().get(name).ok().flatten();
        let caller = header(caller::HEADER).and_then(|value| Caller::from_header(&value));
        let (Some(caller), Some(errand)) = (caller, header(route::HEADER)) else {
            return Err(ApiError::Internal);
        };
        let body = request::read_body(request, MAX_BODY_BYTES).await?;
        if errand == crate::claim::ERRAND {
            return claim::give(&self.store, &body).map_err(refuse);
        }
        if errand == TITLE_ERRAND {
            return self.answer_title(&body).map_err(refuse);
        }
        let route = Route::from_header(&errand).ok_or(ApiError::Internal)?;
        if route.endpoint == Endpoint::CreateEvents {
            let mut limit = self.event_limit.borrow_mut();
            if !limit.admit(caller.user.as_str(), runtime::now()) {
                return Err(ApiError::RateLimited);
            }
        }
        let writes = route.endpoint.method() != route::Method::Get;
        let answer = if route.endpoint == Endpoint::ClaimThreads {
            claim::collect(&self.env, &deployment, &self.store, &caller, &body).await?
        } else {
            let call = Call {
                route,
                query: head.query(),
                body: &body,
                project: &deployment.project,
                caller: &caller,
                now: runtime::now(),
                random: runtime::random()?,
            };
            answer(&self.store, &call).map_err(refuse)?
        };
        if writes {
            let project = &deployment.project;
            // What was asked for is done. Without an alarm, which the log tells of, the next write sets one.
            let _ = self.alarm.plan(project, &self.store, &self.state).await;
        }
        Ok(answer)
    }
}

impl Workspace {
    fn answer_title(&self, body: &[u8]) -> Result<Answer, WorkspaceError> {
        let mut errand: TitleErrand =
            serde_json::from_slice(body).map_err(|_| ApiError::MalformedJson)?;
        errand.title = self
            .store
            .title_thread(&errand.thread, errand.title.as_deref())?
            .ok_or(ApiError::ThreadNotFound)?;
        Ok(Answer::json(200, &errand))
    }
}

fn refuse(error: WorkspaceError) -> ApiError {
    match error {
        WorkspaceError::Refused(error) => error,
        WorkspaceError::Storage(error) => log::storage_failed(&error),
    }
}
