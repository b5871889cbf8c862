//! The JavaScript face of the npm package. It decides nothing: numbers go in, numbers and paths come out.
//!
//! Times cross the boundary as `f64` milliseconds since the epoch, dates of a token as `f64` seconds, as
//! `Date.now()` and a JWT have them; `NaN` stands for none. Casting saturates, so no number can do harm.

#![allow(clippy::float_cmp, reason = "in what #[wasm_bindgen] makes of an enum")]

use wasm_bindgen::prelude::wasm_bindgen;

use crate::anonymous_session::{self, Refusal, classify_refresh, is_usable};
use crate::timestamp::Timestamp;
use crate::token_session::{self, Likeness, Ticket, TokenDates};

/// What a caller who demands a token is to do.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy)]
pub enum Demand {
    /// Use the token in hand.
    Use = 0,
    /// Use the token in hand, and fetch the next one for `ticket`.
    Renew = 1,
    /// Fetch a token for `ticket` and wait for it.
    Fetch = 2,
    /// Wait for the fetch under way.
    Wait = 3,
    /// Give up: the source is to be left alone until `retryAt`.
    Pause = 4,
    /// Give up: the user has signed out.
    SignedOut = 5,
}

/// What becomes of a token that a fetch brought.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy)]
pub enum Arrival {
    /// It is the token in hand now.
    Accepted = 0,
    /// It was expired when it arrived.
    Expired = 1,
    /// It came too late to matter.
    Superseded = 2,
    /// It is the one that was refused: ask again, for the same ticket.
    Again = 3,
}

/// The `error` in the body of a refusal. Texts do not cross the boundary: what carries them would be a tenth of what the
/// client's visitors download.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy)]
pub enum Words {
    /// There is none.
    None = 0,
    /// One that ends an anonymous identity.
    Final = 1,
    /// Any other.
    Other = 2,
}

/// What an answer of the refresh endpoint means.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy)]
pub enum RefreshOutcome {
    /// The session goes on.
    Renewed = 0,
    /// The identity is gone.
    Replace = 1,
    /// No answer now; the identity stays.
    Unavailable = 2,
    /// A refusal that proves nothing; the identity stays.
    Refused = 3,
}

/// The token session of one client.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct TokenSession {
    inner: token_session::TokenSession,
}

#[wasm_bindgen]
impl TokenSession {
    /// A session without a token.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// A caller demands a token. After `Renew` and `Fetch`, `ticket` names the fetch to begin.
    #[wasm_bindgen(js_name = "demand")]
    pub fn demand(&mut self, now: f64) -> Demand {
        match self.inner.demand(instant(now)) {
            token_session::Demand::Use => Demand::Use,
            token_session::Demand::Wait => Demand::Wait,
            token_session::Demand::Pause => Demand::Pause,
            token_session::Demand::SignedOut => Demand::SignedOut,
            token_session::Demand::Renew(_) => Demand::Renew,
            token_session::Demand::Fetch(_) => Demand::Fetch,
        }
    }

    /// The fetch under way; 0 without one.
    #[wasm_bindgen(js_name = "ticket", getter)]
    pub fn ticket(&self) -> u32 {
        self.inner.ticket().map_or(0, Ticket::number)
    }

    /// Why the fetch under way was begun: 0 there was no token, 1 it expires soon, 2 it has expired, 3 it was refused.
    #[wasm_bindgen(js_name = "reason", getter)]
    pub fn reason(&self) -> u8 {
        match self.inner.reason() {
            token_session::Reason::Missing => 0,
            token_session::Reason::Expiring => 1,
            token_session::Reason::Expired => 2,
            token_session::Reason::Rejected => 3,
        }
    }

    /// Whether the fetch under way is to go past the source's caches.
    #[wasm_bindgen(js_name = "forceRefresh", getter)]
    pub fn force_refresh(&self) -> bool {
        self.inner.force_refresh()
    }

    /// The generation that a request made now belongs to.
    #[wasm_bindgen(js_name = "generation", getter)]
    pub fn generation(&self) -> u32 {
        self.inner.generation()
    }

    /// The number of the token in hand.
    #[wasm_bindgen(js_name = "serial", getter)]
    pub fn serial(&self) -> u32 {
        self.inner.serial()
    }

    /// A fetch brought a token. `likeness`: 0 it is the last one again, 1 another for the same identity or the first,
    /// anything else one for somebody else.
    #[wasm_bindgen(js_name = "arrived")]
    pub fn arrived(
        &mut self,
        ticket: u32,
        now: f64,
        issued_at: f64,
        expires_at: f64,
        requested_at: f64,
        likeness: u8,
    ) -> Arrival {
        let dates = token_dates(issued_at, expires_at, requested_at);
        let ticket = Ticket::from_number(ticket);
        let likeness = match likeness {
            0 => Likeness::Same,
            1 => Likeness::Successor,
            _ => Likeness::Stranger,
        };
        match self.inner.arrived(ticket, instant(now), dates, likeness) {
            token_session::Arrival::Accepted => Arrival::Accepted,
            token_session::Arrival::Expired => Arrival::Expired,
            token_session::Arrival::Superseded => Arrival::Superseded,
            token_session::Arrival::Again => Arrival::Again,
        }
    }

    /// The app wishes the token that has just come to hand to be renewed so many ms before its expiry; `NaN` for no wish.
    #[wasm_bindgen(js_name = "setLeeway")]
    pub fn set_leeway(&mut self, now: f64, leeway: f64) {
        if let Some(leeway) = optional_instant(leeway) {
            self.inner.set_leeway(instant(now), leeway.as_millis());
        }
    }

