//! When a provider's keys are fetched. The numbers are those of the project's list of cases.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::key_cache::{KeyCache, Step, Ticket, Wanted};
use assistant_cloud_edge::key_set::{KeySet, NoKey};
use assistant_cloud_edge::signature::Algorithm;
use fixture::NOON;
use fixture::provider::{changed, jwk, key_set};
use proptest::prelude::*;
use serde_json::json;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;

fn set(names: &[&str]) -> KeySet {
    let keys: Vec<_> = names
        .iter()
        .map(|name| changed(jwk("EdDSA"), &json!({ "kid": name })))
        .collect();
    key_set(&keys)
}

fn wanted(id: &str) -> Wanted<'_> {
    Wanted {
        algorithm: Algorithm::EdDsa,
        id: Some(id),
    }
}

fn at(millis: i64) -> Timestamp {
    NOON.plus_millis(millis)
}

/// A cache, and the moment of its story.
#[derive(Default)]
struct Story(KeyCache);

impl Story {
    /// A cache that has fetched the key `a` at noon.
    fn with_a() -> Self {
        let mut story = Self::default();
        story.fetch_at(0, &["a"]);
        story
    }

    fn ask(&mut self, id: &str, millis: i64) -> Step {
        self.0.ask(wanted(id), at(millis))
    }

    fn must_fetch(&mut self, id: &str, millis: i64) -> Ticket {
        match self.ask(id, millis) {
            Step::Fetch(ticket) => ticket,
            step => panic!("{step:?}"),
        }
    }

    fn uses(&mut self, id: &str, millis: i64) -> bool {
        matches!(self.ask(id, millis), Step::Use(_, None))
    }

    fn fetch_at(&mut self, millis: i64, names: &[&str]) {
        let ticket = self.must_fetch("a", millis);
        self.0.arrived(ticket, set(names), None, at(millis));
    }
}

#[test]
fn case_67_fresh_keys_serve_whatever_the_provider_does() {
    let mut story = Story::with_a();
    for millis in [0, 1, MINUTE, 10 * MINUTE - 1] {
        assert!(story.uses("a", millis), "{millis}");
    }
}

#[test]
fn case_68_stale_keys_serve_through_an_outage() {
    let mut story = Story::with_a();
    let ticket = story.must_fetch("a", 10 * MINUTE);
    story.0.failed(ticket, at(10 * MINUTE));
    assert!(story.uses("a", 10 * MINUTE), "no fetch within the pause");
    assert!(story.uses("a", 10 * MINUTE + 9_999));
    let Step::Use(_, Some(ticket)) = story.ask("a", 10 * MINUTE + 10_000) else {
        panic!("a fetch in the background");
    };
    assert!(
        story.uses("a", 10 * MINUTE + 10_500),
        "while it is under way"
    );
    story.0.failed(ticket, at(10 * MINUTE + 11_000));
    assert!(matches!(story.ask("a", DAY), Step::Use(..)));
    let outdated = story.ask("a", DAY + 1);
    assert!(!matches!(outdated, Step::Use(..)), "older than a day");
}

#[test]
fn case_69_without_keys_there_is_no_verdict() {
    let mut story = Story::default();
    let ticket = story.must_fetch("a", 0);
    story.0.failed(ticket, at(100));
    assert_eq!(story.ask("a", 100), Step::Unavailable);
    assert_eq!(story.ask("a", 10_099), Step::Unavailable);
    let ticket = story.must_fetch("a", 10_100);
    story.0.arrived(ticket, set(&["a"]), None, at(10_200));
    assert!(story.uses("a", 10_200));
}

#[test]
fn case_74_unknown_keys_cost_one_fetch_in_half_a_minute() {
    let mut story = Story::with_a();
    let mut fetches = 0;
    for number in 0..1_000 {
        let millis = number * 89;
        match story.ask(&format!("random {number}"), millis) {
            Step::Fetch(ticket) => {
                fetches += 1;
                story.0.arrived(ticket, set(&["a"]), None, at(millis));
                assert_eq!(
                    story.ask("still unknown", millis),
                    Step::Refuse(NoKey::Unknown)
                );
            }
            step => assert_eq!(step, Step::Refuse(NoKey::Unknown)),
        }
    }
    assert_eq!(fetches, 3, "in 89 seconds");
    assert!(story.uses("a", 89_000), "the known key is not affected");
}

#[test]
fn case_75_a_new_key_costs_one_fetch() {
    let mut story = Story::with_a();
    let ticket = story.must_fetch("b", 1_000);
    assert!(
        matches!(story.ask("b", 1_010), Step::Wait(_)),
        "the same fetch may bring it"
    );
    story.0.arrived(ticket, set(&["a", "b"]), None, at(1_100));
    assert!(story.uses("b", 1_100));
    assert!(story.uses("a", 1_100));
}

#[test]
fn case_76_a_removed_key_ends_within_ten_minutes() {
    let mut story = Story::with_a();
    story.fetch_at(10 * MINUTE, &["b"]);
    let ticket = story.must_fetch("a", 10 * MINUTE + 1);
    story
        .0
        .arrived(ticket, set(&["b"]), None, at(10 * MINUTE + 2));
    assert_eq!(
        story.ask("a", 10 * MINUTE + 2),
        Step::Refuse(NoKey::Unknown)
    );
}

