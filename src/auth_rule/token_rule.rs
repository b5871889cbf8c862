//! Rules for tokens.

use super::fields::Fields;
use super::preset::{Needs, Preset, Provider};
use super::{SharedSecret, Surroundings, Template};
use crate::public_url::PublicUrl;
use crate::signature::Algorithm;

/// Issuers that sign for everybody's applications. Their tokens say nothing without an audience.
const SHARED_ISSUERS: [&str; 21] = [
    "accounts.google.com",
    "https://accounts.google.com",
    "https://securetoken.google.com/",
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
    "https://sts.windows.net/",
    "https://sts.chinacloudapi.cn/",
    "https://appleid.apple.com",
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://www.facebook.com",
    "https://www.linkedin.com",
    "https://slack.com",
    "https://id.twitch.tv/",
    "https://access.line.me",
    "https://kauth.kakao.com",
    "https://api.login.yahoo.com",
    "https://auth.login.yahoo.co.jp/",
    "https://cognito-identity.amazonaws.com",
    "https://www.paypal.com",
];

/// Our own variables' names. A secret of ours that is shared with a provider would be none any more, and the others
/// never were any.
const OWN_VARIABLES: [&str; 13] = [
    "SIGNING_KEY",
    "SIGNING_KEY_PREVIOUS",
    "REFRESH_KEY",
    "REFRESH_KEY_PREVIOUS",
    "API_KEYS",
    "AUTH_RULES",
    "TITLE_MODEL_KEY",
    "TITLE_MODEL_URL",
    "TITLE_MODEL",
    "PROJECT_ID",
    "ISSUER",
    "AUDIENCE",
    "ALLOWED_ORIGINS",
];

/// Where a provider's public keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWK set (RFC 7517, section 5).
    KeySet(PublicUrl),
    /// A discovery document that names the JWK set (OpenID Connect Discovery 1.0, section 4).
    Discovery(PublicUrl),
}

/// A rule for tokens: JWTs that a provider has signed.
#[derive(Debug)]
pub struct TokenRule {
    /// What the log calls it.
    pub name: String,
    /// Whose tokens.
    pub provider: Provider,
    /// Their `iss`, byte for byte.
    pub issuer: String,
    /// One of these must be in their `aud`; none listed leaves it open.
    pub audience: Vec<String>,
    /// Whether `aud` must be that one alone.
    pub single_audience: bool,
    /// Their `azp` must be one of these; none listed leaves it open.
    pub authorized_parties: Vec<String>,
    /// The algorithms of public keys that they may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// What HS256 is verified with; without it, HS256 is refused.
    pub secret: Option<SharedSecret>,
    /// Where the keys are; without it, only HS256 is accepted.
    pub keys: Option<KeySource>,
    /// The workspace's id.
    pub workspace: Template,
    /// How far the provider's clock may be ahead of ours, in milliseconds.
    pub clock_tolerance_millis: i64,
    /// The longest life of a token, in milliseconds.
    pub max_age_millis: i64,
    /// Whether a token may leave out which key signed it, where only one can have.
    pub kid_optional: bool,
}

impl TokenRule {
    /// Reads a rule. `None`, when it is not whole; what is wrong has been noted then.
    pub(super) fn read(
        fields: &mut Fields<'_>,
        surroundings: &Surroundings<'_>,
        name: Option<String>,
        provider: Provider,
    ) -> Option<Self> {
        let preset = Preset::read(provider, fields);
        let issuer = match preset.issuer {
            Some(issuer) => Some(fields.text("issuer").unwrap_or(issuer)),
            None => fields.required("issuer"),
        };
        let audience = fields.texts("audience").unwrap_or(preset.audience);
        let parties = fields.texts("authorized_parties").unwrap_or_default();
        if let Some(issuer) = &issuer {
            check_issuer(fields, issuer, surroundings, audience.is_empty());
        }
        let restricted = match preset.needs {
            Needs::Nothing => true,
            Needs::Audience => !audience.is_empty(),
            Needs::AudienceOrParty => !audience.is_empty() || !parties.is_empty(),
        };
        if !restricted {
            let reason = match preset.needs {
                Needs::AudienceOrParty => "is missing, and so is authorized_parties",
                _ => "is missing",
            };
            fields.complain("audience", reason);
        }
        let has_secret = fields.has("secret_variable");
        let secret = read_secret(fields, surroundings);
        let (algorithms, hs256) = read_algorithms(fields, preset.algorithms, has_secret);
        let keys = if algorithms.is_empty() {
            None
        } else {
            let usual = preset.jwks_url.map_or(KeysAt::Nowhere, KeysAt::Address);
            let usual = if preset.discovers {
                KeysAt::Issuer(issuer.as_deref())
            } else {
                usual
            };
            read_keys(fields, surroundings, usual)
        };
        let workspace = fields.template("workspace", "{sub}");
        Some(Self {
            provider,
            audience,
            single_audience: fields.switch("single_audience"),
            authorized_parties: parties,
            algorithms,
            secret: secret.filter(|_| hs256),
            keys,
            clock_tolerance_millis: millis(fields.whole_seconds(
                "clock_tolerance_seconds",
                0..=300,
                5,
            )),
            max_age_millis: millis(fields.whole_seconds("max_age_seconds", 60..=604_800, 86_400)),
            kid_optional: fields.switch("kid_optional"),
            name: name?,
            issuer: issuer?,
            workspace: workspace?,
        })
    }
}

