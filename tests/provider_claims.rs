//! Provider tokens: claims, times and workspaces. The numbers are those of the project's list of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::exchange::ProvenIdentity;
use assistant_cloud_edge::provider_token::Reason;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use fixture::provider::{
    PROVIDER, assemble, changed, claims, decode, deployment, every_key, header, hs256, judge,
    key_set, rule, signed, token, verify, verify_at, verify_by, verify_with,
};
use fixture::{NOON, block_on, project};
use serde_json::{Value, json};

fn now() -> i64 {
    NOON.as_seconds()
}

/// What comes of sound claims with such changes.
fn with(changes: &Value) -> Result<(String, String), Reason> {
    judge(&changed(claims(), changes))
}

fn alice() -> (String, String) {
    ("alice".to_owned(), "alice".to_owned())
}

/// A payload with a claim of any text, which no JSON library would write.
fn with_text(name: &str, text: &str) -> Result<ProvenIdentity, Reason> {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    let payload = claims
        .to_string()
        .replacen('{', &format!("{{\"{name}\":{text},"), 1);
    verify(&signed("EdDSA", &header("EdDSA").to_string(), &payload))
}

/// Whom a sound token is for by a rule with such changes.
fn by_rule(rule_changes: &Value, claim_changes: &Value) -> Result<String, Reason> {
    let text = token("EdDSA", &changed(claims(), claim_changes));
    verify_with(&text, &changed(rule(), rule_changes))
        .map(|identity| identity.caller().workspace.as_str().to_owned())
}

#[test]
fn case_45_a_token_without_an_end() {
    assert_eq!(with(&json!({ "exp": null })), Err(Reason::Expiry));
}

#[test]
fn case_46_a_token_past_its_end() {
    for exp in [now(), now() - 1, now() - 400] {
        let changes = json!({ "exp": exp, "iat": exp - 60 });
        assert_eq!(with(&changes), Err(Reason::Expired), "{exp}");
    }
    assert_eq!(with(&json!({ "exp": now() + 1 })), Ok(alice()));
    let text = token("EdDSA", &claims());
    let end = NOON.plus_millis(600_000);
    assert!(verify_at(&text, end.plus_millis(-1)).is_ok());
    assert_eq!(verify_at(&text, end), Err(Reason::Expired));
}

#[test]
fn case_47_an_end_that_is_no_date() {
    for text in [
        "\"1795262700\"",
        "true",
        "null",
        "[]",
        "{}",
        "-1",
        "0",
        "-1e3",
        "\"\"",
        "1e20",
        "-0.5",
    ] {
        assert_eq!(with_text("exp", text), Err(Reason::Expiry), "{text}");
    }
    for text in ["1e400", "NaN", "Infinity", "01", "+1", "0x10", ".5", "1."] {
        assert_eq!(with_text("exp", text), Err(Reason::Claims), "{text}");
    }
    let fraction = with_text("exp", &format!("{}.75", now() + 60)).unwrap();
    assert_eq!(
        fraction.expires_at(),
        Some(NOON.plus_millis(60_750)),
        "RFC 7519, section 2"
    );
}

#[test]
fn case_48_dates_at_the_edge_of_numbers() {
    for text in [
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551616",
        "8210266876799",
        "-8334601228800",
        "1e308",
        "-1e308",
        "253402300800",
    ] {
        assert_eq!(with_text("exp", text), Err(Reason::Expiry), "{text}");
        assert_eq!(with_text("nbf", text), Err(Reason::NotBefore), "{text}");
        assert_eq!(with_text("iat", text), Err(Reason::IssuedAt), "{text}");
    }
    assert_eq!(with_text("exp", "253402300799"), Err(Reason::MaxAge));
}

