//! Provider tokens: what is refused for its structure, its encoding or its header. The numbers are those of
//! the project's list of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::provider_token::{ProviderToken, Reason, Refusal};
use assistant_cloud_edge::token::UntrustedToken;
use fixture::NOON;
use fixture::provider::{
    PUBLIC_KEY_ALGORITHMS, SECRET, assemble, changed, claims, deployment, encode, header, hs256,
    jwk, modulus, rule, signature, signed, token, verify, verify_with,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn with_header(changes: &Value) -> Result<(), Reason> {
    let header = changed(header("EdDSA"), changes);
    verify(&signed("EdDSA", &header.to_string(), &claims().to_string())).map(|_| ())
}

#[test]
fn every_algorithm_of_the_list_is_accepted() {
    for algorithm in PUBLIC_KEY_ALGORITHMS.iter().chain(&["HS256"]) {
        let identity = verify(&token(algorithm, &claims())).expect(algorithm);
        assert_eq!(identity.caller().user.as_str(), "alice");
        assert_eq!(identity.caller().workspace.as_str(), "alice");
    }
}

#[test]
fn case_04_another_number_of_segments() {
    let sound = token("EdDSA", &claims());
    let (signed, signature) = sound.rsplit_once('.').unwrap();
    let header = signed.split('.').next().unwrap();
    for text in [
        header.to_owned(),
        signed.to_owned(),
        format!("{sound}."),
        format!("{sound}.{signature}"),
        format!("{sound}.{signature}.{signature}"),
        format!(".{sound}"),
        "..".to_owned(),
        ".".to_owned(),
        String::new(),
    ] {
        assert_eq!(verify(&text), Err(Reason::Form), "{text}");
    }
}

#[test]
fn case_05_a_long_token_is_refused_before_it_is_decoded() {
    let padding = "a".repeat(6_100);
    let fits = token(
        "EdDSA",
        &changed(claims(), &json!({ "padding": &padding[..5_600] })),
    );
    assert!(fits.len() <= 8_192 && verify(&fits).is_ok());
    let long = token("EdDSA", &changed(claims(), &json!({ "padding": padding })));
    assert_eq!(verify(&long), Err(Reason::TooLong));
    assert_eq!(verify(&"=".repeat(120_000)), Err(Reason::TooLong));
}

#[test]
fn case_06_a_character_outside_the_alphabet_in_any_segment() {
    let sound = token("EdDSA", &claims());
    for position in 0..=sound.len() {
        for character in ["=", "+", "/", " ", "\n", "?", "%", "\u{0}"] {
            let mut text = sound.clone();
            text.insert_str(position, character);
            assert!(verify(&text).is_err(), "{character:?} at {position}");
        }
    }
    for segment in 0..3 {
        let mut parts: Vec<_> = sound.split('.').map(str::to_owned).collect();
        while parts[segment].len() % 4 != 0 {
            parts[segment].push('=');
        }
        parts[segment].push_str("====");
        assert_eq!(verify(&parts.join(".")), Err(Reason::Form));
    }
}

#[test]
fn case_07_a_signature_has_one_spelling() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for algorithm in ["EdDSA", "ES256", "HS256", "RS256"] {
        let sound = token(algorithm, &claims());
        let accepted = ALPHABET.iter().filter(|&&digit| {
            let mut text = sound.clone();
            text.pop();
            text.push(char::from(digit));
            verify(&text).is_ok()
        });
        assert_eq!(accepted.count(), 1, "{algorithm}");
    }
}

#[test]
fn case_08_a_header_or_a_payload_that_is_no_object() {
    for text in ["[]", "\"x\"", "null", "1", "", "{", "[{}]", "true", " "] {
        let with_header = signed("EdDSA", text, &claims().to_string());
        let expected = if text.is_empty() {
            Reason::Form
        } else {
            Reason::Header
        };
        assert_eq!(verify(&with_header), Err(expected), "{text}");
        let with_payload = signed("EdDSA", &header("EdDSA").to_string(), text);
        assert_eq!(verify(&with_payload), Err(Reason::Claims), "{text}");
    }
}

