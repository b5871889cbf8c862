//! A workspace's answers, on the same SQL as in production.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::answer::{Answer, Caching};
use assistant_cloud_edge::id::{self, AnonymousId, ProjectId, WorkspaceId};
use assistant_cloud_edge::issuer;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::rotation::{Presented, Verdict};
use assistant_cloud_edge::store::Store;
use fixture::{Database, NOON, Room, block_on};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(millis: i64) -> Value {
    json!({ "last_message_at": NOON.plus_millis(millis).to_iso() })
}

#[test]
fn a_thread_has_every_member_of_the_contract() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let id = room.create_thread(&at(0));
    assert_eq!(id.len(), "thread_0".len() + 23);
    let expected = json!({
        "id": id,
        "project_id": "proj_0test",
        "workspace_id": "team_1",
        "title": null,
        "last_message_at": "2026-11-21T12:00:00.000Z",
        "created_at": "2026-11-21T12:00:00.001Z",
        "updated_at": "2026-11-21T12:00:00.001Z",
        "is_archived": false,
        "external_id": null,
        "metadata": null,
    });
    assert_eq!(
        room.get(&format!("/v1/threads/{id}")),
        json!({ "thread": expected })
    );
    assert_eq!(room.get("/v1/threads"), json!({ "threads": [expected] }));
}

#[test]
fn a_thread_keeps_what_it_is_given() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let id = room.create_thread(&json!({
        "last_message_at": "2026-01-02T03:04:05+01:00",
        "title": "héllo 😀",
        "external_id": "mine",
        "metadata": { "b": [1, { "a": null }], "a": "\u{0}" },
        "unknown": "ignored",
    }));
    let thread = room.get(&format!("/v1/threads/{id}"))["thread"].clone();
    assert_eq!(thread["last_message_at"], "2026-01-02T02:04:05.000Z");
    assert_eq!(thread["title"], "héllo 😀");
    assert_eq!(thread["external_id"], "mine");
    assert_eq!(
        thread["metadata"],
        json!({ "b": [1, { "a": null }], "a": "\u{0}" })
    );
}

#[test]
fn a_change_touches_only_what_it_names() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let id = room.create_thread(&json!({
        "last_message_at": NOON.to_iso(), "title": "first", "metadata": { "a": 1 },
    }));
    let path = format!("/v1/threads/{id}");
    let mut change = |body: Value| {
        let answer = room.call("PUT", &path, &body.to_string()).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
        room.get(&path)["thread"].clone()
    };
    let renamed = change(json!({ "title": "second" }));
    assert_eq!(renamed["title"], "second");
    assert_eq!(renamed["metadata"], json!({ "a": 1 }));
    assert_eq!(renamed["created_at"], "2026-11-21T12:00:00.001Z");
    assert_eq!(renamed["updated_at"], "2026-11-21T12:00:00.002Z");
    assert_eq!(change(json!({ "is_archived": true }))["is_archived"], true);
    assert_eq!(change(json!({ "metadata": null }))["metadata"], Value::Null);
    assert_eq!(change(json!({ "metadata": {} }))["metadata"], json!({}));
    assert_eq!(change(json!({}))["title"], "second");
}

#[test]
fn what_is_not_there_is_not_found() {
    let database = Database::new();
    let mut room = Room::new(&database);
    for round in 0..2 {
        for (method, body) in [("GET", ""), ("PUT", "{}"), ("DELETE", "")] {
            assert_eq!(
                room.call(method, "/v1/threads/thread_0none", body),
                Err(ApiError::ThreadNotFound),
                "round {round}"
            );
        }
        // The second round has a database.
        room.create_thread(&at(0));
    }
}

#[test]
fn a_removed_thread_is_gone() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let id = room.create_thread(&at(0));
    let path = format!("/v1/threads/{id}");
    let answer = room.call("DELETE", &path, "").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(room.call("GET", &path, ""), Err(ApiError::ThreadNotFound));
    assert_eq!(
        room.call("DELETE", &path, ""),
        Err(ApiError::ThreadNotFound)
    );
    assert!(room.ids("/v1/threads").is_empty());
}

#[test]
fn a_workspace_that_is_only_looked_at_stays_empty() {
    let database = Database::new();
    let mut room = Room::new(&database);
    assert!(
        room.ids("/v1/threads?after=thread_0x&is_archived=true")
            .is_empty()
    );
    let _ = room.call("GET", "/v1/threads/thread_0x", "");
    let _ = room.call("PUT", "/v1/threads/thread_0x", "{}");
    let _ = room.call("DELETE", "/v1/threads/thread_0x", "");
    assert_eq!(database.tables(), 0);
}

