//! Provider tokens: signatures, and the keys that check them. The numbers are those of the project's list of
//! cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::key_set::{KeySet, NoKey};
use assistant_cloud_edge::provider_token::Reason;
use assistant_cloud_edge::signature::Algorithm;
use fixture::NOON;
use fixture::provider::{
    PUBLIC_KEY_ALGORITHMS, assemble, changed, claims, decode, deployment, encode, header, jwk,
    key_set, modulus, private_members, rule, signature, token, verify, verify_by,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What comes of the provider's sound token when its set has these keys.
fn verify_by_keys(algorithm: &str, keys: &[Value]) -> Result<(), Reason> {
    let project = deployment(&[rule()]);
    let rules = project.auth_rules().tokens().unwrap();
    let text = token(algorithm, &claims());
    verify_by(&text, rules, &key_set(keys), NOON).map(|_| ())
}

fn verify_by_key(algorithm: &str, changes: &Value) -> Result<(), Reason> {
    verify_by_keys(algorithm, &[changed(jwk(algorithm), changes)])
}

#[test]
fn case_29_every_flipped_bit() {
    for algorithm in ["EdDSA", "HS256", "ES256"] {
        let sound = token(algorithm, &claims());
        for position in 0..sound.len() {
            for bit in 0..7 {
                let mut text = sound.clone().into_bytes();
                text[position] ^= 1 << bit;
                let text = String::from_utf8(text).unwrap();
                assert!(
                    verify(&text).is_err(),
                    "{algorithm}, bit {bit} of byte {position}"
                );
            }
        }
    }
    let sound = token("RS256", &claims());
    for length in 0..sound.len() {
        assert!(verify(&sound[..length]).is_err(), "{length}");
    }
    for tail in ["A", "AA", "AAAA"] {
        assert!(verify(&[&sound, tail].concat()).is_err());
    }
}

#[test]
fn cases_30_and_31_signatures_that_are_no_pair_of_numbers() {
    // The order of P-256 (SEC 2, section 2.4.2).
    let order = [
        255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 188, 230, 250, 173,
        167, 23, 158, 132, 243, 185, 202, 194, 252, 99, 37, 81,
    ];
    let forge = |signature: Vec<u8>| {
        let header = header("ES256").to_string();
        assemble(header.as_bytes(), claims().to_string().as_bytes(), |_| {
            signature
        })
    };
    let one = [[0; 31].as_slice(), &[1]].concat();
    for signature in [
        vec![0; 64],
        [order, order].concat(),
        [&[0; 32], &order[..]].concat(),
        [&order[..], &one].concat(),
        [&one[..], &order].concat(),
        [&one[..], &one].concat(),
        vec![255; 64],
        vec![0; 63],
        vec![0; 65],
        vec![0; 96],
        vec![0],
    ] {
        assert_eq!(verify(&forge(signature)), Err(Reason::Signature));
    }
    let header = header("ES256").to_string();
    let der = assemble(
        header.as_bytes(),
        claims().to_string().as_bytes(),
        |message| {
            p256::ecdsa::Signature::from_slice(&signature("ES256", message))
                .unwrap()
                .to_der()
                .as_bytes()
                .to_vec()
        },
    );
    assert_eq!(verify(&der), Err(Reason::Signature));
}

#[test]
fn case_32_ed25519_signatures_that_have_another_spelling() {
    // The order of the base point, little-endian (RFC 8032, section 5.1).
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10_u8,
    ];
    let malleable = assemble(
        header("EdDSA").to_string().as_bytes(),
        claims().to_string().as_bytes(),
        |message| {
            let mut bytes = signature("EdDSA", message);
            let mut carry = 0_u16;
            for (byte, added) in bytes[32..].iter_mut().zip(order) {
                let sum = u16::from(*byte) + u16::from(added) + carry;
                *byte = sum.to_le_bytes()[0];
                carry = sum >> 8;
            }
            bytes
        },
    );
    assert_eq!(verify(&malleable), Err(Reason::Signature));
    let identity = [&[1][..], &[0; 31]].concat();
    let small = assemble(
        header("EdDSA").to_string().as_bytes(),
        claims().to_string().as_bytes(),
        |_| [&identity[..], &[0; 32]].concat(),
    );
    assert_eq!(verify(&small), Err(Reason::Signature));
    // Under a key of small order that signature fits every message.
    let mut points = vec![identity];
    points.push(vec![0; 32]);
    for (first, last) in [
        (0xec, 0x7f),
        (0xed, 0x7f),
        (0xee, 0x7f),
        (0xec, 0xff),
        (0xed, 0xff),
        (0xee, 0xff),
    ] {
        let mut point = vec![0xff; 32];
        (point[0], point[31]) = (first, last);
        points.push(point);
    }
    for point in points {
        let set = key_set(&[changed(jwk("EdDSA"), &json!({ "x": encode(&point) }))]);
        assert!(set.is_empty(), "{point:?}");
    }
}

