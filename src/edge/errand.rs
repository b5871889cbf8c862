//! The way to a workspace's object: what it is told, and how its answer comes back.

use js_sys::{ArrayBuffer, Promise};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

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
        errand: &str,
        body: Option<ArrayBuffer>,
        repeatable: bool,
    ) -> Result<Promise, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// What an object answers: a response in its parts (`errand.js`).
    pub(super) type Reply;
    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &Reply) -> u16;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Reply) -> JsValue;
}

/// How an object is reached: through whom, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) env: &'a Environment,
    pub(super) project: &'a Project,
    pub(super) caller: &'a Caller,
}

impl Way<'_> {
    /// Hands an authenticated call on to its workspace's object.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`].
    pub(super) async fn forward(
        &self,
        route: &Route<'_>,
        query: &str,
        body: Body,
    ) -> Result<Reply, ApiError> {
        // A refresh is as good twice: the second one repeats what the first one gave.
        let repeatable =
            route.endpoint.method() == Method::Get || route.endpoint == Endpoint::RefreshToken;
        self.send(&route.to_line(), query, body, repeatable).await
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
        let reply = self.send(errand, "", body.into(), false).await?;
        if reply.status() != 200 {
            return Ok(Err(reply.status()));
        }
        let text = reply.body().as_string().unwrap_or_default();
        let answer = json::read(&text).ok_or(ApiError::Internal)?;
        Ok(Ok(answer))
    }

    /// Every way in which this can fail is passing: 503, never 4xx, because a client may throw its identity
    /// away on those.
    async fn send(
        &self,
        name: &str,
        query: &str,
        body: Body,
        repeatable: bool,
    ) -> Result<Reply, ApiError> {
        let objects = self.env.binding(BINDING).ok_or(ApiError::Internal)?;
        let object = id::object_name(self.project.id(), &self.caller.workspace);
        let errand = [&self.caller.to_line(), name, query].join("\n");
        let sent = send(&objects, &object, &errand, body.handed_on(), repeatable);
        let reply = settled(sent.map_err(failed)?).await.map_err(failed)?;
        Ok(reply.unchecked_into())
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
    pub(super) query: &'a str,
}

impl<'a> Errand<'a> {
    /// Reads what [`Way::send`] wrote, a line each: caller and route are percent-encoded, and no address has a line
    /// break. `None` for anything else.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let [caller, name, query] = request::lines(text);
        Some(Self {
            caller: Caller::from_line(caller?)?,
            name: name?,
            query: query?,
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
