//! The token session over every order of events that proptest finds, against a model that remembers more
//! than the session does.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::token_session::{
    Arrival, Demand, MAX_LEEWAY_MS, Ticket, TokenDates, TokenSession,
};
use proptest::prelude::*;

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
        session.arrived(ticket, NOW, until(millis), false),
        Arrival::Accepted
    );
    session
}

#[test]
fn callers_wait_for_the_one_fetch_under_way() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert_eq!(session.demand(NOW), Demand::Wait);
    session.arrived(ticket, NOW, until(300 * SECOND), false);
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
                session.arrived(ticket, at(millis), until(10 * SECOND), false);
            }
            Demand::Use | Demand::Wait => {}
        }
    }
    assert!(fetches <= 8, "{fetches} fetches");
}

#[test]
fn a_token_that_is_expired_on_arrival_counts_as_a_failure() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert_eq!(
        session.arrived(ticket, NOW, until(0), false),
        Arrival::Expired
    );
    assert_eq!(session.expires_at(), None);
    assert!(matches!(session.demand(NOW), Demand::Fetch(_)));
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
            session.arrived(ticket, NOW, dates, false),
            Arrival::Accepted
        );
        assert_eq!(session.expires_at(), Some(at(298 * SECOND)));
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
    session.arrived(ticket, NOW, dates, false);
    assert_eq!(session.expires_at(), Some(at(300 * SECOND)));
}

#[test]
fn a_failure_lets_the_next_demand_fetch_again() {
    let mut session = TokenSession::new();
    let ticket = fetch(&mut session, NOW);
    assert!(session.failed(ticket, NOW));
    assert!(!session.failed(ticket, NOW));
    assert!(matches!(session.demand(NOW), Demand::Fetch(_)));
}

#[test]
fn a_failed_renewal_pauses_and_keeps_the_token() {
    let mut session = holding(300 * SECOND);
    let ticket = fetch(&mut session, at(270 * SECOND));
    assert!(session.failed(ticket, at(272 * SECOND)));
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
        session.arrived(ticket, late, until(600 * SECOND), false),
        Arrival::Superseded
    );
    assert!(!session.failed(ticket, late));
    assert!(!session.signed_out(ticket));
    assert!(!session.handed_over(generation, late, until(600 * SECOND)));
    assert_eq!(session.expires_at(), None);
}

#[test]
fn a_token_for_someone_else_begins_a_generation() {
    let mut session = holding(300 * SECOND);
    let generation = session.generation();
    let ticket = fetch(&mut session, at(280 * SECOND));
    let now = at(281 * SECOND);
    session.arrived(ticket, now, until(600 * SECOND), true);
    assert_ne!(session.generation(), generation);
    assert_eq!(session.expires_at(), Some(at(600 * SECOND)));
    assert!(!session.handed_over(generation, now, until(900 * SECOND)));
}

#[test]
fn signing_out_takes_the_token_in_hand() {
    let mut session = holding(300 * SECOND);
    let ticket = fetch(&mut session, at(280 * SECOND));
    assert!(session.signed_out(ticket));
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

/// Something that happens to a session.
#[derive(Debug, Clone)]
enum Event {
    Demand,
    /// The fetch begun that many fetches ago brings a token.
    Arrive {
        back: usize,
        life: i64,
        other: bool,
    },
    Fail {
        back: usize,
    },
    SignOut {
        back: usize,
    },
    /// A request made that many generations ago is answered with a token.
    HandOver {
        back: u32,
        life: i64,
    },
    Invalidate,
    Pass(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Demand),
        3 => (0..3_usize, -5 * SECOND..400 * SECOND, prop::bool::weighted(0.2))
            .prop_map(|(back, life, other)| Event::Arrive { back, life, other }),
        1 => (0..3_usize).prop_map(|back| Event::Fail { back }),
        1 => (0..3_usize).prop_map(|back| Event::SignOut { back }),
        2 => (0..3_u32, -5 * SECOND..400 * SECOND)
            .prop_map(|(back, life)| Event::HandOver { back, life }),
        1 => Just(Event::Invalidate),
        3 => (0..200 * SECOND).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 1..80)
}

/// What the model knows of a session: every fetch with the generation it began in, and the true expiry and
/// generation of the token in hand.
#[derive(Default)]
struct Model {
    generation: u32,
    fetches: Vec<(Ticket, u32)>,
    open: Option<Ticket>,
    token: Option<(Timestamp, u32)>,
}

impl Model {
    fn fetch(&self, back: usize) -> Option<(Ticket, u32)> {
        let index = self.fetches.len().checked_sub(back + 1)?;
        self.fetches.get(index).copied()
    }

    fn next_generation(&mut self) {
        self.generation += 1;
        self.open = None;
        self.token = None;
    }
}

