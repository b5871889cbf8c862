//! Reading a request: only the parts that are needed, and never more of the body than is allowed.

use worker::js_sys::{Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, ReadableStreamDefaultReader};

use super::log;
use crate::authentication::CredentialHeaders;
use crate::error::ApiError;

/// The head of a request, read once.
pub(super) struct Head {
    pub(super) method: String,
    /// The absolute address that the runtime gives.
    url: String,
    pub(super) origin: Option<String>,
    pub(super) if_none_match: Option<String>,
    authorization: Option<String>,
    user_id: Option<String>,
    workspace_id: Option<String>,
}

impl Head {
    pub(super) fn read(request: &web_sys::Request) -> Result<Self, JsValue> {
        let headers = request.headers();
        Ok(Self {
            method: request.method(),
            url: request.url(),
            origin: headers.get("Origin")?,
            if_none_match: headers.get("If-None-Match")?,
            authorization: headers.get("Authorization")?,
            user_id: headers.get("Aui-User-Id")?,
            workspace_id: headers.get("Aui-Workspace-Id")?,
        })
    }

    /// Everything after the authority: the path, and the query without its question mark.
    fn path_and_query(&self) -> (&str, &str) {
        let after_scheme = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let target = after_scheme
            .find('/')
            .and_then(|start| after_scheme.get(start..))
            .unwrap_or("/");
        target.split_once('?').unwrap_or((target, ""))
    }

    pub(super) fn path(&self) -> &str {
        self.path_and_query().0
    }

    pub(super) fn query(&self) -> &str {
        self.path_and_query().1
    }

    pub(super) fn credentials(&self) -> CredentialHeaders<'_> {
        CredentialHeaders {
            authorization: self.authorization.as_deref(),
            user_id: self.user_id.as_deref(),
            workspace_id: self.workspace_id.as_deref(),
        }
    }
}

/// Reads a body of at most `limit` bytes. A longer one is refused by its announced length, or where it
/// passes the limit.
///
/// # Errors
///
/// [`ApiError::BodyTooLarge`]; [`ApiError::Unavailable`], when the connection breaks.
pub(super) async fn read_body(
    request: &web_sys::Request,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let Some(stream) = request.body() else {
        return Ok(Vec::new());
    };
    let announced = request
        .headers()
        .get("Content-Length")
        .ok()
        .flatten()
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge);
    }
    let broken = |error: JsValue| log::unavailable("request body", &error);
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(broken)?;
        let value = Reflect::get(&chunk, &"value".into()).map_err(broken)?;
        if value.is_undefined() {
            return Ok(body);
        }
        let bytes: Uint8Array = value.unchecked_into();
        let length = body.len().saturating_add(bytes.length() as usize);
        if length > limit {
            // Whoever sends it may go on sending; nobody reads it.
            let _ = reader.cancel();
            return Err(ApiError::BodyTooLarge);
        }
        body.extend_from_slice(&bytes.to_vec());
    }
}
