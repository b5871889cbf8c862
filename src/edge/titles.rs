//! A title's way to the client: from the thread, from a model as it speaks, or from the first message.

use std::future::Future;

use js_sys::{Array, Function, JSON, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::{
    AbortController, Headers, ReadableStream, ReadableStreamDefaultReader, RequestInit,
    RequestRedirect, Response, ResponseInit, TransformStream, WritableStreamDefaultWriter,
};

use super::environment::Environment;
use super::log;
use super::task::{self, forget, settled};
use crate::error::ApiError;
use crate::title::{DEFAULT_WORKERS_MODEL, Draft, EventStream, Model, Piece, TitleRequest, derive};

/// The Workers AI binding's name in `wrangler.toml`.
const BINDING: &str = "AI";
/// How long a model may take to say something.
const FIRST_MILLIS: u32 = 10_000;
/// How long it may take altogether. The platform ends what outlives its client after 30 seconds, and the
/// title has yet to be saved then.
const WHOLE_MILLIS: u32 = 25_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = scheduler, js_name = wait)]
    fn wait(millis: u32) -> Result<Promise, JsValue>;

    type Ai;
    #[wasm_bindgen(method, catch)]
    fn run(this: &Ai, model: &str, input: &JsValue) -> Result<Promise, JsValue>;
}

/// Answers with a thread's title. `current` is the one that it has: it goes out unchanged. Otherwise one is
/// made and handed to `save`, which comes back with the title that the thread has then, because another
/// request may have been faster. Only a title that is saved comes to its end: where `save` fails, so does
/// the answer.
///
/// # Errors
///
/// What `save` comes back with, unless the answer is on its way already; [`ApiError::Unavailable`].
pub(super) async fn stream<S, F>(
    background: &Function,
    env: &Environment,
    model: &Model,
    request: TitleRequest,
    current: Option<String>,
    save: S,
) -> Result<Response, ApiError>
where
    S: FnOnce(String) -> F + 'static,
    F: Future<Output = Result<String, ApiError>> + 'static,
{
    let failed = |error: JsValue| log::unavailable("title stream", &error);
    if let Some(title) = current {
        return whole(&title).map_err(failed);
    }
    let question = model.ask(&request.opening);
    let asked = match Question::put(env, model, &question) {
        Ok(asked) => asked,
        Err(error) => {
            note(&error);
            None
        }
    };
    let Some(asked) = asked else {
        let title = save(derive(&request.opening)).await?;
        return whole(&title).map_err(failed);
    };
    let pipe = TransformStream::new().map_err(failed)?;
    let sink = Sink(pipe.writable().get_writer().map_err(failed)?);
    // Whether or not the client stays: a title that was begun is saved.
    let work = task::start(async move {
        let mut draft = Draft::default();
        if let Err(error) = asked.answer(&mut draft, &sink).await {
            note(&error);
        }
        sink.write(&draft.finish());
        let said = draft.title();
        let is_derived = said.is_empty();
        let title = if is_derived {
            derive(&request.opening)
        } else {
            said.to_owned()
        };
        match save(title).await {
            Ok(stored) => {
                if is_derived {
                    sink.write(&stored);
                }
                sink.close().await;
            }
            Err(_) => sink.abort().await,
        }
        JsValue::NULL
    });
    background.call1(&JsValue::NULL, &work).map_err(failed)?;
    respond(&pipe.readable()).map_err(failed)
}

/// The operator learns that the model fails; the user gets a title all the same.
fn note(error: &JsValue) {
    let _ = log::unavailable("title model", error);
}

fn head() -> Result<ResponseInit, JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "text/plain; charset=utf-8")?;
    headers.set("Cache-Control", "private, no-store")?;
    headers.set("X-Content-Type-Options", "nosniff")?;
    let init = ResponseInit::new();
    init.set_headers(headers.as_ref());
    Ok(init)
}

fn whole(title: &str) -> Result<Response, JsValue> {
    Response::new_with_opt_str_and_init(Some(title), &head()?)
}

fn respond(body: &ReadableStream) -> Result<Response, JsValue> {
    Response::new_with_opt_readable_stream_and_init(Some(body), &head()?)
}

/// The client's end of the stream. It may be gone; nobody waits for it.
struct Sink(WritableStreamDefaultWriter);

impl Sink {
    fn write(&self, text: &str) {
        if !text.is_empty() {
            let bytes = Uint8Array::from(text.as_bytes());
            forget(&self.0.write_with_chunk(&bytes));
        }
    }

