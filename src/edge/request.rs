//! Reading a request: only the parts that are needed, and never more of the body than is allowed.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::Request;

use super::log;
use super::task::settled;
use crate::authentication::CredentialHeaders;
use crate::error::ApiError;

#[wasm_bindgen(module = "/src/edge/body.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = readWhole)]
    fn read_whole(request: &Request) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = readBounded)]
    fn read_bounded(request: &Request, limit: usize) -> Result<Promise, JsValue>;
}

/// Takes apart what JavaScript read of a request, a line each: neither an address nor a header can have a
/// line break. A header that is not there is a NUL, which none can have either.
pub(super) fn lines<const N: usize>(text: &str) -> [Option<&str>; N] {
    let mut rest = text;
    std::array::from_fn(|_| {
        let (line, after) = cut(rest, b'\n');
        rest = after;
        (line != "\0").then_some(line)
    })
}

/// What is before the first `separator`, an ASCII character, and what is after it. The standard library's way
/// looks for any character, and takes five times as long in WASM.
fn cut(text: &str, separator: u8) -> (&str, &str) {
    let end = text.bytes().position(|byte| byte == separator);
    let parts = end.and_then(|end| Some((text.get(..end)?, text.get(end.checked_add(1)?..)?)));
    parts.unwrap_or((text, ""))
}

/// The path and the query, without its question mark, of the absolute address that the runtime gives.
pub(super) fn path_and_query(url: &str) -> (&str, &str) {
    let (before_query, query) = cut(url, b'?');
    // The third slash: two are before the authority.
    let mut slashes = before_query
        .bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b'/');
    let path = slashes
        .nth(2)
        .and_then(|(start, _)| before_query.get(start..));
    (path.unwrap_or("/"), query)
}

/// The head of a request, read once.
pub(super) struct Head<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) origin: Option<&'a str>,
    content_length: Option<&'a str>,
    pub(super) if_none_match: Option<&'a str>,
    pub(super) credentials: CredentialHeaders<'a>,
}

impl<'a> Head<'a> {
    /// Reads what `headOf` in `entry.js` wrote.
    pub(super) fn parse(text: &'a str) -> Self {
        let [
            _,
            method,
            url,
            origin,
            content_length,
            if_none_match,
            authorization,
            user_id,
            workspace_id,
        ] = lines(text);
        let (path, query) = path_and_query(url.unwrap_or_default());
        Self {
            method: method.unwrap_or_default(),
            path,
            query,
            origin,
            content_length,
            if_none_match,
            credentials: CredentialHeaders {
                authorization,
                user_id,
                workspace_id,
            },
        }
    }
}

/// A request's body as the runtime has it. What Rust does not read itself never comes into its memory.
pub(super) struct Body(Option<ArrayBuffer>);

impl Body {
    /// No body.
    pub(super) const EMPTY: Self = Self(None);

    /// The bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let buffer = self.0.as_ref();
        buffer.map_or_else(Vec::new, |buffer| Uint8Array::new(buffer).to_vec())
    }

    /// The body for whom it is handed on to.
    pub(super) fn handed_on(self) -> Option<ArrayBuffer> {
        self.0
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Some(Uint8Array::from(bytes.as_slice()).buffer()))
    }
}

impl Head<'_> {
    /// Reads the body, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`ApiError::BodyTooLarge`]; [`ApiError::Unavailable`], when the connection breaks.
    pub(super) async fn read_body(
        &self,
        request: &Request,
        limit: usize,
    ) -> Result<Body, ApiError> {
        let announced = self.content_length.map(str::parse::<u64>);
        let reading = match announced {
            Some(Ok(0)) => return Ok(Body::EMPTY),
            Some(Ok(length)) if length > limit as u64 => return Err(ApiError::BodyTooLarge),
            Some(Ok(_)) => read_whole(request),
            None | Some(Err(_)) => read_bounded(request, limit),
        };
        await_body(reading).await
    }
}

async fn await_body(reading: Result<Promise, JsValue>) -> Result<Body, ApiError> {
    let broken = |error: JsValue| log::unavailable("request body", &error);
    let body = settled(reading.map_err(broken)?).await.map_err(broken)?;
    if body.is_undefined() {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(Body(Some(body.unchecked_into())))
}
