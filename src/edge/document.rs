//! Documents of others: a provider's keys, an application's session.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

use super::task::settled;
use crate::public_url::PublicUrl;

#[wasm_bindgen(module = "/src/edge/document.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetchDocument)]
    fn fetch_document(
        url: &str,
        cookies: Option<&str>,
        limit: usize,
        millis: f64,
    ) -> Result<Promise, JsValue>;
}

/// What is asked for, and how much of it may come.
pub(super) struct Inquiry<'a> {
    pub(super) url: &'a PublicUrl,
    /// The cookies to show.
    pub(super) cookies: Option<&'a str>,
    /// The longest answer, in bytes.
    pub(super) limit: usize,
    /// How long it may take, in milliseconds.
    pub(super) millis: i64,
}

/// An answer. Its body was read only where the status is 200.
pub(super) struct Document {
    pub(super) status: u16,
    pub(super) cache_control: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Inquiry<'_> {
    /// Fetches the document. No redirect is followed.
    ///
    /// # Errors
    ///
    /// What JavaScript throws: nobody answers, or not in time, or too much.
    pub(super) async fn fetch(&self) -> Result<Document, JsValue> {
        #[expect(clippy::cast_precision_loss, reason = "some thousand milliseconds")]
        let millis = self.millis as f64;
        let fetched = fetch_document(self.url.as_str(), self.cookies, self.limit, millis)?;
        let parts: Array = settled(fetched).await?.unchecked_into();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a status has three digits"
        )]
        let status = parts.get(0).as_f64().unwrap_or_default() as u16;
        Ok(Document {
            status,
            cache_control: parts.get(1).as_string(),
            body: Uint8Array::new(&parts.get(2)).to_vec(),
        })
    }
}
