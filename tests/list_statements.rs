//! What a list costs the database: its statement is prepared once.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use fixture::{Database, NOON, Room};
use serde_json::json;

#[test]
fn no_list_is_prepared_anew() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let after = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let messages = format!("/v1/threads/{thread}/messages");
    for (id, parent) in [
        ("message_1", json!(null)),
        ("message_2", json!("message_1")),
    ] {
        let body = json!({
            "parent_id": null, "parent_external_id": parent, "external_id": id, "format": "aui/v0", "content": {},
        });
        let answer = room.call("POST", &messages, &body.to_string()).unwrap();
        assert_eq!(answer.status, 201);
    }
    for list in [
        "/v1/threads".to_owned(),
        "/v1/threads?is_archived=true&limit=3".to_owned(),
        "/v1/threads?external_id=mine".to_owned(),
        format!("/v1/threads?after={after}"),
        messages.clone(),
        format!("{messages}?format=aui%2Fv0&limit=1"),
        format!("{messages}?format=ai-sdk%2Fv6"),
        "/v1/runs".to_owned(),
        format!("/v1/scores?thread_id={thread}"),
        "/v1/events".to_owned(),
    ] {
        room.get(&list);
        let before = database.prepared_anew.get();
        room.get(&list);
        room.get(&list);
        assert_eq!(database.prepared_anew.get(), before, "{list}");
    }
}
