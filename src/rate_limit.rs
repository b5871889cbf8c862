//! How often somebody may come: a count in fixed windows of a minute.

use std::collections::HashMap;

use crate::route::Endpoint;
use crate::timestamp::Timestamp;

/// The length of a window, in milliseconds.
const WINDOW_MILLIS: i64 = 60_000;
/// The most names that are counted at once; the counts of all go when there are more.
const MAX_NAMES: usize = 10_000;

/// Counts requests by name. Lives in memory, so it forgets with its owner; what it bounds is load, not
/// money.
#[derive(Debug)]
pub struct RateLimit {
    most: u32,
    window: i64,
    counts: HashMap<String, u32>,
}

impl RateLimit {
    /// A limit of `most` requests a minute and name.
    pub fn per_minute(most: u32) -> Self {
        Self {
            most,
            window: i64::MIN,
            counts: HashMap::new(),
        }
    }

    /// Counts a request of `name` at `now`; false when it is one too many.
    pub fn admit(&mut self, name: &str, now: Timestamp) -> bool {
        let window = now.as_millis().div_euclid(WINDOW_MILLIS);
        if window != self.window || self.counts.len() >= MAX_NAMES {
            self.window = window;
            self.counts.clear();
        }
        let count = self.counts.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

/// What is counted: by the address that it comes from, or by the user whom it acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitedCall {
    /// A new anonymous identity: 30 a minute (contract 1.3).
    Anonymous,
    /// A refresh: 120 a minute (contract 1.3).
    Refresh,
    /// A claim, which a person makes once: 30 a minute.
    Claim,
    /// An exchange of a session, as often as a refresh: 120 a minute.
    Session,
    /// A title, for which a model may be asked: 30 a minute.
    Title,
    /// An address to upload to, behind which up to 25 MiB are stored: 30 a minute.
    Upload,
}

impl LimitedCall {
    /// What a call of `endpoint` counts as, by its address.
    pub const fn of_address(endpoint: Endpoint) -> Option<Self> {
        match endpoint {
            Endpoint::CreateAnonymousToken => Some(Self::Anonymous),
            Endpoint::RefreshToken => Some(Self::Refresh),
            Endpoint::ClaimThreads => Some(Self::Claim),
            Endpoint::ExchangeSession => Some(Self::Session),
            _ => None,
        }
    }

    /// What a call of `endpoint` counts as, by its caller: what costs the deployment money elsewhere.
    pub const fn of_caller(endpoint: Endpoint) -> Option<Self> {
        match endpoint {
            Endpoint::StreamRun => Some(Self::Title),
            Endpoint::SignUpload => Some(Self::Upload),
            _ => None,
        }
    }

    /// How many there may be a minute, of one address or caller.
    pub const fn per_minute(self) -> u32 {
        match self {
            Self::Anonymous | Self::Claim | Self::Title | Self::Upload => 30,
            Self::Refresh | Self::Session => 120,
        }
    }

    /// The name of the runtime's own limiter for it, where one is bound.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Anonymous => "RATE_LIMIT_ANONYMOUS",
            Self::Refresh => "RATE_LIMIT_REFRESH",
            Self::Claim => "RATE_LIMIT_CLAIM",
            Self::Session => "RATE_LIMIT_SESSION",
            Self::Title => "RATE_LIMIT_TITLE",
            Self::Upload => "RATE_LIMIT_UPLOAD",
        }
    }
}

/// The counts of every limited call, for where the runtime has no limiter.
#[derive(Debug)]
pub struct CallLimits {
    anonymous: RateLimit,
    refresh: RateLimit,
    claim: RateLimit,
    session: RateLimit,
    title: RateLimit,
    upload: RateLimit,
}

impl Default for CallLimits {
    fn default() -> Self {
        let limit = |call: LimitedCall| RateLimit::per_minute(call.per_minute());
        Self {
            anonymous: limit(LimitedCall::Anonymous),
            refresh: limit(LimitedCall::Refresh),
            claim: limit(LimitedCall::Claim),
            session: limit(LimitedCall::Session),
            title: limit(LimitedCall::Title),
            upload: limit(LimitedCall::Upload),
        }
    }
}

impl CallLimits {
    /// Counts a call that came at `now` under a name of [`crate::client_address::counted_as`] or
    /// [`crate::id::counted_as`]; false when it is one too many.
    pub fn admit(&mut self, call: LimitedCall, name: &str, now: Timestamp) -> bool {
        let limit = match call {
            LimitedCall::Anonymous => &mut self.anonymous,
            LimitedCall::Refresh => &mut self.refresh,
            LimitedCall::Claim => &mut self.claim,
            LimitedCall::Session => &mut self.session,
            LimitedCall::Title => &mut self.title,
            LimitedCall::Upload => &mut self.upload,
        };
        limit.admit(name, now)
    }
}
