//! The last phase's error: what a request that is not served is answered with (contract 1.3).

use std::borrow::Cow;
use std::fmt;

use crate::route::RouteError;
use crate::signature::SignatureFault;

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
    /// 400: a parent that the thread does not have.
    ParentNotFound,
    /// 400: a parent's external id that the thread does not have.
    ExternalParentNotFound,
    /// 400: an `Accept` header without a format that a run can stream in.
    ResponseFormat,
    /// 400: a message that is not in the thread named beside it.
    MessageOutsideThread,
    /// 400: a run's attributes over their limit.
    AttributesTooLarge,
    /// 401: no `Authorization` header on a route that needs one.
    AuthorizationMissing,
    /// 401: an `Authorization` header of another scheme.
    AuthorizationScheme,
    /// 401: a genuine token past its time.
    TokenExpired,
    /// 401: a genuine token ahead of its time.
    TokenNotYetValid,
    /// 401: nobody is signed in to the application whose session was to be exchanged.
    SessionMissing,
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
    /// 403: a page that may not exchange sessions.
    OriginNotAllowed,
    /// 403: a session without a user or a workspace that can be one.
    SessionInvalid,
    /// 403: no auth rule is for sessions.
    SessionExchangeOff,
    /// 403: a token where only an API key will do.
    BackendOnly,
    /// 403: anonymous access is switched off.
    AnonymousOff,
    /// 403: an anonymous caller cannot claim another's threads.
    AnonymousClaim,
    /// 403: something that does not even look like a refresh token.
    RefreshTokenFormat,
    /// 403: a refresh token that is forged, expired or revoked. The only answer on which a client may
    /// give an anonymous identity up.
    RefreshTokenInvalid,
    /// 403: an attachment's address that we did not sign, or not for this, or whose time is over.
    AttachmentAddress,
    /// 404: no such route.
    NotFound,
    /// 404: no such thread in the caller's workspace.
    ThreadNotFound,
    /// 404: an assistant other than the one that titles threads.
    AssistantNotFound,
    /// 404: no such attachment in the caller's workspace.
    AttachmentNotFound,
    /// 404: no such message in the thread.
    MessageNotFound,
    /// 404: no such run in the caller's workspace.
    RunNotFound,
    /// 404: none of these messages is in the thread.
    MessagesNotFound,
    /// 405: the route exists, the method on it does not. Carries `Allow`.
    MethodNotAllowed(String),
    /// 409: another role under an external id that is taken.
    MessageRoleChange,
    /// 411: an upload that does not say how long it is.
    LengthRequired,
    /// 413: a body over the route's limit.
    BodyTooLarge,
    /// 416: a range beyond an attachment's end.
    RangeNotSatisfiable,
    /// 429: too often.
    RateLimited,
    /// 500: our fault.
    Internal,
    /// 501: pages of a PDF as pictures, which this Worker does not make.
    PdfConversion,
    /// 503: no bucket is bound for attachments.
    AttachmentsOff,
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
            Self::MalformedJson
            | Self::Schema(_)
            | Self::UpsertWithoutExternalId
            | Self::ParentNotFound
            | Self::ExternalParentNotFound
            | Self::MessageOutsideThread
            | Self::AttributesTooLarge
            | Self::ResponseFormat => 400,
            Self::AuthorizationMissing
            | Self::AuthorizationScheme
            | Self::TokenExpired
            | Self::TokenNotYetValid
            | Self::SessionMissing => 401,
            Self::AuthorizationUnsupported
            | Self::ApiKeyFormat
            | Self::ApiKeyUnknown
            | Self::UserIdHeader
            | Self::WorkspaceIdHeader
            | Self::TokenInvalid
            | Self::NoAuthRule
            | Self::OriginNotAllowed
            | Self::SessionInvalid
            | Self::SessionExchangeOff
            | Self::BackendOnly
            | Self::AnonymousOff
            | Self::AnonymousClaim
            | Self::RefreshTokenFormat
            | Self::RefreshTokenInvalid
            | Self::AttachmentAddress => 403,
            Self::NotFound
            | Self::ThreadNotFound
            | Self::AssistantNotFound
            | Self::AttachmentNotFound
            | Self::MessageNotFound
            | Self::RunNotFound
            | Self::MessagesNotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::MessageRoleChange => 409,
            Self::LengthRequired => 411,
            Self::BodyTooLarge => 413,
            Self::RangeNotSatisfiable => 416,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::PdfConversion => 501,
            Self::AttachmentsOff | Self::Misconfigured | Self::Unavailable => 503,
        }
    }

    /// The `error` of the answer's body: the hosted service's own words where it has some, so that code
    /// written for it goes on working.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson => "Malformed JSON",
            Self::Schema(_) => "Schema validation error",
            Self::UpsertWithoutExternalId => "upsert requires external_id",
            Self::ParentNotFound => "Parent message not found in thread",
            Self::ExternalParentNotFound => "Parent message with external_id not found in thread",
            Self::ResponseFormat => "Invalid response format",
            Self::MessageOutsideThread => "message_id must belong to thread_id",
            Self::AttributesTooLarge => "attributes must not exceed 16384 bytes",
            Self::AuthorizationMissing => "Authorization header is missing",
            Self::AuthorizationScheme => "Authorization header must begin with \"Bearer \"",
            Self::TokenExpired => TOKEN_EXPIRED,
            Self::TokenNotYetValid => "JWT token is not yet valid",
            Self::AuthorizationUnsupported => "Unsupported authorization value",
            Self::ApiKeyFormat => "Invalid API key format",
            Self::ApiKeyUnknown => "Unknown or expired API key",
            Self::UserIdHeader => "Invalid Aui-User-Id header",
            Self::WorkspaceIdHeader => "Invalid Aui-Workspace-Id header",
            Self::TokenInvalid => "Invalid JWT token",
            Self::NoAuthRule => "No auth rule matches the JWT iss and aud claims",
            Self::SessionMissing => "Session is missing or has expired",
            Self::OriginNotAllowed => "Origin is not allowed",
            Self::SessionInvalid => "Session names no valid user and workspace",
            Self::SessionExchangeOff => "Session exchange is not configured on this deployment",
            Self::BackendOnly => "This endpoint may only be accessed from the backend",
            Self::AnonymousOff => "Anonymous access is not allowed",
            Self::AnonymousClaim => "Anonymous sessions cannot claim threads",
            Self::RefreshTokenFormat => REFRESH_TOKEN_FORMAT,
            Self::RefreshTokenInvalid => REFRESH_TOKEN_INVALID,
            Self::AttachmentAddress => "Invalid or expired attachment URL",
            Self::NotFound => "Not Found",
            Self::ThreadNotFound => "Thread not found",
            Self::AssistantNotFound => "Assistant not found",
            Self::AttachmentNotFound => "Attachment not found",
            Self::MessageNotFound => "Message not found",
            Self::RunNotFound => "Run not found",
            Self::MessagesNotFound => "Messages not found",
            Self::MessageRoleChange => "Message role cannot change",
            Self::MethodNotAllowed(_) => "Method Not Allowed",
            Self::LengthRequired => "Content-Length is required",
            Self::BodyTooLarge => "Request body is too large",
            Self::RangeNotSatisfiable => "Range Not Satisfiable",
            Self::RateLimited => "rate_limited",
            Self::Internal => "Internal Server Error",
            Self::PdfConversion => "PDF conversion is not available on this deployment",
            Self::AttachmentsOff => "Attachments are not configured on this deployment",
            Self::Misconfigured => "misconfigured",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    /// Seconds after which the same request may succeed; `None` where waiting does not help.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Misconfigured | Self::Unavailable => Some(RETRY_AFTER_SECONDS),
            Self::RateLimited => Some(60),
            _ => None,
        }
    }

    /// A schema error of one line.
    pub fn schema(line: impl Into<Cow<'static, str>>) -> Self {
        Self::Schema(vec![line.into()])
    }
}

/// The `error` of [`ApiError::TokenExpired`], from which the client learns the time.
pub const TOKEN_EXPIRED: &str = "JWT token has expired";
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

impl From<SignatureFault> for ApiError {
    fn from(_: SignatureFault) -> Self {
        Self::Unavailable
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl std::error::Error for ApiError {}
