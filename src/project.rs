//! A deployment's configuration: one value with one loader.

use std::fmt;

use crate::api_key::ApiKeyEntry;
use crate::attachment::{AddressKey, AddressKeys};
use crate::auth_rule::{AuthRules, Surroundings};
use crate::id::ProjectId;
use crate::origin::{self, AllowedOrigins};
use crate::refresh_token::RefreshKey;
use crate::signature::{PublicKey, SignatureFault, Signatures};
use crate::signing_key::{SigningKey, SigningSeed};
use crate::title::Model;
use crate::token::Authority;

/// How long a workspace token lives unless it is configured, in seconds.
const DEFAULT_TOKEN_LIFETIME: u32 = 300;
/// The shortest lifetime: below it a client would do little but renew.
const MIN_TOKEN_LIFETIME: u32 = 10;
/// The longest lifetime: there is no list of revoked tokens, so this bounds a stolen one.
const MAX_TOKEN_LIFETIME: u32 = 3_600;

/// A variable or secret that is missing or wrong. Says which and why, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// What it must be.
    pub reason: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.variable, self.reason)
    }
}

impl std::error::Error for ConfigError {}

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The operator's doing.
    Config(ConfigError),
    /// Passing trouble: the signing key's public half could not be computed.
    Signatures(SignatureFault),
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(formatter),
            Self::Signatures(fault) => fault.fmt(formatter),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<ConfigError> for LoadError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<SignatureFault> for LoadError {
    fn from(fault: SignatureFault) -> Self {
        Self::Signatures(fault)
    }
}

/// Everything that a deployment is told.
#[derive(Debug)]
pub struct Project {
    id: ProjectId,
    issuer: String,
    audience: String,
    allowed_origins: AllowedOrigins,
    anonymous: bool,
    token_lifetime_seconds: u32,
    retention_days: Option<u32>,
    signing_key: SigningKey,
    previous_signing_key: Option<SigningKey>,
    refresh_key: RefreshKey,
    previous_refresh_key: Option<RefreshKey>,
    api_keys: Vec<ApiKeyEntry>,
    address_keys: AddressKeys,
    title_model: Model,
    auth_rules: AuthRules,
    rate_limits: bool,
}

/// A source of variables. Reads one name at a time, so that every mistake can name its variable.
struct Variables<L>(L);

impl<L: Fn(&str) -> Option<String>> Variables<L> {
    fn optional<T, E: fmt::Display>(
        &self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        match (self.0)(variable).filter(|value| !value.trim().is_empty()) {
            None => Ok(None),
            Some(value) => parse(value.trim()).map(Some).map_err(|error| ConfigError {
                variable,
                reason: error.to_string(),
            }),
        }
    }

    fn required<T, E: fmt::Display>(
        &self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, ConfigError> {
        self.optional(variable, parse)?.ok_or_else(|| ConfigError {
            variable,
            reason: "is missing".to_owned(),
        })
    }
}

impl Project {
    /// Reads the configuration. `lookup` gives a variable's or secret's text, or `None` where there is
    /// none; one of white space only counts as none.
    ///
    /// # Errors
    ///
    /// [`LoadError`], for the first variable that is missing or wrong.
    pub async fn load(
        lookup: impl Fn(&str) -> Option<String>,
        signatures: &impl Signatures,
    ) -> Result<Self, LoadError> {
        let variables = Variables(lookup);
        let seed = variables.required("SIGNING_KEY", SigningSeed::parse)?;
        let previous_seed = variables.optional("SIGNING_KEY_PREVIOUS", SigningSeed::parse)?;
        let issuer = variables.required("ISSUER", parse_issuer)?;
        let auth_rules = variables.optional("AUTH_RULES", |text| {
            let surroundings = Surroundings {
                own_origin: &issuer,
                lookup: &variables.0,
            };
            Ok::<_, ConfigError>(AuthRules::load(text, &surroundings))
        })?;
        Ok(Self {
            auth_rules: auth_rules.unwrap_or_default(),
            rate_limits: variables
                .optional("RATE_LIMITS", parse_switch)?
                .unwrap_or(true),
            id: variables.required("PROJECT_ID", ProjectId::parse)?,
            audience: variables
                .optional("AUDIENCE", |text| Ok::<_, ConfigError>(text.to_owned()))?
                .unwrap_or_else(|| issuer.clone()),
            issuer,
            allowed_origins: variables
                .optional("ALLOWED_ORIGINS", AllowedOrigins::parse)?
                .unwrap_or_default(),
            anonymous: variables
                .optional("ANONYMOUS", parse_switch)?
                .unwrap_or(true),
            token_lifetime_seconds: variables
                .optional("TOKEN_LIFETIME_SECONDS", parse_lifetime)?
                .unwrap_or(DEFAULT_TOKEN_LIFETIME),
            retention_days: variables.optional("RETENTION_DAYS", parse_retention)?,
            signing_key: seed.into_key(signatures).await?,
            previous_signing_key: match previous_seed {
                Some(seed) => Some(seed.into_key(signatures).await?),
                None => None,
            },
            refresh_key: variables.required("REFRESH_KEY", RefreshKey::parse)?,
            previous_refresh_key: variables.optional("REFRESH_KEY_PREVIOUS", RefreshKey::parse)?,
            api_keys: variables
                .optional("API_KEYS", ApiKeyEntry::parse_list)?
                .unwrap_or_default(),
            address_keys: AddressKeys::new(
                variables.required("REFRESH_KEY", AddressKey::parse)?,
                variables.optional("REFRESH_KEY_PREVIOUS", AddressKey::parse)?,
            ),
            title_model: Model::load(&variables.0)?,
        })
    }

