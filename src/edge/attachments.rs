//! Attachments in the R2 bucket: signed, written and read.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::{Headers, ReadableStream, Response, ResponseInit};

use super::environment::Environment;
use super::log;
use super::task::settled;
use crate::answer::Answer;
use crate::attachment::{self, Key, MAX_BYTES, Range};
use crate::error::ApiError;
use crate::json;
use crate::project::Project;
use crate::timestamp::Timestamp;

/// The bucket's name in `wrangler.toml`.
const BINDING: &str = "ATTACHMENTS";
/// R2's number for a range that a file has nothing of.
const NO_SUCH_RANGE: &str = "10039";
/// The most files that R2 removes in one go.
pub(super) const MAX_REMOVED: u32 = 1_000;

#[wasm_bindgen]
extern "C" {
    /// An R2 bucket.
    type Handle;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Handle, key: &str, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Handle, key: &str, value: &JsValue, options: &Object)
    -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn delete(this: &Handle, keys: Vec<String>) -> Result<Promise, JsValue>;

    type Stored;
    #[wasm_bindgen(method, getter)]
    fn size(this: &Stored) -> f64;
    #[wasm_bindgen(method, getter, js_name = httpEtag)]
    fn http_etag(this: &Stored) -> String;
    /// Missing where the condition of the reading does not hold.
    #[wasm_bindgen(method, getter)]
    fn body(this: &Stored) -> Option<ReadableStream>;
}

/// The bucket of a deployment. Where there is none, nothing is signed either.
pub(super) struct Bucket(Handle);

/// Where an address points: its last segment, its query and the time.
#[derive(Clone, Copy)]
pub(super) struct Address<'a> {
    pub(super) name: &'a str,
    pub(super) query: &'a str,
    pub(super) now: Timestamp,
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the value")]
fn failed(error: JsValue) -> ApiError {
    log::unavailable("attachment bucket", &error)
}

impl Bucket {
    /// The bucket, if the deployment has one.
    ///
    /// # Errors
    ///
    /// [`ApiError::AttachmentsOff`].
    pub(super) fn of(env: &Environment) -> Result<Self, ApiError> {
        let binding = env.binding(BINDING).ok_or(ApiError::AttachmentsOff)?;
        Ok(Self(binding.unchecked_into()))
    }

    /// Stores what comes, as it comes. R2 has to know the length before the first byte, so an upload that
    /// does not announce it is refused rather than gathered in memory; browsers always announce a file's.
    /// The runtime lets no more through than was announced.
    ///
    /// # Errors
    ///
    /// [`ApiError::AttachmentAddress`], [`ApiError::LengthRequired`], [`ApiError::BodyTooLarge`];
    /// [`ApiError::Unavailable`].
    pub(super) async fn write(
        &self,
        project: &Project,
        address: Address<'_>,
        request: &web_sys::Request,
    ) -> Result<Answer, ApiError> {
        let Address { name, query, now } = address;
        let key = project
            .address_keys()
            .open_upload(project.id(), name, query, now)?;
        let announced = header(request, "Content-Length");
        let body = request.body();
        match announced.map(|length| length.parse::<u64>()) {
            Some(Ok(length)) if length <= MAX_BYTES => {}
            Some(Ok(_)) => return Err(ApiError::BodyTooLarge),
            None if body.is_none() => {}
            None | Some(Err(_)) => return Err(ApiError::LengthRequired),
        }
        let body = body.map_or_else(|| Uint8Array::new_with_length(0).into(), JsValue::from);
        self.put(project, &key, &body).await.map_err(failed)?;
        Ok(Answer::json(200, json::object(&[])))
    }

    async fn put(&self, project: &Project, key: &Key, body: &JsValue) -> Result<(), JsValue> {
        let metadata = Object::new();
        Reflect::set(&metadata, &"contentType".into(), &key.content_type().into())?;
        let options = Object::new();
        Reflect::set(&options, &"httpMetadata".into(), &metadata)?;
        settled(self.0.put(&key.to_text(project.id()), body, &options)?).await?;
        Ok(())
    }

