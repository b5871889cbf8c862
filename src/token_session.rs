//! The token session: when a token is used, renewed, awaited or thrown away.
//!
//! A state machine that knows neither tokens nor promises. It is told what happened and when, by the
//! local clock, and answers with what to do next; the strings and the effects belong to its driver. That
//! makes every interleaving a sequence of calls that a test can write down.
//!
//! What is called in several places is kept out of line: inlined, the client would be a sixtieth larger.
//!
//! # Rules
//!
//! * **One fetch at a time.** [`TokenSession::demand`] hands out a [`Ticket`] only while no other is out,
//!   and whoever holds it must come back with [`TokenSession::arrived`], [`TokenSession::failed`] or
//!   [`TokenSession::nobody`]. A source that keeps failing is given a pause (see [`breaker`]).
//! * **Generations.** [`TokenSession::invalidate`] and [`TokenSession::sign_out`] begin a new one, and so does
//!   a token for somebody else. An older ticket, or a token handed over in answer to a request of an older
//!   generation, then changes nothing: a sign-out cannot be undone by an answer on its way. After `sign_out`
//!   nothing is fetched at all, until `invalidate` says that there may be somebody.
//! * **Never at or after the expiry**, as far as that can be known: by the device's clock, put right by all
//!   that is known of the server's (see [`server_clock`]). A token that seems to be expired on arrival is more
//!   likely to meet a wrong clock than to have come from a source that hands out dead ones, so it is tried
//!   once, as if it had been made on request. The server is the judge.
//! * **A refused token is replaced once.** [`TokenSession::rejected`] forces one fetch for each token, however
//!   many requests it was refused for, and none within [`FORCE_PAUSE_MS`] of another.
//! * **Renewal ahead of need.** In the last quarter of what a token had left on arrival, at most the last
//!   30 s of it, it is still used at once, while a fetch begins in the background. A share, because 30 s
//!   is half of a 60 s token's life; of what was left on arrival, because a provider's cache may hand
//!   out the same aged token again and again, and each of these then waits for its own last quarter. The app may
//!   wish for another time ([`TokenSession::set_leeway`]), but for no more than half, for the same reason.

use crate::timestamp::Timestamp;

pub mod breaker;
pub mod server_clock;

use breaker::Breaker;
use server_clock::ServerClock;

/// The longest time before the expiry at which renewal begins, in milliseconds. The official client
/// renews at this distance, whatever the lifetime (contract 1.4).
pub const MAX_LEEWAY_MS: i64 = 30_000;

/// The renewal begins in this part of the time that a token has left when it arrives.
const LEEWAY_SHARE: i64 = 4;

/// The renewal begins in no more than this part of that time, whatever the app wishes for.
const MAX_LEEWAY_SHARE: i64 = 2;

/// A token that has replaced a refused one is not replaced in its turn for so long, in milliseconds: a server that
/// refuses everything must not be answered by asking the source on every request.
pub const FORCE_PAUSE_MS: i64 = 30_000;

/// How long a token lives that seems to be expired and does not say when it was issued, in milliseconds.
const PRESUMED_LIFETIME_MS: i64 = 60_000;

/// Two tokens that seem to have had the same age on arrival, give or take so many milliseconds, had none: both were
/// made on request, and what seemed to be their age is the error of the device's clock.
const SAME_AGE_MS: i64 = 1_000;

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
    /// Give up: the source has failed too often, or wishes for a pause. See [`TokenSession::retry_at`].
    Pause,
    /// Give up: the user has signed out.
    SignedOut,
}

/// Why a token is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There was none.
    Missing,
    /// The one in hand expires soon.
    Expiring,
    /// The last one has expired.
    Expired,
    /// The server has refused the last one.
    Rejected,
}

/// What becomes of a token that a fetch brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is the token in hand now.
    Accepted,
    /// The server has called it expired before. The fetch counts as failed.
    Expired,
    /// Its fetch belongs to an older generation. Nothing has changed.
    Superseded,
    /// It is the very token that the server has refused meanwhile, or was so long on its way, in a device that slept,
    /// that it has expired. The fetch goes on: ask again, and forcibly.
    Again,
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
    /// `iat`, unless it makes no sense.
    fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
            .filter(|&issued_at| issued_at < self.expires_at)
    }
}

/// Who an arrived token is for and what it is, compared with the last one from the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The very same token.
    Same,
    /// Another token for the same identity, or the first there is.
    Successor,
    /// A token for somebody else: the app's user has changed.
    Stranger,
}

