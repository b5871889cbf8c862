//! The Durable Object that a workspace lives in.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::database::Database;
use super::deployment::Deployment;
use super::environment::Environment;
use super::errand::{Errand, TITLE, TitleErrand};
use super::list::ListStream;
use super::response::{Head, reply_with};
use super::retention::{Alarm, Household};
use super::state::State;
use super::{claim, list, log, runtime, task};
use crate::answer::Answer;
use crate::error::ApiError;
use crate::json;
use crate::rate_limit::RateLimit;
use crate::route::{self, Endpoint, Route};
use crate::sql::SqlError;
use crate::store::Store;
use crate::workspace::{Call, Reply, WorkspaceError, answer};

/// How many batches of events a user may send a minute (contract 1.6, 20).
const EVENTS_PER_MINUTE: u32 = 600;

/// One workspace: its threads, and for an anonymous one its refresh session. Of a workspace that has broken down
/// nothing is seen again: its object starts over (`entry.js`).
#[wasm_bindgen]
pub struct Room(AssertUnwindSafe<Rc<Workspace>>);

impl std::fmt::Debug for Room {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Room")
    }
}

#[wasm_bindgen]
impl Room {
    /// The workspace of an object.
    #[wasm_bindgen(constructor)]
    pub fn new(state: State, env: JsValue) -> Self {
        Self(AssertUnwindSafe(Rc::new(Workspace {
            store: Rc::new(Store::new(Database::of(&state))),
            alarm: Alarm::default(),
            event_limit: RefCell::new(RateLimit::per_minute(EVENTS_PER_MINUTE)),
            state,
            env: Environment::new(env),
        })))
    }

    /// Does an errand, see [`Errand::parse`].
    pub fn serve(&self, errand: String, body: Option<ArrayBuffer>) -> JsValue {
        let workspace = Rc::clone(&self.0.0);
        task::start(async move { workspace.serve(&errand, body).await })
    }

    /// Does what the alarm rings for. True, when it is to ring again because that failed.
    pub fn alarm(&self) -> JsValue {
        let workspace = Rc::clone(&self.0.0);
        task::start(async move { workspace.ring().await.is_err().into() })
    }
}

struct Workspace {
    store: Rc<Store<Database>>,
    alarm: Alarm,
    event_limit: RefCell<RateLimit>,
    state: State,
    env: Environment,
}

impl Workspace {
    async fn ring(&self) -> Result<(), ApiError> {
        let deployment = Deployment::of(&self.env).await?;
        self.alarm.ring(self.household(&deployment)).await
    }

    fn household<'a>(&'a self, deployment: &'a Deployment) -> Household<'a> {
        Household {
            project: &deployment.project,
            env: &self.env,
            store: &self.store,
            state: &self.state,
        }
    }

    async fn serve(&self, errand: &str, body: Option<ArrayBuffer>) -> JsValue {
        let body = body.map_or_else(Vec::new, |body| Uint8Array::new(&body).to_vec());
        let reply = self.answer(errand, &body).await;
        let written = reply.and_then(|reply| self.write(reply));
        written.unwrap_or_else(|error| reply_with(&error.into()))
    }

    /// Makes what the Worker gets of a reply, or the stream that `entry.js` makes it of.
    fn write(&self, reply: Reply) -> Result<JsValue, ApiError> {
        let failed = |error: SqlError| log::storage_failed(&error);
        let head = Head::of(&Reply::HEAD);
        Ok(match reply {
            Reply::Answer(answer) => reply_with(&answer),
            Reply::Selected(selection) => {
                let list = self.store.sql().select(&selection);
                head.reply(list.map_err(failed)?)
            }
            Reply::RowByRow(rows) if rows.is_large() => {
                let store = AssertUnwindSafe(Rc::clone(&self.store));
                ListStream { store, rows, head }.into()
            }
            Reply::RowByRow(rows) => {
                head.reply(list::write_whole(&self.store, rows).map_err(failed)?)
            }
        })
    }

    async fn answer(&self, errand: &str, body: &[u8]) -> Result<Reply, ApiError> {
        let deployment = &*Deployment::of(&self.env).await?;
        let errand = Errand::parse(errand).ok_or(ApiError::Internal)?;
        if errand.name == crate::claim::ERRAND {
            return claim::give(&self.store, body)
                .map(Reply::Answer)
                .map_err(refuse);
        }
        if errand.name == TITLE {
            return self.answer_title(body).map(Reply::Answer).map_err(refuse);
        }
        let caller = &errand.caller;
        let route = Route::from_line(errand.name).ok_or(ApiError::Internal)?;
        if route.endpoint == Endpoint::CreateEvents {
            let mut limit = self.event_limit.borrow_mut();
            if !limit.admit(caller.user.as_str(), runtime::now()) {
                return Err(ApiError::RateLimited);
            }
        }
        let project = &deployment.project;
        let writes = route.endpoint.method() != route::Method::Get;
        let reply = if route.endpoint == Endpoint::ClaimThreads {
            let collected = claim::collect(&self.env, project, &self.store, caller, body);
            Reply::Answer(collected.await?)
        } else {
            let call = Call {
                route,
                query: errand.query,
                body,
                project,
                caller,
                now: runtime::now(),
                random: runtime::random()?,
            };
            let answered = answer(&self.store, &deployment.signatures, &call).await;
            answered.map_err(refuse)?
        };
        if writes || self.alarm.is_unknown() {
            // What was asked for is done. Without an alarm, which the log tells of, the next request sets one.
            let _ = self.alarm.plan(self.household(deployment)).await;
        }
        Ok(reply)
    }

    fn answer_title(&self, body: &[u8]) -> Result<Answer, WorkspaceError> {
        let mut errand: TitleErrand = json::read_bytes(body).ok_or(ApiError::Internal)?;
        errand.title = self
            .store
            .title_thread(&errand.thread, errand.title.as_deref())?
            .ok_or(ApiError::ThreadNotFound)?;
        Ok(Answer::json(200, json::write(&errand)))
    }
}

fn refuse(error: WorkspaceError) -> ApiError {
    match error {
        WorkspaceError::Refused(error) => error,
        WorkspaceError::Storage(error) => log::storage_failed(&error),
    }
}
