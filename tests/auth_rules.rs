//! Auth rules: what is configured, and which mistakes are named. The numbers are those of the project's list
//! of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::auth_rule::{KeySource, Template, TokenRule};
use assistant_cloud_edge::discovery;
use assistant_cloud_edge::health;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::public_url::PublicUrl;
use assistant_cloud_edge::signature::Algorithm::{self, EdDsa, Es256, Ps256, Rs256};
use fixture::provider::{PROVIDER, SECRET, changed, deployment, rule};
use fixture::{ISSUER, load};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The mistakes in these rules, as "rule: field".
fn mistakes(rules: &[Value]) -> Vec<String> {
    let project = deployment(rules);
    let mistakes = project.auth_rules().mistakes().iter();
    mistakes
        .map(|mistake| format!("{}: {}", mistake.rule, mistake.field))
        .collect()
}

fn words(project: &Project) -> Vec<String> {
    project
        .auth_rules()
        .mistakes()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The mistakes of the usual rule with such changes.
fn with(changes: &Value) -> Vec<String> {
    mistakes(&[changed(rule(), changes)])
}

const NONE: [&str; 0] = [];

fn only(rule: &Value) -> TokenRuleCopy {
    let project = deployment(std::slice::from_ref(rule));
    assert_eq!(words(&project), NONE, "{rule}");
    let rules = project.auth_rules().tokens().unwrap();
    assert_eq!(rules.len(), 1);
    TokenRuleCopy::from(&rules[0])
}

/// What the tests look at of a rule.
#[derive(Debug, PartialEq)]
struct TokenRuleCopy {
    issuer: String,
    keys: Option<String>,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    has_secret: bool,
}

impl From<&TokenRule> for TokenRuleCopy {
    fn from(rule: &TokenRule) -> Self {
        Self {
            issuer: rule.issuer.clone(),
            keys: rule.keys.as_ref().map(|keys| match keys {
                KeySource::KeySet(url) => url.to_string(),
                KeySource::Discovery(url) => format!("discovery {url}"),
            }),
            audience: rule.audience.clone(),
            algorithms: rule.algorithms.clone(),
            has_secret: rule.secret.is_some(),
        }
    }
}

#[test]
fn every_preset_is_one_line() {
    let copy =
        |issuer: &str, keys: &str, audience: &[&str], algorithms: &[Algorithm]| TokenRuleCopy {
            issuer: issuer.into(),
            keys: Some(keys.into()),
            audience: audience.iter().map(|&one| one.to_owned()).collect(),
            algorithms: algorithms.to_vec(),
            has_secret: false,
        };
    for (rule, expected) in [
        (
            json!({ "name": "a", "provider": "clerk", "domain": "x.clerk.accounts.dev", "authorized_parties": ["https://app.example.com"] }),
            copy(
                "https://x.clerk.accounts.dev",
                "https://x.clerk.accounts.dev/.well-known/jwks.json",
                &[],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "auth0", "domain": "x.eu.auth0.com", "audience": "https://chat" }),
            copy(
                "https://x.eu.auth0.com/",
                "https://x.eu.auth0.com/.well-known/jwks.json",
                &["https://chat"],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "supabase", "domain": "ref.supabase.co" }),
            copy(
                "https://ref.supabase.co/auth/v1",
                "https://ref.supabase.co/auth/v1/.well-known/jwks.json",
                &["authenticated"],
                &[Es256, Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "firebase", "project": "chat-1" }),
            copy(
                "https://securetoken.google.com/chat-1",
                "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
                &["chat-1"],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "stytch", "project": "project-live-1" }),
            copy(
                "stytch.com/project-live-1",
                "https://api.stytch.com/v1/sessions/jwks/project-live-1",
                &["project-live-1"],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "stytch", "project": "project-test-1" }),
            copy(
                "stytch.com/project-test-1",
                "https://test.stytch.com/v1/sessions/jwks/project-test-1",
                &["project-test-1"],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "kinde", "domain": "x.kinde.com", "authorized_parties": "client" }),
            copy(
                "https://x.kinde.com",
                "https://x.kinde.com/.well-known/jwks",
                &[],
                &[Rs256],
            ),
        ),
        (
            json!({ "name": "a", "provider": "better-auth", "url": "https://app.example.com/" }),
            copy(
                "https://app.example.com",
                "https://app.example.com/api/auth/jwks",
                &["https://app.example.com"],
                &[EdDsa],
            ),
        ),
        (
            json!({ "name": "a", "provider": "oidc", "issuer": "https://id.example.org/realm/", "audience": "chat" }),
            copy(
                "https://id.example.org/realm/",
                "discovery https://id.example.org/realm/.well-known/openid-configuration",
                &["chat"],
                &[Rs256, Es256, EdDsa, Ps256],
            ),
        ),
    ] {
        assert_eq!(only(&rule), expected, "{rule}");
    }
}

