//! Idle threads go, with everything under them, and no others.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

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
    room.store
        .remove_idle_threads(NOON.plus_millis(-30 * DAY))
        .unwrap();
    assert_eq!(room.ids("/v1/threads"), std::slice::from_ref(&new));
    assert!(room.ids("/v1/threads?is_archived=true").is_empty());
    assert_eq!(
        room.store.oldest_activity(),
        Ok(Some(NOON.plus_millis(-2 * DAY)))
    );
    let message = json!({ "parent_id": null, "format": "a", "content": {} }).to_string();
    room.call("POST", &format!("/v1/threads/{new}/messages"), &message)
        .unwrap();
    room.store
        .remove_idle_threads(NOON.plus_millis(-DAY))
        .unwrap();
    assert_eq!(room.ids("/v1/threads"), [new], "a message is activity");
    room.store
        .remove_idle_threads(NOON.plus_millis(DAY))
        .unwrap();
    assert_eq!(database.rows("threads") + database.rows("messages"), 0);
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
        room.store.remove_idle_threads(NOON.plus_millis(1)).unwrap();
        goes += 1;
    }
    assert_eq!(goes, 3);
}

#[test]
fn a_workspace_without_threads_is_left_alone() {
    let database = Database::new();
    let room = Room::new(&database);
    assert_eq!(room.store.oldest_activity(), Ok(None));
    room.store.remove_idle_threads(NOON).unwrap();
    assert_eq!(database.tables(), 0);
}
