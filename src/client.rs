//! The JavaScript face of the npm package. It decides nothing: numbers go in, numbers and paths come out.
//!
//! Times cross the boundary as `f64` milliseconds since the epoch, dates of a token as `f64` seconds, as
//! `Date.now()` and a JWT have them; `NaN` stands for none. Casting saturates, so no number can do harm.

#![allow(clippy::float_cmp, reason = "in what #[wasm_bindgen] makes of an enum")]

use wasm_bindgen::prelude::wasm_bindgen;

use crate::anonymous_session::{self, classify_refresh, is_usable};
use crate::route::Endpoint;
use crate::timestamp::Timestamp;
use crate::token_session::{self, Ticket, TokenDates};

// Half the size of the standard allocator, which matters in a file that every visitor downloads. It is for
// one thread only, which is what the build without atomics has.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

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
    ticket: u32,
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
            token_session::Demand::Renew(ticket) => {
                self.ticket = ticket.number();
                Demand::Renew
            }
            token_session::Demand::Fetch(ticket) => {
                self.ticket = ticket.number();
                Demand::Fetch
            }
        }
    }

    /// The fetch that the last demand began.
    #[wasm_bindgen(js_name = "ticket", getter)]
    pub fn ticket(&self) -> u32 {
        self.ticket
    }

    /// The generation that a request made now belongs to.
    #[wasm_bindgen(js_name = "generation", getter)]
    pub fn generation(&self) -> u32 {
        self.inner.generation()
    }

    /// A fetch brought a token.
    #[wasm_bindgen(js_name = "arrived")]
    pub fn arrived(
        &mut self,
        ticket: u32,
        now: f64,
        issued_at: f64,
        expires_at: f64,
        requested_at: f64,
        other_identity: bool,
    ) -> Arrival {
        let dates = token_dates(issued_at, expires_at, requested_at);
        let ticket = Ticket::from_number(ticket);
        match self
            .inner
            .arrived(ticket, instant(now), dates, other_identity)
        {
            token_session::Arrival::Accepted => Arrival::Accepted,
            token_session::Arrival::Expired => Arrival::Expired,
            token_session::Arrival::Superseded => Arrival::Superseded,
        }
    }

    /// A fetch brought no token. `false` when that is no news.
    #[wasm_bindgen(js_name = "failed")]
    pub fn failed(&mut self, ticket: u32, now: f64) -> bool {
        self.inner.failed(Ticket::from_number(ticket), instant(now))
    }

    /// A fetch brought the answer that nobody is signed in. `false` when that is no news.
    #[wasm_bindgen(js_name = "signedOut")]
    pub fn signed_out(&mut self, ticket: u32) -> bool {
        self.inner.signed_out(Ticket::from_number(ticket))
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

    /// Forgets the token and begins a new generation.
    #[wasm_bindgen(js_name = "invalidate")]
    pub fn invalidate(&mut self) {
        self.inner.invalidate();
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
}

/// Reads an answer of the refresh endpoint: its status, the `error` of its body or an empty string, and
/// when the refresh token that was presented expires.
#[wasm_bindgen(js_name = "classifyRefresh")]
pub fn classify_refresh_answer(
    status: u16,
    error: &str,
    expires_at: f64,
    now: f64,
) -> RefreshOutcome {
    let usable = is_usable(optional_instant(expires_at), instant(now));
    let error = (!error.is_empty()).then_some(error);
    match classify_refresh(status, error, usable) {
        anonymous_session::RefreshOutcome::Renewed => RefreshOutcome::Renewed,
        anonymous_session::RefreshOutcome::Replace => RefreshOutcome::Replace,
        anonymous_session::RefreshOutcome::Unavailable => RefreshOutcome::Unavailable,
        anonymous_session::RefreshOutcome::Refused => RefreshOutcome::Refused,
    }
}

/// The path of an endpoint, with the ids that it names percent-encoded; `/` for a number of none.
#[wasm_bindgen(js_name = "endpointPath")]
pub fn endpoint_path(endpoint: u8, id: &str, inner_id: &str) -> String {
    Endpoint::from_number(endpoint)
        .map_or_else(|| "/".to_owned(), |endpoint| endpoint.path(id, inner_id))
}

/// The method of an endpoint; `GET` for a number of none.
#[wasm_bindgen(js_name = "endpointMethod")]
pub fn endpoint_method(endpoint: u8) -> String {
    Endpoint::from_number(endpoint)
        .map_or("GET", |endpoint| endpoint.method().as_str())
        .to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and NaN is the epoch"
)]
fn instant(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

fn optional_instant(millis: f64) -> Option<Timestamp> {
    (!millis.is_nan()).then(|| instant(millis))
}

/// A token's dates. `NumericDate` may have a fraction (RFC 7519, section 2).
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
fn number(instant: Option<Timestamp>) -> f64 {
    instant.map_or(f64::NAN, |instant| instant.as_millis() as f64)
}