#[test]
fn a_presets_fields_give_way_to_general_ones() {
    let secret = json!({ "name": "a", "provider": "supabase", "domain": "ref.supabase.co", "secret_variable": "ID_SECRET" });
    let by_secret = only(&secret);
    assert!(by_secret.has_secret && by_secret.keys.is_none() && by_secret.algorithms.is_empty());
    let both = only(&changed(
        secret,
        &json!({ "algorithms": ["HS256", "ES256"] }),
    ));
    assert!(both.has_secret && both.keys.is_some() && both.algorithms == [Es256]);
    let general = only(
        &json!({ "name": "a", "provider": "clerk", "domain": "x.example.com", "issuer": "https://i.example.com", "jwks_url": "https://k.example.com/set" }),
    );
    assert_eq!(
        (general.issuer.as_str(), general.keys.as_deref()),
        ("https://i.example.com", Some("https://k.example.com/set"))
    );
}

#[test]
fn a_mistake_names_the_rule_and_the_field() {
    let project = deployment(&[
        json!({ "name": "main", "provider": "clerk", "domain": "localhost", "extra": 1 }),
    ]);
    assert_eq!(
        words(&project),
        [
            "main: domain must have a public host name in lower case, on port 443 and without a user name",
            "main: extra is not a field of this provider's rules",
        ]
    );
    assert_eq!(with(&json!({})), NONE);
    for (changes, expected) in [
        (json!({ "name": null }), "rule 1: name"),
        (json!({ "name": "Id" }), "rule 1: name"),
        (json!({ "name": "a".repeat(65) }), "rule 1: name"),
        (json!({ "name": 5 }), "rule 1: name"),
        (json!({ "provider": "okta" }), "id: provider"),
        (json!({ "issuer": null }), "id: issuer"),
        (json!({ "issuer": "" }), "id: issuer"),
        (json!({ "issuer": [PROVIDER] }), "id: issuer"),
        (json!({ "jwks_url": null }), "id: jwks_url"),
        (json!({ "jwks_url": 1 }), "id: jwks_url"),
        (json!({ "audience": [] }), "id: audience"),
        (json!({ "audience": ["a", 1] }), "id: audience"),
        (json!({ "audience": [""] }), "id: audience"),
        (
            json!({ "authorized_parties": {} }),
            "id: authorized_parties",
        ),
        (json!({ "algorithms": ["none", "HS256"] }), "id: algorithms"),
        (json!({ "algorithms": ["RS256"] }), "id: algorithms"),
        (
            json!({ "algorithms": ["HS512", "HS256"] }),
            "id: algorithms",
        ),
        (
            json!({ "secret_variable": "MISSING" }),
            "id: secret_variable",
        ),
        (
            json!({ "secret_variable": "SIGNING_KEY" }),
            "id: secret_variable",
        ),
        (json!({ "workspace": "" }), "id: workspace"),
        (json!({ "workspace": "everyone" }), "id: workspace"),
        (json!({ "workspace": "{sub" }), "id: workspace"),
        (json!({ "workspace": "{org}{sub}" }), "id: workspace"),
        (
            json!({ "clock_tolerance_seconds": 301 }),
            "id: clock_tolerance_seconds",
        ),
        (
            json!({ "clock_tolerance_seconds": -1 }),
            "id: clock_tolerance_seconds",
        ),
        (
            json!({ "clock_tolerance_seconds": 1.5 }),
            "id: clock_tolerance_seconds",
        ),
        (json!({ "max_age_seconds": 59 }), "id: max_age_seconds"),
        (json!({ "max_age_seconds": 604_801 }), "id: max_age_seconds"),
        (json!({ "kid_optional": "yes" }), "id: kid_optional"),
        (json!({ "single_audience": 1 }), "id: single_audience"),
        (json!({ "domain": "x.example.com" }), "id: domain"),
        (json!({ "secret": SECRET }), "id: secret"),
    ] {
        let found = with(&changes);
        assert!(
            found.iter().any(|line| line == expected),
            "{changes}: {found:?}"
        );
    }
    let wrong = deployment(&[changed(
        rule(),
        &json!({ "secret": SECRET, "secret_variable": "SHORT" }),
    )]);
    assert!(
        words(&wrong).iter().all(|line| !line.contains(SECRET)),
        "no secret is told"
    );
}