#[test]
fn case_49_a_life_too_long() {
    assert_eq!(with(&json!({ "exp": now() + 86_400 })), Ok(alice()));
    assert_eq!(with(&json!({ "exp": now() + 86_401 })), Err(Reason::MaxAge));
    assert_eq!(
        with(&json!({ "exp": now() + 86_400, "iat": null })),
        Ok(alice())
    );
    assert_eq!(
        with(&json!({ "exp": now() + 86_401, "iat": null })),
        Err(Reason::MaxAge)
    );
    assert_eq!(
        with(&json!({ "exp": now() + 10, "iat": now() - 86_400 })),
        Err(Reason::MaxAge)
    );
    let short = json!({ "max_age_seconds": 60 });
    assert_eq!(
        by_rule(&short, &json!({ "exp": now() + 60 })).as_deref(),
        Ok("alice")
    );
    assert_eq!(
        by_rule(&short, &json!({ "exp": now() + 61 })),
        Err(Reason::MaxAge)
    );
}

#[test]
fn case_50_a_workspace_token_never_outlives_the_proof() {
    for (left, expected) in [(20, 20), (299, 299), (300, 300), (301, 300), (600, 300)] {
        let claims = changed(claims(), &json!({ "exp": now() + left }));
        let identity = verify(&token("EdDSA", &claims)).unwrap();
        assert_eq!(identity.expires_at(), Some(NOON.plus_millis(left * 1_000)));
        let exchanged = block_on(identity.exchange(&project(), &PureSignatures, NOON, 1));
        let exchanged = exchanged.unwrap();
        let payload = exchanged.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&decode(payload)).unwrap();
        assert_eq!(claims["exp"], now() + expected, "{left}");
        assert_eq!(claims["sub"], "alice");
    }
}

#[test]
fn case_51_a_token_ahead_of_its_time() {
    assert_eq!(with(&json!({ "nbf": now() + 6 })), Err(Reason::NotYetValid));
    assert_eq!(with(&json!({ "nbf": now() + 5 })), Ok(alice()));
    assert_eq!(with(&json!({ "nbf": now() - 5 })), Ok(alice()));
    assert_eq!(with(&json!({ "nbf": 0 })), Ok(alice()));
    for nbf in [json!("1795262700"), Value::Bool(true), json!([1])] {
        assert_eq!(with(&json!({ "nbf": nbf })), Err(Reason::NotBefore));
    }
    let wide = json!({ "clock_tolerance_seconds": 300 });
    assert!(by_rule(&wide, &json!({ "nbf": now() + 300 })).is_ok());
    let none = json!({ "clock_tolerance_seconds": 0 });
    assert_eq!(
        by_rule(&none, &json!({ "nbf": now() + 1 })),
        Err(Reason::NotYetValid)
    );
}

#[test]
fn case_52_a_token_issued_in_the_future() {
    assert_eq!(with(&json!({ "iat": now() + 6 })), Err(Reason::IssuedAt));
    assert_eq!(with(&json!({ "iat": now() + 5 })), Ok(alice()));
    assert_eq!(with(&json!({ "iat": "1795262400" })), Err(Reason::IssuedAt));
    assert_eq!(with(&json!({ "iat": null })), Ok(alice()));
}

#[test]
fn case_53_an_issuer_byte_for_byte() {
    for issuer in [
        "https://id.example.org/",
        "https://ID.example.org",
        "HTTPS://id.example.org",
        "https://id.example.or",
        "https://id.example.org.evil.example",
        "https://id.example%2Eorg",
        "https://id.exаmple.org",
        " https://id.example.org",
        "https://id.example.org\u{0}",
        "http://id.example.org",
        "id.example.org",
        "",
    ] {
        assert_eq!(
            with(&json!({ "iss": issuer })),
            Err(Reason::NoRule),
            "{issuer}"
        );
    }
    for issuer in [json!([PROVIDER]), json!({}), json!(1), json!(true)] {
        assert_eq!(
            with(&json!({ "iss": issuer })),
            Err(Reason::Issuer),
            "{issuer}"
        );
    }
    assert_eq!(with(&json!({ "iss": null })), Err(Reason::Issuer));
}