#[test]
fn case_33_rsa_padding() {
    for algorithm in ["RS256", "PS256"] {
        for forged in [
            vec![0; 256],
            vec![1; 256],
            vec![255; 256],
            modulus(),
            vec![0; 255],
            vec![0; 257],
            vec![1],
        ] {
            let text = assemble(
                header(algorithm).to_string().as_bytes(),
                claims().to_string().as_bytes(),
                |_| forged,
            );
            assert_eq!(verify(&text), Err(Reason::Signature), "{algorithm}");
        }
    }
}

#[test]
fn case_34_rsa_keys_that_are_too_weak_or_too_strong() {
    let odd = |length: usize| {
        let mut bytes = vec![0xc5; length];
        bytes[length - 1] = 0xc1;
        encode(bytes)
    };
    for n in [
        odd(64),
        odd(128),
        odd(255),
        odd(513),
        odd(2_048),
        String::new(),
        "AAAA".into(),
    ] {
        assert_eq!(
            verify_by_key("RS256", &json!({ "n": n })),
            Err(Reason::UnknownKey)
        );
    }
    let even = {
        let mut bytes = modulus();
        bytes[255] &= 0xfe;
        encode(bytes)
    };
    assert_eq!(
        verify_by_key("RS256", &json!({ "n": even })),
        Err(Reason::UnknownKey)
    );
    for e in ["AQ", "Ag", "AQAA", "", "AAAA", "AQAAAAE", "AQAB=", "AQ AB"] {
        assert_eq!(
            verify_by_key("RS256", &json!({ "e": e })),
            Err(Reason::UnknownKey),
            "{e}"
        );
    }
    assert_eq!(
        verify_by_key("RS256", &json!({ "e": "AAEAAQ" })),
        Ok(()),
        "a zero in front"
    );
    assert_eq!(
        verify_by_key("RS256", &json!({ "e": 65_537 })),
        Err(Reason::UnknownKey)
    );
    // 65537 to the power of 156 has the fingerprint of CVE-2017-15361: a power of it modulo every prime.
    let roca = (0..156)
        .fold(rsa::BigUint::from(1_u32), |power, _| {
            power * rsa::BigUint::from(65_537_u32)
        })
        .to_bytes_be();
    assert!(roca.len() == 313);
    let set = key_set(&[changed(jwk("RS256"), &json!({ "n": encode(roca) }))]);
    assert!(set.is_empty());
    assert_eq!(
        key_set(&[changed(jwk("RS256"), &json!({ "n": odd(313) }))]).len(),
        1
    );
}

#[test]
fn cases_35_and_36_keys_that_should_be_secret() {
    let oct = json!({ "kty": "oct", "k": encode([1; 32]), "kid": "HS256", "alg": "HS256" });
    let set = key_set(&[oct]);
    assert!(set.is_empty() && set.has_private_keys());
    let private = changed(jwk("RS256"), &private_members());
    let set = key_set(&[private.clone(), jwk("ES256")]);
    assert!(set.has_private_keys());
    assert_eq!(set.len(), 1);
    assert_eq!(verify_by_keys("RS256", &[private]), Err(Reason::UnknownKey));
    assert!(!key_set(&[jwk("RS256")]).has_private_keys());
}