/// The token in hand, all but its text.
#[derive(Debug, Clone, Copy)]
struct HeldToken {
    serial: u32,
    /// `exp`, by the issuer's clock.
    expires_at: Timestamp,
    /// How long before its expiry it is renewed, in milliseconds.
    leeway: i64,
    /// No renewal before then, because one has failed.
    paused_until: Option<Timestamp>,
    /// `iat` of a token that the server handed over; `None` for a fetched one.
    handed_over: Option<Timestamp>,
}

/// The fetch under way.
#[derive(Debug, Clone, Copy)]
struct Fetch {
    ticket: Ticket,
    began_at: Timestamp,
    reason: Reason,
    forced: bool,
}

/// The state of one client's token. See the [module](self) for its rules.
#[derive(Debug, Default)]
pub struct TokenSession {
    generation: u32,
    signed_out: bool,
    last_ticket: u32,
    last_serial: u32,
    fetch: Option<Fetch>,
    token: Option<HeldToken>,
    /// Whether the last token was refused, and nothing has come in its place.
    rejected: bool,
    /// Whether the source answered last with the token that it had given before.
    repeated: bool,
    forced_at: Option<Timestamp>,
    /// The latest `exp` that the server has called expired.
    expired: Option<Timestamp>,
    /// How old the last fetched token seemed to be when it was asked for, in milliseconds.
    seeming_age: Option<i64>,
    clock: ServerClock,
    breaker: Breaker,
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

    /// The number of the token in hand: every token that came to hand has another. 0 before the first.
    pub const fn serial(&self) -> u32 {
        self.last_serial
    }

    /// A caller demands a token.
    pub fn demand(&mut self, now: Timestamp) -> Demand {
        if self.signed_out {
            return Demand::SignedOut;
        }
        let paused = self.breaker.retry_at(now).is_some();
        if self.expires_at().is_some_and(|expiry| now < expiry) {
            let due = self.renews_at().is_some_and(|renewal| renewal <= now);
            if due && !paused {
                Demand::Renew(self.begin_fetch(now, Reason::Expiring))
            } else {
                Demand::Use
            }
        } else if self.fetch.is_some() {
            Demand::Wait
        } else if paused {
            Demand::Pause
        } else {
            let reason = match (self.rejected, self.token) {
                (true, _) => Reason::Rejected,
                (false, Some(_)) => Reason::Expired,
                (false, None) => Reason::Missing,
            };
            Demand::Fetch(self.begin_fetch(now, reason))
        }
    }

    #[inline(never)]
    fn begin_fetch(&mut self, now: Timestamp, reason: Reason) -> Ticket {
        // 0 stands for none on the JavaScript side.
        self.last_ticket = self.last_ticket.wrapping_add(1).max(1);
        let ticket = Ticket(self.last_ticket);
        self.fetch = Some(Fetch {
            ticket,
            began_at: now,
            reason,
            forced: self.rejected || self.repeated,
        });
        ticket
    }

    /// Why the fetch under way was begun.
    pub fn reason(&self) -> Reason {
        self.fetch.map_or(Reason::Missing, |fetch| fetch.reason)
    }

    /// Whether the source is to go past its caches: the server has refused what it gave last, or it gave the same
    /// twice.
    pub fn force_refresh(&self) -> bool {
        self.fetch.is_some_and(|fetch| fetch.forced)
    }

    /// The fetch under way.
    pub fn ticket(&self) -> Option<Ticket> {
        self.fetch.map(|fetch| fetch.ticket)
    }

    /// Takes what the dates say about the clocks.
    #[inline(never)]
    fn observe(&mut self, now: Timestamp, dates: TokenDates) {
        if let Some(issued_at) = dates.issued_at() {
            self.clock.not_before(issued_at, now);
            if let Some(requested_at) = dates.requested_at {
                // A request that seems to be still to come was sent before the clock was set back.
                self.clock.not_after(issued_at, requested_at.min(now));
            }
        }
    }

    /// Takes what can be told from the age that a token of unknown age seems to have.
    fn compare_ages(&mut self, asked_at: Timestamp, issued_at: Timestamp) {
        let age = asked_at.millis_since(issued_at);
        let same = self
            .seeming_age
            .is_some_and(|last| last.abs_diff(age) <= SAME_AGE_MS.unsigned_abs());
        // Once the server has found one expired, the source is known to hand out old ones.
        if same && self.expired.is_none() {
            self.clock.perhaps_not_after(issued_at, asked_at);
        }
        self.seeming_age = Some(age);
    }

