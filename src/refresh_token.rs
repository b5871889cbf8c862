//! Refresh tokens of anonymous identities: `refresh_0` and a MAC'd record, so that junk never wakes an
//! object and an identity that never comes back costs no storage.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::ApiError;
use crate::id::{AnonymousId, ProjectId};
use crate::signing_key::{SecretError, parse_secret};
use crate::timestamp::Timestamp;

/// What every refresh token begins with (contract 1.6, 3).
pub const PREFIX: &str = "refresh_0";
/// Identity, counter, time of issue.
const RECORD_BYTES: usize = 16 + 4 + 8;
const MAC_BYTES: usize = 32;
const TOKEN_BYTES: usize = RECORD_BYTES + MAC_BYTES;

/// The key that refresh tokens are made with. `Debug` shows nothing of it; it is wiped when it goes.
pub struct RefreshKey(Zeroizing<[u8; 32]>);

impl RefreshKey {
    /// Takes a key from configuration.
    ///
    /// # Errors
    ///
    /// [`SecretError`], when the text is not 32 bytes of unpadded base64url.
    pub fn parse(secret: &str) -> Result<Self, SecretError> {
        parse_secret(secret).map(Self)
    }

    /// The MAC of a record. The project is part of it: a token of one project is junk in another.
    fn mac(&self, project: &ProjectId, record: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref()).ok()?;
        mac.update(PREFIX.as_bytes());
        mac.update(&(project.as_str().len() as u64).to_be_bytes());
        mac.update(project.as_str().as_bytes());
        mac.update(record);
        Some(mac)
    }
}

impl fmt::Debug for RefreshKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RefreshKey")
    }
}

/// What a refresh token says: which identity, the how-manieth token of its family, and since when.
/// Whoever holds one knows that we issued it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The anonymous identity.
    pub identity: AnonymousId,
    /// How many tokens of the family came before this one.
    pub counter: u32,
    /// When this token was issued.
    pub issued_at: Timestamp,
}

impl RefreshToken {
    fn record(self) -> [u8; RECORD_BYTES] {
        let mut record = [0; RECORD_BYTES];
        let fields = self
            .identity
            .0
            .to_be_bytes()
            .into_iter()
            .chain(self.counter.to_be_bytes())
            .chain(self.issued_at.as_millis().to_be_bytes());
        for (slot, byte) in record.iter_mut().zip(fields) {
            *slot = byte;
        }
        record
    }

    /// The token's text. The same record gives the same text, so that every caller of one rotation gets
    /// one successor.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`], which no key of ours brings about.
    pub fn seal(self, key: &RefreshKey, project: &ProjectId) -> Result<String, ApiError> {
        let record = self.record();
        let mac = key.mac(project, &record).ok_or(ApiError::Internal)?;
        let tag = mac.finalize().into_bytes();
        let bytes: Vec<u8> = record.iter().chain(tag.iter()).copied().collect();
        Ok([PREFIX, &Base64UrlUnpadded::encode_string(&bytes)].concat())
    }

    /// Takes a token from a request, and with it the proof that one of `keys` made it.
    ///
    /// # Errors
    ///
    /// [`ApiError::RefreshTokenFormat`] for what is no such token, [`ApiError::RefreshTokenInvalid`] for
    /// one that we did not make.
    pub fn open<'k>(
        text: &str,
        keys: impl Iterator<Item = &'k RefreshKey>,
        project: &ProjectId,
    ) -> Result<Self, ApiError> {
        let mut bytes = [0; TOKEN_BYTES];
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or(ApiError::RefreshTokenFormat)?;
        let decoded = Base64UrlUnpadded::decode(encoded, &mut bytes)
            .map_err(|_| ApiError::RefreshTokenFormat)?;
        let (record, tag) = decoded
            .split_first_chunk::<RECORD_BYTES>()
            .filter(|(_, tag)| tag.len() == MAC_BYTES)
            .ok_or(ApiError::RefreshTokenFormat)?;
        for key in keys {
            let mac = key.mac(project, record).ok_or(ApiError::Internal)?;
            // Compares in constant time.
            if mac.verify_slice(tag).is_ok() {
                return Self::from_record(record).ok_or(ApiError::RefreshTokenInvalid);
            }
        }
        Err(ApiError::RefreshTokenInvalid)
    }

    fn from_record(record: &[u8; RECORD_BYTES]) -> Option<Self> {
        let (identity, rest) = record.split_first_chunk::<16>()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        let (issued_at, _) = rest.split_first_chunk::<8>()?;
        Some(Self {
            identity: AnonymousId(u128::from_be_bytes(*identity)),
            counter: u32::from_be_bytes(*counter),
            issued_at: Timestamp::from_millis(i64::from_be_bytes(*issued_at)),
        })
    }
}
