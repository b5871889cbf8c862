//! A secret that a provider and the deployment share.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The shortest secret that HS256 is safe with, in bytes (RFC 7518, section 3.2).
const MIN_BYTES: usize = 32;

/// A secret for HS256. `Debug` shows nothing of it; it is wiped when it goes.
pub struct SharedSecret(Zeroizing<Vec<u8>>);

impl SharedSecret {
    /// Takes a secret, as the bytes that its text is written with.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn new(bytes: &[u8]) -> Result<Self, &'static str> {
        if bytes.len() < MIN_BYTES {
            return Err("must name a secret of at least 32 bytes");
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Whether `signature` is this secret's HMAC with SHA-256 over `message`. Compares in constant time.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Hmac::<Sha256>::new_from_slice(&self.0)
            .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret")
    }
}
