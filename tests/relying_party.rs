//! An app that relies on our tokens: when it fetches the keys, and whom it admits.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::id::{UserId, WorkspaceId};
use assistant_cloud_edge::key_cache::Ticket;
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::relying_party::{RelyingParty, Step};
use assistant_cloud_edge::{ApiError, Timestamp, issuance, jwks};
use fixture::{
    ISSUER, NOON, OTHER_SIGNING_KEY, PROJECT, SIGNING_KEY, api_key, block_on, load, project,
};

fn alice() -> Caller {
    Caller {
        user: UserId::parse("alice").unwrap(),
        workspace: WorkspaceId::parse("team_1").unwrap(),
    }
}

fn authorization(project: &Project) -> String {
    let alice = alice();
    let token = issuance::issue(project, &PureSignatures, &alice, NOON, 7);
    ["Bearer ", &block_on(token).unwrap()].concat()
}

fn party() -> RelyingParty {
    RelyingParty::new(ISSUER, None, PROJECT, 0).unwrap()
}

fn keys(project: &Project) -> Vec<u8> {
    jwks::key_set(project, None).body.into()
}

fn after(seconds: i64) -> Timestamp {
    NOON.plus_millis(seconds * 1_000)
}

fn ticket(step: Step) -> Ticket {
    match step {
        Step::Fetch(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

/// A party that has fetched the keys of `project`.
fn informed(project: &Project) -> RelyingParty {
    let party = party();
    let ticket = ticket(party.ask(Some(&authorization(project)), NOON));
    party.keys_arrived(ticket, &keys(project), None, NOON);
    party
}

fn verify(party: &RelyingParty, authorization: &str, now: Timestamp) -> Result<Caller, ApiError> {
    match party.ask(Some(authorization), now) {
        Step::Verify(key, None) => {
            block_on(party.verify(Some(authorization), &key, &PureSignatures, now))
        }
        Step::Refuse(error) => Err(error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_verified_once_and_remembered() {
    let header = authorization(&project());
    let party = informed(&project());
    assert_eq!(verify(&party, &header, NOON), Ok(alice()));
    assert_eq!(party.ask(Some(&header), after(299)), Step::Admit(alice()));
    // Its time is over, in the cache too.
    assert_eq!(
        verify(&party, &header, after(300)),
        Err(ApiError::TokenExpired)
    );
}

#[test]
fn nothing_is_fetched_for_what_cannot_be_good() {
    let key = ["Bearer ", api_key().reveal()].concat();
    let elsewhere = authorization(&load(&[("ISSUER", "https://other.example.com")]).unwrap());
    let junk = format!("Bearer {}", "a.b.c".repeat(2_000));
    let headers = [
        None,
        Some("Basic x"),
        Some("Bearer opaque"),
        Some(&key),
        Some(&elsewhere),
        Some(&junk),
    ];
    for header in headers {
        let step = party().ask(header, NOON);
        assert!(matches!(step, Step::Refuse(_)), "{header:?} {step:?}");
    }
}

#[test]
fn a_token_for_another_project_or_audience_or_of_another_key_is_refused() {
    let sibling = load(&[("PROJECT_ID", "proj_0other")]).unwrap();
    let audience = load(&[("AUDIENCE", "https://other.example.com")]).unwrap();
    let party = informed(&project());
    for project in [sibling, audience] {
        let verdict = verify(&party, &authorization(&project), NOON);
        assert_eq!(verdict, Err(ApiError::TokenInvalid));
    }
    let known = authorization(&project());
    let forged = authorization(&load(&[("SIGNING_KEY", OTHER_SIGNING_KEY)]).unwrap());
    // The header of the known key, over what another one has signed.
    let (head, _) = known.split_once('.').unwrap();
    let (_, rest) = forged.split_once('.').unwrap();
    let mixed = [head, rest].join(".");
    assert_eq!(verify(&party, &mixed, NOON), Err(ApiError::TokenInvalid));
}

#[test]
fn a_new_key_is_sought_once_in_thirty_seconds() {
    let rotated = load(&[
        ("SIGNING_KEY", OTHER_SIGNING_KEY),
        ("SIGNING_KEY_PREVIOUS", SIGNING_KEY),
    ])
    .unwrap();
    let header = authorization(&rotated);
    let party = informed(&project());
    let seek = ticket(party.ask(Some(&header), after(1)));
    party.keys_arrived(seek, &keys(&project()), None, after(1));
    assert_eq!(
        party.ask(Some(&header), after(2)),
        Step::Refuse(ApiError::TokenInvalid)
    );
    let seek = ticket(party.ask(Some(&header), after(32)));
    party.keys_arrived(seek, &keys(&rotated), None, after(32));
    assert_eq!(verify(&party, &header, after(32)), Ok(alice()));
}

#[test]
fn trouble_with_the_keys_says_nothing_of_a_token() {
    let header = authorization(&project());
    let party = party();
    let first = ticket(party.ask(Some(&header), NOON));
    party.keys_failed(first, NOON);
    assert_eq!(party.ask(Some(&header), after(1)), Step::Unavailable);
    let second = ticket(party.ask(Some(&header), after(11)));
    party.keys_arrived(second, b"<html>", None, after(11));
    assert_eq!(party.ask(Some(&header), after(12)), Step::Unavailable);
    let third = ticket(party.ask(Some(&header), after(22)));
    party.keys_arrived(third, &keys(&project()), None, after(22));
    assert_eq!(verify(&party, &header, after(22)), Ok(alice()));
}

#[test]
fn clocks_may_differ_by_what_is_allowed() {
    let header = authorization(&project());
    // A token is good from 10 s before its issue to 300 s after it.
    for (seconds, expected) in [
        (-16, Err(ApiError::TokenNotYetValid)),
        (-15, Ok(alice())),
        (304, Ok(alice())),
        (305, Err(ApiError::TokenExpired)),
    ] {
        let party = RelyingParty::new(ISSUER, None, PROJECT, 5).unwrap();
        let fetch = ticket(party.ask(Some(&header), after(seconds)));
        party.keys_arrived(fetch, &keys(&project()), None, after(seconds));
        assert_eq!(
            verify(&party, &header, after(seconds)),
            expected,
            "{seconds}"
        );
    }
}

#[test]
fn settings_that_cannot_be_are_named() {
    let cases: [(&str, Option<&str>, &str, u32, &str); 6] = [
        ("http://cloud.example.com", None, PROJECT, 0, "issuer"),
        ("https://cloud.example.com/path", None, PROJECT, 0, "issuer"),
        ("cloud.example.com", None, PROJECT, 0, "issuer"),
        (ISSUER, Some(""), PROJECT, 0, "audience"),
        (ISSUER, None, "", 0, "projectId"),
        (ISSUER, None, PROJECT, 301, "clockTolerance"),
    ];
    for (issuer, audience, project, tolerance, variable) in cases {
        let error = RelyingParty::new(issuer, audience, project, tolerance).unwrap_err();
        assert_eq!(error.variable, variable);
    }
    assert!(RelyingParty::new("http://localhost:8787", Some("a"), PROJECT, 300).is_ok());
}
