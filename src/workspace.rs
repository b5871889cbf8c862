//! What a workspace answers: from a call that the Worker has let through to an [`Answer`].

use crate::answer::{Answer, Caching};
use crate::attachment::{self, Download, Reference};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::event;
use crate::issuer;
use crate::json;
use crate::message::{self, NewMessage};
use crate::page::{MessageListQuery, RecordListQuery, ThreadListQuery};
use crate::project::Project;
use crate::rotation::Presented;
use crate::route::{Endpoint, Route};
use crate::run::RunReport;
use crate::score::{Feedback, NewScore};
use crate::signature::Signatures;
use crate::sql::{Selection, Sql, SqlError};
use crate::store::{Appended, Created, MessageList, MessageRows, Store};
use crate::thread::{NewThread, ThreadPatch};
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

/// What a workspace answers with. All but an [`Answer`] has the head of [`Reply::HEAD`].
#[derive(Debug)]
pub enum Reply {
    /// An answer, as it is.
    Answer(Answer),
    /// A list that the database writes.
    Selected(Selection),
    /// A list that is written row by row.
    RowByRow(MessageRows),
}

impl Reply {
    /// The answer with what a workspace holds, but for its body.
    pub const HEAD: Answer = Answer {
        status: 200,
        body: String::new(),
        caching: Caching::Private,
        headers: Vec::new(),
        remarks: Vec::new(),
    };
}

/// Answers a call.
///
/// # Errors
///
/// [`WorkspaceError`].
pub async fn answer<S: Sql>(
    store: &Store<S>,
    signatures: &impl Signatures,
    call: &Call<'_>,
) -> Result<Reply, WorkspaceError> {
    let answer = match call.route.endpoint {
        Endpoint::RefreshToken => {
            return Ok(Reply::Answer(refresh(store, signatures, call).await?));
        }
        Endpoint::ListThreads => return list_threads(store, call),
        Endpoint::ListMessages => return list_messages(store, call),
        Endpoint::CreateThread
        | Endpoint::GetThread
        | Endpoint::UpdateThread
        | Endpoint::DeleteThread => answer_threads(store, call)?,
        Endpoint::CreateMessage | Endpoint::UpdateMessage | Endpoint::DeleteMessages => {
            answer_messages(store, call)?
        }
        Endpoint::SignDownload => sign_download(store, call)?,
        _ => answer_records(store, call)?,
    };
    Ok(Reply::Answer(answer.cached(Caching::Private)))
}

fn list_threads<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Reply, WorkspaceError> {
    let query = ThreadListQuery::parse(call.query)?;
    let list = store.list_threads(&query, call.project.id(), call.caller)?;
    Ok(list.map_or_else(|| empty_list("threads"), Reply::Selected))
}

fn list_messages<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Reply, WorkspaceError> {
    let query = MessageListQuery::parse(call.query)?;
    Ok(match store.list_messages(&call.route.id, &query)? {
        MessageList::Empty => empty_list("messages"),
        MessageList::Whole(selection) => Reply::Selected(selection),
        MessageList::RowByRow(rows) => Reply::RowByRow(rows),
    })
}

fn empty_list(name: &str) -> Reply {
    Reply::Answer(Answer {
        body: ["{\"", name, "\":[]}"].concat(),
        ..Reply::HEAD
    })
}

/// Threads (contract 1.6, 4 to 8).
fn answer_threads<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let id = call.route.id.as_ref();
    let answer = match call.route.endpoint {
        Endpoint::CreateThread => {
            let thread = NewThread::parse(call.body)?;
            match store.create_thread(thread, &call.caller.user, call.now, call.random)? {
                Created::New(id) => Answer::json(201, json::object(&[("thread_id", &id)])),
                Created::Existing(id) => Answer::json(200, json::object(&[("thread_id", &id)])),
            }
        }
        Endpoint::GetThread => {
            let thread = store.get_thread(id, call.project.id(), call.caller)?;
            Answer {
                body: thread.ok_or(ApiError::ThreadNotFound)?,
                ..Reply::HEAD
            }
        }
        Endpoint::UpdateThread => {
            let patch = ThreadPatch::parse(call.body)?;
            let found = store.update_thread(id, patch, &call.caller.user, call.now)?;
            done(found, ApiError::ThreadNotFound)?
        }
        Endpoint::DeleteThread => done(store.delete_thread(id)?, ApiError::ThreadNotFound)?,
        _ => return Err(ApiError::NotFound.into()),
    };
    Ok(answer)
}

