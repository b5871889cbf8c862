//! Workspace tokens, as they are verified: short-lived JWTs for one user in one workspace, signed with Ed25519.

use std::cell::OnceCell;
use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{ProjectId, UserId, WorkspaceId};
use crate::json::Json;
use crate::signature::{PublicKey, SignatureFault, Signatures};
use crate::timestamp::Timestamp;

/// The longest token that is looked at, in bytes. Longer ones are refused before any decoding.
pub const MAX_TOKEN_BYTES: usize = 8_192;
/// The `alg` of our tokens (RFC 8037, section 3.1).
pub(crate) const ALGORITHM: &str = "EdDSA";
/// The `typ` of our tokens, so that no other kind of JWT passes for one (RFC 8725, section 3.11).
pub(crate) const TOKEN_TYPE: &str = "aui+jwt";

/// Whose tokens are trusted, and what for.
pub trait Authority {
    /// The `iss` of its tokens.
    fn issuer(&self) -> &str;

    /// The `aud` that a token must have.
    fn audience(&self) -> &str;

    /// The project that a token must be for.
    fn project_id(&self) -> &ProjectId;

    /// The public key of this id, if it is one that signs its tokens.
    fn verifying_key(&self, id: &str) -> Option<&PublicKey>;

    /// By how many seconds its clock and the one that tokens are verified by may differ.
    fn clock_tolerance_seconds(&self) -> i64 {
        0
    }
}

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
    /// Not checked, because signatures cannot be now.
    Unchecked,
}

impl TokenError {
    /// The reason as the log has it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TooLong => "token is too long",
            Self::Malformed => "token is malformed",
            Self::ForeignIssuer => "token has another issuer",
            Self::Header => "token header is not one of ours",
            Self::UnknownKey => "token key is unknown",
            Self::Signature => "token signature does not fit",
            Self::Claims => "token claims are not for this project",
            Self::Expired => "token has expired",
            Self::NotYetValid => "token is not yet valid",
            Self::Unchecked => "token cannot be checked now",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

impl std::error::Error for TokenError {}

impl From<SignatureFault> for TokenError {
    fn from(_: SignatureFault) -> Self {
        Self::Unchecked
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::TokenExpired,
            TokenError::NotYetValid => Self::TokenNotYetValid,
            TokenError::ForeignIssuer => Self::NoAuthRule,
            TokenError::Unchecked => Self::Unavailable,
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
    /// The payload as an object, once somebody has asked for it.
    claims: OnceCell<Option<Json>>,
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
        if header.is_empty() || signature.is_empty() {
            return Err(TokenError::Malformed);
        }
        let decode = |segment: &str| {
            Base64UrlUnpadded::decode_vec(segment).map_err(|_| TokenError::Malformed)
        };
        Ok(Self {
            signed,
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            claims: OnceCell::new(),
        })
    }

    /// The bytes that are signed.
    pub fn signed(&self) -> &'a str {
        self.signed
    }

    /// The header's bytes.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// What the payload says, if it is an object. Nothing of it is true yet.
    pub fn claims(&self) -> Option<&Json> {
        let read = || Json::parse_object(&self.payload);
        self.claims.get_or_init(read).as_ref()
    }

    /// The signature's bytes.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The id of the key that a token of this authority says to be signed with. Nothing of it is true yet.
    ///
    /// # Errors
    ///
    /// [`TokenError`], for a token of another issuer, or with a header that we never write.
    pub fn claimed_key_id(&self, authority: &impl Authority) -> Result<String, TokenError> {
        self.claims_of(authority.issuer())?;
        self.key_id()
    }

    /// The claims, if they are of this issuer. Nothing of them is true yet.
    fn claims_of(&self, issuer: &str) -> Result<&Json, TokenError> {
        let claims = self.claims().ok_or(TokenError::Malformed)?;
        match claims.text("iss") {
            Some(claimed) if claimed == issuer => Ok(claims),
            Some(_) => Err(TokenError::ForeignIssuer),
            None => Err(TokenError::Malformed),
        }
    }

    /// The `kid` of a header as we write it. With a member more, `crit` among them, it is none.
    fn key_id(&self) -> Result<String, TokenError> {
        let header = Json::parse_object(&self.header).ok_or(TokenError::Header)?;
        let is_ours = header.members().len() == 3
            && header.text("alg") == Some(ALGORITHM)
            && header.text("typ") == Some(TOKEN_TYPE);
        let id = header.text("kid").filter(|_| is_ours);
        id.map(str::to_owned).ok_or(TokenError::Header)
    }

    /// Verifies a workspace token: issuer, header, key, signature, claims and, last, time, so that a
    /// forged token is never told apart by its age.
    ///
    /// # Errors
    ///
    /// [`TokenError`], for the first thing that is wrong.
    pub async fn verify(
        &self,
        authority: &impl Authority,
        signatures: &impl Signatures,
        now: Timestamp,
    ) -> Result<VerifiedToken, TokenError> {
        let claims = self.claims_of(authority.issuer())?;
        let key = authority
            .verifying_key(&self.key_id()?)
            .ok_or(TokenError::UnknownKey)?;
        let signed = self.signed.as_bytes();
        if !signatures.verify(key, signed, &self.signature).await? {
            return Err(TokenError::Signature);
        }
        let text = |name| claims.text(name).ok_or(TokenError::Claims);
        let seconds = |name| claims.integer(name).ok_or(TokenError::Claims);
        if text("aud")? != authority.audience()
            || text("project_id")? != authority.project_id().as_str()
        {
            return Err(TokenError::Claims);
        }
        // Nobody reads these two, but a token without them is none of ours.
        text("jti").and(seconds("iat"))?;
        let tolerance = authority.clock_tolerance_seconds();
        let verified = VerifiedToken {
            caller: Caller {
                user: UserId::parse_own(text("sub")?).map_err(|_| TokenError::Claims)?,
                workspace: WorkspaceId::parse_own(text("workspace_id")?)
                    .map_err(|_| TokenError::Claims)?,
            },
            not_before: Timestamp::from_seconds(seconds("nbf")?.saturating_sub(tolerance)),
            expires_at: Timestamp::from_seconds(seconds("exp")?.saturating_add(tolerance)),
        };
        verified.check_time(now)?;
        Ok(verified)
    }
}