#[test]
fn what_is_no_list_of_rules_is_named_too() {
    let load_rules = |text: &str| words(&load(&[("AUTH_RULES", text)]).unwrap());
    for text in ["{}", "5", "nonsense", "[", r#"[{"name":"a","name":"b"}]"#] {
        assert_eq!(
            load_rules(text),
            ["AUTH_RULES:  must be a JSON array without a member twice"],
            "{text}"
        );
    }
    assert_eq!(load_rules("[]"), NONE);
    assert_eq!(
        load_rules("[null]"),
        [
            "rule 1:  must be an object",
            "rule 1: name is missing",
            "rule 1: provider is missing"
        ]
    );
    let many: Vec<Value> = (0..17)
        .map(|number| {
            changed(
                rule(),
                &json!({ "name": format!("r{number}"), "audience": format!("a{number}") }),
            )
        })
        .collect();
    assert_eq!(mistakes(&many[..16]), NONE);
    assert_eq!(mistakes(&many), ["AUTH_RULES: "]);
}

#[test]
fn a_mistake_stops_provider_tokens_and_nothing_else() {
    let bad = changed(
        rule(),
        &json!({ "name": "bad", "audience": "other", "jwks_url": "http://id.example.org" }),
    );
    let project = deployment(&[rule(), bad]);
    assert_eq!(
        project.auth_rules().tokens().err(),
        Some(ApiError::Misconfigured)
    );
    assert_eq!(
        project.auth_rules().sessions().err(),
        Some(ApiError::Misconfigured)
    );
    let answer = health::answer(&project);
    assert_eq!(answer.status, 503);
    assert!(
        answer
            .headers
            .iter()
            .any(|(name, _)| *name == "Retry-After")
    );
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        body,
        json!({ "ok": false, "credentials": ["workspace_token", "api_key", "anonymous"], "error": "misconfigured", "problems": ["auth_rules"] })
    );
    let sound = health::answer(&deployment(&[rule()]));
    let body: Value = serde_json::from_str(&sound.body).unwrap();
    assert_eq!(
        body,
        json!({ "ok": true, "credentials": ["workspace_token", "api_key", "anonymous", "provider_token"] })
    );
}

#[test]
fn case_43_a_short_secret() {
    let load_secret = |secret: &str| {
        let rules = json!([rule()]).to_string();
        words(&load(&[("AUTH_RULES", &rules), ("ID_SECRET", secret)]).unwrap())
    };
    assert_eq!(load_secret(&"s".repeat(32)), NONE);
    assert_eq!(
        load_secret(&"s".repeat(31)),
        ["id: secret_variable must name a secret of at least 32 bytes"]
    );
    let project = deployment(&[rule()]);
    assert!(!format!("{project:?}").contains(SECRET));
}

#[test]
fn case_56_a_shared_issuer_needs_an_audience() {
    for issuer in [
        "https://accounts.google.com",
        "accounts.google.com",
        "https://accounts.google.com/",
        "https://securetoken.google.com/chat-1",
        "https://login.microsoftonline.com/common/v2.0",
        "https://appleid.apple.com",
        "https://login.microsoftonline.us/common/v2.0",
        "https://sts.chinacloudapi.cn/tenant/",
        "https://access.line.me",
        "https://kauth.kakao.com",
        "https://api.login.yahoo.com",
        "https://auth.login.yahoo.co.jp/yconnect/v2",
        "https://cognito-identity.amazonaws.com",
        "https://www.paypal.com",
    ] {
        let changes = json!({ "issuer": issuer, "audience": null });
        assert_eq!(with(&changes), ["id: audience"], "{issuer}");
        assert_eq!(with(&json!({ "issuer": issuer })), NONE);
    }
    assert_eq!(
        with(&json!({ "audience": null })),
        NONE,
        "an issuer of one's own"
    );
    for rule in [
        json!({ "name": "a", "provider": "auth0", "domain": "x.auth0.com" }),
        json!({ "name": "a", "provider": "oidc", "issuer": "https://id.example.org" }),
        json!({ "name": "a", "provider": "kinde", "domain": "x.kinde.com" }),
    ] {
        assert_eq!(mistakes(&[rule]), ["a: audience"]);
    }
}

