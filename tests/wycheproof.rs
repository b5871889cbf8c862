//! The vectors of Project Wycheproof for JSON Web Signatures and keys, through the parser, the key sets and the
//! signatures that provider tokens go through. They are not part of the repository: where their folder is
//! missing, these tests are skipped.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use std::path::PathBuf;

use assistant_cloud_edge::auth_rule::SharedSecret;
use assistant_cloud_edge::key_set::KeySet;
use assistant_cloud_edge::provider_token::{Header, HeaderAlgorithm};
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::signature::Signatures;
use assistant_cloud_edge::token::UntrustedToken;
use fixture::block_on;
use fixture::provider::decode;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Sha384, Sha512};

/// What the vectors get wrong, or ask of other algorithms than ours.
const DEFECTIVE: [(u64, &str); 8] = [
    (
        346,
        "the key is for PS256, the token is signed with PS384, yet it is to be accepted",
    ),
    (347, "the key's algorithm is misspelled, ES521"),
    (350, "as 346"),
    (351, "as 347"),
    (367, "byte for byte the token of 357, which is valid"),
    (370, "byte for byte the token of 357, which is valid"),
    (372, "has a question mark inside, yet it is to be accepted"),
    (373, "has a question mark inside, yet it is to be accepted"),
];

fn vectors(name: &str) -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let text = std::fs::read_to_string(folder.join(name)).ok()?;
    Some(serde_json::from_str(&text).expect("vectors"))
}

/// The keys of a group: a set, or one key.
fn keys(group: &Value) -> Vec<Value> {
    let public = group.get("public").unwrap_or(&group["private"]);
    match public["keys"].as_array() {
        Some(keys) => keys.clone(),
        None => vec![public.clone()],
    }
}

/// Verifies a JWS by a set of keys. Symmetric ones are never in a set of ours: what the vectors ask of them is
/// asked of a secret as a rule has it. Of those a rule has one, so a set with others beside it or two of one name
/// is none.
fn verifies(jws: &str, keys: &[Value]) -> bool {
    let Ok(token) = UntrustedToken::parse(jws) else {
        return false;
    };
    if keys.iter().any(|key| key["kty"] == "oct") {
        return verifies_by_secret(&token, keys);
    }
    let set = json!({ "keys": keys }).to_string();
    let Some(set) = KeySet::parse(set.as_bytes()) else {
        return false;
    };
    let Ok(header) = Header::read(token.header()) else {
        return false;
    };
    let HeaderAlgorithm::PublicKey(algorithm) = header.algorithm else {
        return false;
    };
    set.find(algorithm, header.key_id.as_deref())
        .is_ok_and(|key| {
            let signed = token.signed().as_bytes();
            block_on(PureSignatures.verify(&key, signed, token.signature())).unwrap()
        })
}

fn verifies_by_secret(token: &UntrustedToken<'_>, keys: &[Value]) -> bool {
    let header: Value = serde_json::from_slice(token.header()).unwrap_or_default();
    let named: Vec<_> = keys
        .iter()
        .filter(|key| key["kid"] == header["kid"])
        .collect();
    let [key] = named[..] else { return false };
    let is_symmetric = |key: &Value| key["kty"] == "oct" && key["use"] == "sig";
    if !keys.iter().all(is_symmetric) || key["alg"] != header["alg"] {
        return false;
    }
    let secret = decode(key["k"].as_str().unwrap());
    let (message, signature) = (token.signed().as_bytes(), token.signature());
    match header["alg"].as_str() {
        Some("HS256") if Header::read(token.header()).is_ok() => {
            SharedSecret::new(&secret).is_ok_and(|secret| secret.verify(message, signature))
        }
        // No rule has these: they are here so that every vector is answered.
        Some("HS384") => secret.len() >= 48 && fits::<Hmac<Sha384>>(&secret, message, signature),
        Some("HS512") => secret.len() >= 64 && fits::<Hmac<Sha512>>(&secret, message, signature),
        _ => false,
    }
}

fn fits<M: Mac + KeyInit>(secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let mac = <M as KeyInit>::new_from_slice(secret).unwrap();
    mac.chain_update(message).verify_slice(signature).is_ok()
}

/// The ids of the tests that come out otherwise than the vectors say, and how many there are in all.
fn disagreements(vectors: &Value) -> (Vec<u64>, usize) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            count += 1;
            let text = test["jws"].as_str().unwrap();
            if verifies(text, &keys(group)) != (test["result"] == "valid") {
                wrong.push(test["tcId"].as_u64().unwrap());
            }
        }
    }
    (wrong, count)
}

#[test]
fn json_web_signatures() {
    let Some(vectors) = vectors("json_web_signature_test.json") else {
        eprintln!("skipped: no vectors");
        return;
    };
    let (wrong, count) = disagreements(&vectors);
    assert_eq!(count, 401);
    assert_eq!(wrong, DEFECTIVE.map(|(id, _)| id));
}

#[test]
fn json_web_keys() {
    let Some(vectors) = vectors("json_web_key_test.json") else {
        eprintln!("skipped: no vectors");
        return;
    };
    let (wrong, count) = disagreements(&vectors);
    assert_eq!(count, 26);
    assert_eq!(wrong, [0; 0]);
}