#[test]
fn cases_54_and_55_an_audience() {
    for aud in [
        json!(""),
        json!([1]),
        json!({}),
        json!(1),
        json!(["chat", 1]),
        json!([""]),
        json!([["chat"]]),
    ] {
        assert_eq!(
            with(&json!({ "aud": aud })),
            Err(Reason::AudienceForm),
            "{aud}"
        );
    }
    for aud in [
        json!([]),
        json!("cha"),
        json!("chats"),
        json!("chat "),
        json!("Chat"),
        json!(["chats", "cha"]),
        json!("chat,other"),
    ] {
        assert_eq!(with(&json!({ "aud": aud })), Err(Reason::Audience), "{aud}");
    }
    assert_eq!(with(&json!({ "aud": null })), Err(Reason::Audience));
    assert_eq!(with(&json!({ "aud": ["other", "chat"] })), Ok(alice()));
    assert_eq!(with(&json!({ "aud": ["chat"] })), Ok(alice()));
    let single = json!({ "single_audience": true });
    assert!(by_rule(&single, &json!({ "aud": "chat" })).is_ok());
    assert!(by_rule(&single, &json!({ "aud": ["chat"] })).is_ok());
    assert_eq!(
        by_rule(&single, &json!({ "aud": ["chat", "other"] })),
        Err(Reason::Audience)
    );
    let list = json!({ "audience": ["one", "two"] });
    assert!(by_rule(&list, &json!({ "aud": "two" })).is_ok());
    assert_eq!(
        by_rule(&list, &json!({ "aud": "chat" })),
        Err(Reason::Audience)
    );
    let open = json!({ "audience": null });
    for aud in [Value::Null, json!([]), json!("whatever")] {
        assert!(by_rule(&open, &json!({ "aud": aud })).is_ok(), "{aud}");
    }
    assert_eq!(
        by_rule(&open, &json!({ "aud": 5 })),
        Err(Reason::AudienceForm)
    );
}

#[test]
fn case_57_an_authorized_party() {
    let rule = json!({ "authorized_parties": ["https://app.example", "web"] });
    assert!(by_rule(&rule, &json!({ "azp": "web" })).is_ok());
    for azp in [
        Value::Null,
        json!(""),
        json!("we"),
        json!(["web"]),
        json!(1),
        json!("https://app.example/"),
    ] {
        assert_eq!(
            by_rule(&rule, &json!({ "azp": azp })),
            Err(Reason::AuthorizedParty),
            "{azp}"
        );
    }
}

#[test]
fn case_58_a_subject_that_is_no_user() {
    for sub in [
        Value::Null,
        json!(""),
        json!(7),
        json!(["alice"]),
        json!("a b"),
        json!("a\tb"),
        json!("a\u{0}"),
        json!("\u{202f}x"),
        json!("a".repeat(256)),
        json!("usr_anon_0abc"),
        json!("usr_anon_"),
        json!("__SYSTEM__"),
    ] {
        assert_eq!(with(&json!({ "sub": sub })), Err(Reason::Subject), "{sub}");
    }
    assert!(with(&json!({ "sub": "a".repeat(255) })).is_ok());
    assert!(with(&json!({ "sub": "auth0|5f7c8ec7c33c6c004bbafe82" })).is_ok());
}

#[test]
fn case_59_a_workspace_claim_that_is_missing() {
    let rule = json!({ "workspace": "{org}" });
    for org in [
        Value::Null,
        json!(1),
        json!({}),
        json!(["a"]),
        json!(""),
        json!("a b"),
        json!("usr_anon_0x"),
        json!("a".repeat(256)),
        json!(true),
    ] {
        assert_eq!(
            by_rule(&rule, &json!({ "org": org })),
            Err(Reason::Workspace),
            "{org}"
        );
    }
    assert_eq!(
        by_rule(&rule, &json!({ "org": "acme" })).as_deref(),
        Ok("acme")
    );
    // Nor is what is joined of it and another one.
    let joined = json!({ "workspace": "{org}:{sub}" });
    for org in [Value::Null, json!(""), json!(1), json!(["a"])] {
        assert_eq!(
            by_rule(&joined, &json!({ "org": org })),
            Err(Reason::Workspace),
            "{org}"
        );
    }
}

