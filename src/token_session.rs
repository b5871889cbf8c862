//! The token session: when a token is used, renewed, awaited or thrown away.
//!
//! A state machine that knows neither tokens nor promises. It is told what happened and when, by the
//! local clock, and answers with what to do next; the strings and the effects belong to its driver. That
//! makes every interleaving a sequence of calls that a test can write down.
//!
//! # Rules
//!
//! * **One fetch at a time.** [`TokenSession::demand`] hands out a [`Ticket`] only while no other is out,
//!   and whoever holds it must come back with [`TokenSession::arrived`], [`TokenSession::failed`] or
//!   [`TokenSession::signed_out`].
//! * **Generations.** [`TokenSession::invalidate`] begins a new one. An older ticket, or a token handed
//!   over in answer to a request of an older generation, then changes nothing: a sign-out cannot be
//!   undone by an answer on its way.
//! * **Never at or after the expiry.** A token is used strictly before it. One that was minted in answer
//!   to a request of ours is dated by the local clock (see [`TokenDates`]), so that a wrong clock does
//!   not matter.
//! * **Renewal ahead of need.** In the last quarter of what a token had left on arrival, at most the last
//!   30 s of it, it is still used at once, while a fetch begins in the background. A share, because 30 s
//!   is half of a 60 s token's life; of what was left on arrival, because a provider's cache may hand
//!   out the same aged token again and again, and each of these then waits for its own last quarter.

use crate::timestamp::Timestamp;

/// The longest time before the expiry at which renewal begins, in milliseconds. The official client
/// renews at this distance, whatever the lifetime (contract 1.4).
pub const MAX_LEEWAY_MS: i64 = 30_000;

/// The renewal begins in this part of the time that a token has left when it arrives.
const LEEWAY_SHARE: i64 = 4;

/// One fetch of a token, from the demand that began it to its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u32);

impl Ticket {
    /// The ticket behind a number of the JavaScript face.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// This ticket as a number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What a caller who demands a token is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Use the token in hand.
    Use,
    /// Use the token in hand, and fetch the next one in the background.
    Renew(Ticket),
    /// Fetch a token and wait for it.
    Fetch(Ticket),
    /// Wait for the fetch that is already under way.
    Wait,
}

/// What becomes of a token that a fetch brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is the token in hand now.
    Accepted,
    /// It was expired when it arrived. The fetch counts as failed.
    Expired,
    /// Its fetch belongs to an older generation. Nothing has changed.
    Superseded,
}

/// The dates that a token carries, and what is known of its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDates {
    /// `iat`, by the issuer's clock.
    pub issued_at: Option<Timestamp>,
    /// `exp`, by the issuer's clock.
    pub expires_at: Timestamp,
    /// When the request was sent, by the local clock, in answer to which this very token was minted.
    /// `None` where it may be older than that, as one from an identity provider's cache.
    pub requested_at: Option<Timestamp>,
}

impl TokenDates {
    /// The expiry by the local clock, which says `now`. A token minted on request cannot be older than the
    /// request, so it lives at least its lifetime from there; any other can only be taken at its word. A
    /// request that seems to be still to come was sent before the clock was set back.
    fn local_expiry(self, now: Timestamp) -> Timestamp {
        match (self.requested_at, self.issued_at) {
            (Some(requested_at), Some(issued_at)) => requested_at
                .min(now)
                .plus_millis(self.expires_at.millis_since(issued_at)),
            _ => self.expires_at,
        }
    }
}

/// The token in hand, all but its text.
#[derive(Debug, Clone, Copy)]
struct HeldToken {
    expires_at: Timestamp,
    renews_at: Timestamp,
    /// How long to wait after a renewal in the background that failed, in milliseconds.
    pause: i64,
    /// `iat` of a token that the server handed over; `None` for a fetched one.
    handed_over: Option<Timestamp>,
}

impl HeldToken {
    fn new(expires_at: Timestamp, now: Timestamp, handed_over: Option<Timestamp>) -> Self {
        let left = expires_at.millis_since(now);
        let leeway = left.div_euclid(LEEWAY_SHARE).min(MAX_LEEWAY_MS);
        Self {
            expires_at,
            renews_at: expires_at.plus_millis(leeway.saturating_neg()),
            pause: leeway.div_euclid(LEEWAY_SHARE).max(1),
            handed_over,
        }
    }
}