#[test]
fn case_37_keys_for_another_purpose() {
    for purpose in [
        json!({ "use": "enc" }),
        json!({ "use": "" }),
        json!({ "use": ["sig"] }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": ["verify", "verify"] }),
        json!({ "key_ops": [] }),
        json!({ "key_ops": "verify" }),
        json!({ "key_ops": ["verify", 1] }),
    ] {
        assert_eq!(
            verify_by_key("ES256", &purpose),
            Err(Reason::UnknownKey),
            "{purpose}"
        );
    }
    for purpose in [
        json!({ "use": null }),
        json!({ "key_ops": ["verify"] }),
        json!({ "key_ops": ["sign", "verify"] }),
    ] {
        assert_eq!(verify_by_key("ES256", &purpose), Ok(()), "{purpose}");
    }
}

#[test]
fn cases_38_and_39_a_key_of_another_algorithm() {
    for (algorithm, other) in [
        ("RS256", "PS256"),
        ("RS256", "RS512"),
        ("ES256", "ES384"),
        ("RS256", "ES256"),
        ("EdDSA", "HS256"),
        ("RS256", "RSA-OAEP"),
        ("ES256", "ECDH-ES"),
    ] {
        assert_eq!(
            verify_by_key(algorithm, &json!({ "alg": other })),
            Err(Reason::UnknownKey),
            "{algorithm} as {other}"
        );
    }
    assert_eq!(verify_by_key("EdDSA", &json!({ "alg": "Ed25519" })), Ok(()));
    for algorithm in PUBLIC_KEY_ALGORITHMS {
        assert_eq!(
            verify_by_key(algorithm, &json!({ "alg": null })),
            Ok(()),
            "{algorithm}"
        );
        for other in PUBLIC_KEY_ALGORITHMS {
            let family = |name: &str| name.get(..2).map(|start| start.replace('P', "R"));
            let foreign = changed(jwk(other), &json!({ "alg": null, "kid": algorithm }));
            if family(algorithm) != family(other)
                || (algorithm.starts_with("ES") && algorithm != other)
            {
                let verified = verify_by_keys(algorithm, &[foreign]);
                assert_eq!(verified, Err(Reason::UnknownKey), "{algorithm} by {other}");
            }
        }
    }
}

#[test]
fn case_40_two_keys_of_one_name() {
    let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
    let twin = changed(jwk("EdDSA"), &json!({ "x": encode(other.as_bytes()) }));
    for keys in [
        [jwk("EdDSA"), twin.clone()],
        [twin, jwk("EdDSA")],
        [jwk("EdDSA"), jwk("EdDSA")],
    ] {
        assert_eq!(verify_by_keys("EdDSA", &keys), Err(Reason::AmbiguousKey));
    }
    let namesake = changed(jwk("ES256"), &json!({ "kid": "EdDSA" }));
    assert_eq!(
        verify_by_keys("EdDSA", &[jwk("EdDSA"), namesake]),
        Ok(()),
        "it fits another algorithm"
    );
}

#[test]
fn case_41_points_off_their_curve() {
    for algorithm in ["ES256", "ES384"] {
        let own = jwk(algorithm);
        let mut x = decode(own["x"].as_str().unwrap());
        let length = x.len();
        x[length - 1] ^= 1;
        let zeros = encode(vec![0; length]);
        let ones = encode(vec![255; length]);
        for changes in [
            json!({ "x": encode(&x) }),
            json!({ "x": own["y"], "y": own["x"] }),
            json!({ "x": zeros, "y": zeros }),
            json!({ "x": ones }),
            json!({ "y": ones }),
            json!({ "x": encode(&x[1..]) }),
            json!({ "x": encode([&[0], &x[..]].concat()) }),
            json!({ "x": "" }),
            json!({ "y": null }),
            json!({ "crv": "P-521" }),
            json!({ "crv": "secp256k1" }),
            json!({ "crv": if algorithm == "ES256" { "P-384" } else { "P-256" } }),
        ] {
            assert_eq!(
                verify_by_key(algorithm, &changes),
                Err(Reason::UnknownKey),
                "{changes}"
            );
        }
    }
}

#[test]
fn case_42_odd_neighbors() {
    let odd = [
        Value::Null,
        json!([]),
        json!("key"),
        json!(1),
        json!({}),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "EdDSA" }),
        json!({ "kty": 7 }),
        json!({ "kty": "RSA", "n": "!", "e": "AQAB", "kid": "EdDSA" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": encode([9; 32]), "kid": "EdDSA" }),
        changed(jwk("EdDSA"), &json!({ "kid": 5 })),
        changed(jwk("EdDSA"), &json!({ "alg": 5 })),
        changed(jwk("EdDSA"), &json!({ "x": encode([9; 31]) })),
    ];
    let mut keys = odd.to_vec();
    keys.insert(5, jwk("EdDSA"));
    assert_eq!(verify_by_keys("EdDSA", &keys), Ok(()));
    assert_eq!(verify_by_keys("EdDSA", &odd), Err(Reason::UnknownKey));
    let twice = format!(
        r#"{{"keys":[{{"kty":"OKP","kty":"OKP","crv":"Ed25519","kid":"EdDSA","x":{}}},{}]}}"#,
        jwk("EdDSA")["x"],
        jwk("ES256")
    );
    assert_eq!(
        KeySet::parse(twice.as_bytes()).unwrap().len(),
        1,
        "a member twice"
    );
}

#[test]
fn cases_72_and_73_what_is_no_key_set() {
    for text in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[null]}"#,
        r#"{"keys":[1,"a",[]]}"#,
        "<html>",
        r#"{"keys":["#,
        r#"{"keys":[]} x"#,
        r#"{"keys":[],"keys":[]}"#,
        "\u{feff}{\"keys\":[]}",
    ] {
        assert_eq!(KeySet::parse(text.as_bytes()), None, "{text}");
    }
    assert_eq!(
        KeySet::parse(br#" {"keys":[],"more":{"a":[1]}}"#),
        Some(KeySet::default())
    );
    let keys = |count| json!({ "keys": vec![jwk("EdDSA"); count] }).to_string();
    assert!(KeySet::parse(keys(32).as_bytes()).is_some());
    assert!(KeySet::parse(keys(33).as_bytes()).is_none());
    assert!(KeySet::parse(keys(5_000).as_bytes()).is_none());
    let wide = |length: usize| [r#"{"keys":[]"#, &" ".repeat(length - 11), "}"].concat();
    assert!(KeySet::parse(wide(65_536).as_bytes()).is_some());
    assert!(KeySet::parse(wide(65_537).as_bytes()).is_none());
    let deep = [
        "{\"keys\":[",
        &"[".repeat(30_000),
        &"]".repeat(30_000),
        "]}",
    ]
    .concat();
    assert_eq!(KeySet::parse(deep.as_bytes()), None);
}

#[test]
fn a_key_without_a_name_serves_only_who_asks_for_none() {
    let set = key_set(&[changed(jwk("ES256"), &json!({ "kid": null }))]);
    assert!(set.find(Algorithm::Es256, None).is_ok());
    assert_eq!(set.find(Algorithm::Es256, Some("")), Err(NoKey::Unknown));
    assert_eq!(set.find(Algorithm::Es384, None), Err(NoKey::Unknown));
}

proptest! {
    #[test]
    fn any_bytes_are_read_in_peace(text in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = KeySet::parse(&text);
    }

    #[test]
    fn any_numbers_are_read_in_peace(
        kty in "RSA|EC|OKP", crv in "P-256|P-384|Ed25519",
        numbers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 4),
    ) {
        let [n, e, x, y] = [0, 1, 2, 3].map(|at| encode(&numbers[at]));
        let key = json!({ "kty": kty, "crv": crv, "n": n, "e": e, "x": x, "y": y });
        let _ = key_set(&[key]);
    }
}
