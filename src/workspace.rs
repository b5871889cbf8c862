//! What a workspace answers: from a call that the Worker has let through to an [`Answer`].

use serde::Serialize;

use crate::answer::{Answer, Caching};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::issuer;
use crate::page::ThreadListQuery;
use crate::project::Project;
use crate::rotation::Presented;
use crate::route::{Endpoint, Route};
use crate::sql::{Sql, SqlError};
use crate::store::{Created, Store};
use crate::thread::{NewThread, Thread, ThreadPatch};
use crate::timestamp::Timestamp;

/// A call that has been authenticated.
#[derive(Debug)]
pub struct Call<'a> {
    /// What is asked for.
    pub route: Route<'a>,
    /// The query string, without its question mark.
    pub query: &'a str,
    /// The body, within the route's limit.
    pub body: &'a [u8],
    /// The deployment.
    pub project: &'a Project,
    /// Who asks.
    pub caller: &'a Caller,
    /// When.
    pub now: Timestamp,
    /// For the id of what is made, a token's among them.
    pub random: u128,
}

/// Why a call was not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceError {
    /// The caller's doing.
    Refused(ApiError),
    /// The database's doing. The text is for the log, never for the caller.
    Storage(SqlError),
}

impl From<ApiError> for WorkspaceError {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<SqlError> for WorkspaceError {
    fn from(error: SqlError) -> Self {
        Self::Storage(error)
    }
}

#[derive(Serialize)]
struct ThreadList<'a> {
    threads: Vec<Thread<'a>>,
}

#[derive(Serialize)]
struct OneThread<'a> {
    thread: Thread<'a>,
}

#[derive(Serialize)]
struct CreatedThread<'a> {
    thread_id: &'a str,
}

#[derive(Serialize)]
struct Done {}

/// Answers a call.
///
/// # Errors
///
/// [`WorkspaceError`].
pub fn answer<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let id = call.route.id.as_ref();
    let answer = match call.route.endpoint {
        Endpoint::ListThreads => {
            let query = ThreadListQuery::parse(call.query)?;
            let threads = store.list_threads(&query, call.project.id(), call.caller)?;
            Answer::json(200, &ThreadList { threads })
        }
        Endpoint::CreateThread => {
            let thread = NewThread::parse(call.body)?;
            match store.create_thread(thread, &call.caller.user, call.now, call.random)? {
                Created::New(id) => Answer::json(201, &CreatedThread { thread_id: &id }),
                Created::Existing(id) => Answer::json(200, &CreatedThread { thread_id: &id }),
            }
        }
        Endpoint::GetThread => {
            let thread = store
                .get_thread(id, call.project.id(), call.caller)?
                .ok_or(ApiError::ThreadNotFound)?;
            Answer::json(200, &OneThread { thread })
        }
        Endpoint::UpdateThread => {
            let patch = ThreadPatch::parse(call.body)?;
            done(store.update_thread(id, patch, &call.caller.user, call.now)?)?
        }
        Endpoint::DeleteThread => done(store.delete_thread(id)?)?,
        Endpoint::RefreshToken => return refresh(store, call),
        _ => return Err(ApiError::NotFound.into()),
    };
    Ok(answer.cached(Caching::Private))
}

fn done(found: bool) -> Result<Answer, ApiError> {
    if found {
        Ok(Answer::json(200, &Done {}))
    } else {
        Err(ApiError::ThreadNotFound)
    }
}

/// Renews the anonymous session whose token the Worker has let through.
fn refresh<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let token = issuer::open_refresh(call.project, call.body)?;
    let presented = Presented {
        counter: token.counter,
        issued_at: token.issued_at,
    };
    let family = store
        .renew(presented, call.now)?
        .ok_or(ApiError::RefreshTokenInvalid)?;
    let answer =
        issuer::answer_anonymous(call.project, token.identity, &family, call.now, call.random)?;
    Ok(answer)
}