/// Messages (contract 1.6, 10 to 13).
fn answer_messages<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let id = call.route.id.as_ref();
    let answer = match call.route.endpoint {
        Endpoint::CreateMessage => {
            let message = NewMessage::parse(call.body)?;
            let attachments = attachments_in(message.content, call)?;
            let who = (&call.caller.user, call.now, call.random);
            match store.append_message(id, &message, &attachments, who)? {
                Appended::New(id) => Answer::json(201, json::object(&[("message_id", &id)])),
                Appended::Existing(id) => Answer::json(200, json::object(&[("message_id", &id)])),
            }
        }
        Endpoint::UpdateMessage => {
            let change = message::parse_change(call.body)?;
            let inner_id = call.route.inner_id.as_ref();
            let attachments = attachments_in(change.0, call)?;
            let who = (&call.caller.user, call.now);
            let found = store.update_message(id, inner_id, change, &attachments, who)?;
            done(found, ApiError::MessageNotFound)?
        }
        Endpoint::DeleteMessages => {
            let ids = message::parse_removal(call.body)?;
            let found = store.delete_messages(id, &ids)?;
            done(found, ApiError::MessagesNotFound)?
        }
        _ => return Err(ApiError::NotFound.into()),
    };
    Ok(answer)
}

/// The attachments that a message's content names.
fn attachments_in(content: &str, call: &Call<'_>) -> Result<Vec<Reference>, ApiError> {
    attachment::references(call.project.id(), &call.caller.workspace, content)
}

/// Leave to download a file (contract 1.6, 18). Here it is known whose a file is: a claim takes files along.
fn sign_download<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let download = Download::parse(call.project, call.caller, call.body)?;
    if let Some(reference) = &download.leave
        && !store.owns_attachment(reference)?
    {
        return Err(ApiError::AttachmentNotFound.into());
    }
    Ok(download.sign(call.project, call.now)?)
}

/// What is recorded of threads and messages (contract 1.6, 14, 15, 20 and 21).
fn answer_records<S: Sql>(store: &Store<S>, call: &Call<'_>) -> Result<Answer, WorkspaceError> {
    let id = call.route.id.as_ref();
    let answer = match call.route.endpoint {
        Endpoint::RateMessage => {
            let feedback = Feedback::parse(call.body)?;
            let positive = feedback.positive;
            let inner_id = call.route.inner_id.as_ref();
            let user = &call.caller.user;
            let rated = store.rate_message(id, inner_id, feedback, user, call.now, call.random)?;
            Answer::json(200, rated.feedback(positive))
        }
        Endpoint::CreateRun => {
            let report = RunReport::parse(call.body)?;
            let run_id = store.record_run(report, &call.caller.user, call.now, call.random)?;
            Answer::json(201, json::object(&[("run_id", &run_id)]))
        }
        Endpoint::CreateScore => {
            let verdict = NewScore::parse(call.body)?;
            let given = store.create_score(verdict, &call.caller.user, call.now, call.random)?;
            Answer::json(201, given.created())
        }
        Endpoint::CreateEvents => {
            let events = event::parse(call.body)?;
            let accepted = store.record_events(events, &call.caller.user, call.now, call.random)?;
            Answer::json(202, json::object(&[("accepted", &accepted)]))
        }
        Endpoint::ListRuns => {
            let runs = store.list_runs(&RecordListQuery::parse(call.query)?)?;
            Answer::json(200, json::object(&[("runs", &runs)]))
        }
        Endpoint::GetRun => {
            let run = store.get_run(id)?.ok_or(ApiError::RunNotFound)?;
            Answer::json(200, json::object(&[("run", &run)]))
        }
        Endpoint::ListScores => {
            let scores = store.list_scores(&RecordListQuery::parse(call.query)?)?;
            Answer::json(200, json::object(&[("scores", &scores)]))
        }
        Endpoint::ListEvents => {
            let events = store.list_events(&RecordListQuery::parse(call.query)?)?;
            Answer::json(200, json::object(&[("events", &events)]))
        }
        _ => return Err(ApiError::NotFound.into()),
    };
    Ok(answer)
}

fn done(found: bool, missing: ApiError) -> Result<Answer, ApiError> {
    if found {
        Ok(Answer::json(200, json::object(&[])))
    } else {
        Err(missing)
    }
}

/// Renews the anonymous session whose token the Worker has let through.
async fn refresh<S: Sql>(
    store: &Store<S>,
    signatures: &impl Signatures,
    call: &Call<'_>,
) -> Result<Answer, WorkspaceError> {
    let token = issuer::open_refresh(call.project, call.body)?;
    let presented = Presented {
        counter: token.counter,
        issued_at: token.issued_at,
    };
    let verdict = store.renew(presented, call.now)?;
    let mut answer = match verdict.answered() {
        Some(family) => {
            let (identity, now, random) = (token.identity, call.now, call.random);
            issuer::answer_anonymous(call.project, signatures, identity, &family, now, random)
                .await?
        }
        None => ApiError::RefreshTokenInvalid.into(),
    };
    answer.remarks.extend(verdict.remark().map(str::to_owned));
    Ok(answer)
}