proptest! {
    #[test]
    fn no_order_of_events_breaks_a_rule(events in events()) {
        let mut session = TokenSession::new();
        let mut model = Model::default();
        let mut now = NOW;
        for event in events {
            match event {
                Event::Pass(millis) => now = now.plus_millis(millis),
                Event::Invalidate => {
                    session.invalidate();
                    model.next_generation();
                }
                Event::Demand => {
                    let demand = session.demand(now);
                    let usable = model.token.is_some_and(|(expiry, generation)| {
                        now < expiry && generation == model.generation
                    });
                    prop_assert_eq!(usable, matches!(demand, Demand::Use | Demand::Renew(_)));
                    if let Demand::Fetch(ticket) | Demand::Renew(ticket) = demand {
                        prop_assert_eq!(model.open, None, "two fetches in one generation");
                        model.open = Some(ticket);
                        model.fetches.push((ticket, model.generation));
                    } else if !usable {
                        prop_assert!(model.open.is_some(), "waits for nothing");
                    }
                }
                Event::Arrive { back, life, other } => {
                    let Some((ticket, _)) = model.fetch(back) else { continue };
                    let expires_at = now.plus_millis(life);
                    let dates = TokenDates { issued_at: None, expires_at, requested_at: None };
                    let arrival = session.arrived(ticket, now, dates, other);
                    if model.open != Some(ticket) {
                        prop_assert_eq!(arrival, Arrival::Superseded);
                        continue;
                    }
                    model.open = None;
                    if other {
                        model.next_generation();
                    }
                    if life > 0 {
                        prop_assert_eq!(arrival, Arrival::Accepted);
                        model.token = Some((expires_at, model.generation));
                    } else {
                        prop_assert_eq!(arrival, Arrival::Expired);
                    }
                }
                Event::Fail { back } => {
                    let Some((ticket, _)) = model.fetch(back) else { continue };
                    prop_assert_eq!(session.failed(ticket, now), model.open == Some(ticket));
                    if model.open == Some(ticket) {
                        model.open = None;
                    }
                }
                Event::SignOut { back } => {
                    let Some((ticket, _)) = model.fetch(back) else { continue };
                    prop_assert_eq!(session.signed_out(ticket), model.open == Some(ticket));
                    if model.open == Some(ticket) {
                        model.next_generation();
                    }
                }
                Event::HandOver { back, life } => {
                    let Some(generation) = model.generation.checked_sub(back) else { continue };
                    let expires_at = now.plus_millis(life);
                    let dates = TokenDates { issued_at: None, expires_at, requested_at: None };
                    let taken = session.handed_over(generation, now, dates);
                    prop_assert_eq!(taken, back == 0 && life > 0);
                    if taken {
                        model.token = Some((expires_at, model.generation));
                    }
                }
            }
            prop_assert_eq!(session.generation(), model.generation);
            prop_assert_eq!(session.expires_at(), model.token.map(|(expiry, _)| expiry));
            if let Some(renews_at) = session.renews_at() {
                prop_assert!(renews_at < session.expires_at().unwrap());
            }
        }
    }

    /// On demand and without failures, the source is asked once, and once more for each lifetime that has
    /// passed up to where its token is renewed.
    #[test]
    fn the_source_is_asked_once_a_lifetime(
        life in 60 * SECOND..86_400 * SECOND,
        pauses in prop::collection::vec(0..400 * SECOND, 100),
    ) {
        let mut session = TokenSession::new();
        let mut now = NOW;
        let mut asked = 0;
        for pause in pauses {
            if let Demand::Fetch(ticket) | Demand::Renew(ticket) = session.demand(now) {
                asked += 1;
                let dates = TokenDates {
                    issued_at: Some(now),
                    expires_at: now.plus_millis(life),
                    requested_at: None,
                };
                session.arrived(ticket, now, dates, false);
            }
            now = now.plus_millis(pause);
        }
        let used = life - (life / 4).min(MAX_LEEWAY_MS);
        prop_assert!(asked <= 1 + now.millis_since(NOW) / used);
    }

    /// Any dates at all, as a token may carry them.
    #[test]
    fn no_dates_are_too_strange(
        issued in any::<Option<i64>>(),
        expires in any::<i64>(),
        requested in any::<Option<i64>>(),
        now in any::<i64>(),
    ) {
        let now = Timestamp::from_millis(now);
        let dates = TokenDates {
            issued_at: issued.map(Timestamp::from_millis),
            expires_at: Timestamp::from_millis(expires),
            requested_at: requested.map(Timestamp::from_millis),
        };
        let mut session = TokenSession::new();
        let ticket = fetch(&mut session, now);
        let accepted = session.arrived(ticket, now, dates, false) == Arrival::Accepted;
        prop_assert_eq!(accepted, session.expires_at().is_some_and(|expiry| now < expiry));
        prop_assert_eq!(accepted, matches!(session.demand(now), Demand::Use | Demand::Renew(_)));
    }
}
