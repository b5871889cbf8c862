//! The token session, rule by rule. `token_session_model.rs` has every order of events.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::token_session::{
    Arrival, Demand, FORCE_PAUSE_MS, Likeness, MAX_LEEWAY_MS, Reason, Ticket, TokenDates,
    TokenSession,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SECOND: i64 = 1_000;

fn at(millis: i64) -> Timestamp {
    NOW.plus_millis(millis)
}

/// Dates taken at their word: a token that ends so many milliseconds after [`NOW`].
fn until(millis: i64) -> TokenDates {
    TokenDates {
        issued_at: None,
        expires_at: at(millis),
        requested_at: None,
    }
}

fn fetch(session: &mut TokenSession, now: Timestamp) -> Ticket {
    match session.demand(now) {
        Demand::Fetch(ticket) | Demand::Renew(ticket) => ticket,
        other => panic!("no fetch but {other:?}"),
    }
}

fn holding(millis: i64) -> TokenSession {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert_eq!(
        session.arrived(ticket, NOW, until(millis), Likeness::Successor),
        Arrival::Accepted
    );
    session
}

#[test]
fn callers_wait_for_the_one_fetch_under_way() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert_eq!(session.demand(NOW), Demand::Wait);
    session.arrived(ticket, NOW, until(300 * SECOND), Likeness::Successor);
    assert_eq!(session.demand(NOW), Demand::Use);
}

#[test]
fn a_token_is_renewed_in_the_background_within_its_leeway() {
    let mut session = holding(300 * SECOND);
    assert_eq!(session.renews_at(), Some(at(270 * SECOND)));
    assert_eq!(session.demand(at(270 * SECOND - 1)), Demand::Use);
    assert!(matches!(session.demand(at(270 * SECOND)), Demand::Renew(_)));
    assert_eq!(session.demand(at(271 * SECOND)), Demand::Use);
    assert_eq!(session.renews_at(), None);
    assert_eq!(session.demand(at(300 * SECOND)), Demand::Wait);
}

#[test]
fn the_leeway_is_a_quarter_of_what_is_left_on_arrival() {
    assert_eq!(holding(60 * SECOND).renews_at(), Some(at(45 * SECOND)));
    assert_eq!(holding(8).renews_at(), Some(at(6)));
    assert_eq!(holding(1).renews_at(), None);
    let day = 86_400 * SECOND;
    assert_eq!(holding(day).renews_at(), Some(at(day - MAX_LEEWAY_MS)));
}

#[test]
fn an_aged_token_handed_out_again_and_again_is_no_loop() {
    let mut session = TokenSession::new();
    let mut fetches = 0;
    for millis in 0..10 * SECOND {
        match session.demand(at(millis)) {
            Demand::Fetch(ticket) | Demand::Renew(ticket) => {
                fetches += 1;
                session.arrived(ticket, at(millis), until(10 * SECOND), Likeness::Successor);
            }
            _ => {}
        }
    }
    assert!(fetches <= 8, "{fetches} fetches");
}

#[test]
fn the_app_may_wish_for_another_leeway_of_up_to_half() {
    for (wish, renewal) in [
        (20 * SECOND, 40 * SECOND),
        (1, 60 * SECOND - 1),
        (30 * SECOND, 30 * SECOND),
        (31 * SECOND, 30 * SECOND),
        (i64::MAX, 30 * SECOND),
    ] {
        let mut session = holding(60 * SECOND);
        session.set_leeway(NOW, wish);
        assert_eq!(session.renews_at(), Some(at(renewal)), "{wish}");
    }
    for wish in [0, -1, i64::MIN] {
        let mut session = holding(60 * SECOND);
        session.set_leeway(NOW, wish);
        assert_eq!(session.renews_at(), None);
        assert_eq!(session.demand(at(60 * SECOND - 1)), Demand::Use);
        assert!(matches!(session.demand(at(60 * SECOND)), Demand::Fetch(_)));
    }
    let mut session = TokenSession::new();
    session.set_leeway(NOW, SECOND);
    assert_eq!(session.renews_at(), None);
}

