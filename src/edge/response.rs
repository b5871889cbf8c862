//! Writing a response: the one place where an [`Answer`] becomes one.

use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::log;
use crate::answer::{Answer, Caching};
use crate::cors::{self, Page};
use crate::origin::AllowedOrigins;

#[wasm_bindgen(module = "/src/edge/response.js")]
extern "C" {
    fn respond(status: u16, usual: &str, own: &str, body: JsValue) -> JsValue;
    fn extend(response: &JsValue, headers: &str) -> JsValue;
}

/// What a request comes to.
pub(super) enum Outcome {
    /// An answer of ours.
    Answer(Answer),
    /// A response that has everything but the leave to read it; its body passes through unread.
    Response(JsValue),
    /// A response that has everything.
    Forwarded(JsValue),
}

/// The page that a request came from, and who may read our answers. Where the configuration is unsound nobody
/// knows the allowed origins; there is nothing but that fact to read then.
#[derive(Default)]
pub(super) struct Reader<'a> {
    pub(super) allowed: Option<&'a AllowedOrigins>,
    pub(super) page: Page<'a>,
}

impl Outcome {
    /// The status of the response.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Answer(answer) => answer.status,
            Self::Response(response) | Self::Forwarded(response) => {
                response.unchecked_ref::<web_sys::Response>().status()
            }
        }
    }

    /// The same with one header more. Its value has no line break.
    pub(super) fn with_header(self, name: &'static str, value: String) -> Self {
        let mut headers = Headers::default();
        headers.add(name, &value);
        match self {
            Self::Answer(answer) => Self::Answer(answer.with_header(name, value)),
            Self::Response(response) => Self::Response(extend(&response, &headers.0)),
            Self::Forwarded(response) => Self::Forwarded(extend(&response, &headers.0)),
        }
    }
}

/// Makes a response that the caller's page can read, if its origin is allowed.
pub(super) fn finish(outcome: Outcome, reader: &Reader<'_>) -> JsValue {
    match outcome {
        Outcome::Answer(answer) => write(&answer, reader),
        Outcome::Response(response) => extend(&response, &Headers::cors(reader).0),
        Outcome::Forwarded(response) => response,
    }
}

/// Makes a response of an answer.
pub(super) fn write(answer: &Answer, reader: &Reader<'_>) -> JsValue {
    for remark in &answer.remarks {
        log::remark(remark);
    }
    Head::of(answer, reader).respond(JsValue::from_str(&answer.body))
}

/// All of a response but its body.
pub(super) struct Head {
    status: u16,
    usual: Headers,
    own: Headers,
}

impl Head {
    pub(super) fn of(answer: &Answer, reader: &Reader<'_>) -> Self {
        let mut usual = Headers::cors(reader);
        if answer.status != 304 {
            usual.add("Content-Type", "application/json");
        }
        match answer.caching {
            Caching::NoStore => usual.add("Cache-Control", "no-store"),
            Caching::Private => usual.add("Cache-Control", "private, no-store"),
            Caching::Public(seconds) => usual.add(
                "Cache-Control",
                &["public, max-age=", &seconds.to_string()].concat(),
            ),
        }
        let mut own = Headers::default();
        for (name, value) in &answer.headers {
            own.add(name, value);
        }
        Self {
            status: answer.status,
            usual,
            own,
        }
    }

    /// The response with this body; an empty text is none.
    pub(super) fn respond(&self, body: JsValue) -> JsValue {
        respond(self.status, &self.usual.0, &self.own.0, body)
    }
}

/// Answers a preflight (contract 1.5).
pub(super) fn preflight(reader: &Reader<'_>) -> JsValue {
    let mut headers = Headers::cors(reader);
    for (name, value) in cors::PREFLIGHT {
        headers.add(name, value);
    }
    respond(204, &headers.0, "", JsValue::from_str(""))
}

/// Headers as `response.js` takes them. No value of ours has a line break: each is a constant, a number, a
/// digest, or a header that came in.
#[derive(Default)]
struct Headers(String);

impl Headers {
    fn cors(reader: &Reader<'_>) -> Self {
        let anyone = AllowedOrigins::default();
        let mut headers = Self::default();
        for (name, value) in cors::headers(reader.allowed.unwrap_or(&anyone), reader.page) {
            headers.add(name, value);
        }
        headers
    }

    fn add(&mut self, name: &str, value: &str) {
        for text in [name, value] {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(text);
        }
    }
}