#[test]
fn case_60_two_users_never_share_a_workspace() {
    for template in [
        "{org}_{sub}",
        "{org}:{sub}",
        "{sub}_{org}",
        "x{org}x{sub}x",
        "{org}é{sub}",
        "{org}0{sub}",
        "{org}_-_{sub}_{org}",
    ] {
        let rule = json!({ "workspace": template });
        let workspace =
            |org: &str, sub: &str| by_rule(&rule, &json!({ "org": org, "sub": sub })).unwrap();
        let values = [
            "a", "a_b", "b_c", "c", "_", "__", "%5F", "a%5Fb", "a:b", "b:c", "x", "xx", "é", "0",
            "00", "%30", "-", "_-", "-_", "5F",
        ];
        let mut seen = std::collections::HashMap::new();
        for org in values {
            for sub in values {
                let before = seen.insert(workspace(org, sub), (org, sub));
                assert_eq!(before, None, "{template}: {org}, {sub}");
            }
        }
    }
    let plain = by_rule(
        &json!({ "workspace": "{org}_{sub}" }),
        &json!({ "org": "acme", "sub": "alice" }),
    );
    assert_eq!(plain.as_deref(), Ok("acme_alice"));
    let alone = by_rule(
        &json!({ "workspace": "org:{org}" }),
        &json!({ "org": "a_b:c%" }),
    );
    assert_eq!(alone.as_deref(), Ok("org:a_b:c%"));
    assert_eq!(
        by_rule(&json!({}), &json!({ "sub": "user_2ab%" })).as_deref(),
        Ok("user_2ab%")
    );
}

#[test]
fn case_61_the_way_to_a_claim() {
    let deep = json!({
        "a.b": "dotted", "a": { "b": "nested", "c/d": { "~": "odd" } }, "https://x/claim": "address", "/a/b": "slashed",
        "list": ["first"],
    });
    for (template, expected) in [
        ("{a.b}", Ok("dotted")),
        ("{/a/b}", Ok("nested")),
        ("{/a/c~1d/~0}", Ok("odd")),
        ("{/a.b}", Ok("dotted")),
        ("{https://x/claim}", Ok("address")),
        ("{/https:~1~1x~1claim}", Ok("address")),
        ("{__proto__}", Err(Reason::Workspace)),
        ("{constructor}", Err(Reason::Workspace)),
        ("{/a/constructor}", Err(Reason::Workspace)),
        ("{/a/b/length}", Err(Reason::Workspace)),
        ("{/list/0}", Err(Reason::Workspace)),
        ("{a/b}", Err(Reason::Workspace)),
        ("{/}", Err(Reason::Workspace)),
    ] {
        let workspace = by_rule(&json!({ "workspace": template }), &deep);
        assert_eq!(workspace.as_deref(), expected.as_deref(), "{template}");
    }
}

#[test]
fn case_62_firebase() {
    let rule = json!({ "name": "fire", "provider": "firebase", "project": "chat-1" });
    let sound = json!({
        "iss": "https://securetoken.google.com/chat-1", "aud": "chat-1", "sub": "uid", "iat": now(), "exp": now() + 3_600,
        "auth_time": now() - 60,
    });
    let verify = |changes: &Value| {
        let text = token("RS256", &changed(sound.clone(), changes));
        verify_with(&text, &rule).map(|_| ())
    };
    assert_eq!(verify(&json!({})), Ok(()));
    assert_eq!(verify(&json!({ "aud": "chat-2" })), Err(Reason::Audience));
    assert_eq!(
        verify(&json!({ "iss": "https://securetoken.google.com/chat-2" })),
        Err(Reason::NoRule)
    );
    assert_eq!(
        verify(&json!({ "auth_time": now() + 60 })),
        Err(Reason::AuthenticationTime)
    );
    assert_eq!(
        verify(&json!({ "auth_time": null })),
        Err(Reason::AuthenticationTime)
    );
    assert_eq!(
        verify(&json!({ "auth_time": "now" })),
        Err(Reason::AuthenticationTime)
    );
    assert_eq!(verify(&json!({ "sub": "" })), Err(Reason::Subject));
}

