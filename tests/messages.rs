//! A thread's messages, on the same SQL as in production.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::route::{Endpoint, MAX_CONTENT_BYTES};
use assistant_cloud_edge::sql::Sql;
use fixture::{Database, NOON, Room};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A thread to put messages in, and its path.
fn thread(room: &mut Room<'_>) -> String {
    let id = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    format!("/v1/threads/{id}")
}

fn body(parent: Option<&str>, text: &str) -> Value {
    json!({
        "parent_id": parent,
        "format": "aui/v0",
        "content": { "role": "user", "content": [{ "type": "text", "text": text }] },
    })
}

fn append(room: &mut Room<'_>, thread: &str, body: &Value) -> String {
    let answer = room
        .call("POST", &format!("{thread}/messages"), &body.to_string())
        .unwrap();
    assert_eq!(answer.status, 201);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["message_id"].as_str().unwrap().to_owned()
}

fn list(room: &mut Room<'_>, thread: &str, query: &str) -> Vec<Value> {
    let list = room.get(&format!("{thread}/messages{query}"));
    list["messages"].as_array().unwrap().clone()
}

fn ids(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_message_has_every_member_of_the_contract() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let id = append(&mut room, &thread, &body(None, "hi"));
    assert!(id.starts_with("msg_0"));
    let expected = json!({
        "id": id,
        "parent_id": null,
        "height": 0,
        "created_at": "2026-11-21T12:00:00.002Z",
        "updated_at": "2026-11-21T12:00:00.002Z",
        "format": "aui/v0",
        "external_id": null,
        "content": body(None, "hi")["content"],
    });
    assert_eq!(list(&mut room, &thread, ""), [expected]);
}

#[test]
fn children_come_before_their_parents() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let root = append(&mut room, &thread, &body(None, "1"));
    let first = append(&mut room, &thread, &body(Some(&root), "2"));
    let second = append(&mut room, &thread, &body(Some(&root), "2b"));
    let leaf = append(&mut room, &thread, &body(Some(&first), "3"));
    let messages = list(&mut room, &thread, "");
    assert_eq!(ids(&messages), [&leaf, &second, &first, &root]);
    let heights: Vec<_> = messages.iter().map(|message| &message["height"]).collect();
    assert_eq!(heights, [2, 1, 1, 0]);
}

#[test]
fn a_message_moves_its_thread_to_the_top() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let older = thread(&mut room);
    thread(&mut room);
    let id = append(&mut room, &older, &body(None, "hi"));
    let top = room.get("/v1/threads")["threads"][0].clone();
    assert!(older.ends_with(top["id"].as_str().unwrap()));
    assert_eq!(top["last_message_at"], "2026-11-21T12:00:00.003Z");
    let change = json!({ "content": { "role": "user" } }).to_string();
    room.call("PUT", &format!("{older}/messages/{id}"), &change)
        .unwrap();
    let after = room.get(&older)["thread"].clone();
    assert_eq!(
        after["last_message_at"], top["last_message_at"],
        "no new message"
    );
}

#[test]
fn a_content_comes_back_as_it_was_sent() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let content = r#"{"role":"user","big":12345678901234567890123,"odd":"\ud800 é\u0000","role":"assistant"}"#;
    let text = format!(r#"{{"parent_id":null,"format":"x/y","content":{content}}}"#);
    let path = format!("{thread}/messages");
    assert_eq!(room.call("POST", &path, &text).unwrap().status, 201);
    assert!(room.call("GET", &path, "").unwrap().body.contains(content));
}

#[test]
fn a_parent_must_be_in_the_thread_unless_only_the_client_knows_it() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let (mine, other) = (thread(&mut room), thread(&mut room));
    let elsewhere = append(&mut room, &other, &body(None, "hi"));
    let path = format!("{mine}/messages");
    for parent in [elsewhere.as_str(), "msg_0none"] {
        assert_eq!(
            room.call("POST", &path, &body(Some(parent), "x").to_string()),
            Err(ApiError::ParentNotFound)
        );
    }
    append(&mut room, &mine, &body(Some("local-1"), "x"));
    assert_eq!(list(&mut room, &mine, "")[0]["parent_id"], Value::Null);
}

#[test]
fn an_external_id_makes_sending_twice_harmless() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let path = format!("{thread}/messages");
    let named = |name: &str, text: &str| {
        let mut body = body(None, text);
        body["external_id"] = name.into();
        body
    };
    let id = append(&mut room, &thread, &named("a", "first"));
    let again = room
        .call("POST", &path, &named("a", "second").to_string())
        .unwrap();
    assert_eq!(again.status, 200);
    assert_eq!(again.body, format!(r#"{{"message_id":"{id}"}}"#));
    let messages = list(&mut room, &thread, "");
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["external_id"], "a");
    assert_eq!(messages[0]["content"]["content"][0]["text"], "second");
    let mut other_role = named("a", "x");
    other_role["content"]["role"] = "assistant".into();
    assert_eq!(
        room.call("POST", &path, &other_role.to_string()),
        Err(ApiError::MessageRoleChange)
    );
    let mut child = body(None, "child");
    child["parent_external_id"] = "a".into();
    append(&mut room, &thread, &child);
    assert_eq!(list(&mut room, &thread, "")[0]["parent_id"], id);
    child["parent_external_id"] = "none".into();
    assert_eq!(
        room.call("POST", &path, &child.to_string()),
        Err(ApiError::ExternalParentNotFound)
    );
}