/// The state of one client's token. See the [module](self) for its rules.
#[derive(Debug, Default)]
pub struct TokenSession {
    generation: u32,
    last_ticket: u32,
    fetch: Option<Ticket>,
    token: Option<HeldToken>,
}

impl TokenSession {
    /// A session without a token, in its first generation.
    pub fn new() -> Self {
        Self::default()
    }

    /// The generation that a request made now belongs to.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// A caller demands a token.
    pub fn demand(&mut self, now: Timestamp) -> Demand {
        match self.token {
            Some(token) if now < token.expires_at => {
                if now < token.renews_at || self.fetch.is_some() {
                    Demand::Use
                } else {
                    Demand::Renew(self.begin_fetch())
                }
            }
            _ if self.fetch.is_some() => Demand::Wait,
            _ => Demand::Fetch(self.begin_fetch()),
        }
    }

    fn begin_fetch(&mut self) -> Ticket {
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let ticket = Ticket(self.last_ticket);
        self.fetch = Some(ticket);
        ticket
    }

    /// Ends the fetch of `ticket`. `false` when it is not the one under way.
    fn end_fetch(&mut self, ticket: Ticket) -> bool {
        let ours = self.fetch == Some(ticket);
        if ours {
            self.fetch = None;
        }
        ours
    }

    /// A fetch brought a token. `other_identity` says that it is for someone else than the last one that a
    /// fetch brought: that begins a new generation too, because the app's user has changed.
    pub fn arrived(
        &mut self,
        ticket: Ticket,
        now: Timestamp,
        dates: TokenDates,
        other_identity: bool,
    ) -> Arrival {
        if !self.end_fetch(ticket) {
            return Arrival::Superseded;
        }
        if other_identity {
            self.invalidate();
        }
        let expires_at = dates.local_expiry(now);
        if expires_at <= now {
            self.postpone_renewal(now);
            return Arrival::Expired;
        }
        self.token = Some(HeldToken::new(expires_at, now, None));
        Arrival::Accepted
    }

    /// A fetch brought no token. `false` when it belongs to an older generation, and its failure is no
    /// news. The next demand without a usable token fetches again at once; a renewal in the background
    /// pauses first, so that a provider in trouble is not asked anew by every request.
    pub fn failed(&mut self, ticket: Ticket, now: Timestamp) -> bool {
        let ours = self.end_fetch(ticket);
        if ours {
            self.postpone_renewal(now);
        }
        ours
    }

    fn postpone_renewal(&mut self, now: Timestamp) {
        if let Some(token) = &mut self.token {
            token.renews_at = now.plus_millis(token.pause).min(token.expires_at);
        }
    }

    /// A fetch brought the answer that nobody is signed in, which ends the generation and takes the token
    /// in hand. `false` when the fetch belongs to an older one.
    pub fn signed_out(&mut self, ticket: Ticket) -> bool {
        let ours = self.end_fetch(ticket);
        if ours {
            self.invalidate();
        }
        ours
    }

    /// The server handed over a token in answer to a request of `generation` (contract 1.4). `true` when
    /// it is the token in hand now; `false` when the request belongs to an older generation, the token is
    /// expired, or the server has handed over a newer one meanwhile.
    pub fn handed_over(&mut self, generation: u32, now: Timestamp, dates: TokenDates) -> bool {
        let expires_at = dates.local_expiry(now);
        if generation != self.generation || expires_at <= now {
            return false;
        }
        let held = self.token.and_then(|token| token.handed_over);
        if held.is_some_and(|newest| dates.issued_at.is_some_and(|issued_at| issued_at < newest)) {
            return false;
        }
        self.token = Some(HeldToken::new(expires_at, now, dates.issued_at));
        true
    }

    /// Forgets the token and begins a new generation, as on sign-out or a change of user.
    pub fn invalidate(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.fetch = None;
        self.token = None;
    }

    /// When the token in hand stops being used.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.token.map(|token| token.expires_at)
    }

    /// When a demand would next renew the token in hand. `None` without one, while its renewal is under
    /// way, and when no time is left to renew it ahead of its expiry.
    pub fn renews_at(&self) -> Option<Timestamp> {
        self.token
            .filter(|token| self.fetch.is_none() && token.renews_at < token.expires_at)
            .map(|token| token.renews_at)
    }
}
