//! Idle threads go, with everything under them, and no others.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::claim::DeliveryRequest;
use assistant_cloud_edge::id::AnonymousId;
use fixture::{Database, NOON, Room};
use serde_json::json;

const DAY: i64 = 86_400_000;

#[test]
fn idle_threads_go_with_everything_under_them() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let mut thread = |days: i64| {
        let at = NOON.plus_millis(days * -DAY).to_iso();
        room.create_thread(&json!({ "last_message_at": at }))
    };
    let (_, archived, new) = (thread(40), thread(35), thread(2));
    room.call(
        "PUT",
        &format!("/v1/threads/{archived}"),
        r#"{"is_archived":true}"#,
    )
    .unwrap();
    assert_eq!(
        room.store.oldest_activity(),
        Ok(Some(NOON.plus_millis(-40 * DAY)))
    );
    room.store.remove_idle(NOON.plus_millis(-30 * DAY)).unwrap();
    assert_eq!(room.ids("/v1/threads"), std::slice::from_ref(&new));
    assert!(room.ids("/v1/threads?is_archived=true").is_empty());
    assert_eq!(
        room.store.oldest_activity(),
        Ok(Some(NOON.plus_millis(-2 * DAY)))
    );
    let message = json!({ "parent_id": null, "format": "a", "content": {} }).to_string();
    room.call("POST", &format!("/v1/threads/{new}/messages"), &message)
        .unwrap();
    room.store.remove_idle(NOON.plus_millis(-DAY)).unwrap();
    assert_eq!(room.ids("/v1/threads"), [new], "a message is activity");
    room.store.remove_idle(NOON.plus_millis(DAY)).unwrap();
    assert_eq!(database.rows("threads") + database.rows("messages"), 0);
    assert_eq!(room.store.oldest_activity(), Ok(None));
}

/// A thread that was idle for so many days, with all that a thread can have.
fn used_thread(room: &mut Room<'_>, days: i64) -> String {
    let at = NOON.plus_millis(days * -DAY).to_iso();
    let id = room.create_thread(&json!({ "last_message_at": at }));
    for (path, body) in [
        (
            format!("/v1/threads/{id}/messages"),
            json!({ "parent_id": null, "format": "a", "content": {} }),
        ),
        (
            "/v1/runs".to_owned(),
            json!({ "thread_id": id, "status": "completed" }),
        ),
        (
            "/v1/scores".to_owned(),
            json!({ "thread_id": id, "name": "a", "data_type": "numeric", "value": 1 }),
        ),
        (
            "/v1/events".to_owned(),
            json!({ "events": [{ "kind": "message_sent", "thread_id": id }] }),
        ),
    ] {
        room.call("POST", &path, &body.to_string()).unwrap();
    }
    let change = json!({ "last_message_at": at }).to_string();
    room.call("PUT", &format!("/v1/threads/{id}"), &change)
        .unwrap();
    id
}

fn rows(database: &Database) -> [i64; 5] {
    ["threads", "messages", "runs", "scores", "events"].map(|table| database.rows(table))
}

#[test]
fn an_idle_thread_takes_along_what_is_recorded_of_it() {
    let database = Database::new();
    let mut room = Room::new(&database);
    used_thread(&mut room, 40);
    used_thread(&mut room, 2);
    room.store.remove_idle(NOON.plus_millis(-30 * DAY)).unwrap();
    assert_eq!(rows(&database), [1; 5]);
}

#[test]
fn what_is_recorded_of_no_thread_goes_in_its_own_time() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let gone = used_thread(&mut room, 0);
    room.call("DELETE", &format!("/v1/threads/{gone}"), "")
        .unwrap();
    let made = room.calls;
    let events = json!({ "events": [{ "kind": "thread_switched" }] }).to_string();
    room.call("POST", "/v1/events", &events).unwrap();
    assert_eq!(rows(&database), [0, 0, 1, 0, 1]);
    let oldest = room.store.oldest_activity().unwrap().unwrap();
    assert!(oldest > NOON && oldest < NOON.plus_millis(made.into()));
    room.store.remove_idle(oldest).unwrap();
    assert_eq!(rows(&database), [0, 0, 1, 0, 1], "not before");
    room.store.remove_idle(oldest.plus_millis(1)).unwrap();
    assert_eq!(rows(&database), [0, 0, 0, 0, 1]);
    assert_eq!(room.store.oldest_activity(), Ok(Some(room.now())));
    // A thread's own records wait for the thread, however old they are.
    used_thread(&mut room, -2);
    room.store.remove_idle(NOON.plus_millis(DAY)).unwrap();
    assert_eq!(rows(&database), [1; 5]);
    assert_eq!(
        room.store.oldest_activity(),
        Ok(Some(NOON.plus_millis(2 * DAY)))
    );
}

#[test]
fn what_was_set_aside_and_never_fetched_goes_too() {
    let database = Database::new();
    let mut room = Room::new(&database);
    room.caller = AnonymousId(1).caller();
    used_thread(&mut room, 40);
    used_thread(&mut room, -2);
    let request = DeliveryRequest {
        claimant: "alice".to_owned(),
        counter: 0,
        issued_at_millis: NOON.as_millis(),
        settled: Vec::new(),
        after: None,
    };
    room.store.give(&request, NOON).unwrap();
    let oldest = NOON.plus_millis(-40 * DAY);
    assert_eq!(room.store.oldest_activity(), Ok(Some(oldest)));
    room.store.remove_idle(NOON.plus_millis(DAY)).unwrap();
    assert_eq!(database.rows("given_threads"), 1);
    assert_eq!(rows(&database), [0, 1, 1, 1, 1]);
    room.store.remove_idle(NOON.plus_millis(3 * DAY)).unwrap();
    assert_eq!(database.rows("given"), 0);
    assert_eq!(rows(&database), [0; 5]);
    assert_eq!(room.store.oldest_activity(), Ok(None));
}

#[test]
fn many_idle_threads_go_in_several_goes() {
    let database = Database::new();
    let mut room = Room::new(&database);
    for _ in 0..120 {
        room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    }
    let mut goes = 0;
    while room.store.oldest_activity().unwrap().is_some() {
        room.store.remove_idle(NOON.plus_millis(1)).unwrap();
        goes += 1;
    }
    assert_eq!(goes, 3);
}

#[test]
fn a_workspace_without_threads_is_left_alone() {
    let database = Database::new();
    let room = Room::new(&database);
    assert_eq!(room.store.oldest_activity(), Ok(None));
    room.store.remove_idle(NOON).unwrap();
    assert_eq!(database.tables(), 0);
}
