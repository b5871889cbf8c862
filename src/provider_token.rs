//! Provider tokens: JWTs of an identity provider, verified by an auth rule.
//!
//! The order of the checks is part of their meaning: form, header, the rule that the token's unverified `iss`
//! and `aud` choose, key, signature, claims, time, workspace. Nothing of a token is told before its signature
//! has been checked, and that it has expired is told of a genuine one only.

mod claims;
mod header;

use std::fmt;

use crate::auth_rule::TokenRule;
use crate::error::ApiError;
use crate::exchange::ProvenIdentity;
use crate::key_cache::Wanted;
use crate::key_set::NoKey;
use crate::signature::{PublicKey, SignatureFault, Signatures};
use crate::timestamp::Timestamp;
use crate::token::{TokenError, UntrustedToken};
pub use header::{Header, HeaderAlgorithm};

/// Why a provider token is refused. The caller learns only what [`ApiError`] says of it; the log has
/// [`Self::code`], in which nothing of the token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Longer than 8 KB.
    TooLong,
    /// Not three segments of canonical base64url.
    Form,
    /// A header that is no object, or has a member twice.
    Header,
    /// A header with a member that changes what is signed: `crit`, `b64`, `cty`, `zip`, `enc`.
    HeaderMember,
    /// A `typ` of another kind of token.
    Type,
    /// An algorithm that is none, or that the rule does not allow.
    Algorithm,
    /// A `kid` that is missing or no short text.
    KeyId,
    /// Claims that are no object, or have one twice.
    Claims,
    /// An `iss` that is missing or no text.
    Issuer,
    /// An `iss` that no rule has.
    NoRule,
    /// An `aud` that is no text and no list of texts.
    AudienceForm,
    /// An `aud` that is not for us.
    Audience,
    /// A key that the provider does not have.
    UnknownKey,
    /// A key that is not clear.
    AmbiguousKey,
    /// A signature that does not fit.
    Signature,
    /// An `exp` that is missing or no date.
    Expiry,
    /// An `nbf` that is no date.
    NotBefore,
    /// An `iat` that is no date or still to come.
    IssuedAt,
    /// A life longer than the rule allows.
    MaxAge,
    /// An `azp` that the rule does not have.
    AuthorizedParty,
    /// A token for something else than access: a logout token, one bound to a key, a session that is pending.
    Purpose,
    /// An `auth_time` that is missing, no date or still to come, where the provider always gives one.
    AuthenticationTime,
    /// A `sub` that is no user's id.
    Subject,
    /// Claims that give no workspace's id.
    Workspace,
    /// Past its `exp`.
    Expired,
    /// Ahead of its `nbf`.
    NotYetValid,
}

impl Reason {
    /// The reason as the log has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Form => "form",
            Self::Header => "header",
            Self::HeaderMember => "header_member",
            Self::Type => "typ",
            Self::Algorithm => "alg",
            Self::KeyId => "kid",
            Self::Claims => "claims",
            Self::Issuer => "iss",
            Self::NoRule => "no_rule",
            Self::AudienceForm => "aud_form",
            Self::Audience => "aud",
            Self::UnknownKey => "unknown_key",
            Self::AmbiguousKey => "ambiguous_key",
            Self::Signature => "signature",
            Self::Expiry => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::MaxAge => "max_age",
            Self::AuthorizedParty => "azp",
            Self::Purpose => "purpose",
            Self::AuthenticationTime => "auth_time",
            Self::Subject => "sub",
            Self::Workspace => "workspace",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}

impl From<TokenError> for Reason {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::TooLong => Self::TooLong,
            _ => Self::Form,
        }
    }
}

impl From<NoKey> for Reason {
    fn from(none: NoKey) -> Self {
        match none {
            NoKey::Unknown => Self::UnknownKey,
            NoKey::Ambiguous => Self::AmbiguousKey,
        }
    }
}

/// A provider token that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'r> {
    /// The name of the rule, where one was chosen.
    pub rule: Option<&'r str>,
    /// Why.
    pub reason: Reason,
}

impl From<Reason> for Refusal<'_> {
    fn from(reason: Reason) -> Self {
        Self { rule: None, reason }
    }
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule.unwrap_or("no rule");
        write!(formatter, "{rule}: {}", self.reason.code())
    }
}

impl std::error::Error for Refusal<'_> {}

