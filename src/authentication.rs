//! From a request's headers to its caller (contract 1.3).

use crate::api_key::{self, ApiKey, ApiKeyEntry};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::id::{UserId, WorkspaceId};
use crate::project::Project;
use crate::provider_token::ProviderToken;
use crate::refusal::Refusal;
use crate::signature::Signatures;
use crate::timestamp::Timestamp;
use crate::token::{TokenError, UntrustedToken};
use crate::token_cache::TokenCache;

/// The headers that say who is calling, as they came.
#[derive(Clone, Copy, Default)]
pub struct CredentialHeaders<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `Aui-User-Id`; counts with an API key only.
    pub user_id: Option<&'a str>,
    /// `Aui-Workspace-Id`; counts with an API key only.
    pub workspace_id: Option<&'a str>,
}

impl std::fmt::Debug for CredentialHeaders<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CredentialHeaders")
    }
}

/// A credential, told apart by its form alone. Nothing of it is verified.
pub(crate) enum Credential<'a> {
    ApiKey(&'a str),
    Token(&'a str),
}

impl<'a> Credential<'a> {
    pub(crate) fn read(authorization: Option<&'a str>) -> Result<Self, ApiError> {
        let value = authorization.ok_or(ApiError::AuthorizationMissing)?;
        let text = value
            .strip_prefix("Bearer ")
            .filter(|text| !text.is_empty() && !text.starts_with(' '))
            .ok_or(ApiError::AuthorizationScheme)?;
        if text.starts_with(api_key::PREFIX) {
            Ok(Self::ApiKey(text))
        } else if text.contains('.') {
            Ok(Self::Token(text))
        } else {
            Err(ApiError::AuthorizationUnsupported)
        }
    }
}

/// Whom a credential is of.
#[derive(Debug)]
pub enum Authentication<'a, 'p> {
    /// Somebody known.
    Known(Caller),
    /// Whoever an identity provider says, once this token is verified.
    Provider(Box<ProviderToken<'a, 'p>>),
}

/// Finds out who is calling, as far as that can be known without a provider's keys. Tokens that were verified
/// before are looked up in `cache`, which remembers the ones verified now.
///
/// # Errors
///
/// [`Refusal`] with 401 or 403, in passing trouble with 503; nothing of the credential is in it.
pub async fn authenticate<'a, 'p>(
    headers: CredentialHeaders<'a>,
    project: &'p Project,
    cache: &TokenCache,
    signatures: &impl Signatures,
    now: Timestamp,
) -> Result<Authentication<'a, 'p>, Refusal> {
    let text = match Credential::read(headers.authorization)? {
        Credential::ApiKey(text) => {
            let caller = authenticate_backend(text, headers, project, now)?;
            return Ok(Authentication::Known(caller));
        }
        Credential::Token(text) => text,
    };
    if let Some(caller) = cache.find(text, now) {
        return Ok(Authentication::Known(caller));
    }
    let token = UntrustedToken::parse(text)?;
    match token.verify(project, signatures, now).await {
        Ok(verified) => {
            let caller = verified.caller().clone();
            cache.remember(text, verified, now);
            Ok(Authentication::Known(caller))
        }
        Err(TokenError::ForeignIssuer) => {
            let rules = project.auth_rules().tokens()?;
            if rules.is_empty() {
                return Err(TokenError::ForeignIssuer.into());
            }
            let token = ProviderToken::read(token, rules)?;
            Ok(Authentication::Provider(Box::new(token)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Lets only an API key through: for what a browser must never do.
///
/// # Errors
///
/// [`ApiError::BackendOnly`] for any token, 401 or 403 otherwise.
pub fn require_backend(
    headers: CredentialHeaders<'_>,
    project: &Project,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    match Credential::read(headers.authorization)? {
        Credential::ApiKey(text) => authenticate_backend(text, headers, project, now),
        Credential::Token(_) => Err(ApiError::BackendOnly),
    }
}

/// An API key speaks for any user and workspace that it names, except for the anonymous ones.
fn authenticate_backend(
    text: &str,
    headers: CredentialHeaders<'_>,
    project: &Project,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let key = ApiKey::parse(text)?;
    ApiKeyEntry::find(project.api_keys(), &key, now)?;
    let user = match headers.user_id {
        None => UserId::system(),
        Some(id) if id.is_ascii() => UserId::parse(id).map_err(|_| ApiError::UserIdHeader)?,
        Some(_) => return Err(ApiError::UserIdHeader),
    };
    let workspace = headers
        .workspace_id
        .filter(|id| id.is_ascii())
        .and_then(|id| WorkspaceId::parse(id).ok())
        .ok_or(ApiError::WorkspaceIdHeader)?;
    Ok(Caller { user, workspace })
}
