//! API keys: what a backend proves itself with. Only their hashes are configured.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base62;
use crate::error::ApiError;
use crate::id::{ProjectId, hex};
use crate::json::{self, Json, Member};
use crate::timestamp::Timestamp;

/// What every API key begins with, so that leaked ones can be searched for.
pub const PREFIX: &str = "sk_aui_";
/// Marks the version of the format, between the project and the secret.
const VERSION: &str = "_0";
/// The secret's digits: 253 random bits.
const SECRET_DIGITS: usize = 43;
/// The checksum's digits.
const CHECKSUM_DIGITS: usize = 6;
/// The longest key that is looked at, in bytes.
const MAX_BYTES: usize = 512;

/// A key's text, from a request or just made. `Debug` shows nothing of it; it is wiped when it goes.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Makes a key from random bits.
    pub fn generate(project: &ProjectId, random: [u128; 2]) -> Self {
        let [high, low] = random;
        let body = [
            PREFIX,
            project.as_str(),
            VERSION,
            &base62::encode::<21>(high),
            &base62::encode::<22>(low),
        ]
        .concat();
        let checksum = checksum(&body);
        Self(Zeroizing::new([body, checksum].concat()))
    }

    /// Takes a key from a request. The checksum tells a mistyped one from one that we do not know.
    ///
    /// # Errors
    ///
    /// [`ApiError::ApiKeyFormat`].
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let well_formed = || {
            if text.len() > MAX_BYTES || !text.is_ascii() {
                return None;
            }
            let (body, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM_DIGITS)?)?;
            let (head, secret) = body.split_at_checked(body.len().checked_sub(SECRET_DIGITS)?)?;
            let project = head.strip_prefix(PREFIX)?.strip_suffix(VERSION)?;
            (!project.is_empty() && base62::is_base62(secret) && checksum(body) == sum)
                .then_some(())
        };
        well_formed().ok_or(ApiError::ApiKeyFormat)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The key's text, to be shown once to whoever made it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of the key.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey")
    }
}

fn checksum(body: &str) -> String {
    let hash = Sha256::digest(body.as_bytes());
    let head = hash
        .iter()
        .take(8)
        .fold(0_u128, |sum, &byte| (sum << 8) | u128::from(byte));
    base62::encode::<CHECKSUM_DIGITS>(head)
}

/// A key as it is configured: a name for the log, the hash of its text, and perhaps an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyEntry {
    name: String,
    hash: [u8; 32],
    expires_at: Option<Timestamp>,
}

/// What the variable must be.
const SHAPE: &str = "must be a JSON array of { \"name\", \"sha256\", \"expires_at\"? }";

impl ApiKeyEntry {
    /// The entry for a key that was just made.
    pub fn new(name: &str, key: &ApiKey, expires_at: Option<Timestamp>) -> Self {
        Self {
            name: name.to_owned(),
            hash: key.hash(),
            expires_at,
        }
    }

    /// This entry as one element of the `API_KEYS` array.
    pub fn to_json(&self) -> String {
        let hash = hex(&self.hash);
        let mut members: Vec<Member<'_>> = vec![("name", &self.name), ("sha256", &hash)];
        if let Some(expires_at) = &self.expires_at {
            members.push(("expires_at", expires_at));
        }
        json::object(&members)
    }

    /// Reads the `API_KEYS` variable: a JSON array of `{ "name", "sha256", "expires_at"? }`.
    ///
    /// # Errors
    ///
    /// What is wrong, in words, without any of the text.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, &'static str> {
        let Some(Json::Array(entries)) = Json::parse(text.as_bytes()) else {
            return Err(SHAPE);
        };
        entries.iter().map(Self::read).collect()
    }

    fn read(entry: &Json) -> Result<Self, &'static str> {
        let text = |name| entry.text(name).ok_or(SHAPE);
        let is_known = |name: &str| matches!(name, "name" | "sha256" | "expires_at");
        if !entry.members().iter().all(|(name, _)| is_known(name)) {
            return Err(SHAPE);
        }
        let expires_at = match entry.get("expires_at") {
            None | Some(Json::Null) => None,
            Some(_) => Some(
                Timestamp::parse(text("expires_at")?)
                    .ok_or("`expires_at` must be an RFC 3339 date and time")?,
            ),
        };
        Ok(Self {
            name: text("name")?.to_owned(),
            hash: parse_hex(text("sha256")?).ok_or("`sha256` must be 64 hexadecimal digits")?,
            expires_at,
        })
    }

    /// The entry that `key` belongs to. Every entry is compared, each in constant time, so that the
    /// answer's time says nothing of how near a guess came.
    ///
    /// # Errors
    ///
    /// [`ApiError::ApiKeyUnknown`], also for a key past its end.
    pub fn find<'a>(
        entries: &'a [Self],
        key: &ApiKey,
        now: Timestamp,
    ) -> Result<&'a Self, ApiError> {
        let hash = key.hash();
        let mut found = None;
        for entry in entries {
            if bool::from(entry.hash.ct_eq(&hash)) {
                found = Some(entry);
            }
        }
        found
            .filter(|entry| entry.expires_at.is_none_or(|end| now < end))
            .ok_or(ApiError::ApiKeyUnknown)
    }

    /// The key's name, for the log.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let start = index.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(start..start.checked_add(2)?)?, 16).ok()?;
    }
    Some(bytes)
}
