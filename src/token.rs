//! Workspace tokens: short-lived JWTs for one user in one workspace, signed with Ed25519.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::DateTime;
use jwt_compact::alg::Ed25519;
use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header};
use serde::{Deserialize, Serialize};

use crate::base62;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{UserId, WorkspaceId};
use crate::object;
use crate::project::Project;
use crate::timestamp::Timestamp;

/// The longest token that is looked at, in bytes. Longer ones are refused before any decoding.
pub const MAX_TOKEN_BYTES: usize = 8_192;
/// The `typ` of our tokens, so that no other kind of JWT passes for one (RFC 8725, section 3.11).
const TOKEN_TYPE: &str = "aui+jwt";
/// How far before its issue a token is valid, in seconds: room for verifiers whose clocks are behind.
const NOT_BEFORE_SECONDS: i64 = 10;

/// Why a token is not trusted. The caller learns only what [`ApiError`] says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLong,
    /// Not three segments of canonical base64url, or JSON that is none.
    Malformed,
    /// Made by somebody else.
    ForeignIssuer,
    /// A header that we never write: another algorithm or type, an unknown or repeated member.
    Header,
    /// A key that is neither the current nor the previous one.
    UnknownKey,
    /// A signature that does not fit.
    Signature,
    /// Signed by us, but not for this project, or not a workspace token.
    Claims,
    /// Past its `exp`.
    Expired,
    /// Ahead of its `nbf`.
    NotYetValid,
}

impl fmt::Display for TokenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLong => "token is too long",
            Self::Malformed => "token is malformed",
            Self::ForeignIssuer => "token has another issuer",
            Self::Header => "token header is not one of ours",
            Self::UnknownKey => "token key is unknown",
            Self::Signature => "token signature does not fit",
            Self::Claims => "token claims are not for this project",
            Self::Expired => "token has expired",
            Self::NotYetValid => "token is not yet valid",
        })
    }
}

impl std::error::Error for TokenError {}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::TokenExpired,
            TokenError::NotYetValid => Self::TokenNotYetValid,
            TokenError::ForeignIssuer => Self::NoAuthRule,
            _ => Self::TokenInvalid,
        }
    }
}

/// A text that has the shape of a JWT, and nothing more: not a claim of it is true yet.
#[derive(Debug)]
pub struct UntrustedToken<'a> {
    signed: &'a str,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// The issuer that a token claims, read only to choose how to verify it.
#[derive(Deserialize)]
struct ClaimedIssuer {
    iss: String,
}

/// The header of a workspace token. Unknown members, `crit` among them, are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// What a workspace token says besides its times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WorkspaceClaims {
    iss: String,
    aud: String,
    sub: String,
    project_id: String,
    workspace_id: String,
    jti: String,
}

/// The times of a workspace token, in seconds since the epoch.
#[derive(Deserialize)]
struct Times {
    exp: i64,
    nbf: i64,
}

/// A workspace token that has been verified: signed by us, for this project, and in its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    caller: Caller,
    not_before: Timestamp,
    expires_at: Timestamp,
}

impl VerifiedToken {
    /// Whom the token speaks for.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the token is in its time, `expires_at` excluded.
    ///
    /// # Errors
    ///
    /// [`TokenError::Expired`] or [`TokenError::NotYetValid`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), TokenError> {
        if now >= self.expires_at {
            return Err(TokenError::Expired);
        }
        if now < self.not_before {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }
}

impl<'a> UntrustedToken<'a> {
    /// Takes a text apart: three segments of canonical, unpadded base64url (RFC 7515, section 7.1).
    ///
    /// # Errors
    ///
    /// [`TokenError::TooLong`] or [`TokenError::Malformed`].
    pub fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let decode = |segment: &str| {
            if segment.is_empty() {
                return Err(TokenError::Malformed);
            }
            Base64UrlUnpadded::decode_vec(segment).map_err(|_| TokenError::Malformed)
        };
        Ok(Self {
            signed,
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    fn claimed_issuer(&self) -> Result<String, TokenError> {
        object::read::<ClaimedIssuer>(&self.payload)
            .map(|claimed| claimed.iss)
            .ok_or(TokenError::Malformed)
    }

    /// Verifies a workspace token: issuer, header, key, signature, claims and, last, time, so that a
    /// forged token is never told apart by its age.
    ///
    /// # Errors
    ///
    /// [`TokenError`], for the first thing that is wrong.
    pub fn verify(self, project: &Project, now: Timestamp) -> Result<VerifiedToken, TokenError> {
        if self.claimed_issuer()? != project.issuer() {
            return Err(TokenError::ForeignIssuer);
        }
        let header: WorkspaceHeader = object::read(&self.header).ok_or(TokenError::Header)?;
        if header.alg != "EdDSA" || header.typ != TOKEN_TYPE {
            return Err(TokenError::Header);
        }
        let key = project
            .verifying_key(&header.kid)
            .ok_or(TokenError::UnknownKey)?;
        let signature = <Ed25519 as Algorithm>::Signature::try_from_slice(&self.signature)
            .map_err(|_| TokenError::Signature)?;
        if !Ed25519.verify_signature(&signature, key, self.signed.as_bytes()) {
            return Err(TokenError::Signature);
        }
        let claims: WorkspaceClaims = object::read(&self.payload).ok_or(TokenError::Claims)?;
        let times: Times = object::read(&self.payload).ok_or(TokenError::Claims)?;
        if claims.aud != project.audience() || claims.project_id != project.id().as_str() {
            return Err(TokenError::Claims);
        }
        let verified = VerifiedToken {
            caller: Caller {
                user: UserId::parse_own(&claims.sub).map_err(|_| TokenError::Claims)?,
                workspace: WorkspaceId::parse_own(&claims.workspace_id)
                    .map_err(|_| TokenError::Claims)?,
            },
            not_before: Timestamp::from_seconds(times.nbf),
            expires_at: Timestamp::from_seconds(times.exp),
        };
        verified.check_time(now)?;
        Ok(verified)
    }
}

/// Issues a workspace token that lives from `now` for the project's token lifetime. `random` becomes its
/// `jti`.
///
/// # Errors
///
/// [`ApiError::Internal`], when `now` lies where no token can be dated.
pub fn issue(
    project: &Project,
    caller: &Caller,
    now: Timestamp,
    random: u128,
) -> Result<String, ApiError> {
    let issued_at = now.as_seconds();
    let date = |seconds: i64| DateTime::from_timestamp(seconds, 0).ok_or(ApiError::Internal);
    let mut claims = Claims::new(WorkspaceClaims {
        iss: project.issuer().to_owned(),
        aud: project.audience().to_owned(),
        sub: caller.user.as_str().to_owned(),
        project_id: project.id().as_str().to_owned(),
        workspace_id: caller.workspace.as_str().to_owned(),
        jti: base62::encode::<22>(random),
    });
    claims.issued_at = Some(date(issued_at)?);
    claims.not_before = Some(date(issued_at.saturating_sub(NOT_BEFORE_SECONDS))?);
    claims.expiration = Some(date(
        issued_at.saturating_add(i64::from(project.token_lifetime_seconds())),
    )?);
    let key = project.signing_key();
    let header = Header::empty()
        .with_token_type(TOKEN_TYPE)
        .with_key_id(key.id());
    Ed25519
        .token(&header, &claims, key.secret())
        .map_err(|_| ApiError::Internal)
}