#[test]
fn case_09_what_is_no_utf_8_or_begins_with_a_mark() {
    let sound = claims().to_string();
    for (find, replacement) in [
        (&b"alice"[..], &b"al\xffice"[..]),
        (b"alice", b"al\xc0\xafice"),
        (b"alice", b"al\xed\xa0\x80ice"),
        (b"alice", b"al\\ud800ice"),
        (b"{", b"\xef\xbb\xbf{"),
    ] {
        let at = sound
            .as_bytes()
            .windows(find.len())
            .position(|window| window == find)
            .unwrap();
        let payload = [
            &sound.as_bytes()[..at],
            replacement,
            &sound.as_bytes()[at + find.len()..],
        ]
        .concat();
        let text = assemble(
            header("EdDSA").to_string().as_bytes(),
            &payload,
            |message| signature("EdDSA", message),
        );
        assert_eq!(verify(&text), Err(Reason::Claims), "{replacement:?}");
    }
    let marked = ["\u{feff}", &header("EdDSA").to_string()].concat();
    assert_eq!(
        verify(&signed("EdDSA", &marked, &sound)),
        Err(Reason::Header)
    );
}

#[test]
fn case_10_deep_nesting() {
    for depth in [33, 127, 128, 2_500] {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        let payload = claims()
            .to_string()
            .replacen('{', &format!("{{\"deep\":{nested},"), 1);
        let text = signed("EdDSA", &header("EdDSA").to_string(), &payload);
        assert_eq!(verify(&text), Err(Reason::Claims), "{depth}");
    }
    let nested = ["{\"a\":".repeat(20), "1".into(), "}".repeat(20)].concat();
    let payload = claims()
        .to_string()
        .replacen('{', &format!("{{\"deep\":{nested},"), 1);
    assert!(verify(&signed("EdDSA", &header("EdDSA").to_string(), &payload)).is_ok());
}

#[test]
fn case_11_a_member_twice() {
    let sound = claims().to_string();
    for again in [
        r#""iss":"https://id.example.org""#,
        r#""sub":"alice""#,
        r#""sub":"bob""#,
        r#""aud":"chat""#,
        r#""exp":1"#,
        r#""\u0073ub":"bob""#,
        r#""\u0065xp":9999999999"#,
        r#""deep":{"a":1,"a":2}"#,
        r#""deep":[{"b":1,"\u0062":2}]"#,
    ] {
        for payload in [
            sound.replacen('{', &format!("{{{again},"), 1),
            format!("{},{again}}}", sound.strip_suffix('}').unwrap()),
        ] {
            let text = signed("EdDSA", &header("EdDSA").to_string(), &payload);
            assert_eq!(verify(&text), Err(Reason::Claims), "{again}");
        }
    }
    for again in [
        r#""alg":"EdDSA""#,
        r#""kid":"EdDSA""#,
        r#""\u0061lg":"none""#,
        r#""typ":"JWT""#,
    ] {
        let twice = header("EdDSA")
            .to_string()
            .replacen('{', &format!("{{{again},"), 1);
        assert_eq!(
            verify(&signed("EdDSA", &twice, &sound)),
            Err(Reason::Header),
            "{again}"
        );
    }
}

#[test]
fn case_12_an_empty_signature() {
    for algorithm in PUBLIC_KEY_ALGORITHMS.iter().chain(&["HS256", "none"]) {
        let text = signed(
            "EdDSA",
            &header(algorithm).to_string(),
            &claims().to_string(),
        );
        let (signed, _) = text.rsplit_once('.').unwrap();
        assert_eq!(
            verify(&format!("{signed}.")),
            Err(Reason::Form),
            "{algorithm}"
        );
    }
}

#[test]
fn case_13_something_after_the_object() {
    for tail in ["x", " {}", ",", "]", "\u{0}"] {
        let payload = [&claims().to_string(), tail].concat();
        let text = signed("EdDSA", &header("EdDSA").to_string(), &payload);
        assert_eq!(verify(&text), Err(Reason::Claims), "{tail}");
        let header = [&header("EdDSA").to_string(), tail].concat();
        let text = signed("EdDSA", &header, &claims().to_string());
        assert_eq!(verify(&text), Err(Reason::Header), "{tail}");
    }
}

#[test]
fn case_14_no_algorithm() {
    for algorithm in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        Value::Null,
        json!(1),
        json!(["RS256"]),
        json!("HS384"),
        json!("HS512"),
        json!("ES256K"),
        json!("ES512"),
        json!("rs256"),
        json!("eddsa"),
        json!("Ed448"),
        json!("RSA-OAEP"),
        json!(" EdDSA"),
        json!({}),
        json!(true),
    ] {
        let mut header = header("EdDSA");
        header["alg"] = algorithm.clone();
        let text = signed("EdDSA", &header.to_string(), &claims().to_string());
        assert_eq!(verify(&text), Err(Reason::Algorithm), "{algorithm}");
        let (unsigned, _) = text.rsplit_once('.').unwrap();
        assert_eq!(
            verify(&format!("{unsigned}.")),
            Err(Reason::Form),
            "{algorithm}"
        );
    }
    assert_eq!(with_header(&json!({ "alg": null })), Err(Reason::Algorithm));
}

