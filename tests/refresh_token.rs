//! Refresh tokens: only what we sealed opens.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::id::{AnonymousId, ProjectId};
use assistant_cloud_edge::refresh_token::{RefreshKey, RefreshToken};
use assistant_cloud_edge::{ApiError, Timestamp};
use fixture::{NOON, OTHER_REFRESH_KEY, PROJECT, REFRESH_KEY};
use proptest::prelude::*;

fn key(secret: &str) -> RefreshKey {
    RefreshKey::parse(secret).unwrap()
}

fn project(id: &str) -> ProjectId {
    ProjectId::parse(id).unwrap()
}

fn token() -> RefreshToken {
    RefreshToken {
        identity: AnonymousId(42),
        counter: 3,
        issued_at: NOON,
    }
}

fn seal(token: RefreshToken) -> String {
    token.seal(&key(REFRESH_KEY), &project(PROJECT)).unwrap()
}

fn open(text: &str) -> Result<RefreshToken, ApiError> {
    RefreshToken::open(text, [&key(REFRESH_KEY)].into_iter(), &project(PROJECT))
}

#[test]
fn the_same_record_gives_the_same_text() {
    assert_eq!(seal(token()), seal(token()));
    assert!(seal(token()).starts_with("refresh_0"));
}

#[test]
fn every_altered_character_is_refused() {
    let text = seal(token());
    for position in 0..text.len() {
        for other in ["A", "B", "_", "=", "é"] {
            let mut altered = text.clone();
            altered.replace_range(position..=position, other);
            if altered != text {
                assert!(open(&altered).is_err(), "{position} {other}");
            }
        }
    }
}

#[test]
fn a_token_of_another_project_or_key_is_not_ours() {
    let text = seal(token());
    // One of another length, and one of the same.
    for other in ["proj_0other", "proj_1test", "proj_0tesT"] {
        let opened = RefreshToken::open(&text, [&key(REFRESH_KEY)].into_iter(), &project(other));
        assert_eq!(opened, Err(ApiError::RefreshTokenInvalid), "{other}");
    }
    let other_key = RefreshToken::open(
        &text,
        [&key(OTHER_REFRESH_KEY)].into_iter(),
        &project(PROJECT),
    );
    assert_eq!(other_key, Err(ApiError::RefreshTokenInvalid));
    let rotating = [&key(OTHER_REFRESH_KEY), &key(REFRESH_KEY)];
    let opened = RefreshToken::open(&text, rotating.into_iter(), &project(PROJECT));
    assert_eq!(opened, Ok(token()), "the previous key opens still");
}

#[test]
fn what_is_no_refresh_token_is_told_so() {
    let long = ["refresh_0", &"A".repeat(10_000)].concat();
    for text in [
        "",
        "refresh_0",
        "refresh_1abc",
        "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
        &long,
    ] {
        assert_eq!(open(text), Err(ApiError::RefreshTokenFormat), "{text}");
    }
}

proptest! {
    #[test]
    fn any_record_comes_back(identity: u128, counter: u32, millis in 0..253_402_300_799_999_i64) {
        let token = RefreshToken {
            identity: AnonymousId(identity),
            counter,
            issued_at: Timestamp::from_millis(millis),
        };
        prop_assert_eq!(open(&seal(token)), Ok(token));
    }

    #[test]
    fn any_text_is_refused_in_peace(text in ".{0,120}", tail in "[A-Za-z0-9_-]{0,120}") {
        prop_assert!(open(&text).is_err());
        prop_assert!(open(&["refresh_0", &tail].concat()).is_err());
    }
}
