//! The anonymous session: what an answer of the refresh endpoint means for the identity that a browser
//! has stored.
//!
//! A visitor's threads hang on one refresh token in one browser's storage, so this module errs on the
//! side of keeping it. The official client makes a new visitor of everyone whose refresh is answered with
//! any 4xx but 429, be it by a captive portal, and of everyone whose clock is a month fast. Here only the
//! server's own words end an identity, and the driver writes over the stored one only with its
//! replacement in hand.

use crate::timestamp::Timestamp;

/// A refresh token with no more than this left, in milliseconds, is not worth handing to anybody
/// (contract 3.1).
pub const MIN_REMAINING_MS: i64 = 30_000;

/// Whether a stored refresh token that expires then can still be used, as far as the local clock knows.
/// `None`, a date that could not be read, cannot.
pub fn is_usable(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_some_and(|expires_at| expires_at.millis_since(now) > MIN_REMAINING_MS)
}

/// What an answer of the refresh endpoint means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The session goes on with the token in the answer.
    Renewed,
    /// The identity is gone. Ask for a new one, and write over the old when it is there.
    Replace,
    /// The server, or something before it, could not answer now. The identity stays.
    Unavailable,
    /// A refusal that may be anybody's: a proxy's, a captive portal's, a server's whose anonymous access is
    /// switched off for now. The identity stays.
    Refused,
}

/// The `error` in the JSON body of a refusal, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such string, or no JSON.
    Bare,
    /// [`REFRESH_TOKEN_INVALID`](crate::error::REFRESH_TOKEN_INVALID) or
    /// [`REFRESH_TOKEN_FORMAT`](crate::error::REFRESH_TOKEN_FORMAT).
    Final,
    /// Any other.
    Other,
}

/// Reads an answer of the refresh endpoint from its status and the words of its body. `usable` is what
/// [`is_usable`] says of the token that was presented.
///
/// A bare 401 or 403, which the official client takes for the end of the identity, is one only when the
/// local clock also holds the token to be expired: two witnesses who do not know of each other.
pub const fn classify_refresh(status: u16, refusal: Refusal, usable: bool) -> RefreshOutcome {
    match (status, refusal) {
        (200..=299, _) => RefreshOutcome::Renewed,
        (401 | 403, Refusal::Final) => RefreshOutcome::Replace,
        (401 | 403, Refusal::Bare) if !usable => RefreshOutcome::Replace,
        (429 | 500.., _) => RefreshOutcome::Unavailable,
        _ => RefreshOutcome::Refused,
    }
}
