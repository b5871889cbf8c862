//! Writing a response: the one place where an [`Answer`] becomes one.

use worker::wasm_bindgen::JsValue;
use worker::web_sys::{Headers, Response, ResponseInit};

use super::request::Head;
use crate::answer::{Answer, Caching};
use crate::cors;
use crate::origin::AllowedOrigins;

/// What a request comes to.
pub(super) enum Outcome {
    /// An answer of this Worker's own.
    Answer(Answer),
    /// The response of the workspace's object; its body passes through unread.
    Forwarded(Response),
}

/// Makes a response that the caller's page can read, if its origin is allowed. Where the configuration is
/// unsound nobody knows the allowed origins; there is nothing but that fact to read then.
pub(super) fn finish(
    outcome: Outcome,
    origins: Option<&AllowedOrigins>,
    head: &Head,
) -> worker::Result<Response> {
    let (body, status, headers) = match outcome {
        Outcome::Answer(answer) => {
            let headers = headers_of(&answer)?;
            (Body::Text(answer.body), answer.status, headers)
        }
        Outcome::Forwarded(response) => (
            Body::Stream(response.body()),
            response.status(),
            Headers::new_with_headers(&response.headers())?,
        ),
    };
    add_cors(&headers, origins, head)?;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(headers.as_ref());
    let response = match body {
        Body::Text(text) if text.is_empty() => Response::new_with_opt_str_and_init(None, &init),
        Body::Text(text) => Response::new_with_opt_str_and_init(Some(&text), &init),
        Body::Stream(stream) => {
            Response::new_with_opt_readable_stream_and_init(stream.as_ref(), &init)
        }
    };
    Ok(response?)
}

enum Body {
    Text(String),
    Stream(Option<worker::web_sys::ReadableStream>),
}

/// Answers a preflight (contract 1.5).
pub(super) fn preflight(origins: Option<&AllowedOrigins>, head: &Head) -> worker::Result<Response> {
    let headers = Headers::new()?;
    for (name, value) in cors::PREFLIGHT {
        headers.set(name, value)?;
    }
    add_cors(&headers, origins, head)?;
    let init = ResponseInit::new();
    init.set_status(204);
    init.set_headers(headers.as_ref());
    Ok(Response::new_with_opt_str_and_init(None, &init)?)
}

/// The object's own response, for the Worker to pass on.
pub(super) fn plain(answer: &Answer) -> Result<Response, JsValue> {
    let init = ResponseInit::new();
    init.set_status(answer.status);
    init.set_headers(headers_of(answer)?.as_ref());
    Response::new_with_opt_str_and_init(Some(&answer.body), &init)
}

fn headers_of(answer: &Answer) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    if !answer.body.is_empty() {
        headers.set("Content-Type", "application/json")?;
    }
    match answer.caching {
        Caching::NoStore => headers.set("Cache-Control", "no-store")?,
        Caching::Private => headers.set("Cache-Control", "private, no-store")?,
        Caching::Public(seconds) => {
            headers.set(
                "Cache-Control",
                &["public, max-age=", &seconds.to_string()].concat(),
            )?;
        }
    }
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    Ok(headers)
}

fn add_cors(
    headers: &Headers,
    origins: Option<&AllowedOrigins>,
    head: &Head,
) -> Result<(), JsValue> {
    let anyone = AllowedOrigins::default();
    let allowed = origins.unwrap_or(&anyone);
    for (name, value) in cors::headers(allowed, head.origin.as_deref()) {
        headers.set(name, value)?;
    }
    Ok(())
}
