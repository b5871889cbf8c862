//! The WASM face in a real browser: what crosses the boundary arrives as it left.
#![cfg(target_arch = "wasm32")]

use assistant_cloud_edge::client::{
    Arrival, Demand, RefreshOutcome, TokenSession, Words, classify_refresh_answer,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A `Date.now()`, beyond 32 bits.
const NOW: f64 = 1_800_000_000_000.0;
/// The same in a JWT.
const NOW_SECONDS: f64 = 1_800_000_000.0;

fn accepted(
    session: &mut TokenSession,
    issued_at: f64,
    expires_at: f64,
    requested_at: f64,
) -> bool {
    let Demand::Fetch = session.demand(NOW) else {
        return false;
    };
    let ticket = session.ticket();
    matches!(
        session.arrived(ticket, NOW, issued_at, expires_at, requested_at, 1),
        Arrival::Accepted
    )
}

#[wasm_bindgen_test]
fn a_token_lives_from_its_arrival_to_its_expiry() {
    let mut session = TokenSession::new();
    assert!(session.expires_at().is_nan());
    assert!(session.renews_at().is_nan());
    assert!(accepted(
        &mut session,
        f64::NAN,
        NOW_SECONDS + 300.0,
        f64::NAN
    ));
    assert_eq!(session.expires_at(), NOW + 300_000.0);
    assert_eq!(session.renews_at(), NOW + 270_000.0);
    assert!(matches!(session.demand(NOW), Demand::Use));
    assert!(matches!(session.demand(NOW + 270_000.0), Demand::Renew));
    assert!(matches!(session.demand(NOW + 300_000.0), Demand::Wait));
    assert_eq!(session.reason(), 1);
    assert!(session.failed(session.ticket(), NOW + 300_000.0, f64::NAN, 0));
    assert_eq!(session.ticket(), 0);
}

#[wasm_bindgen_test]
fn a_token_minted_on_request_is_dated_by_the_local_clock() {
    let mut session = TokenSession::new();
    let issued_at = NOW_SECONDS - 86_400.0;
    assert!(accepted(
        &mut session,
        issued_at,
        issued_at + 300.0,
        NOW - 1_000.0
    ));
    assert_eq!(session.expires_at(), NOW + 298_000.0);
    assert_eq!(session.server_ahead(), -86_398_000.0);
}

#[wasm_bindgen_test]
fn no_number_of_javascript_does_harm() {
    let strange = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        0.5,
        1e300,
        -1e300,
    ];
    for now in strange {
        for date in strange {
            for other in strange {
                let mut session = TokenSession::new();
                session.demand(now);
                session.arrived(session.ticket(), now, date, other, date, 2);
                session.shared(now, date, other, date);
                session.dated(date, now, other);
                session.rejected(session.serial(), now, true);
                session.failed(session.ticket(), now, other, u32::MAX);
                session.heard_pause(other);
                session.retry_at(now);
                session.handed_over(session.generation(), now, other, date, date);
                session.demand(other);
            }
        }
    }
}

#[wasm_bindgen_test]
fn a_fraction_of_a_second_is_kept() {
    let mut session = TokenSession::new();
    assert!(accepted(
        &mut session,
        f64::NAN,
        NOW_SECONDS + 0.5,
        f64::NAN
    ));
    assert_eq!(session.expires_at(), NOW + 500.0);
}

#[wasm_bindgen_test]
fn signing_out_and_invalidating_begin_a_generation() {
    let mut session = TokenSession::new();
    assert!(accepted(
        &mut session,
        f64::NAN,
        NOW_SECONDS + 300.0,
        f64::NAN
    ));
    let first = session.generation();
    session.invalidate();
    assert_ne!(session.generation(), first);
    assert!(!session.handed_over(first, NOW, f64::NAN, NOW_SECONDS + 300.0, f64::NAN));
    session.demand(NOW);
    assert!(session.nobody(session.ticket()));
    assert!(!session.nobody(session.ticket()));
    session.sign_out();
    assert!(matches!(session.demand(NOW), Demand::SignedOut));
}

#[wasm_bindgen_test]
fn an_answer_of_the_refresh_endpoint_is_classified() {
    let later = NOW + 86_400_000.0;
    let classify =
        |status, error, expires_at| classify_refresh_answer(status, error, expires_at, NOW);
    assert!(matches!(
        classify(200, Words::None, later),
        RefreshOutcome::Renewed
    ));
    assert!(matches!(
        classify(403, Words::Final, later),
        RefreshOutcome::Replace
    ));
    assert!(matches!(
        classify(503, Words::None, later),
        RefreshOutcome::Unavailable
    ));
    assert!(matches!(
        classify(403, Words::None, later),
        RefreshOutcome::Refused
    ));
    assert!(matches!(
        classify(403, Words::None, f64::NAN),
        RefreshOutcome::Replace
    ));
}

#[wasm_bindgen_test]
fn a_wish_to_be_left_alone_crosses_the_boundary() {
    let mut session = TokenSession::new();
    session.demand(NOW);
    assert!(session.failed(session.ticket(), NOW, 30_000.0, 0));
    assert!(matches!(session.demand(NOW), Demand::Pause));
    assert_eq!(session.retry_at(NOW), NOW + 30_000.0);
    assert!(session.retry_at(NOW + 30_000.0).is_nan());
}
