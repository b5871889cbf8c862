//! An app that relies on our tokens without being the Worker: it knows the issuer, and fetches the public keys.
//!
//! As a state machine that knows no network: asked about a request, it says what to do next.

use std::cell::RefCell;
use std::fmt;

use crate::authentication::Credential;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::ProjectId;
use crate::key_cache::{self, KeyCache, Ticket, Wanted};
use crate::key_set::KeySet;
use crate::project::{ConfigError, parse_issuer};
use crate::signature::{Algorithm, PublicKey, Signatures};
use crate::timestamp::Timestamp;
use crate::token::{Authority, UntrustedToken};
use crate::token_cache::TokenCache;

/// The most that clocks may differ, in seconds: as long as a token usually lives.
const MAX_CLOCK_TOLERANCE_SECONDS: u32 = 300;

/// A public key and the id by which a token names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    id: String,
    key: PublicKey,
}

/// What to do about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Serve it: its token was verified a moment ago.
    Admit(Caller),
    /// Verify its token by [`RelyingParty::verify`]. With a ticket, fetch the keys again meanwhile, without
    /// waiting for them.
    Verify(NamedKey, Option<Ticket>),
    /// Fetch the keys, report, and ask again.
    Fetch(Ticket),
    /// Ask again after so many milliseconds: somebody else is fetching.
    Wait(u32),
    /// Refuse it: it has no token, or one that cannot be good.
    Refuse(ApiError),
    /// Answer 503: the keys cannot be had now, and nothing is known of the token.
    Unavailable,
}

/// Whose tokens an app relies on, and what it has learned so far.
pub struct RelyingParty {
    issuer: String,
    audience: String,
    project: ProjectId,
    clock_tolerance_seconds: u32,
    keys: RefCell<KeyCache>,
    tokens: TokenCache,
}

impl RelyingParty {
    /// Relies on the tokens of one project. `audience` is the issuer where there is none.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], for the first setting that cannot be.
    pub fn new(
        issuer: &str,
        audience: Option<&str>,
        project_id: &str,
        clock_tolerance_seconds: u32,
    ) -> Result<Self, ConfigError> {
        let wrong = |variable, reason: String| ConfigError { variable, reason };
        let issuer = parse_issuer(issuer).map_err(|reason| wrong("issuer", reason.to_owned()))?;
        let project =
            ProjectId::parse(project_id).map_err(|error| wrong("projectId", error.to_string()))?;
        let audience = audience.unwrap_or(&issuer).to_owned();
        if audience.is_empty() {
            return Err(wrong("audience", "must not be empty".to_owned()));
        }
        if clock_tolerance_seconds > MAX_CLOCK_TOLERANCE_SECONDS {
            return Err(wrong("clockTolerance", "must be 0 to 300 s".to_owned()));
        }
        Ok(Self {
            issuer,
            audience,
            project,
            clock_tolerance_seconds,
            keys: RefCell::default(),
            tokens: TokenCache::default(),
        })
    }

    /// The project whose tokens are relied on.
    pub fn project_id(&self) -> &ProjectId {
        &self.project
    }

    /// A request has come, with this `Authorization` or none.
    pub fn ask(&self, authorization: Option<&str>, now: Timestamp) -> Step {
        let text = match read_token(authorization) {
            Ok(text) => text,
            Err(error) => return Step::Refuse(error),
        };
        if let Some(caller) = self.tokens.find(text, now) {
            return Step::Admit(caller);
        }
        let issuer = Issuer {
            party: self,
            key: None,
        };
        let claimed = UntrustedToken::parse(text).and_then(|token| token.claimed_key_id(&issuer));
        let id = match claimed {
            Ok(id) => id,
            Err(error) => return Step::Refuse(error.into()),
        };
        let wanted = Wanted {
            algorithm: Algorithm::EdDsa,
            id: Some(&id),
        };
        match self.keys.borrow_mut().ask(wanted, now) {
            key_cache::Step::Use(key, ticket) => Step::Verify(NamedKey { id, key }, ticket),
            key_cache::Step::Fetch(ticket) => Step::Fetch(ticket),
            key_cache::Step::Wait(millis) => Step::Wait(millis),
            key_cache::Step::Refuse(_) => Step::Refuse(ApiError::TokenInvalid),
            key_cache::Step::Unavailable => Step::Unavailable,
        }
    }

    /// Verifies the token that [`Step::Verify`] was about, and remembers it.
    ///
    /// # Errors
    ///
    /// [`ApiError`]; [`ApiError::Unavailable`] when signatures cannot be checked now.
    pub async fn verify(
        &self,
        authorization: Option<&str>,
        key: &NamedKey,
        signatures: &impl Signatures,
        now: Timestamp,
    ) -> Result<Caller, ApiError> {
        let text = read_token(authorization)?;
        let issuer = Issuer {
            party: self,
            key: Some(key),
        };
        let token = UntrustedToken::parse(text)?;
        let token = token.verify(&issuer, signatures, now).await?;
        let caller = token.caller().clone();
        self.tokens.remember(text, token, now);
        Ok(caller)
    }

    /// A fetch brought an answer of status 200, and with it perhaps `Cache-Control`.
    pub fn keys_arrived(
        &self,
        ticket: Ticket,
        body: &[u8],
        cache_control: Option<&str>,
        now: Timestamp,
    ) {
        let mut keys = self.keys.borrow_mut();
        match KeySet::parse(body) {
            Some(set) => keys.arrived(ticket, set, cache_control, now),
            None => keys.failed(ticket, now),
        }
    }

    /// A fetch failed: no answer in time, or another status than 200.
    pub fn keys_failed(&self, ticket: Ticket, now: Timestamp) {
        self.keys.borrow_mut().failed(ticket, now);
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RelyingParty({})", self.issuer)
    }
}

/// A token, and no other credential: an API key's owner is no user.
fn read_token(authorization: Option<&str>) -> Result<&str, ApiError> {
    match Credential::read(authorization)? {
        Credential::Token(text) => Ok(text),
        Credential::ApiKey(_) => Err(ApiError::AuthorizationUnsupported),
    }
}

/// The authority, with the one key that a token names once it is known.
struct Issuer<'a> {
    party: &'a RelyingParty,
    key: Option<&'a NamedKey>,
}

impl Authority for Issuer<'_> {
    fn issuer(&self) -> &str {
        &self.party.issuer
    }

    fn audience(&self) -> &str {
        &self.party.audience
    }

    fn project_id(&self) -> &ProjectId {
        &self.party.project
    }

    fn verifying_key(&self, id: &str) -> Option<&PublicKey> {
        self.key.filter(|key| key.id == id).map(|named| &named.key)
    }

    fn clock_tolerance_seconds(&self) -> i64 {
        self.party.clock_tolerance_seconds.into()
    }
}