#[test]
fn case_64_two_rules_for_one_token() {
    let other = |changes: &Value| {
        let second = changed(changed(rule(), &json!({ "name": "second" })), changes);
        mistakes(&[rule(), second])
    };
    assert_eq!(other(&json!({})), ["second: audience"]);
    assert_eq!(other(&json!({ "audience": null })), ["second: audience"]);
    assert_eq!(
        other(&json!({ "audience": ["x", "chat"] })),
        ["second: audience"]
    );
    let open = changed(rule(), &json!({ "audience": null }));
    let second = changed(rule(), &json!({ "name": "second" }));
    assert_eq!(mistakes(&[open, second]), ["second: audience"]);
    assert_eq!(other(&json!({ "audience": "x" })), NONE);
    assert_eq!(other(&json!({ "issuer": "https://other.example" })), NONE);
    assert_eq!(
        other(&json!({ "audience": "x", "name": "id" })),
        ["id: name"]
    );
}

const REFUSED: [&str; 44] = [
    "http://id.example.org/jwks",
    "https://user@id.example.org",
    "https://user:pass@id.example.org",
    "https://id.example.org:8443",
    "https://id.example.org:80",
    "https://id.example.org:",
    "https://id.example.org:0443",
    "https://127.0.0.1/",
    "https://10.0.0.1",
    "https://169.254.169.254/latest",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://1.1.1.1.",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://app.localhost/",
    "https://a.internal/",
    "https://metadata.google.internal/",
    "https://printer.local",
    "https://router.lan",
    "https://x.home.arpa",
    "https://intranet/",
    "https://cloud.example.com/jwks",
    "https://Cloud.example.com/",
    "https://cloud.example.com:443/",
    "https://cloud.example.com./",
    "ftp://id.example.org",
    "//id.example.org",
    "id.example.org",
    "",
    "https://",
    "https:///jwks",
    "https://id.example.org\\@evil.example",
    "https://id.example.org#frag",
    "https://id example.org",
    "https://id_x.example.org",
    "https://éxample.org/",
];

#[test]
fn case_80_addresses_that_are_not_public() {
    for url in REFUSED {
        assert!(PublicUrl::parse(url, ISSUER).is_err(), "{url}");
        let document = json!({ "issuer": PROVIDER, "jwks_uri": url }).to_string();
        assert_eq!(
            discovery::read_key_set_address(document.as_bytes(), PROVIDER, ISSUER),
            None,
            "{url}"
        );
        if !url.is_empty() {
            assert_eq!(with(&json!({ "jwks_url": url })), ["id: jwks_url"], "{url}");
        }
    }
    for url in [
        "https://id.example.org",
        "https://id.example.org:443/jwks",
        "https://id.example.org/a?b=c&d=%20",
        "https://xn--xample-9ua.org/",
        "https://127.0.0.1.nip.io/",
        "https://a.b-c.d1.e2/",
        "https://1and1.com",
        "https://example.com",
        "https://x.cloud.example.com",
    ] {
        assert_eq!(
            PublicUrl::parse(url, ISSUER)
                .map(|url| url.to_string())
                .as_deref(),
            Ok(url)
        );
    }
    let long = ["https://id.example.org/", &"a".repeat(2_048)].concat();
    assert!(PublicUrl::parse(&long, ISSUER).is_err());
}

#[test]
fn a_developers_machine_may_ask_itself() {
    let own = "http://localhost:8787";
    for url in [
        "http://localhost:9000/jwks",
        "http://127.0.0.1:9000/jwks",
        "https://id.example.org/jwks",
    ] {
        assert!(PublicUrl::parse(url, own).is_ok(), "{url}");
        assert_eq!(
            PublicUrl::parse(url, ISSUER).is_ok(),
            url.starts_with("https"),
            "{url}"
        );
    }
    for url in [
        "http://localhost:8787/jwks",
        "http://10.0.0.1:9000",
        "http://[::1]:9000",
        "http://127.1:9000",
        "http://localhost.evil.example",
        "http://localhost:9000@evil.example",
        "http://localhost:",
        "https://127.0.0.1/",
    ] {
        assert!(PublicUrl::parse(url, own).is_err(), "{url}");
    }
}