#[test]
fn upsert_finds_the_oldest_thread_of_its_name() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let named = json!({ "last_message_at": NOON.to_iso(), "external_id": "mine" });
    let upsert = json!({ "last_message_at": NOON.to_iso(), "external_id": "mine", "upsert": true });
    let oldest = room.create_thread(&upsert);
    assert_ne!(room.create_thread(&named), oldest, "names are not unique");
    let answer = room
        .call("POST", "/v1/threads", &upsert.to_string())
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, format!(r#"{{"thread_id":"{oldest}"}}"#));
    let nameless = json!({ "last_message_at": NOON.to_iso(), "upsert": true });
    assert_eq!(
        room.call("POST", "/v1/threads", &nameless.to_string()),
        Err(ApiError::UpsertWithoutExternalId)
    );
    assert_eq!(room.ids("/v1/threads?external_id=mine").len(), 2);
    assert_eq!(room.ids("/v1/threads?external_id=other").len(), 0);
}

#[test]
fn a_wrong_body_is_refused_field_by_field() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let id = room.create_thread(&at(0));
    let long = "a".repeat(256);
    let good = NOON.to_iso();
    let wrong = [
        json!({}),
        json!([]),
        json!(null),
        json!({ "last_message_at": null }),
        json!({ "last_message_at": 5 }),
        json!({ "last_message_at": "2026-02-30T00:00:00.000Z" }),
        json!({ "last_message_at": "yesterday" }),
        json!({ "last_message_at": good, "title": "" }),
        json!({ "last_message_at": good, "title": long }),
        json!({ "last_message_at": good, "title": 5 }),
        json!({ "last_message_at": good, "title": "a\u{0}b" }),
        json!({ "last_message_at": good, "external_id": "" }),
        json!({ "last_message_at": good, "external_id": long }),
        json!({ "last_message_at": good, "metadata": [] }),
        json!({ "last_message_at": good, "metadata": "text" }),
        json!({ "last_message_at": good, "metadata": { "a": "x".repeat(16_400) } }),
        json!({ "last_message_at": good, "upsert": "yes" }),
    ];
    for body in wrong {
        let answer = room.call("POST", "/v1/threads", &body.to_string());
        assert!(
            matches!(answer, Err(ApiError::Schema(_))),
            "{body} {answer:?}"
        );
    }
    for body in [
        json!({ "title": null }),
        json!({ "is_archived": 1 }),
        json!({ "is_archived": null }),
        json!({ "last_message_at": null }),
        json!({ "metadata": 5 }),
    ] {
        let answer = room.call("PUT", &format!("/v1/threads/{id}"), &body.to_string());
        assert!(
            matches!(answer, Err(ApiError::Schema(_))),
            "{body} {answer:?}"
        );
    }
    for body in ["", "{", "{\"a\":1}x", "\u{feff}{}"] {
        let answer = room.call("POST", "/v1/threads", body);
        assert_eq!(answer, Err(ApiError::MalformedJson), "{body}");
    }
    let deep = ["{\"metadata\":", &"[".repeat(100_000)].concat();
    let answer = room.call("POST", "/v1/threads", &deep);
    assert_eq!(answer, Err(ApiError::MalformedJson));
    let half_a_pair = r#"{"title":"\ud800"}"#;
    let answer = room.call("POST", "/v1/threads", half_a_pair);
    assert!(matches!(answer, Err(ApiError::Schema(_))), "{answer:?}");
    let two = json!({ "title": 5, "last_message_at": 5 }).to_string();
    let Err(ApiError::Schema(lines)) = room.call("POST", "/v1/threads", &two) else {
        panic!("two mistakes are refused");
    };
    assert_eq!(lines.len(), 2);
    assert_eq!(room.ids("/v1/threads"), [id], "nothing was written");
}

#[test]
fn a_wrong_query_is_refused() {
    let database = Database::new();
    let mut room = Room::new(&database);
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1.5",
        "limit=",
        "limit=ten",
        "is_archived=1",
        "is_archived=",
        "external_id=",
        &format!("after={}", "a".repeat(300)),
    ] {
        let answer = room.call("GET", &format!("/v1/threads?{query}"), "");
        assert!(matches!(answer, Err(ApiError::Schema(_))), "{query}");
    }
    assert!(
        room.ids("/v1/threads?unknown=1&limit=100&is_archived=false")
            .is_empty()
    );
}

#[test]
fn the_archive_is_a_list_of_its_own() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let kept = room.create_thread(&at(0));
    let archived = room.create_thread(&at(1));
    room.call(
        "PUT",
        &format!("/v1/threads/{archived}"),
        r#"{"is_archived":true}"#,
    )
    .unwrap();
    assert_eq!(room.ids("/v1/threads"), std::slice::from_ref(&kept));
    assert_eq!(room.ids("/v1/threads?is_archived=false"), [kept]);
    assert_eq!(room.ids("/v1/threads?is_archived=true"), [archived]);
}

#[test]
fn a_cursor_that_is_gone_starts_over() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let ids: Vec<_> = (0..3).map(|age| room.create_thread(&at(-age))).collect();
    room.call("DELETE", &format!("/v1/threads/{}", ids[0]), "")
        .unwrap();
    assert_eq!(room.ids(&format!("/v1/threads?after={}", ids[0])), ids[1..]);
}