    /// A fetch brought a token. One for a stranger begins a new generation.
    pub fn arrived(
        &mut self,
        ticket: Ticket,
        now: Timestamp,
        dates: TokenDates,
        likeness: Likeness,
    ) -> Arrival {
        let Some(fetch) = self.fetch.filter(|fetch| fetch.ticket == ticket) else {
            return Arrival::Superseded;
        };
        if likeness == Likeness::Same && self.rejected && !fetch.forced {
            self.fetch = Some(Fetch {
                reason: Reason::Rejected,
                forced: true,
                ..fetch
            });
            return Arrival::Again;
        }
        let may_repeat = fetch.began_at < now && !fetch.forced && likeness != Likeness::Stranger;
        if likeness == Likeness::Stranger {
            self.invalidate();
        }
        self.fetch = None;
        let asked_at = fetch.began_at.min(now);
        self.observe(now, dates);
        if let (None, Some(issued_at)) = (dates.requested_at, dates.issued_at())
            && likeness != Likeness::Same
        {
            self.compare_ages(asked_at, issued_at);
        }
        let refuted = self
            .expired
            .is_some_and(|expired| dates.expires_at <= expired);
        if self.clock.local(dates.expires_at) <= now && !refuted {
            let presumed = dates
                .expires_at
                .plus_millis(PRESUMED_LIFETIME_MS.saturating_neg());
            self.clock
                .assume(dates.issued_at().unwrap_or(presumed), asked_at);
        }
        if self.clock.local(dates.expires_at) <= now {
            if may_repeat && !refuted {
                self.fetch = Some(Fetch {
                    began_at: now,
                    forced: true,
                    ..fetch
                });
                return Arrival::Again;
            }
            self.postpone_renewal(now);
            self.breaker.failed(now, None, u32::MAX);
            return Arrival::Expired;
        }
        self.hold(now, dates.expires_at, None);
        self.repeated = likeness == Likeness::Same;
        Arrival::Accepted
    }

    #[inline(never)]
    fn hold(&mut self, now: Timestamp, expires_at: Timestamp, handed_over: Option<Timestamp>) {
        let left = self.clock.local(expires_at).millis_since(now);
        self.last_serial = self.last_serial.wrapping_add(1);
        self.token = Some(HeldToken {
            serial: self.last_serial,
            expires_at,
            leeway: left.div_euclid(LEEWAY_SHARE).min(MAX_LEEWAY_MS),
            paused_until: None,
            handed_over,
        });
        self.rejected = false;
        self.repeated = false;
        self.breaker.succeeded();
    }

    /// The app wishes the token that has just come to hand to be renewed so many milliseconds before its expiry. Half of
    /// what it has left is the most; 0 or less means no renewal ahead of it.
    pub fn set_leeway(&mut self, now: Timestamp, leeway: i64) {
        if let (Some(expiry), Some(token)) = (self.expires_at(), &mut self.token) {
            let most = expiry.millis_since(now).div_euclid(MAX_LEEWAY_SHARE);
            token.leeway = leeway.min(most);
        }
    }

    /// A fetch brought no token. `false` when it belongs to an older generation, and its failure is no
    /// news. `retry_after` is the pause that the source wishes for, in milliseconds; `random` is any number. The next
    /// demand without a usable token fetches again at once, until the failures pile up; a renewal in the background
    /// pauses first, so that a provider in trouble is not asked anew by every request.
    pub fn failed(
        &mut self,
        ticket: Ticket,
        now: Timestamp,
        retry_after: Option<i64>,
        random: u32,
    ) -> bool {
        let ours = self.ticket() == Some(ticket);
        if ours {
            self.fetch = None;
            self.postpone_renewal(now);
            self.breaker.failed(now, retry_after, random);
        }
        ours
    }

    #[inline(never)]
    fn postpone_renewal(&mut self, now: Timestamp) {
        if let Some(token) = &mut self.token {
            let pause = token.leeway.div_euclid(LEEWAY_SHARE).max(1);
            token.paused_until = Some(now.plus_millis(pause));
        }
    }

    /// A fetch brought the answer that nobody is signed in, which ends the generation and takes the token
    /// in hand. `false` when the fetch belongs to an older one. The next demand asks again.
    pub fn nobody(&mut self, ticket: Ticket) -> bool {
        let ours = self.ticket() == Some(ticket);
        if ours {
            self.invalidate();
            self.breaker.succeeded();
        }
        ours
    }