    /// A fetch brought no token, and the wish to be asked no earlier than in `retry_after` ms, or `NaN`. `random` is
    /// any number. `false` when the failure is no news.
    #[wasm_bindgen(js_name = "failed")]
    pub fn failed(&mut self, ticket: u32, now: f64, retry_after: f64, random: u32) -> bool {
        let ticket = Ticket::from_number(ticket);
        let retry_after = optional_instant(retry_after).map(Timestamp::as_millis);
        self.inner.failed(ticket, instant(now), retry_after, random)
    }

    /// A fetch brought the answer that nobody is signed in. `false` when that is no news.
    #[wasm_bindgen(js_name = "nobody")]
    pub fn nobody(&mut self, ticket: u32) -> bool {
        self.inner.nobody(Ticket::from_number(ticket))
    }

    /// A response to a request of `generation` handed a token over. `false` when it is not to be used.
    #[wasm_bindgen(js_name = "handedOver")]
    pub fn handed_over(
        &mut self,
        generation: u32,
        now: f64,
        issued_at: f64,
        expires_at: f64,
        requested_at: f64,
    ) -> bool {
        let dates = token_dates(issued_at, expires_at, requested_at);
        self.inner.handed_over(generation, instant(now), dates)
    }

    /// Another tab has fetched a token. `false` when it is not to be used.
    #[wasm_bindgen(js_name = "shared")]
    pub fn shared(&mut self, now: f64, issued_at: f64, expires_at: f64, requested_at: f64) -> bool {
        let dates = token_dates(issued_at, expires_at, requested_at);
        self.inner.shared(instant(now), dates)
    }

    /// Another tab has been told to leave the source alone until then.
    #[wasm_bindgen(js_name = "heardPause")]
    pub fn heard_pause(&mut self, until: f64) {
        self.inner.heard_pause(instant(until));
    }

    /// A request with the token of that number was refused with status 401, because it is
    /// `expired` or for another reason. Whether to send it once more.
    #[wasm_bindgen(js_name = "rejected")]
    pub fn rejected(&mut self, serial: u32, now: f64, expired: bool) -> bool {
        self.inner.rejected(serial, instant(now), expired)
    }

    /// A response names the time at which it was written.
    #[wasm_bindgen(js_name = "dated")]
    pub fn dated(&mut self, requested_at: f64, now: f64, date: f64) {
        self.inner
            .dated(instant(requested_at), instant(now), instant(date));
    }

    /// The network is back.
    #[wasm_bindgen(js_name = "reconsider")]
    pub fn reconsider(&mut self) {
        self.inner.reconsider();
    }

    /// Forgets the token and begins a new generation.
    #[wasm_bindgen(js_name = "invalidate")]
    pub fn invalidate(&mut self) {
        self.inner.invalidate();
    }

    /// The same, and fetches nothing until `invalidate`.
    #[wasm_bindgen(js_name = "signOut")]
    pub fn sign_out(&mut self) {
        self.inner.sign_out();
    }

    /// When the token in hand stops being used; `NaN` without one.
    #[wasm_bindgen(js_name = "expiresAt", getter)]
    pub fn expires_at(&self) -> f64 {
        number(self.inner.expires_at())
    }

    /// When the token in hand is next renewed; `NaN` when no renewal is due.
    #[wasm_bindgen(js_name = "renewsAt", getter)]
    pub fn renews_at(&self) -> f64 {
        number(self.inner.renews_at())
    }

    /// When the source may be asked again; `NaN` when it may be now.
    #[wasm_bindgen(js_name = "retryAt")]
    pub fn retry_at(&self, now: f64) -> f64 {
        number(self.inner.retry_at(instant(now)))
    }

    /// How far the server's clock is ahead of this device's, in ms.
    #[wasm_bindgen(js_name = "serverAhead", getter)]
    pub fn server_ahead(&self) -> f64 {
        number(Some(Timestamp::from_millis(self.inner.server_ahead())))
    }
}

/// Reads an answer of the refresh endpoint: its status, the words of its body, and when the refresh token that was
/// presented expires.
#[wasm_bindgen(js_name = "classifyRefresh")]
pub fn classify_refresh_answer(
    status: u16,
    words: Words,
    expires_at: f64,
    now: f64,
) -> RefreshOutcome {
    let usable = is_usable(optional_instant(expires_at), instant(now));
    let refusal = match words {
        Words::None => Refusal::Bare,
        Words::Final => Refusal::Final,
        Words::Other => Refusal::Other,
    };
    match classify_refresh(status, refusal, usable) {
        anonymous_session::RefreshOutcome::Renewed => RefreshOutcome::Renewed,
        anonymous_session::RefreshOutcome::Replace => RefreshOutcome::Replace,
        anonymous_session::RefreshOutcome::Unavailable => RefreshOutcome::Unavailable,
        anonymous_session::RefreshOutcome::Refused => RefreshOutcome::Refused,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and NaN is the epoch"
)]
#[inline(never)]
fn instant(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

fn optional_instant(millis: f64) -> Option<Timestamp> {
    (!millis.is_nan()).then(|| instant(millis))
}

/// A token's dates. `NumericDate` may have a fraction (RFC 7519, section 2).
#[inline(never)]
fn token_dates(issued_at: f64, expires_at: f64, requested_at: f64) -> TokenDates {
    TokenDates {
        issued_at: optional_instant(issued_at * 1_000.0),
        expires_at: instant(expires_at * 1_000.0),
        requested_at: optional_instant(requested_at),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a timestamp ends with the year 9999, far below 2^53 ms"
)]
#[inline(never)]
fn number(instant: Option<Timestamp>) -> f64 {
    instant.map_or(f64::NAN, |instant| instant.as_millis() as f64)
}
