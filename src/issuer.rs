//! The token endpoints: what the Worker answers without asking any workspace (contract 1.6, 1 to 3).

use crate::answer::Answer;
use crate::authentication::{CredentialHeaders, require_backend};
use crate::body::{Body, Null};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::exchange::ProvenIdentity;
use crate::id::AnonymousId;
use crate::issuance;
use crate::json::{self, ToJson};
use crate::project::Project;
use crate::refresh_token::RefreshToken;
use crate::rotation::Family;
use crate::signature::Signatures;
use crate::timestamp::Timestamp;

/// A workspace token for the user and the workspace that an API key names.
///
/// # Errors
///
/// [`ApiError`], when the credential is no valid API key or a header names no id; with 503 where nothing can
/// be signed now.
pub async fn create_token(
    headers: CredentialHeaders<'_>,
    project: &Project,
    signatures: &impl Signatures,
    now: Timestamp,
    random: u128,
) -> Result<Answer, ApiError> {
    let caller = require_backend(headers, project, now)?;
    let token = issuance::issue(project, signatures, &caller, now, random).await?;
    Ok(Answer::json(200, json::object(&[("token", &token)])))
}

/// A workspace token for somebody who is signed in to an application.
///
/// # Errors
///
/// [`ApiError::Unavailable`], where nothing can be signed now.
pub async fn exchange(
    identity: &ProvenIdentity,
    project: &Project,
    signatures: &impl Signatures,
    now: Timestamp,
    random: u128,
) -> Result<Answer, ApiError> {
    let token = identity.exchange(project, signatures, now, random).await?;
    Ok(Answer::json(200, json::object(&[("token", &token)])))
}

/// A new anonymous identity. Writes nothing: the refresh token's MAC is the proof that it was issued.
///
/// # Errors
///
/// [`ApiError::AnonymousOff`]; [`ApiError::Unavailable`], where nothing can be signed now.
pub async fn create_anonymous(
    project: &Project,
    signatures: &impl Signatures,
    now: Timestamp,
    [identity, random]: [u128; 2],
) -> Result<Answer, ApiError> {
    check_anonymous(project)?;
    let first = Family {
        counter: 0,
        rotated_at: now,
        started_at: now,
        revoked: false,
    };
    answer_anonymous(
        project,
        signatures,
        AnonymousId(identity),
        &first,
        now,
        random,
    )
    .await
}

/// Reads a refresh request. Whoever holds the result may wake the identity's workspace.
///
/// # Errors
///
/// [`ApiError`], when anonymous access is off, the body is not as it should be, or the token is not ours.
pub fn open_refresh(project: &Project, body: &[u8]) -> Result<RefreshToken, ApiError> {
    check_anonymous(project)?;
    open_claim(project, body)
}

/// Reads the refresh token of a claim. It counts also where anonymous access has been switched off since.
///
/// # Errors
///
/// [`ApiError`], when the body is not as it should be, or the token is not ours.
pub fn open_claim(project: &Project, body: &[u8]) -> Result<RefreshToken, ApiError> {
    let mut body = Body::parse(body)?;
    let token: Option<String> = body.typed("refresh_token", Null::IsRefused, "must be a string");
    let token = body.required("refresh_token", token);
    body.finish()?;
    let token = token.ok_or(ApiError::Internal)?;
    RefreshToken::open(&token, project.refresh_keys(), project.id())
}

/// Decides whether a claim may go on to the caller's workspace (contract 1.6, 9).
///
/// # Errors
///
/// [`ApiError`], when the caller is a visitor too, or what they hold is no refresh token of ours.
pub fn check_claim(project: &Project, caller: &Caller, body: &[u8]) -> Result<(), ApiError> {
    if caller.user.is_anonymous() {
        return Err(ApiError::AnonymousClaim);
    }
    open_claim(project, body).map(|_| ())
}

fn check_anonymous(project: &Project) -> Result<(), ApiError> {
    if project.allows_anonymous() {
        Ok(())
    } else {
        Err(ApiError::AnonymousOff)
    }
}

/// The tokens of an anonymous identity, whose session stands as `family` says.
///
/// # Errors
///
/// [`ApiError::Internal`], which no valid configuration brings about; [`ApiError::Unavailable`], where
/// nothing can be signed now.
pub async fn answer_anonymous(
    project: &Project,
    signatures: &impl Signatures,
    identity: AnonymousId,
    family: &Family,
    now: Timestamp,
    random: u128,
) -> Result<Answer, ApiError> {
    let refresh_token = RefreshToken {
        identity,
        counter: family.counter,
        issued_at: family.rotated_at,
    };
    let sealed = Sealed {
        token: refresh_token.seal(project.refresh_key(), project.id())?,
        expires_at: family.expires_at(),
    };
    let token = issuance::issue(project, signatures, &identity.caller(), now, random).await?;
    let body = json::object(&[("refresh_token", &sealed), ("access_token", &token)]);
    Ok(Answer::json(200, body))
}

/// A refresh token as it is answered.
struct Sealed {
    token: String,
    expires_at: Timestamp,
}

impl ToJson for Sealed {
    fn write_json(&self, json: &mut String) {
        let members: [json::Member<'_>; 2] =
            [("token", &self.token), ("expires_at", &self.expires_at)];
        json::write_object(&members, json);
    }
}