#[test]
fn the_largest_leeway_makes_no_loop_of_an_aged_token() {
    let mut session = TokenSession::new();
    let mut fetches = 0;
    for millis in 0..10 * SECOND {
        if let Demand::Fetch(ticket) | Demand::Renew(ticket) = session.demand(at(millis)) {
            fetches += 1;
            session.arrived(ticket, at(millis), until(10 * SECOND), Likeness::Successor);
            session.set_leeway(at(millis), i64::MAX);
        }
    }
    assert!((8..=15).contains(&fetches), "{fetches} fetches");
}

/// Dates of a token that was issued so many seconds after [`NOW`] and lives so long, of unknown age.
fn issued(seconds: i64, life: i64) -> TokenDates {
    TokenDates {
        issued_at: Some(at(seconds * SECOND)),
        expires_at: at((seconds + life) * SECOND),
        requested_at: None,
    }
}

fn arrive(session: &mut TokenSession, now: Timestamp, dates: TokenDates) -> Arrival {
    let ticket = fetch(session, now);
    session.arrived(ticket, now, dates, Likeness::Successor)
}

#[test]
fn a_token_that_seems_expired_is_tried_as_if_it_were_new_and_the_server_judges() {
    let mut session = TokenSession::new();
    assert_eq!(
        arrive(&mut session, NOW, issued(-3_600, 300)),
        Arrival::Accepted
    );
    assert_eq!(session.expires_at(), Some(at(299 * SECOND)));
    assert_eq!(session.server_ahead(), -3_599 * SECOND);

    let now = at(10 * SECOND);
    assert!(session.rejected(session.serial(), now, true));
    let ticket = fetch(&mut session, now);
    assert_eq!(session.reason(), Reason::Rejected);
    assert!(session.force_refresh());
    let again = session.arrived(ticket, now, issued(-3_600, 300), Likeness::Same);
    assert_eq!(again, Arrival::Expired);
    assert_eq!(session.expires_at(), None);
}

#[test]
fn a_token_that_expired_on_its_way_is_asked_for_once_more() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    let asleep = at(3_600 * SECOND);
    let late = session.arrived(ticket, asleep, issued(1, 300), Likeness::Successor);
    assert_eq!(late, Arrival::Again);
    assert_eq!(session.ticket(), Some(ticket));
    assert!(session.force_refresh());
    assert_eq!(
        session.arrived(ticket, asleep, issued(3_600, 300), Likeness::Successor),
        Arrival::Accepted
    );

    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    for (hours, arrival) in [(1, Arrival::Again), (2, Arrival::Expired)] {
        let dates = issued(hours * 3_600 - 3_599, 300);
        let late = at(hours * 3_600 * SECOND);
        let arrived = session.arrived(ticket, late, dates, Likeness::Successor);
        assert_eq!(arrived, arrival, "once, and no more");
    }
}

#[test]
fn a_token_that_seems_expired_and_has_no_date_of_issue_is_tried_for_a_minute() {
    let mut session = TokenSession::new();
    assert_eq!(arrive(&mut session, NOW, until(0)), Arrival::Accepted);
    assert_eq!(session.expires_at(), Some(at(59 * SECOND)));
}

#[test]
fn a_slow_clock_is_known_from_a_token_that_was_issued_in_its_future() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(600, 300));
    assert_eq!(session.expires_at(), Some(at(300 * SECOND)));
    assert_eq!(session.server_ahead(), 600 * SECOND);
}

#[test]
fn an_aged_token_keeps_its_age_on_a_right_clock() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(-50, 60));
    assert_eq!(session.expires_at(), Some(at(10 * SECOND)));
}

#[test]
fn two_tokens_of_one_age_betray_a_fast_clock() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(-200, 300));
    assert_eq!(session.expires_at(), Some(at(100 * SECOND)));
    arrive(&mut session, at(80 * SECOND), issued(-120, 300));
    assert_eq!(session.expires_at(), Some(at((80 + 299) * SECOND)));
}

