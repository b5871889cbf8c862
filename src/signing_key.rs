//! The keys that workspace tokens are signed with.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// An Ed25519 key pair and its name. `Debug` shows the name only; the secret is wiped when it goes.
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    public: ed25519_dalek::VerifyingKey,
    id: String,
}

/// A secret that is no 32 bytes of unpadded base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretError;

impl fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("must be 32 bytes in unpadded base64url, as `npm run keys` makes them")
    }
}

impl std::error::Error for SecretError {}

/// Reads 32 secret bytes from configuration.
pub(crate) fn parse_secret(text: &str) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let decoded =
        Base64UrlUnpadded::decode(text.trim(), bytes.as_mut()).map_err(|_| SecretError)?;
    if decoded.len() == 32 {
        Ok(bytes)
    } else {
        Err(SecretError)
    }
}

impl SigningKey {
    /// Takes a key from its configured seed.
    ///
    /// # Errors
    ///
    /// [`SecretError`], when the text is not 32 bytes of unpadded base64url.
    pub fn parse(seed: &str) -> Result<Self, SecretError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(&*parse_secret(seed)?);
        let public = secret.verifying_key();
        let id = thumbprint(&public);
        Ok(Self { secret, public, id })
    }

    /// The key's name: its RFC 7638 thumbprint.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key's public half in base64url, the `x` of its JWK (RFC 8037, section 2).
    pub fn public_text(&self) -> String {
        Base64UrlUnpadded::encode_string(self.public.as_bytes())
    }

    pub(crate) fn secret(&self) -> &ed25519_dalek::SigningKey {
        &self.secret
    }

    pub(crate) fn public(&self) -> &ed25519_dalek::VerifyingKey {
        &self.public
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.id)
    }
}

/// RFC 7638, section 3, for an OKP key: the hash of its required members in lexical order.
fn thumbprint(public: &ed25519_dalek::VerifyingKey) -> String {
    let x = Base64UrlUnpadded::encode_string(public.as_bytes());
    let members = [r#"{"crv":"Ed25519","kty":"OKP","x":""#, &x, r#""}"#].concat();
    Base64UrlUnpadded::encode_string(&Sha256::digest(members))
}