#[test]
fn a_message_that_comes_back_as_it_was_read_is_read_so_again() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let id = append(&mut room, &thread, &body(None, "hi"));
    let path = format!("{thread}/messages/{id}");
    let read = |room: &mut Room<'_>, format: &str| {
        list(room, &thread, &format!("?format=ai-sdk/{format}"))[0].clone()
    };
    for version in ["v6", "v5"] {
        let mut message = read(&mut room, version);
        message["content"]["parts"][0]["text"] = version.into();
        let change = json!({ "content": message["content"] }).to_string();
        room.call("PUT", &path, &change).unwrap();
        let stored = list(&mut room, &thread, "?format=aui/v0")[0].clone();
        assert_eq!(stored["format"], "ai-sdk/v5");
        for reader in ["v5", "v6"] {
            let again = read(&mut room, reader);
            assert_eq!(again["format"], format!("ai-sdk/{reader}"));
            assert_eq!(again["content"], message["content"]);
        }
    }
    let change = json!({ "content": body(None, "bye")["content"] }).to_string();
    room.call("PUT", "/v1/threads/thread_0/messages/msg_0", &change)
        .unwrap_err();
}

#[test]
fn a_message_that_is_sent_again_in_another_format_has_that_one() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let mut named = body(None, "hi");
    named["external_id"] = "a".into();
    append(&mut room, &thread, &named);
    named["format"] = "ai-sdk/v6".into();
    named["content"] = json!({ "role": "user", "parts": [] });
    let path = format!("{thread}/messages");
    room.call("POST", &path, &named.to_string()).unwrap();
    let stored = list(&mut room, &thread, "")[0].clone();
    assert_eq!(stored["format"], "ai-sdk/v6");
    assert_eq!(stored["content"], named["content"]);
}

#[test]
fn a_removed_message_leaves_its_children_to_its_parent() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let root = append(&mut room, &thread, &body(None, "1"));
    let middle = append(&mut room, &thread, &body(Some(&root), "2"));
    let leaf = append(&mut room, &thread, &body(Some(&middle), "3"));
    let remove = |ids: &[&str]| json!({ "message_ids": ids }).to_string();
    let path = format!("{thread}/messages");
    let answer = room
        .call("DELETE", &path, &remove(&[&middle, "msg_0none"]))
        .unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    let messages = list(&mut room, &thread, "");
    assert_eq!(ids(&messages), [&leaf, &root]);
    assert_eq!(messages[0]["parent_id"], root);
    assert_eq!(
        room.call("DELETE", &path, &remove(&[&middle])),
        Err(ApiError::MessagesNotFound)
    );
    room.call("DELETE", &path, &remove(&[&root, &leaf]))
        .unwrap();
    assert!(list(&mut room, &thread, "").is_empty());
}

#[test]
fn an_answer_is_moved_once_however_many_messages_above_it_go() {
    // A chain that is removed, in either order, but for its root; and answers to its last message.
    let moved = |removed: usize, from_the_end: bool| {
        let database = Database::new();
        let mut room = Room::new(&database);
        let thread = thread(&mut room);
        let root = append(&mut room, &thread, &body(None, "root"));
        let mut chain = vec![root.clone()];
        for _ in 0..removed {
            let next = append(
                &mut room,
                &thread,
                &body(chain.last().map(String::as_str), "x"),
            );
            chain.push(next);
        }
        for _ in 0..200 {
            append(
                &mut room,
                &thread,
                &body(chain.last().map(String::as_str), "y"),
            );
        }
        chain.remove(0);
        if from_the_end {
            chain.reverse();
        }
        let remove = json!({ "message_ids": chain }).to_string();
        let steps = database.steps_of(|| {
            room.call("DELETE", &format!("{thread}/messages"), &remove)
                .unwrap();
        });
        let left = list(&mut room, &thread, "?limit=200");
        assert_eq!(left.len(), 200);
        assert!(left.iter().all(|message| message["parent_id"] == root));
        steps
    };
    let one = moved(1, false);
    let (forwards, backwards) = (moved(20, false), moved(20, true));
    assert_eq!(forwards, backwards);
    assert!(
        backwards < one * 2,
        "{one} steps for one message, {backwards} for 20"
    );
}