#[test]
fn a_source_that_has_handed_out_dead_tokens_is_not_taken_for_a_fast_clock() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(-50, 60));
    session.rejected(session.serial(), at(10 * SECOND), true);
    arrive(&mut session, at(10 * SECOND), issued(-40, 60));
    assert_eq!(session.expires_at(), Some(at(20 * SECOND)));
}

#[test]
fn the_date_of_a_response_puts_the_token_in_hand_right() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(-200, 300));
    session.dated(at(SECOND), at(2 * SECOND), at(-199 * SECOND));
    assert_eq!(session.expires_at(), Some(at(299 * SECOND)));
}

#[test]
fn a_clock_that_is_put_right_is_trusted_again() {
    let mut session = TokenSession::new();
    arrive(&mut session, NOW, issued(600, 300));
    let later = at((600 + 400) * SECOND);
    assert_eq!(
        arrive(&mut session, later, issued(1_000, 300)),
        Arrival::Accepted
    );
    assert!(session.server_ahead().abs() <= SECOND);
    assert!(session.expires_at() >= Some(at((1_000 + 298) * SECOND)));
}

#[test]
fn a_refused_token_is_replaced_once_however_many_requests_it_was_refused_for() {
    let mut session = holding(300 * SECOND);
    let refused = session.serial();
    let now = at(10 * SECOND);
    assert!(session.rejected(refused, now, false));
    let ticket = fetch(&mut session, now);
    for late in 0..20 {
        let now = at(10 * SECOND + 50 * late);
        assert!(session.rejected(refused, now, false));
        assert_eq!(session.demand(now), Demand::Wait);
    }
    session.arrived(
        ticket,
        at(12 * SECOND),
        until(600 * SECOND),
        Likeness::Successor,
    );
    assert!(session.rejected(refused, at(13 * SECOND), false));
    assert_eq!(session.demand(at(13 * SECOND)), Demand::Use);
}

#[test]
fn a_server_that_refuses_everything_is_not_answered_by_a_fetch_for_each_request() {
    let mut session = TokenSession::new();
    let mut fetches = 0;
    for second in 0..300 {
        let now = at(second * SECOND);
        for _ in 0..2 {
            if let Demand::Fetch(ticket) = session.demand(now) {
                fetches += 1;
                session.arrived(
                    ticket,
                    now,
                    until((second + 3_600) * SECOND),
                    Likeness::Successor,
                );
            }
            if !session.rejected(session.serial(), now, false) {
                break;
            }
        }
    }
    assert_eq!(fetches, 1 + 300 * SECOND / FORCE_PAUSE_MS);
}

#[test]
fn the_refused_token_itself_is_not_taken_from_a_fetch_that_did_not_know() {
    let mut session = holding(300 * SECOND);
    let now = at(280 * SECOND);
    let renewal = fetch(&mut session, now);
    assert!(session.rejected(session.serial(), now, false));
    let dates = until(300 * SECOND);
    assert_eq!(
        session.arrived(renewal, now, dates, Likeness::Same),
        Arrival::Again
    );
    assert!(session.force_refresh());
    // The source insists.
    assert_eq!(
        session.arrived(renewal, now, dates, Likeness::Same),
        Arrival::Accepted
    );
}

#[test]
fn a_source_that_repeats_itself_is_asked_forcibly() {
    let mut session = holding(300 * SECOND);
    let renewal = fetch(&mut session, at(270 * SECOND));
    assert_eq!(session.reason(), Reason::Expiring);
    assert!(!session.force_refresh());
    session.arrived(
        renewal,
        at(270 * SECOND),
        until(300 * SECOND),
        Likeness::Same,
    );
    fetch(&mut session, at(299 * SECOND));
    assert!(session.force_refresh());
}

#[test]
fn the_third_failure_in_a_row_opens_the_breaker_and_a_success_closes_it() {
    let mut session = TokenSession::new();
    for failure in 0..3 {
        assert_eq!(session.retry_at(NOW), None, "{failure}");
        let ticket = fetch(&mut session, NOW);
        session.failed(ticket, NOW, None, u32::MAX);
    }
    assert_eq!(session.demand(NOW), Demand::Pause);
    assert_eq!(session.retry_at(NOW), Some(at(999)));
    assert_eq!(
        arrive(&mut session, at(SECOND), until(90 * SECOND)),
        Arrival::Accepted
    );
    assert_eq!(session.retry_at(at(SECOND)), None);
}

