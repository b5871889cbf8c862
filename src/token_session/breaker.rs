//! When a source of tokens that fails may be asked again.

use crate::timestamp::Timestamp;

/// So many failures in a row are nobody's fault yet: a call that fails may be repeated at once.
const TOLERATED_FAILURES: u32 = 2;
/// The pause after the first failure beyond them, in milliseconds. It doubles with each further one.
const FIRST_PAUSE_MS: i64 = 1_000;
/// The longest pause of our own making, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 60_000;
/// The longest pause that a server can ask for, in milliseconds.
const LONGEST_WISH_MS: i64 = 3_600_000;
/// A server's wish is lengthened by up to this part of it, so that its clients do not all come back at once.
const SPREAD: i64 = 8;

/// The failures since the last success, and the pause that follows from them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Breaker {
    failures: u32,
    closes_at: Option<Timestamp>,
    wished: bool,
}

impl Breaker {
    /// The source has failed. `retry_after` is the pause that it wishes for, in milliseconds. `random` spreads the
    /// pauses of many clients; its whole range is used.
    #[inline(never)]
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<i64>, random: u32) {
        self.failures = self.failures.saturating_add(1);
        let pause = if let Some(wish) = retry_after {
            let wish = wish.clamp(0, LONGEST_WISH_MS);
            wish.saturating_add(share(wish.div_euclid(SPREAD), random))
        } else {
            let doublings = self.failures.saturating_sub(TOLERATED_FAILURES);
            let Some(doublings) = doublings.checked_sub(1) else {
                return;
            };
            let longest = FIRST_PAUSE_MS
                .checked_shl(doublings.min(16))
                .map_or(LONGEST_PAUSE_MS, |pause| pause.min(LONGEST_PAUSE_MS));
            let half = longest.div_euclid(2);
            half.saturating_add(share(half, random))
        };
        self.pause_until(now.plus_millis(pause));
        self.wished |= retry_after.is_some();
    }

    /// Another client has been told to come back no earlier than then. Both ask the same server.
    pub fn heard(&mut self, until: Timestamp) {
        self.pause_until(until);
        self.wished = true;
    }

    fn pause_until(&mut self, until: Timestamp) {
        self.closes_at = self.closes_at.max(Some(until));
    }

    /// When the source may be asked again; `None` when it may be now. A pause longer than any there can be belongs
    /// to a clock that has been set back.
    #[inline(never)]
    pub fn retry_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.closes_at.filter(|until| {
            let left = until.millis_since(now);
            0 < left && left <= LONGEST_WISH_MS.saturating_mul(2)
        })
    }

    /// The network is back, which may have been the whole trouble. What a server wished for stands.
    pub fn reconsider(&mut self) {
        if !self.wished {
            *self = Self::default();
        }
    }

    /// The source has answered.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }
}

/// The part of `whole` that `random` is of the numbers of its type.
const fn share(whole: i64, random: u32) -> i64 {
    whole.saturating_mul(random as i64) >> 32
}
