//! What every text from outside must stand, whoever makes the text up: a fuzzer (`fuzz_targets/`), or the native
//! tests for some seconds (`tests/fuzz.rs`). A function returns in peace or has found something.

#[path = "../tests/fixture/block_on.rs"]
mod block_on;

use std::sync::OnceLock;

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::id::{AnonymousId, ProjectId};
use assistant_cloud_edge::key_set::KeySet;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::provider_token::{Header, ProviderToken};
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::refresh_token::{RefreshKey, RefreshToken};
use assistant_cloud_edge::signature::Algorithm;
use assistant_cloud_edge::token::UntrustedToken;
use base64ct::{Base64UrlUnpadded, Encoding};
use block_on::block_on;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

const ISSUER: &str = "https://id.example.org";
const SECRET: &str = "a secret of more than thirty-two bytes";
/// 2026-11-21T12:00:00.000Z.
pub const NOON: Timestamp = Timestamp::from_millis(1_795_262_400_000);

/// A deployment with these auth rules.
fn deployment(rules: &str) -> Project {
    let lookup = |name: &str| {
        let value = match name {
            "PROJECT_ID" => "proj_0test",
            "ISSUER" => "https://cloud.example.com",
            "SIGNING_KEY" => "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "REFRESH_KEY" => "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
            "ID_SECRET" => SECRET,
            "AUTH_RULES" => rules,
            _ => return None,
        };
        Some(value.to_owned())
    };
    block_on(Project::load(lookup, &PureSignatures)).expect("a deployment")
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// A header: what is accepted says to any JSON parser what it says to ours.
pub fn header(data: &[u8]) {
    let Ok(header) = Header::read(data) else {
        return;
    };
    let value: Value = serde_json::from_slice(data).expect("a header that is accepted is JSON");
    assert_eq!(value["kid"].as_str(), header.key_id.as_deref());
    assert!(value["alg"].is_string());
    for member in ["crit", "b64", "cty", "zip", "enc"] {
        assert!(value.get(member).is_none(), "{member}");
    }
}

/// Claims that the provider has signed: who comes of them is who they name, in their time.
pub fn claims(data: &[u8]) {
    static DEPLOYMENT: OnceLock<Project> = OnceLock::new();
    let project = DEPLOYMENT.get_or_init(|| {
        deployment(
            r#"[{"name":"id","provider":"custom","issuer":"https://id.example.org","audience":"chat",
            "secret_variable":"ID_SECRET","workspace":"{org}:{sub}"}]"#,
        )
    });
    let rules = project.auth_rules().tokens().expect("a rule");
    let signed = [encode(br#"{"alg":"HS256"}"#), encode(data)].join(".");
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    let signature = mac.chain_update(&signed).finalize().into_bytes();
    let text = [signed, encode(&signature)].join(".");
    let Ok(token) = UntrustedToken::parse(&text) else {
        return;
    };
    let Ok(token) = ProviderToken::read(token, rules) else {
        return;
    };
    let Ok(identity) = token.verify_with_secret(NOON) else {
        return;
    };
    let value: Value = serde_json::from_slice(data).expect("claims that are accepted are JSON");
    assert_eq!(value["iss"], ISSUER);
    assert_eq!(value["sub"], identity.caller().user.as_str());
    assert!(!identity.caller().user.is_anonymous());
    let named = |aud: &Value| aud == "chat";
    let in_list = |list: &Vec<Value>| list.iter().any(named);
    assert!(named(&value["aud"]) || value["aud"].as_array().is_some_and(in_list));
    let seconds = value["exp"].as_f64().expect("a date");
    let now = 1_795_262_400.0;
    assert!(seconds > now && seconds <= now + 86_405.0, "{seconds}");
}

/// A key set: what is in it can be used, and is not too much.
pub fn key_set(data: &[u8]) {
    let Some(set) = KeySet::parse(data) else {
        return;
    };
    assert!(set.len() <= 32);
    for algorithm in [
        Algorithm::Rs256,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
    ] {
        if let Ok(key) = set.find(algorithm, None) {
            let verify = assistant_cloud_edge::signature::Signatures::verify;
            let verdict = block_on(verify(&PureSignatures, &key, b"message", &[1; 64]));
            assert_eq!(verdict, Ok(false), "no signature fits that nobody has made");
        }
    }
}

/// A refresh token: only what we have sealed opens.
pub fn refresh_token(data: &[u8]) {
    let project = ProjectId::parse("proj_0test").expect("an id");
    let key = RefreshKey::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE").expect("a key");
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(token) = RefreshToken::open(text, std::iter::once(&key), &project) {
        assert_eq!(token.seal(&key, &project).as_deref(), Ok(text));
    }
}

/// The refresh token that a fuzzer may begin with.
pub fn sound_refresh_token() -> String {
    let project = ProjectId::parse("proj_0test").expect("an id");
    let key = RefreshKey::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE").expect("a key");
    let token = RefreshToken {
        identity: AnonymousId(7),
        counter: 3,
        issued_at: NOON,
    };
    token.seal(&key, &project).expect("a token")
}

/// Auth rules: those without a mistake are whole, and no mistake tells a secret.
pub fn auth_rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let project = deployment(text);
    let rules = project.auth_rules();
    for mistake in rules.mistakes() {
        assert!(!mistake.to_string().contains(SECRET));
    }
    for rule in rules.tokens().unwrap_or_default() {
        assert!(!rule.issuer.is_empty() && rule.issuer != project.issuer());
        assert!(rule.secret.is_some() || rule.keys.is_some());
        assert!(rule.keys.is_none() || !rule.algorithms.is_empty());
    }
    for rule in rules.sessions().unwrap_or_default() {
        assert!(rule.url.as_str().starts_with("https://"));
    }
}
