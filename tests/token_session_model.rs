//! The token session over every order of events that proptest finds, against models that know more than the session
//! does: who the user is, and what time it is.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::token_session::{
    Arrival, Demand, Likeness, MAX_LEEWAY_MS, Ticket, TokenDates, TokenSession,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

/// Something that happens to a session. Users are numbers.
#[derive(Debug, Clone)]
enum Event {
    /// The app's user becomes another, and nobody tells the session.
    Switch(u8),
    Demand,
    /// The fetch begun that many fetches ago brings a token for the user of when it began, or of now.
    Arrive {
        back: usize,
        life: i64,
        late: bool,
        repeats: bool,
    },
    Fail {
        back: usize,
    },
    Nobody {
        back: usize,
    },
    /// The request sent that many requests ago is answered with a token for its user.
    HandOver {
        back: usize,
        life: i64,
    },
    /// The request sent that many requests ago is refused.
    Reject {
        back: usize,
        expired: bool,
    },
    /// Another tab has a token for that user.
    Share {
        user: u8,
        life: i64,
    },
    Date {
        skew: i64,
    },
    /// The app wishes for that leeway.
    Leeway(i64),
    Invalidate,
    SignOut,
    Pass(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let life = -5 * SECOND..400 * SECOND;
    let event = prop_oneof![
        2 => (0..3_u8).prop_map(Event::Switch),
        8 => Just(Event::Demand),
        6 => (0..3_usize, life.clone(), any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(back, life, late, repeats)| Event::Arrive { back, life, late, repeats }),
        1 => (0..3_usize).prop_map(|back| Event::Fail { back }),
        1 => (0..3_usize).prop_map(|back| Event::Nobody { back }),
        3 => (0..4_usize, life.clone()).prop_map(|(back, life)| Event::HandOver { back, life }),
        3 => (0..4_usize, any::<bool>()).prop_map(|(back, expired)| Event::Reject { back, expired }),
        2 => (0..3_u8, life).prop_map(|(user, life)| Event::Share { user, life }),
        1 => (-HOUR..HOUR).prop_map(|skew| Event::Date { skew }),
        2 => prop_oneof![any::<i64>(), 0..400 * SECOND].prop_map(Event::Leeway),
        1 => Just(Event::Invalidate),
        1 => Just(Event::SignOut),
        4 => (0..200 * SECOND).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 1..120)
}

#[derive(Debug, Clone, Copy)]
struct Request {
    user: u8,
    generation: u32,
    serial: u32,
}

/// What the driver and the app know.
#[derive(Default)]
struct Model {
    /// The app's user.
    user: u8,
    fetches: Vec<(Ticket, u8)>,
    requests: Vec<Request>,
    /// Whom the last token from the source was for; nobody after a sign-out.
    subject: Option<u8>,
    /// Whose token the driver holds.
    held: Option<u8>,
    signed_out: bool,
}

impl Model {
    fn forget(&mut self) {
        self.subject = None;
        self.held = None;
    }
}

fn nth_last<T: Copy>(list: &[T], back: usize) -> Option<T> {
    list.iter().rev().nth(back).copied()
}

fn dates(now: Timestamp, life: i64) -> TokenDates {
    TokenDates {
        issued_at: Some(now.plus_millis(life.min(0) - SECOND)),
        expires_at: now.plus_millis(life),
        requested_at: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever happens in whatever order: a request carries the token of the user whom the session has last been told
    /// of, and none after a sign-out.
    #[test]
    fn no_request_carries_the_token_of_another_identity(events in events()) {
        let mut session = TokenSession::new();
        let mut model = Model::default();
        let mut now = NOW;
        for event in events {
            let before = session.generation();
            match event {
                Event::Pass(millis) => now = now.plus_millis(millis),
                Event::Switch(user) => model.user = user,
                Event::Invalidate => {
                    session.invalidate();
                    model.forget();
                    model.signed_out = false;
                    prop_assert_ne!(session.generation(), before);
                }
                Event::SignOut => {
                    session.sign_out();
                    model.forget();
                    model.signed_out = true;
                    prop_assert_ne!(session.generation(), before);
                }
                Event::Demand => {
                    let open = session.ticket();
                    let demand = session.demand(now);
                    prop_assert_eq!(demand == Demand::SignedOut, model.signed_out);
                    match demand {
                        Demand::Fetch(ticket) | Demand::Renew(ticket) => {
                            prop_assert_eq!(open, None, "two fetches at once");
                            model.fetches.push((ticket, model.user));
                        }
                        Demand::Wait => prop_assert!(open.is_some(), "waits for nothing"),
                        Demand::Pause => prop_assert!(session.retry_at(now).is_some()),
                        Demand::Use | Demand::SignedOut => {}
                    }
                    if matches!(demand, Demand::Use | Demand::Renew(_)) {
                        let user = model.held;
                        prop_assert!(user.is_some() && user == model.subject, "another's token");
                        prop_assert!(session.expires_at().is_some_and(|expiry| now < expiry));
                        model.requests.push(Request {
                            user: user.unwrap(),
                            generation: session.generation(),
                            serial: session.serial(),
                        });
                    }
                }
                Event::Arrive { back, life, late, repeats } => {
                    let Some((ticket, asked)) = nth_last(&model.fetches, back) else { continue };
                    let user = if late { asked } else { model.user };
                    let likeness = match model.subject {
                        Some(subject) if subject != user => Likeness::Stranger,
                        Some(_) if repeats => Likeness::Same,
                        _ => Likeness::Successor,
                    };
                    let awaited = session.ticket() == Some(ticket);
                    match session.arrived(ticket, now, dates(now, life), likeness) {
                        Arrival::Superseded => prop_assert!(!awaited),
                        Arrival::Again => prop_assert_eq!(session.ticket(), Some(ticket)),
                        Arrival::Accepted => {
                            prop_assert!(awaited && !model.signed_out);
                            model.subject = Some(user);
                            model.held = Some(user);
                        }
                        Arrival::Expired if likeness == Likeness::Stranger => model.forget(),
                        Arrival::Expired => prop_assert!(awaited),
                    }
                    prop_assert_eq!(session.generation() != before, awaited && likeness == Likeness::Stranger);
                }
                Event::Fail { back } => {
                    let Some((ticket, _)) = nth_last(&model.fetches, back) else { continue };
                    let awaited = session.ticket() == Some(ticket);
                    prop_assert_eq!(session.failed(ticket, now, None, 7), awaited);
                }
                Event::Nobody { back } => {
                    let Some((ticket, _)) = nth_last(&model.fetches, back) else { continue };
                    if session.nobody(ticket) {
                        model.forget();
                    }
                }
                Event::HandOver { back, life } => {
                    let Some(request) = nth_last(&model.requests, back) else { continue };
                    if session.handed_over(request.generation, now, dates(now, life)) {
                        prop_assert_eq!(Some(request.user), model.subject, "an answer of another identity");
                        prop_assert!(!model.signed_out);
                        model.held = Some(request.user);
                    }
                }
                Event::Reject { back, expired } => {
                    let Some(request) = nth_last(&model.requests, back) else { continue };
                    // The driver discards answers of older generations before it reads them.
                    if request.generation != session.generation() { continue }
                    session.rejected(request.serial, now, expired);
                }
                Event::Share { user, life } => {
                    if model.subject.is_some_and(|subject| subject != user) { continue }
                    if session.shared(now, dates(now, life)) {
                        prop_assert!(!model.signed_out);
                        model.subject = Some(user);
                        model.held = Some(user);
                    }
                }
                Event::Leeway(wish) => {
                    session.set_leeway(now, wish);
                    if let (Some(renewal), Some(expiry)) = (session.renews_at(), session.expires_at()) {
                        let left = expiry.millis_since(now);
                        prop_assert!(left > 0 && 2 * expiry.millis_since(renewal) <= left, "renews too early");
                        prop_assert!(expiry.millis_since(renewal) <= wish, "earlier than wished for");
                    }
                }
                Event::Date { skew } => session.dated(now.plus_millis(-SECOND), now, now.plus_millis(skew)),
            }
            if let Some(renews_at) = session.renews_at() {
                prop_assert!(renews_at < session.expires_at().unwrap());
            }
        }
    }

    /// A device whose clock is wrong by up to a day either way, a source that makes tokens on request, and a server
    /// that verifies them by the right time.
    #[test]
    fn a_wrong_clock_costs_no_calls_and_sends_no_dead_token(
        skew in -24 * HOUR..=24 * HOUR,
        life in 60_i64..=86_400,
        pauses in prop::collection::vec(0..400 * SECOND, 100),
        dated in any::<bool>(),
        latency in 0..SECOND,
        leeway in prop::option::of(0..HOUR),
    ) {
        let mut session = TokenSession::new();
        let mut server = NOW;
        let mut calls = 0;
        let mut expiry = NOW;
        for pause in pauses {
            let device = server.plus_millis(skew);
            let demand = session.demand(device);
            if let Demand::Fetch(ticket) | Demand::Renew(ticket) = demand {
                calls += 1;
                let issued_at = Timestamp::from_seconds(server.as_seconds());
                expiry = issued_at.plus_millis(life * SECOND);
                let dates = TokenDates { issued_at: Some(issued_at), expires_at: expiry, requested_at: None };
                server = server.plus_millis(latency);
                let arrival = session.arrived(ticket, server.plus_millis(skew), dates, Likeness::Successor);
                prop_assert_eq!(arrival, Arrival::Accepted);
                if let Some(leeway) = leeway {
                    session.set_leeway(server.plus_millis(skew), leeway);
                }
            }
            prop_assert!(server < expiry, "a dead token");
            if dated {
                let date = Timestamp::from_seconds(server.as_seconds());
                let sent_at = server.plus_millis(skew);
                session.dated(sent_at, sent_at.plus_millis(latency), date);
            }
            server = server.plus_millis(pause);
        }
        // As long as a token is used, less what dates and the network leave uncertain.
        let ahead = leeway.map_or((life * SECOND / 4).min(MAX_LEEWAY_MS), |wish| wish.min(life * SECOND / 2));
        let used = life * SECOND - ahead - 2 * SECOND - latency;
        // Without the server's word it takes a second token to tell a fast clock from an old token.
        let allowed = 1 + i64::from(!dated) + server.millis_since(NOW) / used;
        prop_assert!(calls <= allowed, "{calls} calls, {allowed} allowed");
    }

    /// A source that hands out old tokens, as a provider's cache does: never one after its expiry but for the first, and
    /// that only on a wrong clock.
    #[test]
    fn an_aged_token_is_not_taken_for_a_new_one(
        skew in prop_oneof![Just(0), -24 * HOUR..24 * HOUR],
        life in 60_i64..3_600,
        age in 0.0..1.0,
        pauses in prop::collection::vec(0..100 * SECOND, 60),
    ) {
        let mut session = TokenSession::new();
        let mut server = NOW;
        let mut expiry = NOW;
        let mut dead = 0;
        for pause in pauses {
            for attempt in 0..2 {
                let device = server.plus_millis(skew);
                if let Demand::Fetch(ticket) | Demand::Renew(ticket) = session.demand(device) {
                    // Somebody else's request fills the cache anew when it is nearly empty.
                    if expiry.millis_since(server) < life * SECOND / 20 {
                        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                        let aged = (age * 0.9 * life as f64) as i64;
                        expiry = server.plus_millis((life - aged) * SECOND);
                    }
                    let dates = TokenDates {
                        issued_at: Some(expiry.plus_millis(-life * SECOND)),
                        expires_at: expiry,
                        requested_at: None,
                    };
                    session.arrived(ticket, device, dates, Likeness::Successor);
                }
                if server < expiry { break }
                dead += 1;
                prop_assert!(attempt == 0, "the second attempt fails too");
                session.dated(device, device, server);
                session.rejected(session.serial(), device, true);
            }
            let device = server.plus_millis(skew);
            session.dated(device, device, server);
            server = server.plus_millis(pause);
        }
        prop_assert!(dead <= i64::from(skew != 0), "{dead} dead tokens");
    }

    /// Any dates at all, as a token may carry them.
    #[test]
    fn no_dates_are_too_strange(
        issued in any::<Option<i64>>(),
        expires in any::<i64>(),
        requested in any::<Option<i64>>(),
        now in any::<i64>(),
        date in any::<i64>(),
    ) {
        let now = Timestamp::from_millis(now);
        let dates = TokenDates {
            issued_at: issued.map(Timestamp::from_millis),
            expires_at: Timestamp::from_millis(expires),
            requested_at: requested.map(Timestamp::from_millis),
        };
        let mut session = TokenSession::new();
        let Demand::Fetch(ticket) = session.demand(now) else { panic!("no fetch") };
        let accepted = session.arrived(ticket, now, dates, Likeness::Successor) == Arrival::Accepted;
        prop_assert_eq!(accepted, session.expires_at().is_some_and(|expiry| now < expiry));
        prop_assert_eq!(accepted, matches!(session.demand(now), Demand::Use | Demand::Renew(_)));
        session.dated(Timestamp::from_millis(date), now, Timestamp::from_millis(expires));
        session.shared(now, dates);
        session.handed_over(session.generation(), now, dates);
        session.rejected(session.serial(), now, true);
        session.demand(now);
    }
}
