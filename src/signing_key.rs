//! The keys that workspace tokens are signed with.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::signature::{Algorithm, KeyMaterial, PublicKey, SignatureFault, Signatures};

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

/// The secret half of a signing key, as it is configured. It is wiped when it goes.
pub struct SigningSeed(Zeroizing<[u8; 32]>);

impl SigningSeed {
    /// Reads a seed from its configured text.
    ///
    /// # Errors
    ///
    /// [`SecretError`], when the text is not 32 bytes of unpadded base64url.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        parse_secret(text).map(Self)
    }

    /// The key pair of this seed.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    pub async fn into_key(
        self,
        signatures: &impl Signatures,
    ) -> Result<SigningKey, SignatureFault> {
        let point = signatures.public_key(&self.0).await?;
        Ok(SigningKey {
            public: PublicKey {
                algorithm: Algorithm::EdDsa,
                material: KeyMaterial::Ed25519(point),
            },
            public_text: Base64UrlUnpadded::encode_string(&point),
            id: thumbprint(&point),
            seed: self,
        })
    }
}

impl fmt::Debug for SigningSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSeed")
    }
}

/// An Ed25519 key pair and its name. `Debug` shows the name only.
pub struct SigningKey {
    seed: SigningSeed,
    public: PublicKey,
    public_text: String,
    id: String,
}

impl SigningKey {
    /// The key's name: its RFC 7638 thumbprint.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key's public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key's public half in base64url, the `x` of its JWK (RFC 8037, section 2).
    pub fn public_text(&self) -> &str {
        &self.public_text
    }

    /// The key's signature over `message`.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    pub async fn sign(
        &self,
        message: &[u8],
        signatures: &impl Signatures,
    ) -> Result<[u8; 64], SignatureFault> {
        signatures.sign(&self.seed.0, message).await
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.id)
    }
}

/// RFC 7638, section 3, for an OKP key: the hash of its required members in lexical order.
fn thumbprint(point: &[u8; 32]) -> String {
    let x = Base64UrlUnpadded::encode_string(point);
    let members = [r#"{"crv":"Ed25519","kty":"OKP","x":""#, &x, r#""}"#].concat();
    Base64UrlUnpadded::encode_string(&Sha256::digest(members))
}