#[test]
fn a_thread_takes_its_messages_with_it() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let id = append(&mut room, &thread, &body(None, "hi"));
    let name = thread.strip_prefix("/v1/threads/").unwrap().to_owned();
    let rating = r#"{"type":"negative"}"#;
    room.call("POST", &format!("{thread}/messages/{id}/feedback"), rating)
        .unwrap();
    let run = json!({ "thread_id": name, "status": "error", "output_text": "a secret" });
    room.call("POST", "/v1/runs", &run.to_string()).unwrap();
    let events = json!({ "events": [{ "kind": "run_stopped", "thread_id": name }] });
    room.call("POST", "/v1/events", &events.to_string())
        .unwrap();
    room.call("DELETE", &thread, "").unwrap();
    assert!(list(&mut room, &thread, "").is_empty(), "empty, not 404");
    assert_eq!(
        room.call(
            "POST",
            &format!("{thread}/messages"),
            &body(None, "x").to_string()
        ),
        Err(ApiError::ThreadNotFound)
    );
    let change = json!({ "content": {} }).to_string();
    assert_eq!(
        room.call("PUT", &format!("{thread}/messages/{id}"), &change),
        Err(ApiError::MessageNotFound)
    );
    for table in ["messages", "scores", "events"] {
        assert_eq!(database.rows(table), 0, "{table}");
    }
    assert_eq!(database.rows("runs"), 1, "its figures stay");
    assert_eq!(database.rows("runs WHERE detail LIKE '%secret%'"), 0);
}

#[test]
fn a_wrong_body_is_refused_and_a_large_one_whole() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = thread(&mut room);
    let path = format!("{thread}/messages");
    for wrong in [
        json!({ "format": "a", "content": {} }),
        json!({ "parent_id": 5, "format": "a", "content": {} }),
        json!({ "parent_id": null, "content": {} }),
        json!({ "parent_id": null, "format": "", "content": {} }),
        json!({ "parent_id": null, "format": "a" }),
        json!({ "parent_id": null, "format": "a", "content": [] }),
        json!({ "parent_id": null, "format": "a", "content": "x" }),
        json!({ "parent_id": null, "format": "a", "content": null }),
        json!({ "parent_id": null, "format": "a", "content": {}, "external_id": "" }),
    ] {
        let answer = room.call("POST", &path, &wrong.to_string());
        assert!(
            matches!(answer, Err(ApiError::Schema(_))),
            "{wrong} {answer:?}"
        );
    }
    for wrong in [
        json!({}),
        json!({ "message_ids": [] }),
        json!({ "message_ids": [5] }),
    ] {
        let answer = room.call("DELETE", &path, &wrong.to_string());
        assert!(
            matches!(answer, Err(ApiError::Schema(_))),
            "{wrong} {answer:?}"
        );
    }
    let sized = |bytes: usize| {
        let frame = json!({ "a": "" }).to_string().len();
        json!({ "parent_id": null, "format": "a", "content": { "a": "x".repeat(bytes - frame) } })
    };
    append(&mut room, &thread, &sized(MAX_CONTENT_BYTES));
    assert_eq!(
        room.call("POST", &path, &sized(MAX_CONTENT_BYTES + 1).to_string()),
        Err(ApiError::BodyTooLarge)
    );
    assert!(sized(MAX_CONTENT_BYTES).to_string().len() <= Endpoint::CreateMessage.body_limit());
    assert_eq!(list(&mut room, &thread, "").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However a thread grows and shrinks, and though all of it be of one moment: pages meet every message once and in
    /// the contract's order, read backwards every parent comes before its children, and no parent is missing.
    #[test]
    fn a_thread_is_always_a_tree(
        steps in prop::collection::vec((0_usize..12, any::<bool>()), 1..40),
        limit in 1_usize..7,
        at_once: bool,
    ) {
        let database = Database::new();
        let mut room = Room::new(&database);
        let thread = thread(&mut room);
        let mut made: Vec<String> = Vec::new();
        for (choice, removes) in steps {
            let chosen = made.get(choice).cloned();
            if removes && let Some(id) = &chosen {
                let body = json!({ "message_ids": [id] }).to_string();
                room.call("DELETE", &format!("{thread}/messages"), &body).unwrap();
                made.retain(|kept| kept != id);
            } else {
                let id = append(&mut room, &thread, &body(chosen.as_deref(), "x"));
                made.push(id);
            }
        }
        if at_once {
            let moment = vec![NOON.as_millis().into()];
            (&database).run("UPDATE messages SET created_at = ?", moment).unwrap();
        }
        let mut walked: Vec<Value> = Vec::new();
        loop {
            let after = walked
                .last()
                .map(|message| format!("&after={}", message["id"].as_str().unwrap()))
                .unwrap_or_default();
            let page = list(&mut room, &thread, &format!("?limit={limit}{after}"));
            let length = page.len();
            walked.extend(page);
            prop_assert!(walked.len() <= made.len(), "a message came twice");
            if length < limit {
                break;
            }
        }
        let place = |message: &Value| {
            let text = |name: &str| message[name].as_str().unwrap().to_owned();
            (message["height"].as_i64().unwrap(), text("created_at"), text("id"))
        };
        prop_assert!(walked.iter().rev().is_sorted_by(|one, next| place(one) < place(next)));
        let mut seen = Vec::new();
        for message in walked.iter().rev() {
            if let Some(parent) = message["parent_id"].as_str() {
                prop_assert!(seen.contains(&parent), "{parent} comes after its child");
            }
            seen.push(message["id"].as_str().unwrap());
        }
        seen.sort_unstable();
        made.sort_unstable();
        prop_assert_eq!(seen, made);
    }
}
