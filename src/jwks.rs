//! What others need in order to verify our tokens: the key set and the discovery document.

use sha2::{Digest, Sha256};

use crate::answer::{Answer, Caching};
use crate::id;
use crate::json::{self, ToJson};
use crate::project::Project;
use crate::route::Endpoint;
use crate::signing_key::SigningKey;

/// How long the documents may be kept, in seconds. A new signing key must be published this long before
/// it signs.
pub const MAX_AGE_SECONDS: u32 = 600;

/// The public half of a key (RFC 8037, section 2). There is no private member that could be filled.
struct Jwk<'a>(&'a SigningKey);

impl ToJson for Jwk<'_> {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 6] = [
            ("kty", &"OKP"),
            ("crv", &"Ed25519"),
            ("alg", &"EdDSA"),
            ("use", &"sig"),
            ("kid", &self.0.id()),
            ("x", &self.0.public_text()),
        ];
        json::write_object(&members, json);
    }
}

/// The key set (RFC 7517, section 5): the current key and, while keys rotate, the previous one.
/// `if_none_match` is the request's header; a set that the caller already has is answered with 304.
pub fn key_set(project: &Project, if_none_match: Option<&str>) -> Answer {
    let keys: Vec<_> = project.signing_keys().map(Jwk).collect();
    document(json::object(&[("keys", &keys)]), if_none_match)
}

/// The discovery document, by which token libraries find the key set.
pub fn discovery(project: &Project, if_none_match: Option<&str>) -> Answer {
    let issuer = project.issuer();
    let body = json::object(&[
        ("issuer", &issuer),
        ("jwks_uri", &[issuer, &Endpoint::Jwks.path("", "")].concat()),
        ("id_token_signing_alg_values_supported", &["EdDSA"]),
        ("subject_types_supported", &["public"]),
        ("response_types_supported", &["none"]),
    ]);
    document(body, if_none_match)
}

fn document(body: String, if_none_match: Option<&str>) -> Answer {
    let mut answer = Answer::json(200, body).cached(Caching::Public(MAX_AGE_SECONDS));
    let tag = ["\"", &id::hex(&Sha256::digest(&answer.body)), "\""].concat();
    if if_none_match.is_some_and(|tags| tags.split(',').any(|candidate| matches(candidate, &tag))) {
        answer.status = 304;
        answer.body.clear();
    }
    answer.with_header("ETag", tag)
}

/// The weak comparison of RFC 9110, section 13.1.2.
fn matches(candidate: &str, tag: &str) -> bool {
    let candidate = candidate.trim();
    candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
}
