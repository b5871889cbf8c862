//! Workspace tokens, as they are made: signed by the project's current key, for `token` to verify.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::base62;
use crate::caller::Caller;
use crate::json;
use crate::project::Project;
use crate::signature::{SignatureFault, Signatures};
use crate::timestamp::Timestamp;
use crate::token::{ALGORITHM, TOKEN_TYPE};

/// How far before its issue a token is valid, in seconds: room for verifiers whose clocks are behind.
const NOT_BEFORE_SECONDS: i64 = 10;

/// Issues a workspace token that lives from `now` for the project's token lifetime. `random` becomes its
/// `jti`.
///
/// # Errors
///
/// [`SignatureFault`].
pub async fn issue(
    project: &Project,
    signatures: &impl Signatures,
    caller: &Caller,
    now: Timestamp,
    random: u128,
) -> Result<String, SignatureFault> {
    issue_until(project, signatures, caller, None, now, random).await
}

/// Issues a workspace token as [`issue`] does, that ends at `latest` at the latest.
///
/// # Errors
///
/// [`SignatureFault`].
pub async fn issue_until(
    project: &Project,
    signatures: &impl Signatures,
    caller: &Caller,
    latest: Option<Timestamp>,
    now: Timestamp,
    random: u128,
) -> Result<String, SignatureFault> {
    let key = project.signing_key();
    let header = json::object(&[
        ("alg", &ALGORITHM),
        ("typ", &TOKEN_TYPE),
        ("kid", &key.id()),
    ]);
    let issued_at = now.as_seconds();
    let expires_at = issued_at.saturating_add(project.token_lifetime_seconds().into());
    // Times are in seconds since the epoch.
    let claims = json::object(&[
        ("iss", &project.issuer()),
        ("aud", &project.audience()),
        ("sub", &caller.user.as_str()),
        ("project_id", &project.id().as_str()),
        ("workspace_id", &caller.workspace.as_str()),
        ("iat", &issued_at),
        ("nbf", &issued_at.saturating_sub(NOT_BEFORE_SECONDS)),
        (
            "exp",
            &latest.map_or(expires_at, |latest| expires_at.min(latest.as_seconds())),
        ),
        ("jti", &base62::encode::<22>(random)),
    ]);
    // JSON in base64url (RFC 7515, section 7.1).
    let mut token = [header, claims]
        .map(|part| Base64UrlUnpadded::encode_string(part.as_bytes()))
        .join(".");
    let signature = key.sign(token.as_bytes(), signatures).await?;
    token.push('.');
    token.push_str(&Base64UrlUnpadded::encode_string(&signature));
    Ok(token)
}