    /// The server handed over a token in answer to a request of `generation` (contract 1.4). `true` when
    /// it is the token in hand now; `false` when the request belongs to an older generation, the token is
    /// expired, or the server has handed over a newer one meanwhile.
    pub fn handed_over(&mut self, generation: u32, now: Timestamp, dates: TokenDates) -> bool {
        if generation != self.generation || self.signed_out {
            return false;
        }
        self.observe(now, dates);
        let held = self.token.and_then(|token| token.handed_over);
        let older =
            held.is_some_and(|newest| dates.issued_at.is_some_and(|issued_at| issued_at < newest));
        let taken = !older && now < self.clock.local(dates.expires_at);
        if taken {
            self.hold(now, dates.expires_at, dates.issued_at);
        }
        taken
    }

    /// Another tab has fetched a token for the same identity. `true` when it is the token in hand now, which ends
    /// the fetch under way; `false` when the one in hand is as good.
    pub fn shared(&mut self, now: Timestamp, dates: TokenDates) -> bool {
        self.observe(now, dates);
        let expiry = self.clock.local(dates.expires_at);
        let held = self.expires_at();
        let taken = !self.signed_out
            && now < expiry
            && held.is_none_or(|held| held < expiry || held <= now);
        if taken {
            self.fetch = None;
            self.hold(now, dates.expires_at, None);
        }
        taken
    }

    /// Another tab has been told to leave the source alone until then.
    pub fn heard_pause(&mut self, until: Timestamp) {
        self.breaker.heard(until);
    }

    /// A request of this generation that carried the token of that number was refused with status 401, because
    /// it is `expired` or for another reason. `true` when it should be sent once more, with the token that the next demand gives.
    pub fn rejected(&mut self, serial: u32, now: Timestamp, expired: bool) -> bool {
        let Some(token) = self.token.filter(|token| token.serial == serial) else {
            // Another request was refused first: there is a newer token, or it is on its way.
            return !self.signed_out;
        };
        if expired {
            self.expired = self.expired.max(Some(token.expires_at));
            self.clock.not_before(token.expires_at, now);
        }
        let forced_lately = self
            .forced_at
            .is_some_and(|then| (0..FORCE_PAUSE_MS).contains(&now.millis_since(then)));
        if forced_lately {
            return false;
        }
        self.forced_at = Some(now);
        self.token = None;
        self.rejected = true;
        true
    }

    /// A response to a request that was sent at `requested_at` says that it was written at `date`.
    pub fn dated(&mut self, requested_at: Timestamp, now: Timestamp, date: Timestamp) {
        self.clock.not_before(date, now);
        self.clock.not_after(date, requested_at.min(now));
    }

    /// The network is back.
    pub fn reconsider(&mut self) {
        self.breaker.reconsider();
    }

    /// Forgets the token and begins a new generation, as on a change of user. Ends a sign-out.
    #[inline(never)]
    pub fn invalidate(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.signed_out = false;
        self.fetch = None;
        self.token = None;
        self.rejected = false;
        self.repeated = false;
        self.seeming_age = None;
    }

    /// Forgets the token, begins a new generation, and fetches nothing until [`Self::invalidate`].
    pub fn sign_out(&mut self) {
        self.invalidate();
        self.signed_out = true;
    }

    /// When the token in hand stops being used.
    #[inline(never)]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.token.map(|token| self.clock.local(token.expires_at))
    }

    /// When a demand would next renew the token in hand. `None` without one, while its renewal is under
    /// way, and when no time is left to renew it ahead of its expiry.
    #[inline(never)]
    pub fn renews_at(&self) -> Option<Timestamp> {
        let token = self.token.filter(|_| self.fetch.is_none())?;
        let expiry = self.clock.local(token.expires_at);
        let renewal = expiry.plus_millis(token.leeway.saturating_neg());
        Some(
            token
                .paused_until
                .map_or(renewal, |until| until.max(renewal)),
        )
        .filter(|&renewal| renewal < expiry)
    }

    /// When the source may be asked again, if it may not be now.
    #[inline(never)]
    pub fn retry_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.breaker.retry_at(now)
    }

    /// How far the server's clock is ahead of this device's, in milliseconds; 0 when nothing speaks against the
    /// device's.
    pub const fn server_ahead(&self) -> i64 {
        self.clock.offset()
    }
}
