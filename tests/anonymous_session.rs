//! Which answers of the refresh endpoint end an identity: the server's own words, and nothing else.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use assistant_cloud_edge::anonymous_session::{RefreshOutcome, classify_refresh, is_usable};

const DEFINITIVE: [&str; 2] = ["Invalid refresh token", "Invalid refresh token format"];

#[test]
fn a_definitive_refusal_replaces_the_identity() {
    for status in [401, 403] {
        for error in DEFINITIVE {
            for usable in [true, false] {
                assert_eq!(
                    classify_refresh(status, Some(error), usable),
                    RefreshOutcome::Replace
                );
            }
        }
    }
}

#[test]
fn trouble_that_passes_keeps_the_identity() {
    for status in [429, 500, 502, 503, 520, 530] {
        assert_eq!(
            classify_refresh(status, Some("rate_limited"), true),
            RefreshOutcome::Unavailable
        );
        assert_eq!(
            classify_refresh(status, Some(DEFINITIVE[0]), true),
            RefreshOutcome::Unavailable
        );
    }
}

#[test]
fn a_refusal_without_the_servers_words_keeps_the_identity() {
    for status in [302, 400, 401, 403, 404, 408, 409, 451] {
        assert_eq!(
            classify_refresh(status, None, true),
            RefreshOutcome::Refused,
            "{status}"
        );
        assert_eq!(
            classify_refresh(status, Some("Anonymous access is not allowed"), false),
            RefreshOutcome::Refused,
            "{status}"
        );
    }
}

#[test]
fn a_bare_refusal_ends_an_identity_that_the_clock_holds_expired_too() {
    assert_eq!(classify_refresh(401, None, false), RefreshOutcome::Replace);
    assert_eq!(classify_refresh(403, None, false), RefreshOutcome::Replace);
    assert_eq!(classify_refresh(400, None, false), RefreshOutcome::Refused);
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
        for error in [
            None,
            Some(""),
            Some("invalid refresh token"),
            Some(DEFINITIVE[0]),
        ] {
            let outcome = classify_refresh(status, error, true);
            let definitive = error == Some(DEFINITIVE[0]) && (status == 401 || status == 403);
            assert_eq!(
                outcome == RefreshOutcome::Replace,
                definitive,
                "{status} {error:?}"
            );
            let success = (200..300).contains(&status);
            assert_eq!(outcome == RefreshOutcome::Renewed, success, "{status}");
        }
    }
}
