//! What of Project Wycheproof's vectors comes as far as a public key: reads a file of them from its standard input, and
//! writes for each what the runtime's `WebCrypto` would be asked, for `vectors.test.mjs` to ask it.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::io::read_to_string;

use assistant_cloud_edge::key_set::KeySet;
use assistant_cloud_edge::provider_token::{Header, HeaderAlgorithm};
use assistant_cloud_edge::signature::{KeyMaterial, PublicKey};
use assistant_cloud_edge::token::UntrustedToken;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let vectors: Value = serde_json::from_str(&read_to_string(std::io::stdin())?)?;
    let none = Vec::new();
    let mut outcomes = Vec::new();
    for group in vectors["testGroups"].as_array().unwrap_or(&none) {
        let public = group.get("public").unwrap_or(&group["private"]);
        let keys = public["keys"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![public.clone()]);
        for test in group["tests"].as_array().unwrap_or(&none) {
            let jws = test["jws"].as_str().unwrap_or_default();
            // What is asked of a shared secret is Rust's own in both back-ends.
            let is_symmetric = keys.iter().any(|key| key["kty"] == "oct");
            outcomes.push(json!({
                "id": test["tcId"],
                "isValid": test["result"] == "valid",
                "isSymmetric": is_symmetric,
                "question": question(jws, &keys),
            }));
        }
    }
    println!("{}", Value::from(outcomes));
    Ok(())
}

/// What the runtime is asked; `None` where a token is refused before.
fn question(jws: &str, keys: &[Value]) -> Option<Value> {
    let token = UntrustedToken::parse(jws).ok()?;
    let set = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())?;
    let header = Header::read(token.header()).ok()?;
    let HeaderAlgorithm::PublicKey(algorithm) = header.algorithm else {
        return None;
    };
    let key = set.find(algorithm, header.key_id.as_deref()).ok()?;
    let text = Base64UrlUnpadded::encode_string;
    Some(json!({
        "algorithm": format!("{algorithm:?}"),
        "key": numbers(&key),
        "message": token.signed(),
        "signature": text(token.signature()),
    }))
}

/// A key's own numbers, as the Worker hands them to the runtime.
fn numbers(key: &PublicKey) -> Value {
    let text = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    match &key.material {
        KeyMaterial::Rsa { n, e } => json!({ "kty": "RSA", "n": text(n), "e": text(e) }),
        KeyMaterial::Ec { x, y } => {
            let curve = if x.len() == 32 { "P-256" } else { "P-384" };
            json!({ "kty": "EC", "crv": curve, "x": text(x), "y": text(y) })
        }
        KeyMaterial::Ed25519(point) => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(point) }),
    }
}
