//! Leave to upload and to download, in exchange for a name (contract 1.6, 17 and 18).

use super::MAX_BYTES;
use super::address::{LIFETIME_SECONDS, address_of, name_in};
use super::key::{Key, Secret, extension_of};
use super::media::Media;
use super::reference::Reference;
use crate::answer::Answer;
use crate::body::{Body, Null};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::json;
use crate::project::Project;
use crate::route::Method;
use crate::timestamp::Timestamp;

/// The longest filename, in characters.
const MAX_NAME_CHARS: usize = 255;
/// The longest key or address, in characters.
const MAX_ADDRESS_CHARS: usize = 2_048;

/// Gives leave to upload one file into the caller's workspace.
///
/// # Errors
///
/// [`ApiError`] with 400.
pub fn sign_upload(
    project: &Project,
    caller: &Caller,
    body: &[u8],
    now: Timestamp,
    random: u128,
) -> Result<Answer, ApiError> {
    let extension = read_upload(body)?;
    let secret = Secret::new(project.id(), &caller.workspace, &extension, random);
    let (signed_url, expires_at) = sign(project, Method::Put, secret.key(), now)?;
    let body = json::object(&[
        ("success", &true),
        ("signedUrl", &signed_url),
        ("expiresAt", &expires_at),
        ("publicUrl", &address_of(project.issuer(), &secret.name())),
        ("key", &secret.key().to_text(project.id())),
    ]);
    Ok(Answer::json(201, body))
}

/// What a caller asks to download.
#[derive(Debug)]
pub struct Download {
    /// The file.
    pub key: Key,
    /// What leave it takes: none for a public address, which is leave in itself.
    pub leave: Option<Reference>,
}

impl Download {
    /// Reads a request's body: a key or a public address.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400; [`ApiError::AttachmentNotFound`], for what is neither.
    pub fn parse(project: &Project, caller: &Caller, body: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(body)?;
        let key = body.text("key", MAX_ADDRESS_CHARS, Null::IsAbsent);
        let url = body.text("url", MAX_ADDRESS_CHARS, Null::IsAbsent);
        body.finish()?;
        let download = match (key, url) {
            (Some(text), None) => Key::parse(project.id(), &text).map(|key| {
                let is_own = key.belongs_to(project.id(), &caller.workspace);
                let leave = Some(Reference { key: text, is_own });
                Self { key, leave }
            }),
            (None, Some(url)) => name_in(project.issuer(), &url)
                .and_then(|name| Secret::parse(project.id(), name))
                .map(|secret| Self {
                    key: secret.key().clone(),
                    leave: None,
                }),
            _ => return Err(ApiError::schema("body: must have either key or url")),
        };
        download.ok_or(ApiError::AttachmentNotFound)
    }

    /// Gives leave to download it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`], which no key of ours brings about.
    pub fn sign(&self, project: &Project, now: Timestamp) -> Result<Answer, ApiError> {
        let (signed_url, expires_at) = sign(project, Method::Get, &self.key, now)?;
        let body = json::object(&[
            ("signedUrl", &signed_url),
            ("expiresAt", &expires_at),
            ("key", &self.key.to_text(project.id())),
        ]);
        Ok(Answer::json(200, body))
    }
}

/// A signed address, and until when it is good.
fn sign(
    project: &Project,
    method: Method,
    key: &Key,
    now: Timestamp,
) -> Result<(String, Timestamp), ApiError> {
    let expires = Timestamp::from_seconds(now.as_seconds().saturating_add(LIFETIME_SECONDS));
    let query = project
        .address_keys()
        .sign(project.id(), method, key, expires)?;
    let address = address_of(project.issuer(), &key.name());
    Ok(([&address, "?", &query].concat(), expires))
}

/// Reads what is to be uploaded, and gives the extension that it keeps.
fn read_upload(body: &[u8]) -> Result<String, ApiError> {
    let mut body = Body::parse(body)?;
    let filename = body.text("filename", MAX_NAME_CHARS, Null::IsRefused);
    let filename = body.required("filename", filename).unwrap_or_default();
    let extension = extension_of(&filename);
    if extension.is_none() {
        body.complain("filename", "must have no path separator in its extension");
    }
    let content_type = body.text("content_type", MAX_NAME_CHARS, Null::IsAbsent);
    let media = content_type.as_deref().map(Media::of_content_type);
    if media == Some(None) {
        body.complain("content_type", "must be a supported type");
    }
    let rule = "must be a whole number from 0 to 26214400";
    let length: Option<u64> = body.typed("content_length", Null::IsAbsent, rule);
    if length.is_some_and(|length| length > MAX_BYTES) {
        body.complain("content_length", rule);
    }
    body.finish()?;
    let extension = extension.unwrap_or_default();
    // The key's extension is what the file is served as; the announced type stands in where it has none.
    if extension.is_empty()
        && let Some(Some(media)) = media
    {
        return Ok(media.extension.to_owned());
    }
    Ok(extension)
}
