//! [`Signatures`] in pure Rust: what runs where there is no runtime with `WebCrypto`, native tests above all.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::signature::{Algorithm, KeyMaterial, PublicKey, SignatureFault, Signatures};

/// Signatures by Rust's own crates. Its futures are ready when they are first polled.
#[derive(Debug, Clone, Copy, Default)]
pub struct PureSignatures;

impl Signatures for PureSignatures {
    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, SignatureFault> {
        match (key.algorithm, &key.material) {
            (Algorithm::EdDsa, KeyMaterial::Ed25519(point)) => {
                Ok(verify_ed25519(point, message, signature))
            }
            _ => Err(SignatureFault),
        }
    }

    async fn public_key(&self, seed: &[u8; 32]) -> Result<[u8; 32], SignatureFault> {
        Ok(SigningKey::from_bytes(seed).verifying_key().to_bytes())
    }

    async fn sign(&self, seed: &[u8; 32], message: &[u8]) -> Result<[u8; 64], SignatureFault> {
        Ok(SigningKey::from_bytes(seed).sign(message).to_bytes())
    }
}

/// RFC 8032, section 5.1.7. Keys and signatures of small order are refused.
fn verify_ed25519(point: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_bytes(point).ok();
    let signature = Signature::from_slice(signature).ok();
    key.zip(signature)
        .is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
}
