//! Refresh token rotation as one pure decision (RFC 9700, section 4.14).
//!
//! The browsers that hold these tokens lose answers, open two tabs and restore backups, so one step
//! behind is always forgiven; a thief who replays an older token ends the family.

use crate::timestamp::Timestamp;

/// A family that nobody renews for this long has ended: 30 days.
pub const IDLE_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// A family ends at this age, however often it is renewed: 365 days.
pub const ABSOLUTE_MILLIS: i64 = 365 * 24 * 60 * 60 * 1_000;
/// For this long after a rotation any older token is taken for a straggler of the same moment: 10 s.
/// Counted from the rotation itself, so that using the window does not move it.
pub const GRACE_MILLIS: i64 = 10_000;

/// All that is stored of an anonymous session, however often it has been renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The counter of the current token.
    pub counter: u32,
    /// When the current token was issued.
    pub rotated_at: Timestamp,
    /// When the identity was made.
    pub started_at: Timestamp,
    /// Whether a replay has ended it.
    pub revoked: bool,
}

impl Family {
    /// When the current token ends, unless it is renewed before.
    pub fn expires_at(&self) -> Timestamp {
        let idle = self.rotated_at.plus_millis(IDLE_MILLIS);
        idle.min(self.started_at.plus_millis(ABSOLUTE_MILLIS))
    }
}

/// The part of a refresh token that rotation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// The token's counter.
    pub counter: u32,
    /// When the token was issued.
    pub issued_at: Timestamp,
}

/// What becomes of a presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Store this family and answer with its current token, which is new.
    Rotate(Family),
    /// The token is ahead of what is stored: the same, in a database that an older state was restored to.
    Restore(Family),
    /// Answer with the current token; nothing changes.
    Repeat(Family),
    /// Store this family, which has ended, and refuse.
    Revoke(Family),
    /// Refuse.
    Refuse,
}

impl Verdict {
    /// The session whose current token is the answer; `None` where the presented one is refused.
    pub const fn answered(self) -> Option<Family> {
        match self {
            Self::Rotate(family) | Self::Restore(family) | Self::Repeat(family) => Some(family),
            Self::Revoke(_) | Self::Refuse => None,
        }
    }

    /// The session to store; `None` where it stays as it is.
    pub const fn stored(self) -> Option<Family> {
        match self {
            Self::Rotate(family) | Self::Restore(family) | Self::Revoke(family) => Some(family),
            Self::Repeat(_) | Self::Refuse => None,
        }
    }

    /// What the operator should know of it.
    pub const fn remark(self) -> Option<&'static str> {
        match self {
            Self::Restore(_) => Some("a refresh token was ahead of the restored session"),
            Self::Revoke(_) => Some("an old refresh token was replayed: the session has ended"),
            Self::Rotate(_) | Self::Repeat(_) | Self::Refuse => None,
        }
    }
}

/// Decides on a genuine token that was presented at `now` to a session stored as `stored`. Nothing is
/// stored of an identity that was never renewed: its first token stands for it.
pub fn judge(stored: Option<Family>, presented: Presented, now: Timestamp) -> Verdict {
    let family = stored.unwrap_or(Family {
        counter: presented.counter,
        rotated_at: presented.issued_at,
        started_at: presented.issued_at,
        revoked: false,
    });
    if family.revoked || now >= family.expires_at() {
        return Verdict::Refuse;
    }
    // A counter ahead of ours is one that we issued and then forgot, with a restored backup.
    let behind = family.counter.saturating_sub(presented.counter);
    match behind {
        0 => match presented.counter.checked_add(1) {
            Some(counter) => {
                let next = Family {
                    counter,
                    rotated_at: now,
                    ..family
                };
                if presented.counter > family.counter {
                    Verdict::Restore(next)
                } else {
                    Verdict::Rotate(next)
                }
            }
            None => Verdict::Refuse,
        },
        1 => Verdict::Repeat(family),
        _ if now.millis_since(family.rotated_at) <= GRACE_MILLIS => Verdict::Repeat(family),
        _ => Verdict::Revoke(Family {
            revoked: true,
            ..family
        }),
    }
}
