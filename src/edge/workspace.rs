//! The Durable Object that a workspace lives in, and the way to it.

use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, durable_object,
    web_sys,
};

use super::database::Database;
use super::deployment::Deployment;
use super::request::{self, Head};
use super::response::{self, Outcome};
use super::{log, runtime};
use crate::answer::Answer;
use crate::caller::{self, Caller};
use crate::error::ApiError;
use crate::id;
use crate::project::Project;
use crate::route::{self, Route};
use crate::store::Store;
use crate::workspace::{Call, WorkspaceError, answer};

/// The binding's name in `wrangler.toml`.
const BINDING: &str = "WORKSPACE";
/// The Worker has measured the body already; this is only a bound for the reader.
const MAX_BODY_BYTES: usize = 2_097_152;

/// Hands an authenticated call on to its workspace's object. Every way in which that can fail is passing:
/// 503, never 4xx, because a client may throw its identity away on those.
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
    let name = id::object_name(project.id(), &caller.workspace);
    let failed = |error: worker::Error| log::unavailable("workspace object", &error.into());
    let ask = || {
        let headers = Headers::new();
        headers.set(caller::HEADER, &caller.to_header())?;
        headers.set(route::HEADER, &route.to_header())?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(headers);
        if !body.is_empty() {
            init.with_body(Some(Uint8Array::from(body).into()));
        }
        let url = ["https://workspace/?", query].concat();
        let request = Request::new_with_init(&url, &init)?;
        Ok((env.durable_object(BINDING)?.get_by_name(&name)?, request))
    };
    let (object, request) = ask().map_err(failed)?;
    let response = object.fetch_with_request(request).await.map_err(failed)?;
    Ok(Outcome::Forwarded(response.into()))
}

/// One workspace: its threads, and for an anonymous one its refresh session.
#[durable_object(fetch)]
pub struct Workspace {
    store: Store<Database>,
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
            env,
        }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let answer = self
            .answer(request.inner())
            .await
            .unwrap_or_else(Answer::from);
        Ok(response::plain(&answer)?.into())
    }
}

impl Workspace {
    async fn answer(&self, request: &web_sys::Request) -> Result<Answer, ApiError> {
        let deployment = Deployment::of(&self.env)?;
        let head = Head::read(request).map_err(|error| log::unavailable("request", &error))?;
        let header = |name| request.headers().get(name).ok().flatten();
        let caller = header(caller::HEADER).and_then(|value| Caller::from_header(&value));
        let route = header(route::HEADER);
        let route = route.as_deref().and_then(Route::from_header);
        let (Some(caller), Some(route)) = (caller, route) else {
            return Err(ApiError::Internal);
        };
        let body = request::read_body(request, MAX_BODY_BYTES).await?;
        let call = Call {
            route,
            query: head.query(),
            body: &body,
            project: &deployment.project,
            caller: &caller,
            now: runtime::now(),
            random: runtime::random()?,
        };
        answer(&self.store, &call).map_err(|error| match error {
            WorkspaceError::Refused(error) => error,
            WorkspaceError::Storage(error) => log::storage_failed(&error),
        })
    }
}
