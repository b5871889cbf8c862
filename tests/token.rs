//! Workspace tokens: what is issued verifies, and nothing else does.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::id::{AnonymousId, UserId, WorkspaceId};
use assistant_cloud_edge::issuance;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::signature::KeyMaterial;
use assistant_cloud_edge::token::{TokenError, UntrustedToken, VerifiedToken};
use assistant_cloud_edge::token_cache::TokenCache;
use base64ct::{Base64UrlUnpadded, Encoding};
use fixture::{ISSUER, NOON, OTHER_SIGNING_KEY, SIGNING_KEY, block_on, load, project};
use jwt_compact::AlgorithmExt;
use jwt_compact::alg::Ed25519;
use proptest::prelude::*;
use serde_json::{Value, json};

fn alice() -> Caller {
    Caller {
        user: UserId::parse("alice").unwrap(),
        workspace: WorkspaceId::parse("team_1").unwrap(),
    }
}

fn token() -> String {
    issue(&project(), &alice(), 7)
}

fn issue(project: &Project, caller: &Caller, random: u128) -> String {
    block_on(issuance::issue(
        project,
        &PureSignatures,
        caller,
        NOON,
        random,
    ))
    .unwrap()
}

fn verify_at(text: &str, project: &Project, now: Timestamp) -> Result<VerifiedToken, TokenError> {
    block_on(UntrustedToken::parse(text)?.verify(project, &PureSignatures, now))
}

fn verify(text: &str, project: &Project) -> Result<Caller, TokenError> {
    verify_at(text, project, NOON).map(|token| token.caller().clone())
}

fn segment(text: &str, index: usize) -> Value {
    let segment = text.split('.').nth(index).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(segment).unwrap()).unwrap()
}

/// Signs any header and any claims with the project's own key, as nobody else could.
fn sign(header: &str, claims: &str) -> String {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let signed = [encode(header), encode(claims)].join(".");
    let seed: [u8; 32] = Base64UrlUnpadded::decode_vec(SIGNING_KEY)
        .unwrap()
        .try_into()
        .unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let signature = ed25519_dalek::Signer::sign(&key, signed.as_bytes());
    [
        signed,
        Base64UrlUnpadded::encode_string(&signature.to_bytes()),
    ]
    .join(".")
}

fn header() -> Value {
    let kid = project().signing_key().id().to_owned();
    json!({ "alg": "EdDSA", "typ": "aui+jwt", "kid": kid })
}

fn claims() -> Value {
    segment(&token(), 1)
}

#[test]
fn a_token_says_what_the_design_says() {
    let claims = claims();
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["project_id"], "proj_0test");
    assert_eq!(claims["workspace_id"], "team_1");
    let now = NOON.as_seconds();
    assert_eq!(claims["iat"], now);
    assert_eq!(claims["nbf"], now - 10);
    assert_eq!(claims["exp"], now + 300);
    assert_eq!(segment(&token(), 0), header());
}

#[test]
fn another_library_verifies_what_is_issued() {
    let project = project();
    let KeyMaterial::Ed25519(point) = project.signing_key().public().material else {
        panic!("a signing key is an Ed25519 key");
    };
    let key = ed25519_dalek::VerifyingKey::from_bytes(&point).unwrap();
    let text = token();
    let untrusted = jwt_compact::UntrustedToken::new(&text).unwrap();
    let verified = Ed25519.validator::<Value>(&key).validate(&untrusted);
    let verified = verified.unwrap();
    assert_eq!(verified.claims().custom["sub"], "alice");
    let expiration = verified.claims().expiration.unwrap();
    assert_eq!(expiration.timestamp(), NOON.as_seconds() + 300);
}