#[test]
fn an_origin_is_scheme_and_authority() {
    for (url, origin) in [
        ("https://app.example.com/api?x=/", "https://app.example.com"),
        ("https://app.example.com:443/api", "https://app.example.com"),
        ("https://app.example.com?x", "https://app.example.com"),
        ("https://app.example.com", "https://app.example.com"),
    ] {
        assert_eq!(PublicUrl::parse(url, ISSUER).unwrap().origin(), origin);
    }
    assert_eq!(
        PublicUrl::parse("http://localhost:9000/x", "http://localhost:1")
            .unwrap()
            .origin(),
        "http://localhost:9000"
    );
}

#[test]
fn case_83_our_own_issuer() {
    for issuer in [ISSUER.to_owned(), [ISSUER, "/"].concat()] {
        assert_eq!(with(&json!({ "issuer": issuer })), ["id: issuer"]);
    }
}

#[test]
fn a_discovery_document_is_its_issuers_own() {
    let read = |document: &str| {
        discovery::read_key_set_address(document.as_bytes(), PROVIDER, ISSUER)
            .map(|url| url.to_string())
    };
    let jwks = "https://id.example.org/jwks";
    assert_eq!(
        read(&json!({ "issuer": PROVIDER, "jwks_uri": jwks, "more": [] }).to_string()).as_deref(),
        Some(jwks)
    );
    for document in [
        json!({ "issuer": [PROVIDER], "jwks_uri": jwks }),
        json!({ "issuer": "https://id.example.org/", "jwks_uri": jwks }),
        json!({ "issuer": "https://evil.example", "jwks_uri": jwks }),
        json!({ "jwks_uri": jwks }),
        json!({ "issuer": PROVIDER }),
        json!([]),
        json!(null),
    ] {
        assert_eq!(read(&document.to_string()), None, "{document}");
    }
    assert_eq!(
        read(r#"{"issuer":"https://id.example.org","issuer":"x","jwks_uri":"https://a.example"}"#),
        None
    );
}

#[test]
fn an_own_variable_is_no_providers_secret() {
    for variable in [
        "SIGNING_KEY",
        "SIGNING_KEY_PREVIOUS",
        "REFRESH_KEY",
        "REFRESH_KEY_PREVIOUS",
        "API_KEYS",
        "AUTH_RULES",
        "TITLE_MODEL_KEY",
        // No secrets at all, however long.
        "PROJECT_ID",
        "ISSUER",
        "AUDIENCE",
        "ALLOWED_ORIGINS",
        "TITLE_MODEL_URL",
        "TITLE_MODEL",
    ] {
        let rules = json!([changed(rule(), &json!({ "secret_variable": variable }))]).to_string();
        let project = load(&[
            ("AUTH_RULES", &rules),
            (
                "ISSUER",
                "https://a-name-that-is-longer.than-it-needs.example.com",
            ),
            (
                "TITLE_MODEL_KEY",
                "sk-of-the-model-and-longer-than-32-bytes",
            ),
            (
                "TITLE_MODEL_URL",
                "https://models.example.com/v1/chat/completions",
            ),
            ("TITLE_MODEL", "model"),
        ]);
        let found = words(&project.unwrap()).join("\n");
        assert_eq!(
            found,
            "id: secret_variable must not name one of this deployment's own variables"
        );
    }
}

proptest! {
    #[test]
    fn any_rules_are_read_in_peace(text in r#"\[?(\{("(name|provider|issuer|audience|domain)":("clerk"|"oidc"|"[a-z.:/]{0,9}"|1|\[\]),?){0,4}\},?){0,3}\]?"#) {
        let _ = words(&load(&[("AUTH_RULES", &text)]).unwrap());
    }

    #[test]
    fn any_template_is_read_in_peace(text in "[{}a/~%_]{0,20}", value in ".{0,20}") {
        if let Ok(template) = Template::parse(&text) {
            let claims = json!({ "a": value, "": value, "/": value }).to_string();
            let claims = assistant_cloud_edge::json::Json::parse(claims.as_bytes()).unwrap();
            let _ = template.fill(&claims);
        }
    }

    #[test]
    fn any_address_is_read_in_peace(text in "(https?://)?[a-z0-9.:@/%\\[\\]#? -]{0,30}") {
        let _ = PublicUrl::parse(&text, ISSUER);
        if let Ok(url) = PublicUrl::parse(&text, "http://localhost:8787") {
            prop_assert!(text.starts_with(url.origin()) || text.contains(":443"));
        }
    }
}
