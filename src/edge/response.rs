//! Writing a response: the one place where an [`Answer`] becomes one.

use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::errand::Reply;
use super::log;
use crate::answer::{Answer, Caching};
use crate::cors::{self, Page};
use crate::origin::AllowedOrigins;

#[wasm_bindgen(module = "/src/edge/response.js")]
extern "C" {
    fn respond(status: u16, usual: &str, own: &str, body: JsValue) -> JsValue;
    fn reply(status: u16, usual: &str, own: &str, body: JsValue) -> JsValue;
    fn relay(reply: &Reply, usual: &str, own: &str) -> JsValue;
    fn extend(response: &JsValue, headers: &str) -> JsValue;
}

/// What a request comes to.
pub(super) enum Outcome {
    /// An answer of ours.
    Answer(Answer),
    /// A response that has everything but the leave to read it; its body passes through unread.
    Response(JsValue),
    /// What a workspace's object answers, and headers beyond its own.
    Relayed(Reply, Headers),
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
            Self::Response(response) => response.unchecked_ref::<web_sys::Response>().status(),
            Self::Relayed(reply, _) => reply.status(),
        }
    }

    /// The same with one header more. Its value has no line break.
    pub(super) fn with_header(self, name: &'static str, value: String) -> Self {
        match self {
            Self::Answer(answer) => Self::Answer(answer.with_header(name, value)),
            Self::Response(response) => {
                let mut headers = Headers::default();
                headers.add(name, &value);
                Self::Response(extend(&response, &headers.0))
            }
            Self::Relayed(reply, mut headers) => {
                headers.add(name, &value);
                Self::Relayed(reply, headers)
            }
        }
    }
}

/// Makes a response that the caller's page can read, if its origin is allowed.
pub(super) fn finish(outcome: Outcome, reader: &Reader<'_>) -> JsValue {
    let mut usual = Headers::cors(reader);
    match outcome {
        Outcome::Answer(answer) => {
            let head = Head::of(&answer);
            usual.append(&head.usual);
            respond(head.status, &usual.0, &head.own.0, body(&answer))
        }
        Outcome::Response(response) => extend(&response, &usual.0),
        Outcome::Relayed(reply, own) => relay(&reply, &usual.0, &own.0),
    }
}

/// Makes an object's reply of an answer.
pub(super) fn reply_with(answer: &Answer) -> JsValue {
    Head::of(answer).reply(body(answer))
}

/// The body of an answer, whose remarks go into the log. An empty text is none.
fn body(answer: &Answer) -> JsValue {
    for remark in &answer.remarks {
        log::remark(remark);
    }
    JsValue::from_str(&answer.body)
}

/// All of an answer but its body, and but what depends on who reads it.
pub(super) struct Head {
    status: u16,
    usual: Headers,
    own: Headers,
}

impl Head {
    pub(super) fn of(answer: &Answer) -> Self {
        let mut usual = Headers::default();
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

    /// An object's reply with this body.
    pub(super) fn reply(&self, body: JsValue) -> JsValue {
        reply(self.status, &self.usual.0, &self.own.0, body)
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
pub(super) struct Headers(String);

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
            self.append_lines(text);
        }
    }

    fn append(&mut self, others: &Self) {
        self.append_lines(&others.0);
    }

    fn append_lines(&mut self, lines: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(lines);
    }
}
