//! A request that is refused: what its sender is told, and what the operator is.

use crate::error::ApiError;
use crate::provider_token;
use crate::session_exchange;
use crate::token::TokenError;

/// A refused request. Nothing of its credential is in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the sender is told.
    pub error: ApiError,
    /// The auth rule that it failed at, if it came to one.
    pub rule: Option<String>,
    /// What the operator is told.
    pub reason: &'static str,
}

impl Refusal {
    /// The refusal of a session, by the rule that was chosen for it.
    pub fn of_session(rule: &str, reason: session_exchange::Reason) -> Self {
        Self {
            rule: Some(rule.to_owned()),
            ..reason.into()
        }
    }

    /// Whether it is for the sake of a credential, which the operator may want to look into. That there is none
    /// is no such matter.
    pub fn concerns_credential(&self) -> bool {
        matches!(self.error.status(), 401 | 403) && self.error != ApiError::AuthorizationMissing
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self {
            reason: error.code(),
            rule: None,
            error,
        }
    }
}

impl From<session_exchange::Reason> for Refusal {
    fn from(reason: session_exchange::Reason) -> Self {
        Self {
            error: reason.into(),
            rule: None,
            reason: reason.code(),
        }
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self {
            error: error.into(),
            rule: None,
            reason: error.words(),
        }
    }
}

impl From<provider_token::Refusal<'_>> for Refusal {
    fn from(refusal: provider_token::Refusal<'_>) -> Self {
        Self {
            error: refusal.into(),
            rule: refusal.rule.map(str::to_owned),
            reason: refusal.reason.code(),
        }
    }
}
