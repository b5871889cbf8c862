//! Signed addresses: which object, by which method, until when, and the proof that we said so.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key::{Key, Secret};
use crate::error::ApiError;
use crate::id::ProjectId;
use crate::route::{Endpoint, Method};
use crate::signing_key::{SecretError, parse_secret};
use crate::timestamp::Timestamp;

/// How long a signed address is good for (contract 1.6, 17).
pub const LIFETIME_SECONDS: i64 = 900;
/// What sets these keys apart from whatever else is made of the same secret.
const LABEL: &[u8] = b"attachment addresses";
const EXPIRES: &str = "expires=";
const SIGNATURE: &str = "&signature=";

/// The key that addresses are signed with. `Debug` shows nothing of it; it is wiped when it goes.
pub struct AddressKey(Zeroizing<[u8; 32]>);

impl AddressKey {
    /// Derives the key from the deployment's `REFRESH_KEY`, so that there is no secret more to keep.
    ///
    /// # Errors
    ///
    /// [`SecretError`], when the text is not 32 bytes of unpadded base64url.
    pub fn parse(secret: &str) -> Result<Self, SecretError> {
        let secret = parse_secret(secret)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_ref()).map_err(|_| SecretError)?;
        mac.update(LABEL);
        Ok(Self(Zeroizing::new(mac.finalize().into_bytes().into())))
    }

    fn mac(&self, project: &ProjectId, claim: Claim<'_>) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref()).ok()?;
        let name = claim.key.name();
        for part in [
            claim.method.as_str(),
            project.as_str(),
            &name,
            claim.expires,
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Some(mac)
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AddressKey")
    }
}

/// What a signature vouches for.
#[derive(Clone, Copy)]
struct Claim<'a> {
    method: Method,
    key: &'a Key,
    /// As it stands in the address, so that there is one spelling of it.
    expires: &'a str,
}

/// The keys of a deployment: the one that signs, and the one before it while keys rotate.
#[derive(Debug)]
pub struct AddressKeys {
    current: AddressKey,
    previous: Option<AddressKey>,
}

impl AddressKeys {
    /// Puts the keys together.
    pub fn new(current: AddressKey, previous: Option<AddressKey>) -> Self {
        Self { current, previous }
    }

    /// The query that lets `method` through to an object until `expires`.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`], which no key of ours brings about.
    pub fn sign(
        &self,
        project: &ProjectId,
        method: Method,
        key: &Key,
        expires: Timestamp,
    ) -> Result<String, ApiError> {
        let expires = expires.as_seconds().to_string();
        let claim = Claim {
            method,
            key,
            expires: &expires,
        };
        let mac = self.current.mac(project, claim).ok_or(ApiError::Internal)?;
        let signature = Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes());
        Ok([EXPIRES, &expires, SIGNATURE, &signature].concat())
    }

    /// Whether a query lets `method` through to an object now.
    fn allows(
        &self,
        project: &ProjectId,
        method: Method,
        key: &Key,
        query: &str,
        now: Timestamp,
    ) -> bool {
        let signed = query
            .strip_prefix(EXPIRES)
            .and_then(|rest| rest.split_once(SIGNATURE));
        let Some((expires, signature)) = signed else {
            return false;
        };
        let mut bytes = [0; 32];
        let Ok(tag) = Base64UrlUnpadded::decode(signature, &mut bytes) else {
            return false;
        };
        let claim = Claim {
            method,
            key,
            expires,
        };
        let is_ours = std::iter::once(&self.current)
            .chain(&self.previous)
            .any(|signer| {
                // Compares in constant time.
                signer
                    .mac(project, claim)
                    .is_some_and(|mac| mac.verify_slice(tag).is_ok())
            });
        is_ours
            && expires
                .parse::<i64>()
                .is_ok_and(|expires| now.as_seconds() < expires)
    }

    /// The object that an upload goes to.
    ///
    /// # Errors
    ///
    /// [`ApiError::AttachmentAddress`].
    pub fn open_upload(
        &self,
        project: &ProjectId,
        name: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Key, ApiError> {
        Key::parse_name(name)
            .filter(|key| self.allows(project, Method::Put, key, query, now))
            .ok_or(ApiError::AttachmentAddress)
    }

    /// The object that an address lets anybody read: a public one, or a signed one in its time.
    ///
    /// # Errors
    ///
    /// [`ApiError::AttachmentAddress`]; [`ApiError::AttachmentNotFound`] for what was never an address.
    pub fn open_read(
        &self,
        project: &ProjectId,
        name: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Key, ApiError> {
        // Whoever adds a query to a public address, against caches for instance, still knows its secret.
        if let Some(secret) = Secret::parse(project, name) {
            return Ok(secret.key().clone());
        }
        let key = Key::parse_name(name).ok_or(ApiError::AttachmentNotFound)?;
        if self.allows(project, Method::Get, &key, query, now) {
            Ok(key)
        } else {
            Err(ApiError::AttachmentAddress)
        }
    }
}

/// The whole address of a name, which is made of nothing that a URL escapes.
pub(super) fn address_of(issuer: &str, name: &str) -> String {
    [issuer, &Endpoint::ReadAttachment.path(name, "")].concat()
}

/// The last segment of an address of ours. `None` for any other address, one with a query among them.
pub(super) fn name_in<'a>(issuer: &str, url: &'a str) -> Option<&'a str> {
    let path = address_of("", "");
    url.strip_prefix(issuer)?.strip_prefix(&path)
}