#[test]
fn case_63_tokens_for_something_else() {
    let logout = json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } });
    assert_eq!(with(&logout), Err(Reason::Purpose));
    assert_eq!(
        with(&json!({ "cnf": { "jkt": "x" } })),
        Err(Reason::Purpose)
    );
    assert_eq!(
        with(&json!({ "aud": "client-id", "nonce": "n", "at_hash": "h" })),
        Err(Reason::Audience)
    );
    let clerk = json!({ "name": "clerk", "provider": "clerk", "domain": "x.clerk.accounts.dev" });
    let pending = changed(
        claims(),
        &json!({ "iss": "https://x.clerk.accounts.dev", "sts": "pending" }),
    );
    assert_eq!(
        verify_with(&token("RS256", &pending), &clerk),
        Err(Reason::Purpose)
    );
    let active = changed(pending, &json!({ "sts": "active" }));
    assert!(verify_with(&token("RS256", &active), &clerk).is_ok());
}

#[test]
fn case_65_a_forged_token_is_not_told_apart_by_its_age() {
    let expired = changed(claims(), &json!({ "exp": now() - 60, "iat": now() - 120 }));
    let text = signed("ES256", &header("EdDSA").to_string(), &expired.to_string());
    assert_eq!(verify(&text), Err(Reason::Signature));
    let forged = assemble(
        header("HS256").to_string().as_bytes(),
        expired.to_string().as_bytes(),
        |message| hs256(b"x", message),
    );
    assert_eq!(verify(&forged), Err(Reason::Signature));
    // Nor by anything else that it says.
    let wrong = changed(expired, &json!({ "sub": 5, "exp": "never" }));
    let text = signed("ES256", &header("EdDSA").to_string(), &wrong.to_string());
    assert_eq!(verify(&text), Err(Reason::Signature));
}

#[test]
fn cases_44_and_56_a_sibling_at_the_same_issuer() {
    let rules = [
        changed(
            rule(),
            &json!({ "name": "one", "audience": "one", "workspace": "one:{sub}" }),
        ),
        changed(
            rule(),
            &json!({ "name": "two", "audience": "two", "workspace": "two:{sub}" }),
        ),
        changed(
            rule(),
            &json!({ "name": "other", "issuer": "https://other.example", "audience": "one", "workspace": "{sub}" }),
        ),
    ];
    let project = deployment(&rules);
    let rules = project.auth_rules().tokens().unwrap();
    let keys = key_set(&every_key());
    let workspace = |changes: &Value| {
        let text = token("EdDSA", &changed(claims(), changes));
        verify_by(&text, rules, &keys, NOON)
            .map(|identity| identity.caller().workspace.as_str().to_owned())
    };
    assert_eq!(
        workspace(&json!({ "aud": "one" })).as_deref(),
        Ok("one:alice")
    );
    assert_eq!(
        workspace(&json!({ "aud": "two" })).as_deref(),
        Ok("two:alice")
    );
    assert_eq!(
        workspace(&json!({ "aud": ["two", "one"] })).as_deref(),
        Ok("one:alice"),
        "the first in order"
    );
    assert_eq!(workspace(&json!({ "aud": "three" })), Err(Reason::Audience));
    // The other provider has another key of the same name.
    let foreign = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let text = assemble(
        header("EdDSA").to_string().as_bytes(),
        changed(claims(), &json!({ "aud": "one" }))
            .to_string()
            .as_bytes(),
        |message| {
            ed25519_dalek::Signer::sign(&foreign, message)
                .to_bytes()
                .to_vec()
        },
    );
    assert_eq!(verify_by(&text, rules, &keys, NOON), Err(Reason::Signature));
}
