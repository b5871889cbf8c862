//! The last phase's error: what a request that is not served is answered with (contract 1.3).

use std::borrow::Cow;
use std::fmt;

use crate::route::RouteError;

/// A request that is not served. Says nothing of the server's inside; the caller may show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// 400: the body is no JSON.
    MalformedJson,
    /// 400: the body or the query breaks the schema; each line names a field and what it must be.
    Schema(Vec<Cow<'static, str>>),
    /// 400: `upsert` without the `external_id` that it goes by.
    UpsertWithoutExternalId,
    /// 401: no `Authorization` header on a route that needs one.
    AuthorizationMissing,
    /// 401: an `Authorization` header of another scheme.
    AuthorizationScheme,
    /// 401: a genuine token past its time.
    TokenExpired,
    /// 401: a genuine token ahead of its time.
    TokenNotYetValid,
    /// 403: an `Authorization` value that is no kind of credential.
    AuthorizationUnsupported,
    /// 403: an API key that was mistyped or cut.
    ApiKeyFormat,
    /// 403: a well-formed API key that is not, or no longer, one of ours.
    ApiKeyUnknown,
    /// 403: a user id that is none.
    UserIdHeader,
    /// 403: a workspace id that is none.
    WorkspaceIdHeader,
    /// 403: a token that is not to be trusted. One answer for every reason.
    TokenInvalid,
    /// 403: a token of an issuer that no auth rule names.
    NoAuthRule,
    /// 403: a token where only an API key will do.
    BackendOnly,
    /// 403: anonymous access is switched off.
    AnonymousOff,
    /// 403: something that does not even look like a refresh token.
    RefreshTokenFormat,
    /// 403: a refresh token that is forged, expired or revoked. The only answer on which a client may
    /// give an anonymous identity up.
    RefreshTokenInvalid,
    /// 404: no such route.
    NotFound,
    /// 404: no such thread in the caller's workspace.
    ThreadNotFound,
    /// 405: the route exists, the method on it does not. Carries `Allow`.
    MethodNotAllowed(String),
    /// 413: a body over the route's limit.
    BodyTooLarge,
    /// 500: our fault.
    Internal,
    /// 503: a variable or secret of the Worker is missing or wrong.
    Misconfigured,
    /// 503: a part that we need does not answer now.
    Unavailable,
}

/// How long a client should wait after an answer that is only for now, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

impl ApiError {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::MalformedJson | Self::Schema(_) | Self::UpsertWithoutExternalId => 400,
            Self::AuthorizationMissing
            | Self::AuthorizationScheme
            | Self::TokenExpired
            | Self::TokenNotYetValid => 401,
            Self::AuthorizationUnsupported
            | Self::ApiKeyFormat
            | Self::ApiKeyUnknown
            | Self::UserIdHeader
            | Self::WorkspaceIdHeader
            | Self::TokenInvalid
            | Self::NoAuthRule
            | Self::BackendOnly
            | Self::AnonymousOff
            | Self::RefreshTokenFormat
            | Self::RefreshTokenInvalid => 403,
            Self::NotFound | Self::ThreadNotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::BodyTooLarge => 413,
            Self::Internal => 500,
            Self::Misconfigured | Self::Unavailable => 503,
        }
    }

    /// The `error` of the answer's body: the hosted service's own words where it has some, so that code
    /// written for it goes on working.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson => "Malformed JSON",
            Self::Schema(_) => "Schema validation error",
            Self::UpsertWithoutExternalId => "upsert requires external_id",
            Self::AuthorizationMissing => "Authorization header is missing",
            Self::AuthorizationScheme => "Authorization header must begin with \"Bearer \"",
            Self::TokenExpired => "JWT token has expired",
            Self::TokenNotYetValid => "JWT token is not yet valid",
            Self::AuthorizationUnsupported => "Unsupported authorization value",
            Self::ApiKeyFormat => "Invalid API key format",
            Self::ApiKeyUnknown => "Unknown or expired API key",
            Self::UserIdHeader => "Invalid Aui-User-Id header",
            Self::WorkspaceIdHeader => "Invalid Aui-Workspace-Id header",
            Self::TokenInvalid => "Invalid JWT token",
            Self::NoAuthRule => "No auth rule matches the JWT iss and aud claims",
            Self::BackendOnly => "This endpoint may only be accessed from the backend",
            Self::AnonymousOff => "Anonymous access is not allowed",
            Self::RefreshTokenFormat => REFRESH_TOKEN_FORMAT,
            Self::RefreshTokenInvalid => REFRESH_TOKEN_INVALID,
            Self::NotFound => "Not Found",
            Self::ThreadNotFound => "Thread not found",
            Self::MethodNotAllowed(_) => "Method Not Allowed",
            Self::BodyTooLarge => "Request body is too large",
            Self::Internal => "Internal Server Error",
            Self::Misconfigured => "misconfigured",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// Seconds after which the same request may succeed; `None` where waiting does not help.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Misconfigured | Self::Unavailable => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }

    /// A schema error of one line.
    pub fn schema(line: impl Into<Cow<'static, str>>) -> Self {
        Self::Schema(vec![line.into()])
    }
}

/// The `error` of [`ApiError::RefreshTokenFormat`], which the client must tell from passing trouble.
pub const REFRESH_TOKEN_FORMAT: &str = "Invalid refresh token format";
/// The `error` of [`ApiError::RefreshTokenInvalid`], which the client must tell from passing trouble.
pub const REFRESH_TOKEN_INVALID: &str = "Invalid refresh token";

impl From<RouteError> for ApiError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::NotFound => Self::NotFound,
            RouteError::MethodNotAllowed(allowed) => Self::MethodNotAllowed(allowed),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl std::error::Error for ApiError {}
