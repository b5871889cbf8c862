//! Reading a request: only the parts that are needed, and never more of the body than is allowed.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::Request;

use super::log;
use super::task::settled;
use crate::authentication::CredentialHeaders;
use crate::error::ApiError;

#[wasm_bindgen(module = "/src/edge/body.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = readBody)]
    fn read(request: &Request, limit: usize) -> Result<Promise, JsValue>;
}

/// Takes apart what JavaScript read of a request, a line each: neither an address nor a header can have a
/// line break. A header that is not there is a NUL, which none can have either.
pub(super) fn lines<const N: usize>(text: &str) -> [Option<&str>; N] {
    let mut lines = text.split('\n');
    std::array::from_fn(|_| lines.next().filter(|line| *line != "\0"))
}

/// The path and the query, without its question mark, of the absolute address that the runtime gives.
pub(super) fn path_and_query(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let target = after_scheme
        .find('/')
        .and_then(|start| after_scheme.get(start..))
        .unwrap_or("/");
    target.split_once('?').unwrap_or((target, ""))
}

/// The head of a request, read once.
pub(super) struct Head<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) origin: Option<&'a str>,
    pub(super) if_none_match: Option<&'a str>,
    pub(super) credentials: CredentialHeaders<'a>,
}

impl<'a> Head<'a> {
    /// Reads what `headOf` in `entry.js` wrote.
    pub(super) fn parse(text: &'a str) -> Self {
        let [
            method,
            url,
            origin,
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
            if_none_match,
            credentials: CredentialHeaders {
                authorization,
                user_id,
                workspace_id,
            },
        }
    }
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
///
/// [`ApiError::BodyTooLarge`]; [`ApiError::Unavailable`], when the connection breaks.
pub(super) async fn read_body(request: &Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    let broken = |error: JsValue| log::unavailable("request body", &error);
    let body = settled(read(request, limit).map_err(broken)?).await;
    let body = body.map_err(broken)?;
    if body.is_undefined() {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(Uint8Array::new(&body).to_vec())
}
