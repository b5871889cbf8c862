//! Signatures by the runtime's `WebCrypto`, which is faster than WASM and weighs nothing.

use std::cell::RefCell;

use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zeroize::Zeroizing;

use super::log;
use super::task::settled;
use crate::json::{self, Member};
use crate::signature::{Algorithm, KeyMaterial, PublicKey, SignatureFault, Signatures};

/// The most keys of a kind that stay imported. There are some more than a deployment's rules have.
const CAPACITY: usize = 64;

#[wasm_bindgen(module = "/src/edge/webcrypto.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = importVerifier)]
    fn import_verifier(algorithm: &str, jwk: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch)]
    fn verify(verifier: &JsValue, signature: &[u8], message: &[u8]) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = importSigner)]
    fn import_signer(seed: &[u8]) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = publicHalf)]
    fn public_half(seed: &[u8]) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch)]
    fn sign(key: &JsValue, message: &[u8]) -> Result<Promise, JsValue>;
}

/// The runtime's `WebCrypto`, and the keys that it has taken in for this isolate.
#[derive(Default)]
pub(super) struct WebCrypto {
    verifiers: RefCell<Vec<(PublicKey, JsValue)>>,
    signers: RefCell<Vec<(Zeroizing<[u8; 32]>, JsValue)>>,
}

impl WebCrypto {
    /// The imported form of a key; `None` for a key that the runtime does not take, such as a point beside
    /// its curve.
    async fn verifier(&self, key: &PublicKey) -> Option<JsValue> {
        if let Some(kept) = find(&self.verifiers, key) {
            return Some(kept);
        }
        let imported = match import_verifier(name(key.algorithm), &jwk(&key.material)) {
            Ok(promise) => settled(promise).await,
            Err(error) => Err(error),
        };
        match imported {
            Ok(verifier) => {
                keep(&self.verifiers, key.clone(), &verifier);
                Some(verifier)
            }
            Err(error) => {
                log::unusable_key(&error);
                None
            }
        }
    }

    async fn signer(&self, seed: &[u8; 32]) -> Result<JsValue, JsValue> {
        let seed = Zeroizing::new(*seed);
        if let Some(kept) = find(&self.signers, &seed) {
            return Ok(kept);
        }
        let signer = settled(import_signer(&*seed)?).await?;
        keep(&self.signers, seed, &signer);
        Ok(signer)
    }
}

fn find<K: PartialEq>(keys: &RefCell<Vec<(K, JsValue)>>, key: &K) -> Option<JsValue> {
    let keys = keys.borrow();
    let (_, imported) = keys.iter().find(|(known, _)| known == key)?;
    Some(imported.clone())
}

fn keep<K: PartialEq>(keys: &RefCell<Vec<(K, JsValue)>>, key: K, imported: &JsValue) {
    let mut keys = keys.borrow_mut();
    if keys.len() >= CAPACITY {
        keys.clear();
    }
    keys.push((key, imported.clone()));
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives the value")]
fn fault(error: JsValue) -> SignatureFault {
    let _ = log::unavailable("WebCrypto", &error);
    SignatureFault
}

impl Signatures for WebCrypto {
    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, SignatureFault> {
        // The runtime throws at a signature of another length, where it should say no.
        if signature.len() != signature_length(&key.material) {
            return Ok(false);
        }
        let Some(verifier) = self.verifier(key).await else {
            return Ok(false);
        };
        let verdict = settled(verify(&verifier, signature, message).map_err(fault)?).await;
        Ok(verdict.map_err(fault)?.is_truthy())
    }

    async fn public_key(&self, seed: &[u8; 32]) -> Result<[u8; 32], SignatureFault> {
        let half = settled(public_half(seed).map_err(fault)?).await;
        let text = half.map_err(fault)?.as_string().unwrap_or_default();
        let mut point = [0; 32];
        match Base64UrlUnpadded::decode(&text, &mut point) {
            Ok(decoded) if decoded.len() == 32 => Ok(point),
            _ => Err(fault("the public half has another form".into())),
        }
    }

    async fn sign(&self, seed: &[u8; 32], message: &[u8]) -> Result<[u8; 64], SignatureFault> {
        let signer = self.signer(seed).await.map_err(fault)?;
        let signature = settled(sign(&signer, message).map_err(fault)?).await;
        let bytes = Uint8Array::new(&signature.map_err(fault)?).to_vec();
        <[u8; 64]>::try_from(bytes).map_err(|_| fault("a signature has another length".into()))
    }
}

/// In bytes (RFC 7518, sections 3.3 to 3.5; RFC 8032, section 5.1.6).
fn signature_length(material: &KeyMaterial) -> usize {
    match material {
        KeyMaterial::Rsa { n, .. } => n.len(),
        KeyMaterial::Ec { x, y } => x.len().saturating_add(y.len()),
        KeyMaterial::Ed25519(_) => 64,
    }
}

/// An algorithm's name in RFC 7518.
fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => "RS256",
        Algorithm::Rs384 => "RS384",
        Algorithm::Rs512 => "RS512",
        Algorithm::Ps256 => "PS256",
        Algorithm::Ps384 => "PS384",
        Algorithm::Ps512 => "PS512",
        Algorithm::Es256 => "ES256",
        Algorithm::Es384 => "ES384",
        Algorithm::EdDsa => "EdDSA",
    }
}

/// A key's own numbers and nothing else (RFC 7518, section 6; RFC 8037, section 2).
fn jwk(material: &KeyMaterial) -> String {
    let (kind, curve, numbers) = match material {
        KeyMaterial::Rsa { n, e } => ("RSA", None, vec![("n", n.as_slice()), ("e", e)]),
        KeyMaterial::Ec { x, y } => {
            let curve = if x.len() == 32 { "P-256" } else { "P-384" };
            ("EC", Some(curve), vec![("x", x.as_slice()), ("y", y)])
        }
        KeyMaterial::Ed25519(point) => ("OKP", Some("Ed25519"), vec![("x", point.as_slice())]),
    };
    let numbers = numbers.into_iter();
    let numbers: Vec<_> = numbers
        .map(|(name, bytes)| (name, Base64UrlUnpadded::encode_string(bytes)))
        .collect();
    let mut members: Vec<Member<'_>> = vec![("kty", &kind)];
    if let Some(curve) = &curve {
        members.push(("crv", curve));
    }
    for (name, number) in &numbers {
        members.push((name, number));
    }
    json::object(&members)
}
