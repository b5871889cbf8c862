//! The way to a workspace's object: what it is told, and how its answer comes back.

use js_sys::{ArrayBuffer, Promise};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::Response;

use super::environment::Environment;
use super::log;
use super::request::{self, Body};
use super::task::settled;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id;
use crate::json::{self, FromJson, JsonText, ToJson};
use crate::object::Object;
use crate::project::Project;
use crate::route::{Endpoint, Method, Route};

/// The binding's name in `wrangler.toml`.
const BINDING: &str = "WORKSPACE";

#[wasm_bindgen(module = "/src/edge/errand.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn send(
        namespace: &JsValue,
        name: &str,
        caller: &str,
        errand: &str,
        origin: Option<&str>,
        query: &str,
        body: Option<ArrayBuffer>,
        repeatable: bool,
    ) -> Result<Promise, JsValue>;
}

/// How an object is reached: through whom, for whom, and for the eyes of which page.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) env: &'a Environment,
    pub(super) project: &'a Project,
    pub(super) caller: &'a Caller,
}

impl Way<'_> {
    /// Hands an authenticated call on to its workspace's object. `origin` is that of the page that asks: the
    /// object itself gives it the leave to read the answer.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`].
    pub(super) async fn forward(
        &self,
        route: &Route<'_>,
        origin: Option<&str>,
        query: &str,
        body: Body,
    ) -> Result<Response, ApiError> {
        // A refresh is as good twice: the second one repeats what the first one gave.
        let repeatable =
            route.endpoint.method() == Method::Get || route.endpoint == Endpoint::RefreshToken;
        let errand = route.to_header();
        self.send(&errand, origin, query, body, repeatable).await
    }

    /// Asks the object for something that is no route. What is answered with 200 is read.
    ///
    /// # Errors
    ///
    /// The status of another answer; [`ApiError::Unavailable`].
    pub(super) async fn ask<A: for<'a> FromJson<'a>>(
        &self,
        errand: &str,
        question: &dyn ToJson,
    ) -> Result<Result<A, u16>, ApiError> {
        let body = json::write(question).into_bytes();
        let response = self.send(errand, None, "", body.into(), false).await?;
        if response.status() != 200 {
            return Ok(Err(response.status()));
        }
        let text = settled(response.text().map_err(failed)?).await;
        let text = text.map_err(failed)?.as_string().unwrap_or_default();
        let answer = json::read(&text).ok_or(ApiError::Internal)?;
        Ok(Ok(answer))
    }

    /// Every way in which this can fail is passing: 503, never 4xx, because a client may throw its identity
    /// away on those.
    async fn send(
        &self,
        errand: &str,
        origin: Option<&str>,
        query: &str,
        body: Body,
        repeatable: bool,
    ) -> Result<Response, ApiError> {
        let objects = self.env.binding(BINDING).ok_or(ApiError::Internal)?;
        let name = id::object_name(self.project.id(), &self.caller.workspace);
        let caller = self.caller.to_header();
        let sent = send(
            &objects,
            &name,
            &caller,
            errand,
            origin,
            query,
            body.handed_on(),
            repeatable,
        );
        let response = settled(sent.map_err(failed)?).await.map_err(failed)?;
        Ok(response.unchecked_into())
    }
}

/// Notes that an object did not answer. Returns what the caller is told.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the value")]
fn failed(error: JsValue) -> ApiError {
    log::unavailable("workspace object", &error)
}

/// What has been asked of an object.
pub(super) struct Errand<'a> {
    pub(super) caller: Caller,
    /// A route, or what is no route.
    pub(super) name: &'a str,
    pub(super) origin: Option<&'a str>,
    pub(super) query: &'a str,
}

impl<'a> Errand<'a> {
    /// Reads what `Workspace` in `entry.js` wrote. `None`, when the Worker did not send it.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let [caller, name, url, origin] = request::lines(text);
        let (_, query) = request::path_and_query(url?);
        Some(Self {
            caller: Caller::from_header(caller?)?,
            name: name?,
            origin,
            query,
        })
    }
}

/// What the object is told in the place of a route, when it is to read or to set a thread's title.
pub(super) const TITLE: &str = "title";

/// What such an errand says, and what is answered.
pub(super) struct TitleErrand {
    pub(super) thread: String,
    pub(super) title: Option<String>,
}

impl ToJson for TitleErrand {
    fn write_json(&self, json: &mut String) {
        json::write_object(&[("thread", &self.thread), ("title", &self.title)], json);
    }
}

impl FromJson<'_> for TitleErrand {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        Some(Self {
            thread: members.get("thread")?,
            title: members.optional("title")?,
        })
    }
}

impl Way<'_> {
    /// A thread's title. `title` becomes it where the thread has none.
    ///
    /// # Errors
    ///
    /// [`ApiError::ThreadNotFound`], [`ApiError::Unavailable`].
    pub(super) async fn title(
        &self,
        thread: &str,
        title: Option<&str>,
    ) -> Result<Option<String>, ApiError> {
        let errand = TitleErrand {
            thread: thread.to_owned(),
            title: title.map(str::to_owned),
        };
        match self.ask::<TitleErrand>(TITLE, &errand).await? {
            Ok(answer) => Ok(answer.title),
            Err(404) => Err(ApiError::ThreadNotFound),
            Err(_) => Err(ApiError::Unavailable),
        }
    }
}