    /// Answers with a file, or the part of it that is asked for, or that the client has it already.
    ///
    /// # Errors
    ///
    /// [`ApiError::AttachmentAddress`], [`ApiError::AttachmentNotFound`],
    /// [`ApiError::RangeNotSatisfiable`]; [`ApiError::Unavailable`].
    pub(super) async fn read(
        &self,
        project: &Project,
        address: Address<'_>,
        request: &web_sys::Request,
    ) -> Result<Response, ApiError> {
        let Address { name, query, now } = address;
        let key = project
            .address_keys()
            .open_read(project.id(), name, query, now)?;
        let known = header(request, "If-None-Match");
        let known = known.as_deref().and_then(attachment::known_etag);
        // A range under a condition may be answered with the whole file.
        let range = header(request, "Range")
            .filter(|_| known.is_none() && header(request, "If-Range").is_none())
            .and_then(|range| Range::parse(&range));
        let stored = self.get(&key.to_text(project.id()), known, range).await;
        let stored = stored.map_err(|error| {
            if log::describe(&error).contains(NO_SUCH_RANGE) {
                ApiError::RangeNotSatisfiable
            } else {
                failed(error)
            }
        })?;
        let stored = stored.ok_or(ApiError::AttachmentNotFound)?;
        let size = size_of(&stored);
        let part = match range {
            Some(range) => Some(range.within(size).ok_or(ApiError::RangeNotSatisfiable)?),
            None => None,
        };
        respond(&key, &stored, part).map_err(failed)
    }

    /// Removes files by their keys, at most [`MAX_REMOVED`]. One that is not there is no mistake.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unavailable`].
    pub(super) async fn remove(&self, keys: &[String]) -> Result<(), ApiError> {
        let removed = self.0.delete(keys.to_vec()).map_err(failed)?;
        settled(removed).await.map_err(failed)?;
        Ok(())
    }

    async fn get(
        &self,
        key: &str,
        known: Option<&str>,
        range: Option<Range>,
    ) -> Result<Option<Stored>, JsValue> {
        let options = Object::new();
        if let Some(etag) = known {
            let condition = Object::new();
            Reflect::set(&condition, &"etagDoesNotMatch".into(), &etag.into())?;
            Reflect::set(&options, &"onlyIf".into(), &condition)?;
        }
        if let Some(range) = range {
            let part = Object::new();
            let set = |name: &str, number| Reflect::set(&part, &name.into(), &to_js(number));
            match range {
                Range::From(first, None) => set("offset", first)?,
                Range::From(first, Some(last)) => {
                    set("offset", first)?;
                    set("length", last.saturating_sub(first).saturating_add(1))?
                }
                Range::Last(count) => set("suffix", count)?,
            };
            Reflect::set(&options, &"range".into(), &part)?;
        }
        let stored = settled(self.0.get(key, &options)?).await?;
        Ok((!stored.is_null()).then(|| stored.unchecked_into()))
    }
}

fn header(request: &web_sys::Request, name: &str) -> Option<String> {
    request.headers().get(name).ok().flatten()
}

#[expect(clippy::cast_precision_loss, reason = "a range is below 2^53")]
fn to_js(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a file's size is a whole number below 2^53"
)]
fn size_of(stored: &Stored) -> u64 {
    stored.size() as u64
}

fn respond(key: &Key, stored: &Stored, part: Option<(u64, u64)>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in attachment::head(key) {
        headers.set(name, value)?;
    }
    headers.set("ETag", &stored.http_etag())?;
    let init = ResponseInit::new();
    init.set_headers(headers.as_ref());
    let Some(body) = stored.body() else {
        init.set_status(304);
        return Response::new_with_opt_str_and_init(None, &init);
    };
    if let Some((first, last)) = part {
        let [first, last, size] = [first, last, size_of(stored)].map(|number| number.to_string());
        headers.set(
            "Content-Range",
            &["bytes ", &first, "-", &last, "/", &size].concat(),
        )?;
        init.set_status(206);
    }
    Response::new_with_opt_readable_stream_and_init(Some(&body), &init)
}