/// Where a provider has its keys, when a rule does not say.
enum KeysAt<'a> {
    Nowhere,
    /// By the field of this name.
    Address((&'static str, String)),
    /// Where the issuer's discovery document says; there may be no issuer, which has been noted then.
    Issuer(Option<&'a str>),
}

fn read_keys(
    fields: &mut Fields<'_>,
    surroundings: &Surroundings<'_>,
    usual: KeysAt<'_>,
) -> Option<KeySource> {
    const FIELD: &str = "jwks_url";
    let parse = |url: &str| PublicUrl::parse(url, surroundings.own_origin);
    if fields.has(FIELD) {
        let url = fields.text(FIELD)?;
        return fields.sound(FIELD, parse(&url)).map(KeySource::KeySet);
    }
    match usual {
        KeysAt::Address((field, url)) => fields.sound(field, parse(&url)).map(KeySource::KeySet),
        KeysAt::Issuer(issuer) => {
            let base = issuer?.trim_end_matches('/');
            let url = [base, "/.well-known/openid-configuration"].concat();
            fields
                .sound("issuer", parse(&url))
                .map(KeySource::Discovery)
        }
        KeysAt::Nowhere => {
            fields.complain(FIELD, "is missing");
            None
        }
    }
}

fn millis(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000)
}

fn check_issuer(
    fields: &mut Fields<'_>,
    issuer: &str,
    surroundings: &Surroundings<'_>,
    any_audience: bool,
) {
    if issuer.trim_end_matches('/') == surroundings.own_origin {
        fields.complain("issuer", "must not be this deployment's own");
    }
    let is_shared = |shared: &&str| match shared.strip_suffix('/') {
        Some(_) => issuer.starts_with(*shared),
        None => issuer.trim_end_matches('/') == *shared,
    };
    if any_audience && SHARED_ISSUERS.iter().any(is_shared) {
        fields.complain(
            "audience",
            "is missing: this issuer signs tokens for other people's applications too",
        );
    }
}

fn read_secret(fields: &mut Fields<'_>, surroundings: &Surroundings<'_>) -> Option<SharedSecret> {
    const FIELD: &str = "secret_variable";
    let variable = fields.text(FIELD)?;
    if OWN_VARIABLES.contains(&variable.as_str()) {
        fields.complain(
            FIELD,
            "must not name one of this deployment's own variables",
        );
        return None;
    }
    let Some(text) = (surroundings.lookup)(&variable) else {
        fields.complain(FIELD, "must name a variable or secret that is set");
        return None;
    };
    fields.sound(FIELD, SharedSecret::new(text.as_bytes()))
}

/// The algorithms of public keys, and whether HS256 is accepted beside them.
fn read_algorithms(
    fields: &mut Fields<'_>,
    defaults: &[Algorithm],
    has_secret: bool,
) -> (Vec<Algorithm>, bool) {
    const FIELD: &str = "algorithms";
    let Some(names) = fields.texts(FIELD) else {
        // With a secret there is no key to look for, unless the rule says so.
        let algorithms = if has_secret { &[] } else { defaults };
        return (algorithms.to_vec(), has_secret);
    };
    let mut algorithms = Vec::new();
    let mut hs256 = false;
    for name in names {
        match Algorithm::parse(&name) {
            Some(algorithm) if algorithms.contains(&algorithm) => {}
            Some(algorithm) => algorithms.push(algorithm),
            None if name == "HS256" => hs256 = true,
            None => fields.complain(
                FIELD,
                "must be of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA, Ed25519 and HS256",
            ),
        }
    }
    if hs256 != has_secret {
        fields.complain(
            FIELD,
            "must have HS256 exactly where secret_variable is set",
        );
    }
    (algorithms, hs256)
}
