//! The claims of a provider token (RFC 7519, section 4), by an auth rule.

use super::{Reason, Refusal};
use crate::auth_rule::{Provider, TokenRule};
use crate::caller::Caller;
use crate::exchange::{self, ProvenIdentity};
use crate::json::Json;
use crate::timestamp::Timestamp;

/// The last second that a date can name: 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;

/// The rule that the issuer and the audience of unverified claims lead to. Two rules never fit one token,
/// except one that names both their audiences; the first of them counts then.
pub(super) fn choose_rule<'r>(
    claims: &Json,
    rules: &'r [TokenRule],
) -> Result<&'r TokenRule, Refusal<'r>> {
    let issuer = claims.get("iss").and_then(Json::as_text);
    let issuer = issuer.ok_or(Reason::Issuer)?;
    let audience = read_audience(claims.get("aud")).ok_or(Reason::AudienceForm)?;
    let mut of_issuer = rules.iter().filter(|rule| rule.issuer == issuer).peekable();
    let first = *of_issuer.peek().ok_or(Reason::NoRule)?;
    of_issuer
        .find(|rule| takes(rule, &audience))
        .ok_or(Refusal {
            rule: Some(&first.name),
            reason: Reason::Audience,
        })
}

fn takes(rule: &TokenRule, audience: &[&str]) -> bool {
    let named = |one: &&str| rule.audience.iter().any(|wanted| wanted == one);
    let fits = rule.audience.is_empty() || audience.iter().any(named);
    fits && (!rule.single_audience || audience.len() == 1)
}

/// `aud` as a list, an empty one where there is none (RFC 7519, section 4.1.3).
fn read_audience(claim: Option<&Json>) -> Option<Vec<&str>> {
    let text = |value| Json::as_text(value).filter(|text| !text.is_empty());
    match claim {
        None => Some(Vec::new()),
        Some(Json::Array(items)) => items.iter().map(text).collect(),
        Some(value) => text(value).map(|one| vec![one]),
    }
}

/// Checks the claims of a token whose signature fits.
pub(super) fn check(
    claims: &Json,
    rule: &TokenRule,
    now: Timestamp,
) -> Result<ProvenIdentity, Reason> {
    let expires_at = read_date(claims, "exp", Reason::Expiry)?
        .filter(|expires_at| expires_at.as_millis() > 0)
        .ok_or(Reason::Expiry)?;
    let not_before = read_date(claims, "nbf", Reason::NotBefore)?;
    let issued_at = read_date(claims, "iat", Reason::IssuedAt)?;
    let latest = now.plus_millis(rule.clock_tolerance_millis);
    if issued_at.is_some_and(|issued_at| issued_at > latest) {
        return Err(Reason::IssuedAt);
    }
    if expires_at.millis_since(issued_at.unwrap_or(now)) > rule.max_age_millis {
        return Err(Reason::MaxAge);
    }
    check_party(claims, rule)?;
    check_purpose(claims, rule)?;
    if rule.provider == Provider::Firebase {
        let authenticated_at = read_date(claims, "auth_time", Reason::AuthenticationTime)?;
        if authenticated_at.is_none_or(|at| at > latest) {
            return Err(Reason::AuthenticationTime);
        }
    }
    let subject = claims.get("sub").and_then(Json::as_text);
    let user = subject
        .and_then(exchange::read_user)
        .ok_or(Reason::Subject)?;
    // The tolerance is for a provider's clock that is ahead, not for tokens that are late.
    if now >= expires_at {
        return Err(Reason::Expired);
    }
    if not_before.is_some_and(|not_before| not_before > latest) {
        return Err(Reason::NotYetValid);
    }
    let workspace = exchange::read_workspace(&rule.workspace, claims).ok_or(Reason::Workspace)?;
    let caller = Caller { user, workspace };
    Ok(ProvenIdentity::new(caller, Some(expires_at)))
}

fn check_party(claims: &Json, rule: &TokenRule) -> Result<(), Reason> {
    let party = claims.get("azp");
    let fits = |wanted: &String| party.and_then(Json::as_text) == Some(wanted);
    if rule.authorized_parties.is_empty() || rule.authorized_parties.iter().any(fits) {
        Ok(())
    } else {
        Err(Reason::AuthorizedParty)
    }
}

/// Refuses what is signed with the same keys and is no token for access: a logout token (OpenID Connect
/// Back-Channel Logout 1.0, section 2.4), one that is worth something only with proof of a key (RFC 7800),
/// a Clerk session with tasks left, which Clerk itself treats as signed out.
fn check_purpose(claims: &Json, rule: &TokenRule) -> Result<(), Reason> {
    let pending = rule.provider == Provider::Clerk
        && claims.get("sts").and_then(Json::as_text) == Some("pending");
    if pending || claims.get("events").is_some() || claims.get("cnf").is_some() {
        return Err(Reason::Purpose);
    }
    Ok(())
}

/// A date in seconds since the epoch, fractions allowed (RFC 7519, section 2), between it and the year 9999.
fn read_date(claims: &Json, name: &str, reason: Reason) -> Result<Option<Timestamp>, Reason> {
    let date = match claims.get(name) {
        None => return Ok(None),
        Some(Json::Integer(seconds)) if (0..=LAST_SECOND).contains(seconds) => {
            Timestamp::from_seconds(*seconds)
        }
        Some(Json::Decimal(seconds)) => {
            let millis = seconds
                .thousandths()
                .filter(|millis| *millis <= LAST_SECOND * 1_000);
            Timestamp::from_millis(millis.ok_or(reason)?)
        }
        Some(_) => return Err(reason),
    };
    Ok(Some(date))
}
