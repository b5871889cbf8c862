//! How far the clock of those who issue and verify tokens is ahead of this device's.
//!
//! Nobody tells a browser the right time. What it has is evidence: a token cannot arrive before it was issued; one
//! that was made on request cannot have been issued before the request; a response names the time it was written at;
//! and a server that calls a token expired has passed its `exp`. Each is a bound on the difference. While the bounds
//! allow for none, the device's clock is taken to be right.

use crate::timestamp::Timestamp;

/// Dates in tokens and in HTTP are whole seconds, rounded down (RFC 7519, section 2; RFC 9110, section 5.6.7).
const GRAIN_MS: i64 = 1_000;

/// Bounds on the server's time less the device's, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct ServerClock {
    at_least: i64,
    at_most: i64,
}

impl Default for ServerClock {
    fn default() -> Self {
        Self {
            at_least: i64::MIN,
            at_most: i64::MAX,
        }
    }
}

impl ServerClock {
    /// The server's time had reached `server` when the device's was `now`. Of evidence that contradicts what was
    /// known, the newer wins: a clock has been set meanwhile.
    #[inline(never)]
    pub fn not_before(&mut self, server: Timestamp, now: Timestamp) {
        self.at_least = self.at_least.max(server.millis_since(now));
        if self.at_least > self.at_most {
            self.at_most = self.at_least.saturating_add(GRAIN_MS);
        }
    }

    /// The server's time had not gone beyond the second of `server` when the device's was `then`.
    #[inline(never)]
    pub fn not_after(&mut self, server: Timestamp, then: Timestamp) {
        let bound = server.millis_since(then).saturating_add(GRAIN_MS);
        self.at_most = self.at_most.min(bound);
        self.at_least = self.at_least.min(self.at_most);
    }

    /// The same as a guess, which counts for nothing against what is known.
    pub fn perhaps_not_after(&mut self, server: Timestamp, then: Timestamp) {
        let mut guess = *self;
        guess.not_after(server, then);
        if guess.at_least == self.at_least {
            *self = guess;
        }
    }

    /// Takes it that the server's time was in the second of `server` when the device's was `then`, whatever was
    /// known before.
    pub fn assume(&mut self, server: Timestamp, then: Timestamp) {
        self.at_most = server.millis_since(then).saturating_add(GRAIN_MS);
        self.at_least = self.at_most;
    }

    /// How far the server is ahead, in milliseconds; negative when the device is. No difference, if that is
    /// possible; otherwise the most there can be, which lets no token live too long.
    pub const fn offset(&self) -> i64 {
        if self.at_least <= 0 && 0 <= self.at_most {
            0
        } else if self.at_most == i64::MAX {
            self.at_least
        } else {
            self.at_most
        }
    }

    /// The device's time when the server's is `server`.
    #[inline(never)]
    pub fn local(&self, server: Timestamp) -> Timestamp {
        server.plus_millis(self.offset().saturating_neg())
    }
}
