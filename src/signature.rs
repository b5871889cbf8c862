//! Signatures: the algorithms there are, the public keys that check them, and the one trait behind which
//! they are made and checked. A runtime's `WebCrypto` is one implementation, pure Rust the other.

use std::fmt;

/// A JWS algorithm of public keys that tokens are accepted with (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519, by its old name `EdDSA` and by its own (RFC 9864, section 2.2).
    EdDsa,
}

impl Algorithm {
    /// The algorithm of this name, as `alg` has it. `None` for any other, `none` and the symmetric ones among
    /// them.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// A public key's own numbers, big-endian and checked when the key was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyMaterial {
    /// Modulus and exponent without leading zeros (RFC 7518, section 6.3).
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point of the algorithm's curve, each coordinate as long as the curve's field (RFC 7518, section 6.2).
    Ec {
        /// The first coordinate.
        x: Vec<u8>,
        /// The second one.
        y: Vec<u8>,
    },
    /// An Ed25519 point (RFC 8037, section 2).
    Ed25519([u8; 32]),
}

/// A public key, for one algorithm only: a key never serves a second one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// What it verifies.
    pub algorithm: Algorithm,
    /// Its numbers.
    pub material: KeyMaterial,
}

/// The implementation failed. It says nothing about a token, so it is passing trouble: 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureFault;

impl fmt::Display for SignatureFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("signatures cannot be computed now")
    }
}

impl std::error::Error for SignatureFault {}

/// What makes and checks signatures. Policy is not its matter: which algorithm, which key and which token
/// have been decided before.
#[allow(
    async_fn_in_trait,
    reason = "an isolate has one thread: nothing here needs Send"
)]
pub trait Signatures {
    /// Whether `signature` is `key`'s over `message`. A signature of any length and content is an answer,
    /// never a fault.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, SignatureFault>;

    /// The Ed25519 public key of a seed (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    async fn public_key(&self, seed: &[u8; 32]) -> Result<[u8; 32], SignatureFault>;

    /// The Ed25519 signature of a seed's key over `message`.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    async fn sign(&self, seed: &[u8; 32], message: &[u8]) -> Result<[u8; 64], SignatureFault>;
}