#[test]
fn the_key_is_named_by_its_rfc_8037_thumbprint() {
    assert_eq!(
        project().signing_key().id(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn a_fresh_token_opens_its_own_workspace() {
    assert_eq!(verify(&token(), &project()), Ok(alice()));
    let visitor = AnonymousId(99).caller();
    let anonymous = issue(&project(), &visitor, 1);
    assert_eq!(verify(&anonymous, &project()), Ok(visitor));
}

#[test]
fn a_token_lives_from_ten_seconds_before_its_issue_to_its_end() {
    let text = token();
    let at = |millis| verify_at(&text, &project(), NOON.plus_millis(millis)).map(|_| ());
    assert_eq!(at(-10_001), Err(TokenError::NotYetValid));
    assert_eq!(at(-10_000), Ok(()));
    assert_eq!(at(299_999), Ok(()));
    assert_eq!(at(300_000), Err(TokenError::Expired));
}

#[test]
fn every_altered_byte_is_refused() {
    let text = token();
    for position in 0..text.len() {
        for other in ['A', 'B', '.', '=', ' ', '_'] {
            let mut altered = text.clone();
            altered.replace_range(position..=position, &other.to_string());
            if altered != text {
                assert!(verify(&altered, &project()).is_err(), "{position} {other}");
            }
        }
    }
}

#[test]
fn the_last_digit_of_a_segment_has_one_spelling() {
    // 64 bytes leave four unused bits in the signature's last digit: sixteen spellings, one canonical.
    let text = token();
    let accepted = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .filter(|&digit| {
            let mut altered = text.clone();
            altered.pop();
            altered.push(digit);
            verify(&altered, &project()).is_ok()
        })
        .count();
    assert_eq!(accepted, 1);
}

#[test]
fn a_retired_key_verifies_until_it_is_removed() {
    let old = issue(&project(), &alice(), 1);
    let rotating = load(&[
        ("SIGNING_KEY", OTHER_SIGNING_KEY),
        ("SIGNING_KEY_PREVIOUS", SIGNING_KEY),
    ])
    .unwrap();
    assert_eq!(verify(&old, &rotating), Ok(alice()));
    let rotated = load(&[("SIGNING_KEY", OTHER_SIGNING_KEY)]).unwrap();
    assert_eq!(verify(&old, &rotated), Err(TokenError::UnknownKey));
}

#[test]
fn a_token_of_another_deployment_is_foreign() {
    let elsewhere = load(&[("ISSUER", "https://other.example.com")]).unwrap();
    assert_eq!(verify(&token(), &elsewhere), Err(TokenError::ForeignIssuer));
    let sibling = load(&[("PROJECT_ID", "proj_0sibling")]).unwrap();
    assert_eq!(verify(&token(), &sibling), Err(TokenError::Claims));
    let audience = load(&[("AUDIENCE", "somebody else")]).unwrap();
    assert_eq!(verify(&token(), &audience), Err(TokenError::Claims));
}

#[test]
fn only_our_own_header_is_read() {
    assert_eq!(
        verify(
            &sign(&header().to_string(), &claims().to_string()),
            &project()
        ),
        Ok(alice()),
        "the test's own way of signing is sound"
    );
    let kid = header()["kid"].clone();
    let headers = [
        json!({ "alg": "none", "typ": "aui+jwt", "kid": kid }),
        json!({ "alg": "HS256", "typ": "aui+jwt", "kid": kid }),
        json!({ "alg": "Ed25519", "typ": "aui+jwt", "kid": kid }),
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid }),
        json!({ "alg": "EdDSA", "typ": "AUI+JWT", "kid": kid }),
        json!({ "alg": "EdDSA", "kid": kid }),
        json!({ "alg": "EdDSA", "typ": "aui+jwt" }),
        json!({ "alg": "EdDSA", "typ": "aui+jwt", "kid": kid, "crit": ["exp"] }),
        json!({ "alg": "EdDSA", "typ": "aui+jwt", "kid": kid, "jku": "https://evil.example" }),
        json!([]),
    ];
    for header in headers {
        let text = sign(&header.to_string(), &claims().to_string());
        assert_eq!(
            verify(&text, &project()),
            Err(TokenError::Header),
            "{header}"
        );
    }
    let twice = format!(r#"{{"alg":"EdDSA","alg":"EdDSA","typ":"aui+jwt","kid":{kid}}}"#);
    let text = sign(&twice, &claims().to_string());
    assert_eq!(verify(&text, &project()), Err(TokenError::Header));
}

#[test]
fn claims_of_another_shape_are_refused_even_when_signed() {
    for (name, value) in [
        ("exp", json!("1795262700")),
        ("exp", Value::Null),
        ("exp", json!(1_795_262_700.5)),
        ("exp", json!(1e300)),
        ("nbf", json!([])),
        ("sub", json!("")),
        ("sub", json!("a b")),
        ("sub", json!(5)),
        ("workspace_id", Value::Null),
        ("aud", json!([ISSUER])),
        ("project_id", json!("proj_0other")),
        ("jti", Value::Null),
        ("iat", Value::Null),
    ] {
        let mut claims = claims();
        claims[name] = value;
        let text = sign(&header().to_string(), &claims.to_string());
        assert_eq!(
            verify(&text, &project()),
            Err(TokenError::Claims),
            "{claims}"
        );
    }
}

#[test]
fn times_at_the_edge_of_numbers_do_no_harm() {
    for extreme in [i64::MIN, i64::MAX, 8_210_266_876_799, -8_334_601_228_800] {
        let mut claims = claims();
        claims["nbf"] = extreme.into();
        claims["exp"] = extreme.into();
        let text = sign(&header().to_string(), &claims.to_string());
        assert!(verify(&text, &project()).is_err(), "{extreme}");
    }
}

#[test]
fn a_forged_token_is_not_told_apart_by_its_age() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let mut claims = claims();
    claims["exp"] = json!(1);
    let claims: jwt_compact::Claims<Value> = serde_json::from_value(claims).expect("a claims set");
    let kid = header()["kid"].as_str().unwrap().to_owned();
    let header = jwt_compact::Header::empty()
        .with_token_type("aui+jwt")
        .with_key_id(kid);
    let text = Ed25519.token(&header, &claims, &key).unwrap();
    assert_eq!(verify(&text, &project()), Err(TokenError::Signature));
}

#[test]
fn a_long_token_is_refused_before_it_is_decoded() {
    let long = ["a".repeat(8_190), "b".into()].join(".");
    assert_eq!(verify(&long, &project()), Err(TokenError::Malformed));
    assert_eq!(
        verify(&"a".repeat(8_193), &project()),
        Err(TokenError::TooLong)
    );
}

#[test]
fn a_remembered_token_ends_when_it_expires() {
    let cache = TokenCache::default();
    let text = token();
    let verified = verify_at(&text, &project(), NOON).unwrap();
    cache.remember(&text, verified, NOON);
    assert!(cache.find(&text, NOON.plus_millis(299_999)).is_some());
    assert!(cache.find(&text, NOON.plus_millis(300_000)).is_none());
    assert!(cache.find(&text[1..], NOON).is_none());
}

#[test]
fn the_cache_stays_small() {
    let cache = TokenCache::default();
    let verified = verify_at(&token(), &project(), NOON).unwrap();
    for number in 0..10_000 {
        cache.remember(&number.to_string(), verified.clone(), NOON);
    }
    let kept = (0..10_000)
        .filter(|number| cache.find(&number.to_string(), NOON).is_some())
        .count();
    assert!((1..=2_048).contains(&kept), "{kept}");
}

proptest! {
    #[test]
    fn any_text_is_refused_in_peace(text in ".{0,300}") {
        prop_assert!(verify(&text, &project()).is_err());
    }

    #[test]
    fn any_header_and_claims_are_refused_in_peace(header in ".{0,80}", claims in ".{0,200}") {
        prop_assert!(verify(&sign(&header, &claims), &project()).is_err());
    }

    #[test]
    fn any_caller_comes_back_from_a_token(user in "[!-~é-ÿ]{1,255}", workspace in "[!-~]{1,255}") {
        prop_assume!(!user.starts_with("usr_anon_") && !workspace.starts_with("usr_anon_"));
        let caller = Caller {
            user: UserId::parse(&user).unwrap(),
            workspace: WorkspaceId::parse(&workspace).unwrap(),
        };
        let text = issue(&project(), &caller, 3);
        prop_assert_eq!(verify(&text, &project()), Ok(caller));
    }
}