#[test]
fn pauses_double_up_to_a_minute_and_half_of_each_is_chance() {
    let mut session = TokenSession::new();
    let mut now = NOW;
    let mut pauses = Vec::new();
    for failure in 0..12 {
        let ticket = fetch(&mut session, now);
        session.failed(
            ticket,
            now,
            None,
            if failure % 2 == 0 { 0 } else { u32::MAX },
        );
        if let Some(until) = session.retry_at(now) {
            pauses.push(until.millis_since(now));
            now = until;
        }
    }
    assert_eq!(
        pauses,
        [
            500, 1_999, 2_000, 7_999, 8_000, 31_999, 30_000, 59_999, 30_000, 59_999
        ]
    );
}

#[test]
fn a_wish_to_be_left_alone_is_honored_and_not_undone_by_the_network() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    session.failed(ticket, NOW, Some(30 * SECOND), 0);
    session.reconsider();
    assert_eq!(session.retry_at(NOW), Some(at(30 * SECOND)));
    assert_eq!(session.demand(at(30 * SECOND - 1)), Demand::Pause);
    fetch(&mut session, at(30 * SECOND));
}

#[test]
fn a_pause_beyond_all_wishes_is_a_clock_that_was_set_back() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    session.failed(ticket, NOW, Some(30 * SECOND), 0);
    fetch(&mut session, at(-86_400 * SECOND));
}

#[test]
fn while_the_breaker_is_open_the_token_in_hand_is_used_and_not_renewed() {
    let mut session = holding(300 * SECOND);
    session.heard_pause(at(290 * SECOND));
    assert_eq!(session.demand(at(280 * SECOND)), Demand::Use);
    assert!(matches!(session.demand(at(290 * SECOND)), Demand::Renew(_)));
}

#[test]
fn the_network_coming_back_ends_a_pause_of_our_own() {
    let mut session = TokenSession::new();
    for _ in 0..3 {
        let ticket = fetch(&mut session, NOW);
        session.failed(ticket, NOW, None, 0);
    }
    session.reconsider();
    fetch(&mut session, NOW);
}

#[test]
fn after_a_sign_out_nothing_is_fetched_until_somebody_may_be_there() {
    let mut session = holding(300 * SECOND);
    let generation = session.generation();
    let ticket = fetch(&mut session, at(280 * SECOND));
    session.sign_out();
    let now = at(281 * SECOND);
    assert_eq!(session.demand(now), Demand::SignedOut);
    assert_eq!(
        session.arrived(ticket, now, until(600 * SECOND), Likeness::Successor),
        Arrival::Superseded
    );
    assert!(!session.handed_over(generation, now, until(600 * SECOND)));
    assert!(!session.handed_over(session.generation(), now, until(600 * SECOND)));
    assert!(!session.shared(now, until(600 * SECOND)));
    assert!(!session.rejected(session.serial(), now, false));
    assert_eq!(session.demand(now), Demand::SignedOut);
    session.invalidate();
    fetch(&mut session, now);
}

#[test]
fn a_token_of_another_tab_ends_the_fetch_if_it_is_any_better() {
    let mut session = holding(100 * SECOND);
    assert!(!session.shared(at(SECOND), until(100 * SECOND)));
    let renewal = fetch(&mut session, at(80 * SECOND));
    assert!(session.shared(at(81 * SECOND), until(200 * SECOND)));
    assert_eq!(session.ticket(), None);
    let late = session.arrived(
        renewal,
        at(82 * SECOND),
        until(300 * SECOND),
        Likeness::Successor,
    );
    assert_eq!(late, Arrival::Superseded);
    assert_eq!(session.expires_at(), Some(at(200 * SECOND)));
}