impl From<Refusal<'_>> for ApiError {
    fn from(refusal: Refusal<'_>) -> Self {
        match refusal.reason {
            Reason::Expired => Self::TokenExpired,
            Reason::NotYetValid => Self::TokenNotYetValid,
            Reason::NoRule | Reason::Audience => Self::NoAuthRule,
            _ => Self::TokenInvalid,
        }
    }
}

/// Why a verification came to no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationError<'r> {
    /// The token is refused.
    Refused(Refusal<'r>),
    /// Signatures could not be computed, which says nothing about the token.
    Fault(SignatureFault),
}

/// A token that a rule is responsible for. Not a claim of it is true yet.
#[derive(Debug)]
pub struct ProviderToken<'a, 'r> {
    token: UntrustedToken<'a>,
    header: Header,
    rule: &'r TokenRule,
}

/// What a token's signature is checked with.
#[derive(Debug, Clone, Copy)]
pub enum Verification<'a> {
    /// The rule's shared secret; no key is needed.
    Secret,
    /// A key of the rule's provider.
    Key(Wanted<'a>),
}

impl<'a, 'r> ProviderToken<'a, 'r> {
    /// Reads a token as far as is needed to know which of `rules` is responsible for it.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub fn read(token: UntrustedToken<'a>, rules: &'r [TokenRule]) -> Result<Self, Refusal<'r>> {
        let header = Header::read(token.header())?;
        let rule = claims::choose_rule(token.claims().ok_or(Reason::Claims)?, rules)?;
        let refuse = |reason| Refusal {
            rule: Some(&rule.name),
            reason,
        };
        match header.algorithm {
            HeaderAlgorithm::Hs256 => {
                rule.secret.as_ref().ok_or(refuse(Reason::Algorithm))?;
            }
            HeaderAlgorithm::PublicKey(algorithm) => {
                if rule.keys.is_none() || !rule.algorithms.contains(&algorithm) {
                    return Err(refuse(Reason::Algorithm));
                }
                if header.key_id.is_none() && !rule.kid_optional {
                    return Err(refuse(Reason::KeyId));
                }
            }
        }
        Ok(Self {
            token,
            header,
            rule,
        })
    }

    /// The rule that is responsible.
    pub fn rule(&self) -> &'r TokenRule {
        self.rule
    }

    /// What the signature is to be checked with.
    pub fn verification(&self) -> Verification<'_> {
        match (self.header.algorithm, &self.rule.keys) {
            (HeaderAlgorithm::PublicKey(algorithm), Some(_)) => Verification::Key(Wanted {
                algorithm,
                id: self.header.key_id.as_deref(),
            }),
            _ => Verification::Secret,
        }
    }

    /// The refusal of this token for a reason that was found outside.
    pub fn refuse(&self, reason: impl Into<Reason>) -> Refusal<'r> {
        Refusal {
            rule: Some(&self.rule.name),
            reason: reason.into(),
        }
    }

    /// Verifies the token with the shared secret of its rule.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub fn verify_with_secret(&self, now: Timestamp) -> Result<ProvenIdentity, Refusal<'r>> {
        let fits = self.header.algorithm == HeaderAlgorithm::Hs256
            && self.rule.secret.as_ref().is_some_and(|secret| {
                secret.verify(self.token.signed().as_bytes(), self.token.signature())
            });
        self.conclude(fits, now)
    }

    /// Verifies the token with the key that it names.
    ///
    /// # Errors
    ///
    /// [`VerificationError`].
    pub async fn verify_with_key(
        &self,
        key: &PublicKey,
        signatures: &impl Signatures,
        now: Timestamp,
    ) -> Result<ProvenIdentity, VerificationError<'r>> {
        let fits = self.header.algorithm == HeaderAlgorithm::PublicKey(key.algorithm)
            && signatures
                .verify(key, self.token.signed().as_bytes(), self.token.signature())
                .await
                .map_err(VerificationError::Fault)?;
        self.conclude(fits, now).map_err(VerificationError::Refused)
    }

    /// What comes after the signature.
    fn conclude(
        &self,
        signature_fits: bool,
        now: Timestamp,
    ) -> Result<ProvenIdentity, Refusal<'r>> {
        let claims = self.token.claims().ok_or(Reason::Claims);
        let concluded = if signature_fits {
            claims.and_then(|claims| claims::check(claims, self.rule, now))
        } else {
            Err(Reason::Signature)
        };
        concluded.map_err(|reason| self.refuse(reason))
    }
}
