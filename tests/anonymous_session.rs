//! Which answers of the refresh endpoint end an identity: the server's own words, and nothing else.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::anonymous_session::{
    RefreshOutcome, Refusal, classify_refresh, is_usable,
};
use assistant_cloud_edge::error::{REFRESH_TOKEN_FORMAT, REFRESH_TOKEN_INVALID, TOKEN_EXPIRED};

#[test]
fn the_client_knows_the_words_of_this_contract() {
    let script = include_str!("../pkg/refusal.js");
    for words in [TOKEN_EXPIRED, REFRESH_TOKEN_FORMAT, REFRESH_TOKEN_INVALID] {
        assert!(script.contains(&format!("\"{words}\"")), "{words}");
    }
}

#[test]
fn a_definitive_refusal_replaces_the_identity() {
    for status in [401, 403] {
        for usable in [true, false] {
            assert_eq!(
                classify_refresh(status, Refusal::Final, usable),
                RefreshOutcome::Replace
            );
        }
    }
}

#[test]
fn trouble_that_passes_keeps_the_identity() {
    for status in [429, 500, 502, 503, 520, 530] {
        assert_eq!(
            classify_refresh(status, Refusal::Other, true),
            RefreshOutcome::Unavailable
        );
        assert_eq!(
            classify_refresh(status, Refusal::Final, true),
            RefreshOutcome::Unavailable
        );
    }
}

#[test]
fn a_refusal_without_the_servers_words_keeps_the_identity() {
    for status in [302, 400, 401, 403, 404, 408, 409, 451] {
        assert_eq!(
            classify_refresh(status, Refusal::Bare, true),
            RefreshOutcome::Refused,
            "{status}"
        );
        assert_eq!(
            classify_refresh(status, Refusal::Other, false),
            RefreshOutcome::Refused,
            "{status}"
        );
    }
}

#[test]
fn a_bare_refusal_ends_an_identity_that_the_clock_holds_expired_too() {
    assert_eq!(
        classify_refresh(401, Refusal::Bare, false),
        RefreshOutcome::Replace
    );
    assert_eq!(
        classify_refresh(403, Refusal::Bare, false),
        RefreshOutcome::Replace
    );
    assert_eq!(
        classify_refresh(400, Refusal::Bare, false),
        RefreshOutcome::Refused
    );
}

#[test]
fn a_refresh_token_is_usable_with_more_than_30_seconds_left() {
    let now = Timestamp::from_seconds(1_800_000_000);
    assert!(is_usable(Some(now.plus_millis(30_001)), now));
    for left in [30_000, 0, -1] {
        assert!(!is_usable(Some(now.plus_millis(left)), now), "{left} ms");
    }
    assert!(!is_usable(None, now));
}

#[test]
fn of_all_statuses_only_two_end_an_identity_and_only_with_the_known_words() {
    for status in 0..=u16::MAX {
        for refusal in [Refusal::Bare, Refusal::Other, Refusal::Final] {
            let outcome = classify_refresh(status, refusal, true);
            let definitive = refusal == Refusal::Final && (status == 401 || status == 403);
            assert_eq!(
                outcome == RefreshOutcome::Replace,
                definitive,
                "{status} {refusal:?}"
            );
            let success = (200..300).contains(&status);
            assert_eq!(outcome == RefreshOutcome::Renewed, success, "{status}");
        }
    }
}
