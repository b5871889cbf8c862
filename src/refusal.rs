//! A request that is refused: what its sender is told, and what the operator is.

use crate::error::ApiError;
use crate::provider_token;
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