#[test]
fn a_session_that_is_renewed_takes_no_more_storage_than_itself() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let renew = |room: &Room<'_>, counter| {
        let presented = Presented {
            counter,
            issued_at: NOON,
        };
        room.store.renew(presented, NOON).unwrap()
    };
    assert!(matches!(renew(&room, 0), Verdict::Rotate(_)));
    assert_eq!(database.tables(), 2, "the session and the version");
    assert_eq!(room.get("/v1/threads"), json!({ "threads": [] }));
    let missing = format!("/v1/threads/thread_0{}", "a".repeat(23));
    let missing = room.call("DELETE", &missing, "");
    assert_eq!(missing.unwrap_err(), ApiError::ThreadNotFound);
    assert_eq!(database.tables(), 2, "a look writes nothing");

    let thread = room.create_thread(&at(0));
    room.store = Store::new(&database);
    assert!(matches!(renew(&room, 1), Verdict::Rotate(_)));
    assert!(matches!(renew(&room, 1), Verdict::Repeat(_)));
    assert_eq!(room.ids("/v1/threads"), [thread]);
}

#[test]
fn a_refresh_goes_through_the_workspace_of_its_identity() {
    let database = Database::new();
    let mut room = Room::new(&database);
    room.caller = AnonymousId(7).caller();
    let first = block_on(issuer::create_anonymous(
        &room.project,
        &PureSignatures,
        NOON,
        [7, 1],
    ))
    .unwrap();
    assert_eq!(database.tables(), 0, "making an identity writes nothing");
    let token = |answer: &Answer| {
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(body["access_token"].is_string());
        assert_eq!(answer.caching, Caching::NoStore);
        json!({ "refresh_token": body["refresh_token"]["token"] }).to_string()
    };
    let first = token(&first);
    let second = room
        .call("POST", "/v1/auth/tokens/refresh", &first)
        .unwrap();
    let again = room
        .call("POST", "/v1/auth/tokens/refresh", &first)
        .unwrap();
    assert_eq!(
        token(&second),
        token(&again),
        "a lost answer can be asked for again"
    );
    let third = room
        .call("POST", "/v1/auth/tokens/refresh", &token(&second))
        .unwrap();
    assert_ne!(token(&third), token(&second));
    let body: Value = serde_json::from_str(&third.body).unwrap();
    assert_eq!(
        body["refresh_token"]["expires_at"],
        room.now().plus_millis(30 * 86_400_000).to_iso()
    );
    room.calls += 20_000;
    let refused = Answer::from(ApiError::RefreshTokenInvalid);
    let replayed = room
        .call("POST", "/v1/auth/tokens/refresh", &first)
        .unwrap();
    assert_eq!(
        (replayed.status, &replayed.body),
        (refused.status, &refused.body)
    );
    assert_eq!(
        replayed.remarks.len(),
        1,
        "the operator is told of a replay"
    );
    let current = room
        .call("POST", "/v1/auth/tokens/refresh", &token(&third))
        .unwrap();
    assert_eq!(current, refused, "the family has ended");
}

#[test]
fn pairs_of_ids_that_look_alike_have_objects_of_their_own() {
    let name = |project: &str, workspace: &str| {
        id::object_name(
            &ProjectId::parse(project).unwrap(),
            &WorkspaceId::parse(workspace).unwrap(),
        )
    };
    assert_eq!(name("a", "b").len(), 64);
    assert_ne!(name("a_b", "c"), name("a", "b_c"));
    assert_ne!(name("ab", "c"), name("a", "bc"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Walking the pages meets every thread once, in order, however many there are of one moment.
    #[test]
    fn pages_meet_every_thread_once(ages in prop::collection::vec(0_i64..6, 0..70), limit in 1_u32..9) {
        let database = Database::new();
        let mut room = Room::new(&database);
        let mut expected: Vec<_> = ages.iter().map(|&age| (-age, room.create_thread(&at(-age)))).collect();
        expected.sort_by(|a, b| b.cmp(a));
        let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
        let mut walked: Vec<String> = Vec::new();
        loop {
            let after = walked.last().map(|id| format!("&after={id}")).unwrap_or_default();
            let page = room.ids(&format!("/v1/threads?limit={limit}{after}"));
            let length = page.len();
            walked.extend(page);
            if length < limit as usize {
                break;
            }
        }
        prop_assert_eq!(walked, expected);
    }

    #[test]
    fn any_body_and_query_are_answered_in_peace(body in ".{0,200}", query in ".{0,100}") {
        let database = Database::new();
        let mut room = Room::new(&database);
        let _ = room.call("POST", "/v1/threads", &body);
        let _ = room.call("PUT", "/v1/threads/x", &body);
        let _ = room.call("POST", "/v1/auth/tokens/refresh", &body);
        let _ = room.call("GET", &format!("/v1/threads?{}", query.replace('?', "")), "");
    }
}
