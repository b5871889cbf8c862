//! Refresh token rotation: every way in which a token can come back.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::rotation::{
    ABSOLUTE_MILLIS, Family, GRACE_MILLIS, IDLE_MILLIS, Presented, Verdict, judge,
};
use fixture::NOON;
use proptest::prelude::*;

fn family(counter: u32) -> Family {
    Family {
        counter,
        rotated_at: NOON,
        started_at: NOON,
        revoked: false,
    }
}

fn presented(counter: u32) -> Presented {
    Presented {
        counter,
        issued_at: NOON,
    }
}

fn later(millis: i64) -> Timestamp {
    NOON.plus_millis(millis)
}

#[test]
fn the_current_token_is_rotated() {
    let now = later(60_000);
    let expected = Family {
        counter: 6,
        rotated_at: now,
        ..family(5)
    };
    assert_eq!(
        judge(Some(family(5)), presented(5), now),
        Verdict::Rotate(expected)
    );
}

#[test]
fn the_first_refresh_finds_nothing_stored() {
    let now = later(1_000);
    let expected = Family {
        counter: 1,
        rotated_at: now,
        started_at: NOON,
        revoked: false,
    };
    assert_eq!(judge(None, presented(0), now), Verdict::Rotate(expected));
}

#[test]
fn one_step_behind_gets_the_current_token_for_as_long_as_it_lives() {
    for millis in [0, GRACE_MILLIS + 1, IDLE_MILLIS - 1] {
        assert_eq!(
            judge(Some(family(5)), presented(4), later(millis)),
            Verdict::Repeat(family(5))
        );
    }
}

#[test]
fn further_behind_is_a_straggler_at_first_and_a_thief_then() {
    for counter in [0, 3] {
        assert_eq!(
            judge(Some(family(5)), presented(counter), later(GRACE_MILLIS)),
            Verdict::Repeat(family(5))
        );
        let ended = Family {
            revoked: true,
            ..family(5)
        };
        assert_eq!(
            judge(Some(family(5)), presented(counter), later(GRACE_MILLIS + 1)),
            Verdict::Revoke(ended)
        );
    }
}

#[test]
fn ahead_is_our_own_token_from_before_a_restored_backup() {
    let now = later(60_000);
    let expected = Family {
        counter: 10,
        rotated_at: now,
        ..family(5)
    };
    assert_eq!(
        judge(Some(family(5)), presented(9), now),
        Verdict::Restore(expected)
    );
}

#[test]
fn a_revoked_family_stays_so() {
    let ended = Family {
        revoked: true,
        ..family(5)
    };
    for counter in [4, 5, 6] {
        assert_eq!(
            judge(Some(ended), presented(counter), later(1)),
            Verdict::Refuse
        );
    }
}

#[test]
fn a_family_ends_idle_and_ends_old() {
    assert_eq!(
        judge(Some(family(5)), presented(5), later(IDLE_MILLIS)),
        Verdict::Refuse
    );
    let old = Family {
        rotated_at: later(ABSOLUTE_MILLIS - 1_000),
        ..family(5)
    };
    assert_eq!(old.expires_at(), later(ABSOLUTE_MILLIS));
    assert_eq!(
        judge(Some(old), presented(5), later(ABSOLUTE_MILLIS)),
        Verdict::Refuse
    );
    assert_eq!(
        judge(None, presented(0), later(IDLE_MILLIS)),
        Verdict::Refuse,
        "also where nothing is stored"
    );
}

#[test]
fn a_counter_at_its_end_does_not_overflow() {
    assert_eq!(
        judge(Some(family(u32::MAX)), presented(u32::MAX), later(1)),
        Verdict::Refuse
    );
}

/// What a browser does with its session, besides nothing.
#[derive(Debug, Clone)]
enum Move {
    /// Refreshes, and keeps the answer or loses it.
    Refresh { lost: bool },
    /// Two tabs refresh with the token they both read, in either order.
    TwoTabs,
    /// The server's storage goes back to how it was some moves ago.
    Restore(usize),
}

fn moves() -> impl Strategy<Value = Vec<(i64, Move)>> {
    let step = prop_oneof![
        4 => any::<bool>().prop_map(|lost| Move::Refresh { lost }),
        2 => Just(Move::TwoTabs),
        1 => (0_usize..8).prop_map(Move::Restore),
    ];
    prop::collection::vec((1_i64..86_400_000, step), 1..60)
}

/// The stored family after a verdict, and the token that the answer carries.
fn apply(stored: Option<Family>, verdict: Verdict) -> (Option<Family>, Option<Presented>) {
    let carried = verdict.answered().map(|family| Presented {
        counter: family.counter,
        issued_at: family.rotated_at,
    });
    (verdict.stored().or(stored), carried)
}

proptest! {
    /// Lost answers, parallel tabs and restored backups never cost an honest browser its identity. (A
    /// restore that forgets a token and a later one that is lost with it are two faults at once.)
    #[test]
    fn an_honest_browser_keeps_its_identity(moves in moves()) {
        let mut now = NOON;
        let mut stored: Option<Family> = None;
        let mut history = vec![None];
        let mut held = presented(0);
        for (pause, step) in moves {
            now = now.plus_millis(pause);
            match step {
                Move::Refresh { lost } => {
                    let (after, answer) = apply(stored, judge(stored, held, now));
                    prop_assert!(answer.is_some(), "{held:?} {stored:?}");
                    stored = after;
                    if !lost {
                        held = answer.unwrap();
                    }
                }
                Move::TwoTabs => {
                    let both = held;
                    let (after, first) = apply(stored, judge(stored, both, now));
                    let (after, second) = apply(after, judge(after, both, now));
                    prop_assert_eq!(first, second, "both tabs hold one successor");
                    stored = after;
                    held = first.unwrap();
                }
                Move::Restore(back) => {
                    let index = history.len().saturating_sub(back + 1);
                    stored = history[index];
                }
            }
            history.push(stored);
        }
    }

    /// A thief who replays a token two rotations old, after the moment of grace, ends the family; so does
    /// the owner who comes after a thief that has rotated twice. Nobody is served then.
    #[test]
    fn a_replayed_token_ends_the_family(rotations in 2_u32..50, behind in 2_u32..50, wait in 1_i64..86_400_000) {
        let mut stored = None;
        for counter in 0..rotations {
            let token = Presented { counter, issued_at: NOON };
            stored = apply(stored, judge(stored, token, later(i64::from(counter)))).0;
        }
        let replayed = rotations.saturating_sub(behind);
        let now = stored.unwrap().rotated_at.plus_millis(GRACE_MILLIS + wait);
        let (stored, answer) = apply(stored, judge(stored, presented(replayed), now));
        prop_assert_eq!(answer, None);
        let (_, answer) = apply(stored, judge(stored, presented(rotations), now));
        prop_assert_eq!(answer, None, "the current token went with its family");
    }

    /// Using the moment of grace does not lengthen it, and no verdict moves the family's beginning.
    #[test]
    fn grace_is_counted_from_the_rotation(uses in prop::collection::vec(0_i64..=GRACE_MILLIS, 1..20)) {
        let mut stored = Some(family(5));
        for at in uses {
            let (after, answer) = apply(stored, judge(stored, presented(2), later(at)));
            prop_assert!(answer.is_some());
            stored = after;
        }
        prop_assert_eq!(stored, Some(family(5)));
        let (after, _) = apply(stored, judge(stored, presented(2), later(GRACE_MILLIS + 1)));
        prop_assert!(after.unwrap().revoked);
    }
}