    /// The project's id, a claim of every token.
    pub fn id(&self) -> &ProjectId {
        &self.id
    }

    /// The `iss` of every token: configured, never taken from a request.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `aud` of every token; the issuer unless configured.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Which pages may read our answers.
    pub fn allowed_origins(&self) -> &AllowedOrigins {
        &self.allowed_origins
    }

    /// Whether visitors without an account get an identity.
    pub fn allows_anonymous(&self) -> bool {
        self.anonymous
    }

    /// How long a workspace token lives, in seconds.
    pub fn token_lifetime_seconds(&self) -> u32 {
        self.token_lifetime_seconds
    }

    /// After how many milliseconds without a message a thread is removed; `None` keeps it for ever.
    pub fn retention_millis(&self) -> Option<i64> {
        self.retention_days
            .map(|days| i64::from(days).saturating_mul(86_400_000))
    }

    /// The key that signs.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing_key
    }

    /// The keys that verify: the one that signs, then the previous one while keys rotate. A key that is
    /// configured as both is one.
    pub fn signing_keys(&self) -> impl Iterator<Item = &SigningKey> {
        let previous = self
            .previous_signing_key
            .iter()
            .filter(|key| key.id() != self.signing_key.id());
        std::iter::once(&self.signing_key).chain(previous)
    }

    /// The key that seals refresh tokens.
    pub fn refresh_key(&self) -> &RefreshKey {
        &self.refresh_key
    }

    /// The keys that open refresh tokens: the one that seals, then the previous one while keys rotate.
    pub fn refresh_keys(&self) -> impl Iterator<Item = &RefreshKey> {
        std::iter::once(&self.refresh_key).chain(&self.previous_refresh_key)
    }

    /// The API keys, as hashes.
    pub fn api_keys(&self) -> &[ApiKeyEntry] {
        &self.api_keys
    }

    /// The keys of attachments' signed addresses.
    pub fn address_keys(&self) -> &AddressKeys {
        &self.address_keys
    }

    /// The auth rules, and what is wrong with them. A mistake there leaves the rest of the deployment at work.
    pub fn auth_rules(&self) -> &AuthRules {
        &self.auth_rules
    }

    /// Whether requests are counted by address; off where something before the Worker does it.
    pub fn limits_rates(&self) -> bool {
        self.rate_limits
    }

    /// The model that titles threads.
    pub fn title_model(&self) -> &Model {
        &self.title_model
    }
}

impl Authority for Project {
    fn issuer(&self) -> &str {
        self.issuer()
    }

    fn audience(&self) -> &str {
        self.audience()
    }

    fn project_id(&self) -> &ProjectId {
        self.id()
    }

    fn verifying_key(&self, id: &str) -> Option<&PublicKey> {
        self.signing_keys()
            .find(|key| key.id() == id)
            .map(SigningKey::public)
    }
}

/// An origin: scheme, host and perhaps a port. `http` only on this machine.
pub(crate) fn parse_issuer(text: &str) -> Result<String, &'static str> {
    let host = |scheme| text.strip_prefix(scheme);
    let authority = match (host("https://"), host("http://")) {
        (Some(authority), _) => authority,
        (None, Some(authority)) if origin::is_loopback(authority) => authority,
        (None, Some(_)) => return Err("must be https, except on localhost"),
        (None, None) => return Err("must be an https origin"),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if authority.is_empty() || !authority.bytes().all(plain) {
        return Err("must be an origin without path, query or trailing slash");
    }
    Ok(text.to_owned())
}

fn parse_switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be on or off"),
    }
}

fn parse_lifetime(text: &str) -> Result<u32, &'static str> {
    text.parse()
        .ok()
        .filter(|seconds| (MIN_TOKEN_LIFETIME..=MAX_TOKEN_LIFETIME).contains(seconds))
        .ok_or("must be whole seconds from 10 to 3600")
}

/// Ten years at most, as the hosted service has it.
fn parse_retention(text: &str) -> Result<u32, &'static str> {
    text.parse()
        .ok()
        .filter(|days| (1..=3_650).contains(days))
        .ok_or("must be whole days from 1 to 3650")
}
