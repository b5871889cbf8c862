//! [`Signatures`] in pure Rust: what runs where there is no runtime with `WebCrypto`, native tests above all.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rsa::signature::Verifier;
use rsa::{BigUint, RsaPublicKey, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

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
        let fits = match &key.material {
            KeyMaterial::Ed25519(point) if key.algorithm == Algorithm::EdDsa => {
                Some(verify_ed25519(point, message, signature))
            }
            KeyMaterial::Ec { x, y } => verify_ecdsa(key.algorithm, x, y, message, signature),
            KeyMaterial::Rsa { n, e } => verify_rsa(key.algorithm, n, e, message, signature),
            KeyMaterial::Ed25519(_) => None,
        };
        fits.ok_or(SignatureFault)
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

/// RFC 7518, section 3.4: both halves of the signature one after the other. `None` for another algorithm's
/// key.
fn verify_ecdsa(
    algorithm: Algorithm,
    x: &[u8],
    y: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    // An uncompressed point (SEC 1, section 2.3.3).
    let point = [&[0x04], x, y].concat();
    match algorithm {
        Algorithm::Es256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok();
            let signature = p256::ecdsa::Signature::from_slice(signature).ok();
            Some(fits(key, message, signature))
        }
        Algorithm::Es384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok();
            let signature = p384::ecdsa::Signature::from_slice(signature).ok();
            Some(fits(key, message, signature))
        }
        _ => None,
    }
}

/// RFC 7518, sections 3.3 and 3.5. `None` for another algorithm's key.
fn verify_rsa(
    algorithm: Algorithm,
    n: &[u8],
    e: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let key = RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from_bytes_be(e)).ok();
    let v15 = pkcs1v15::Signature::try_from(signature).ok();
    let pss = pss::Signature::try_from(signature).ok();
    Some(match algorithm {
        Algorithm::Rs256 => fits(key.map(pkcs1v15::VerifyingKey::<Sha256>::new), message, v15),
        Algorithm::Rs384 => fits(key.map(pkcs1v15::VerifyingKey::<Sha384>::new), message, v15),
        Algorithm::Rs512 => fits(key.map(pkcs1v15::VerifyingKey::<Sha512>::new), message, v15),
        Algorithm::Ps256 => fits(key.map(pss::VerifyingKey::<Sha256>::new), message, pss),
        Algorithm::Ps384 => fits(key.map(pss::VerifyingKey::<Sha384>::new), message, pss),
        Algorithm::Ps512 => fits(key.map(pss::VerifyingKey::<Sha512>::new), message, pss),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => return None,
    })
}

/// Whether key and signature are such, and fit.
fn fits<S>(key: Option<impl Verifier<S>>, message: &[u8], signature: Option<S>) -> bool {
    key.zip(signature)
        .is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
}