#[test]
fn case_15_a_public_key_as_the_secret() {
    let point = encode(jwk("ES256").to_string());
    for secret in [
        modulus(),
        jwk("RS256").to_string().into_bytes(),
        jwk("RS256")["n"].as_str().unwrap().into(),
        jwk("EdDSA")["x"].as_str().unwrap().into(),
        point.into_bytes(),
        Vec::new(),
    ] {
        let header = header("HS256").to_string();
        let forged = assemble(
            header.as_bytes(),
            claims().to_string().as_bytes(),
            |message| hs256(&secret, message),
        );
        assert_eq!(verify(&forged), Err(Reason::Signature));
        let public_only = changed(
            rule(),
            &json!({ "secret_variable": null, "algorithms": ["RS256", "EdDSA"] }),
        );
        assert_eq!(verify_with(&forged, &public_only), Err(Reason::Algorithm));
    }
    let sound = assemble(
        header("HS256").to_string().as_bytes(),
        claims().to_string().as_bytes(),
        |message| hs256(SECRET.as_bytes(), message),
    );
    assert!(
        verify(&sound).is_ok(),
        "the test's own way of signing is sound"
    );
}

#[test]
fn case_17_a_token_relabelled() {
    for (own, other) in [
        ("RS256", "PS256"),
        ("RS256", "RS512"),
        ("RS256", "RS384"),
        ("PS256", "RS256"),
        ("PS384", "PS256"),
        ("ES256", "ES384"),
        ("ES384", "ES256"),
        ("EdDSA", "ES256"),
        ("EdDSA", "RS256"),
        ("RS256", "HS256"),
        ("HS256", "RS256"),
    ] {
        for kid in [own, other] {
            let mut header = header(other);
            header["kid"] = kid.into();
            let text = signed(own, &header.to_string(), &claims().to_string());
            assert!(verify(&text).is_err(), "{own} as {other}");
        }
    }
}

#[test]
fn a_secret_verifies_no_token_that_names_a_public_keys_algorithm() {
    let project = deployment(&[rule()]);
    let rules = project.auth_rules().tokens().unwrap();
    let verify_with_secret = |algorithm: &str| {
        let header = header(algorithm).to_string();
        let text = signed("HS256", &header, &claims().to_string());
        let token = ProviderToken::read(UntrustedToken::parse(&text).unwrap(), rules).unwrap();
        let verified = token.verify_with_secret(NOON);
        verified.map(drop).map_err(|refusal| refusal.reason)
    };
    assert_eq!(verify_with_secret("HS256"), Ok(()));
    for algorithm in PUBLIC_KEY_ALGORITHMS {
        assert_eq!(verify_with_secret(algorithm), Err(Reason::Signature));
    }
}

#[test]
fn case_18_an_algorithm_that_the_rule_does_not_allow() {
    let narrow = changed(
        rule(),
        &json!({ "algorithms": ["ES256"], "secret_variable": null }),
    );
    assert!(verify_with(&token("ES256", &claims()), &narrow).is_ok());
    for algorithm in ["RS256", "PS256", "ES384", "EdDSA", "HS256"] {
        let verified = verify_with(&token(algorithm, &claims()), &narrow);
        assert_eq!(verified, Err(Reason::Algorithm), "{algorithm}");
    }
}

#[test]
fn cases_19_to_21_a_key_that_the_token_brings_along_counts_for_nothing() {
    let forger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let x = encode(forger.verifying_key().as_bytes());
    let forge = |header: &Value| {
        assemble(
            header.to_string().as_bytes(),
            claims().to_string().as_bytes(),
            |message| {
                ed25519_dalek::Signer::sign(&forger, message)
                    .to_bytes()
                    .to_vec()
            },
        )
    };
    for addition in [
        json!({ "jwk": { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "EdDSA" } }),
        json!({ "jku": "https://evil.example/jwks" }),
        json!({ "x5u": "http://169.254.169.254/" }),
        json!({ "x5c": ["MIIB"] }),
    ] {
        let header = changed(header("EdDSA"), &addition);
        assert_eq!(
            verify(&forge(&header)),
            Err(Reason::Signature),
            "{addition}"
        );
        assert_eq!(
            with_header(&addition),
            Ok(()),
            "ignored, not minded: {addition}"
        );
    }
}