#[test]
fn case_77_cache_control_within_bounds() {
    for (header, expected) in [
        (Some("max-age=0"), MINUTE),
        (Some("max-age=59"), MINUTE),
        (Some("public, max-age=3600, must-revalidate"), 60 * MINUTE),
        (Some("Max-Age=\"120\""), 2 * MINUTE),
        (Some("max-age=31536000"), DAY),
        (Some("max-age=99999999999999999999999"), DAY),
        (Some("max-age=-5"), 10 * MINUTE),
        (Some("max-age=abc"), 10 * MINUTE),
        (Some("max-age="), 10 * MINUTE),
        (Some("no-store"), 10 * MINUTE),
        (Some("s-maxage=7200"), 10 * MINUTE),
        (Some(""), 10 * MINUTE),
        (None, 10 * MINUTE),
    ] {
        let mut story = Story::default();
        let ticket = story.must_fetch("a", 0);
        story.0.arrived(ticket, set(&["a"]), header, at(0));
        assert!(story.uses("a", expected - 1), "{header:?}");
        assert!(
            matches!(story.ask("a", expected), Step::Fetch(_)),
            "{header:?}"
        );
    }
}

#[test]
fn case_78_nobody_waits_for_a_fetch_that_was_cut_off() {
    let mut story = Story::default();
    story.must_fetch("a", 0);
    for millis in [0, 10, 999] {
        assert!(
            matches!(story.ask("a", millis), Step::Wait(1..=100)),
            "{millis}"
        );
    }
    let second = story.must_fetch("a", 1_000);
    assert!(matches!(story.ask("a", 1_001), Step::Wait(_)));
    story.0.arrived(second, set(&["a"]), None, at(1_100));
    assert!(story.uses("a", 1_100));
}

#[test]
fn case_79_an_older_answer_changes_nothing() {
    let mut story = Story::default();
    let old = story.must_fetch("a", 0);
    let new = story.must_fetch("a", 2_000);
    story.0.arrived(new, set(&["a"]), None, at(2_100));
    story.0.arrived(old, set(&["b"]), None, at(3_000));
    assert!(story.uses("a", 3_000));
    story.0.failed(old, at(3_000));
    assert!(story.uses("a", 3_000));
    let mut story = Story::default();
    let old = story.must_fetch("a", 0);
    let new = story.must_fetch("a", 2_000);
    story.0.failed(new, at(2_100));
    story.0.arrived(old, set(&["a"]), None, at(2_200));
    assert!(story.uses("a", 2_200), "better an old answer than none");
}

#[test]
fn an_unknown_key_during_an_outage_is_no_verdict() {
    let mut story = Story::with_a();
    let ticket = story.must_fetch("b", 1_000);
    story.0.failed(ticket, at(1_100));
    assert_eq!(story.ask("b", 1_100), Step::Unavailable);
    assert!(story.uses("a", 1_100));
}

#[test]
fn a_key_that_is_being_fetched_is_not_unknown_yet() {
    let mut story = Story::with_a();
    let ticket = story.must_fetch("b", 1_000);
    assert!(matches!(story.ask("b", 1_999), Step::Wait(_)));
    // A slow provider may have it all the same, and for its people 403 would be the end.
    for millis in [2_000, 5_999, 30_999] {
        assert_eq!(story.ask("b", millis), Step::Unavailable, "{millis}");
        assert!(story.uses("a", millis));
    }
    story.0.arrived(ticket, set(&["a", "b"]), None, at(3_500));
    assert!(story.uses("b", 3_500));
    // One that was cut off with its client is made up for when the pause is over.
    let mut story = Story::with_a();
    story.must_fetch("b", 1_000);
    assert_eq!(story.ask("b", 30_999), Step::Unavailable);
    let again = story.must_fetch("b", 31_000);
    story.0.arrived(again, set(&["a"]), None, at(31_100));
    assert_eq!(story.ask("b", 31_100), Step::Refuse(NoKey::Unknown));
}

#[test]
fn two_keys_of_one_name_cost_no_fetch() {
    let mut story = Story::with_a();
    story.fetch_at(10 * MINUTE, &["a", "a"]);
    assert_eq!(story.ask("a", 10 * MINUTE), Step::Refuse(NoKey::Ambiguous));
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut story = Story::default();
    let ticket = story.must_fetch("a", 0);
    story.0.failed(ticket, at(0));
    story.must_fetch("a", -DAY);
}

proptest! {
    /// Whatever happens in whatever order: after a fetch has begun, the next one begins when that one has ended
    /// or a second has passed.
    #[test]
    fn fetches_keep_their_distance(events in prop::collection::vec((0_u8..4, 0_i64..3_000), 1..300)) {
        let mut story = Story::default();
        let mut under_way: Vec<Ticket> = Vec::new();
        let (mut now, mut last, mut one_ended) = (0, 0, true);
        for (event, pause) in events {
            now += pause;
            let begun = match event {
                0 | 1 => match story.ask(if event == 0 { "a" } else { "unknown" }, now) {
                    Step::Fetch(ticket) | Step::Use(_, Some(ticket)) => Some(ticket),
                    Step::Wait(millis) => {
                        prop_assert!(millis > 0 && !under_way.is_empty());
                        None
                    }
                    Step::Use(_, None) | Step::Refuse(_) | Step::Unavailable => None,
                },
                2 => {
                    if let Some(ticket) = under_way.pop() {
                        story.0.arrived(ticket, set(&["a"]), None, at(now));
                        one_ended = true;
                    }
                    None
                }
                _ => {
                    if !under_way.is_empty() {
                        story.0.failed(under_way.remove(0), at(now));
                        one_ended = true;
                    }
                    None
                }
            };
            if let Some(ticket) = begun {
                prop_assert!(one_ended || now - last >= 1_000);
                under_way.push(ticket);
                (last, one_ended) = (now, false);
            }
        }
    }
}