    async fn close(self) {
        let _ = settled(self.0.close()).await;
    }

    async fn abort(self) {
        let _ = settled(self.0.abort_with_reason(&"the title was not saved".into())).await;
    }
}

/// A model that has been asked and has not answered yet.
struct Question {
    reply: Promise,
    /// Ends the connection; the binding has none to end.
    connection: Option<AbortController>,
}

impl Question {
    /// Asks the model, if the deployment has one.
    fn put(env: &Environment, model: &Model, question: &str) -> Result<Option<Self>, JsValue> {
        match model {
            Model::Workers { name } => {
                let Some(binding) = env.binding(BINDING) else {
                    return match name {
                        None => Ok(None),
                        Some(_) => {
                            Err("TITLE_MODEL needs TITLE_MODEL_URL or the binding AI".into())
                        }
                    };
                };
                let name = name.as_deref().unwrap_or(DEFAULT_WORKERS_MODEL);
                let reply = binding
                    .unchecked_into::<Ai>()
                    .run(name, &JSON::parse(question)?)?;
                Ok(Some(Self {
                    reply,
                    connection: None,
                }))
            }
            Model::Compatible { url, key, .. } => {
                let headers = Headers::new()?;
                headers.set("Content-Type", "application/json")?;
                headers.set("Accept", "text/event-stream")?;
                if let Some(key) = key {
                    headers.set("Authorization", &key.to_header())?;
                }
                let connection = AbortController::new()?;
                let init = RequestInit::new();
                init.set_method("POST");
                init.set_headers(headers.as_ref());
                init.set_body(&question.into());
                // The key goes to the configured address and nowhere else.
                init.set_redirect(RequestRedirect::Manual);
                init.set_signal(Some(&connection.signal()));
                Ok(Some(Self {
                    reply: fetch(url, &init)?,
                    connection: Some(connection),
                }))
            }
        }
    }

    /// Reads the answer into the draft, and what is sure of it into the sink.
    async fn answer(self, draft: &mut Draft, sink: &Sink) -> Result<(), JsValue> {
        let (first, whole) = (wait(FIRST_MILLIS)?, wait(WHOLE_MILLIS)?);
        let reply = within(&self.reply, &first).await?;
        let reader: ReadableStreamDefaultReader = body_of(reply)?.get_reader().unchecked_into();
        let mut events = EventStream::default();
        let mut deadline = &first;
        let result = loop {
            let chunk = match within(&reader.read(), deadline).await {
                Ok(chunk) => chunk,
                Err(error) => break Err(error),
            };
            deadline = &whole;
            let bytes = Reflect::get(&chunk, &"value".into())?;
            let at_end = bytes.is_undefined();
            let pieces = if at_end {
                events.finish()
            } else {
                events.push(&bytes.unchecked_into::<Uint8Array>().to_vec())
            };
            match pieces {
                Ok(pieces) => take(pieces, draft, sink),
                Err(error) => break Err(error.to_string().into()),
            }
            if at_end || draft.is_complete() {
                break Ok(());
            }
        };
        forget(&reader.cancel());
        result
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.abort();
        }
    }
}

fn take(pieces: Vec<Piece>, draft: &mut Draft, sink: &Sink) {
    for piece in pieces {
        let settled = match piece {
            Piece::Text(text) => draft.push(&text),
            Piece::Done => draft.finish(),
        };
        sink.write(&settled);
    }
}

/// The bytes of a reply: the binding gives them as they are, an address in a response. An error's body
/// stays unread: some servers repeat the key in it.
fn body_of(reply: JsValue) -> Result<ReadableStream, JsValue> {
    let reply = match reply.dyn_into::<ReadableStream>() {
        Ok(stream) => return Ok(stream),
        Err(reply) => reply.dyn_into::<Response>()?,
    };
    if reply.status() != 200 {
        let status = reply.status().to_string();
        return Err(["the model answers with status ", &status].concat().into());
    }
    reply
        .body()
        .ok_or_else(|| "the model's answer is empty".into())
}

/// What a promise comes to before the deadline, which comes to nothing.
async fn within(promise: &Promise, deadline: &Promise) -> Result<JsValue, JsValue> {
    let race = Promise::race(&Array::of2(promise, deadline));
    let winner = settled(race).await?;
    if winner.is_undefined() {
        Err("the model takes too long".into())
    } else {
        Ok(winner)
    }
}