#[test]
fn a_minted_token_lives_its_lifetime_whatever_the_clock_says() {
    for skew in [-86_400, -600, 0, 600, 86_400] {
        let issued_at = at(skew * SECOND);
        let dates = TokenDates {
            issued_at: Some(issued_at),
            expires_at: issued_at.plus_millis(300 * SECOND),
            requested_at: Some(at(-2 * SECOND)),
        };
        let mut session = TokenSession::new();
        let ticket = fetch(&mut session, NOW);
        assert_eq!(
            session.arrived(ticket, NOW, dates, Likeness::Successor),
            Arrival::Accepted
        );
        // By what the device says, where that can be right; else a second early, because dates are rounded down.
        let expected = if skew == 0 { 300 } else { 297 };
        assert!(session.expires_at() >= Some(at(expected * SECOND)));
        assert!(session.expires_at() <= Some(at(300 * SECOND)));
    }
}

#[test]
fn a_clock_set_back_during_a_request_lengthens_no_life() {
    let dates = TokenDates {
        issued_at: Some(NOW),
        expires_at: at(300 * SECOND),
        requested_at: Some(at(3_600 * SECOND)),
    };
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    session.arrived(ticket, NOW, dates, Likeness::Successor);
    assert_eq!(session.expires_at(), Some(at(300 * SECOND)));
}

#[test]
fn a_failure_lets_the_next_demand_fetch_again() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert!(session.failed(ticket, NOW, None, 0));
    assert!(!session.failed(ticket, NOW, None, 0));
    assert!(matches!(session.demand(NOW), Demand::Fetch(_)));
}

#[test]
fn a_failed_renewal_pauses_and_keeps_the_token() {
    let mut session = holding(300 * SECOND);
    let ticket = fetch(&mut session, at(270 * SECOND));
    assert!(session.failed(ticket, at(272 * SECOND), None, 0));
    assert_eq!(session.demand(at(273 * SECOND)), Demand::Use);
    assert_eq!(session.renews_at(), Some(at(279_500)));
    assert!(matches!(session.demand(at(279_500)), Demand::Renew(_)));
}

#[test]
fn after_invalidation_an_older_answer_changes_nothing() {
    let mut session = holding(300 * SECOND);
    let generation = session.generation();
    let ticket = fetch(&mut session, at(280 * SECOND));
    session.invalidate();
    let late = at(281 * SECOND);
    assert_eq!(
        session.arrived(ticket, late, until(600 * SECOND), Likeness::Successor),
        Arrival::Superseded
    );
    assert!(!session.failed(ticket, late, None, 0));
    assert!(!session.nobody(ticket));
    assert!(!session.handed_over(generation, late, until(600 * SECOND)));
    assert_eq!(session.expires_at(), None);
}

#[test]
fn a_token_for_someone_else_begins_a_generation() {
    let mut session = holding(300 * SECOND);
    let generation = session.generation();
    let ticket = fetch(&mut session, at(280 * SECOND));
    let now = at(281 * SECOND);
    session.arrived(ticket, now, until(600 * SECOND), Likeness::Stranger);
    assert_ne!(session.generation(), generation);
    assert_eq!(session.expires_at(), Some(at(600 * SECOND)));
    assert!(!session.handed_over(generation, now, until(900 * SECOND)));
}

#[test]
fn signing_out_takes_the_token_in_hand() {
    let mut session = holding(300 * SECOND);
    let ticket = fetch(&mut session, at(280 * SECOND));
    assert!(session.nobody(ticket));
    assert_eq!(session.expires_at(), None);
    assert!(matches!(session.demand(at(281 * SECOND)), Demand::Fetch(_)));
}

#[test]
fn an_older_hand_over_does_not_replace_a_newer_one() {
    let minted = |issued: i64| TokenDates {
        issued_at: Some(at(issued)),
        expires_at: at(issued + 300 * SECOND),
        requested_at: Some(at(issued)),
    };
    let mut session = holding(3_600 * SECOND);
    let generation = session.generation();
    assert!(session.handed_over(generation, at(10), minted(5)));
    assert!(!session.handed_over(generation, at(20), minted(4)));
    assert!(session.handed_over(generation, at(30), minted(6)));
    assert!(!session.handed_over(generation, at(40), until(40)));
    assert_eq!(session.expires_at(), Some(at(6 + 300 * SECOND)));
}