#[test]
fn cases_22_to_24_a_key_id() {
    for kid in [
        "../../dev/null",
        "' OR 1=1--",
        "https://evil.example/",
        "🔑",
        "EdDSA ",
        "eddsa",
    ] {
        assert_eq!(
            with_header(&json!({ "kid": kid })),
            Err(Reason::UnknownKey),
            "{kid}"
        );
    }
    for kid in [
        json!("a\u{0}b"),
        json!("a\r\nb"),
        json!("k".repeat(4_096)),
        json!(""),
        json!(1),
        json!({}),
        json!([]),
        json!(["EdDSA"]),
    ] {
        assert_eq!(
            with_header(&json!({ "kid": kid })),
            Err(Reason::KeyId),
            "{kid}"
        );
    }
    let mut null = header("EdDSA");
    null["kid"] = Value::Null;
    let text = signed("EdDSA", &null.to_string(), &claims().to_string());
    assert_eq!(verify(&text), Err(Reason::KeyId));
    let mut none = header("ES256");
    none.as_object_mut().unwrap().remove("kid");
    let text = signed("ES256", &none.to_string(), &claims().to_string());
    assert_eq!(verify(&text), Err(Reason::KeyId));
    let lenient = changed(rule(), &json!({ "kid_optional": true }));
    assert!(verify_with(&text, &lenient).is_ok(), "one key fits");
    none["alg"] = "EdDSA".into();
    let text = signed("EdDSA", &none.to_string(), &claims().to_string());
    assert_eq!(
        verify_with(&text, &lenient),
        Err(Reason::AmbiguousKey),
        "two keys fit"
    );
}

#[test]
fn cases_25_and_26_a_critical_extension() {
    for crit in [
        json!(["exp"]),
        json!([]),
        json!("exp"),
        json!(["b64", "b64"]),
        json!(["alg"]),
        json!(["absent"]),
        Value::Bool(false),
    ] {
        assert_eq!(
            with_header(&json!({ "crit": crit })),
            Err(Reason::HeaderMember),
            "{crit}"
        );
    }
    for b64 in [false, true] {
        assert_eq!(
            with_header(&json!({ "b64": b64 })),
            Err(Reason::HeaderMember)
        );
        assert_eq!(
            with_header(&json!({ "b64": b64, "crit": ["b64"] })),
            Err(Reason::HeaderMember)
        );
    }
}

#[test]
fn case_27_another_type_of_token() {
    for kind in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "refresh+jwt",
        "aui+jwt",
        "JWE",
        "",
        "jwt ",
    ] {
        assert_eq!(
            with_header(&json!({ "typ": kind })),
            Err(Reason::Type),
            "{kind}"
        );
    }
    assert_eq!(with_header(&json!({ "typ": ["JWT"] })), Err(Reason::Type));
    for kind in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        assert_eq!(with_header(&json!({ "typ": kind })), Ok(()), "{kind}");
    }
    assert_eq!(
        with_header(&json!({ "typ": null })),
        Ok(()),
        "typ is optional"
    );
}

#[test]
fn case_28_a_nested_or_packed_payload() {
    for addition in [
        json!({ "cty": "JWT" }),
        json!({ "cty": "CBOR" }),
        json!({ "zip": "DEF" }),
        json!({ "enc": "A256GCM" }),
    ] {
        assert_eq!(
            with_header(&addition),
            Err(Reason::HeaderMember),
            "{addition}"
        );
    }
}

#[test]
fn the_caller_learns_of_age_and_of_nothing_else() {
    let answer = |reason| ApiError::from(Refusal { rule: None, reason });
    assert_eq!(answer(Reason::Expired), ApiError::TokenExpired);
    assert_eq!(answer(Reason::NotYetValid), ApiError::TokenNotYetValid);
    assert_eq!(answer(Reason::NoRule), ApiError::NoAuthRule);
    assert_eq!(answer(Reason::Audience), ApiError::NoAuthRule);
    for reason in [
        Reason::Form,
        Reason::Header,
        Reason::Algorithm,
        Reason::UnknownKey,
        Reason::AmbiguousKey,
        Reason::Signature,
        Reason::Expiry,
        Reason::MaxAge,
        Reason::Subject,
        Reason::Workspace,
    ] {
        assert_eq!(answer(reason), ApiError::TokenInvalid, "{reason:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_in_peace(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&text);
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn any_header_and_payload_are_refused_in_peace(
        header in prop::collection::vec(any::<u8>(), 0..200),
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let text = assemble(&header, &payload, |message| signature("EdDSA", message));
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn any_claims_are_answered_in_peace(name in "(iss|aud|sub|exp|nbf|iat|azp|cnf|org)", value in r#"[-0-9e.]{1,20}|"[ -!#-~é]{0,40}"|\[("a",?){0,3}\]|null|true|\{\}"#) {
        let payload = claims().to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let _ = verify(&signed("EdDSA", &header("EdDSA").to_string(), &payload));
    }
}
