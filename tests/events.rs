//! Engagement events (contract 1.6, 20).
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::event::{self, NewEvent};
use assistant_cloud_edge::id::UserId;
use assistant_cloud_edge::json;
use assistant_cloud_edge::page::RecordListQuery;
use assistant_cloud_edge::sql::Sql;
use assistant_cloud_edge::store::{EVENT_COLUMNS, MAX_RECORDS};
use fixture::{Database, NOON, Room};
use proptest::prelude::*;
use serde_json::{Value, json};

struct Desk<'d> {
    room: Room<'d>,
    thread: String,
}

impl<'d> Desk<'d> {
    fn new(database: &'d Database) -> Self {
        let mut room = Room::new(database);
        let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
        Self { room, thread }
    }

    fn record(&mut self, events: &Value) -> usize {
        self.room.calls += 1;
        let batch = parse(events).unwrap();
        let user = UserId::parse("alice").unwrap();
        let random = u128::from(self.room.calls) << 32;
        let store = &self.room.store;
        store
            .record_events(batch, &user, self.room.now(), random)
            .unwrap()
    }

    fn list(&self, query: &str) -> Vec<Value> {
        let query = RecordListQuery::parse(query).unwrap();
        let events = self.room.store.list_events(&query).unwrap();
        events
            .iter()
            .map(|event| serde_json::from_str(&json::write(event)).unwrap())
            .collect()
    }

    fn values(&self, query: &str) -> Vec<i64> {
        let events = self.list(query);
        events
            .iter()
            .map(|event| event["value"].as_i64().unwrap())
            .collect()
    }
}

fn parse(events: &Value) -> Result<Vec<NewEvent>, ApiError> {
    event::parse(json!({ "events": events }).to_string().as_bytes())
}

#[test]
fn an_event_keeps_what_it_is_given() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let thread = desk.thread.clone();
    let props = json!({ "surface": "composer", "retry": false, "score": 0.5 });
    let stored = desk.record(&json!([
        { "kind": "message_sent", "thread_id": thread, "message_id": "m", "run_id": "r",
          "value": 2_147_483_647, "props": props, "unknown": "ignored" },
        { "kind": "error_shown", "thread_id": null },
    ]));
    assert_eq!(stored, 2);
    let events = desk.list("");
    assert!(events[1]["id"].as_str().unwrap().starts_with("event_0"));
    assert_ne!(events[0]["id"], events[1]["id"]);
    let at = desk.room.now().to_iso();
    assert_eq!(
        events,
        [
            json!({ "id": events[0]["id"], "kind": "error_shown", "thread_id": null,
                "message_id": null, "run_id": null, "value": null, "props": null,
                "created_at": at, "created_by": "alice" }),
            json!({ "id": events[1]["id"], "kind": "message_sent", "thread_id": thread,
                "message_id": "m", "run_id": "r", "value": 2_147_483_647, "props": props,
                "created_at": at, "created_by": "alice" }),
        ]
    );
    assert_eq!(desk.list(&format!("thread_id={thread}")), events[1..]);
}

#[test]
fn events_of_other_threads_are_dropped_in_silence() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let stored = desk.record(&json!([
        { "kind": "message_sent", "thread_id": "thread_0none" },
        { "kind": "message_copied", "thread_id": desk.thread },
        { "kind": "message_sent", "thread_id": "thread_0foreign" },
    ]));
    assert_eq!(stored, 1);
    assert_eq!(desk.list("").len(), 1);
}

#[test]
fn a_workspace_without_anything_stays_without() {
    let database = Database::new();
    let room = Room::new(&database);
    let batch = parse(&json!([{ "kind": "suggestions_shown" }])).unwrap();
    let user = UserId::parse("alice").unwrap();
    assert_eq!(room.store.record_events(batch, &user, NOON, 1), Ok(0));
    let query = RecordListQuery::parse("").unwrap();
    assert!(room.store.list_events(&query).unwrap().is_empty());
    assert_eq!(database.tables(), 0);
}

#[test]
fn every_kind_of_the_client_is_known() {
    let kinds = "message_sent message_edited run_stopped message_regenerated message_copied \
        branch_switched suggestions_shown suggestion_clicked attachment_added attachment_failed \
        thread_switched tool_approved tool_rejected speech_started voice_started error_shown";
    let events: Vec<_> = kinds
        .split(' ')
        .map(|kind| json!({ "kind": kind }))
        .collect();
    assert_eq!(parse(&json!(events)).unwrap().len(), 16);
}

#[test]
fn limits_are_the_contracts() {
    for (name, kept, broken) in [
        ("kind", json!("message_sent"), json!("message_read")),
        ("kind", json!("message_sent"), Value::Null),
        ("thread_id", json!("😀".repeat(48)), json!("x".repeat(49))),
        ("message_id", json!("x".repeat(48)), json!("")),
        ("run_id", json!("x".repeat(48)), json!("x".repeat(49))),
        ("value", json!(0), json!(-1)),
        ("value", json!(2_147_483_647), json!(2_147_483_648_u64)),
        ("value", Value::Null, json!(0.5)),
        ("props", json!({}), json!([])),
        (
            "props",
            json!({ "n".repeat(64): 1 }),
            json!({ "n".repeat(65): 1 }),
        ),
        ("props", json!({ "n": -1.5e9 }), json!({ "": 1 })),
        (
            "props",
            json!({ "n": "x".repeat(256) }),
            json!({ "n": "x".repeat(257) }),
        ),
        ("props", json!({ "n": "\"😀\n" }), json!({ "n": null })),
        ("props", json!({ "n": true }), json!({ "n": {} })),
        (
            "props",
            json!({ "a": "x".repeat(256), "b": "x".repeat(256), "c": "x".repeat(256), "d": "x".repeat(227) }),
            json!({ "a": "x".repeat(256), "b": "x".repeat(256), "c": "x".repeat(256), "d": "x".repeat(228) }),
        ),
    ] {
        let mut event = json!({ "kind": "message_sent" });
        event[name] = kept;
        assert!(parse(&json!([event])).is_ok(), "{event}");
        event[name] = broken;
        let Err(ApiError::Schema(lines)) = parse(&json!([{ "kind": "message_sent" }, event]))
        else {
            panic!("{event} is refused");
        };
        assert!(
            lines[0].starts_with(&format!("events[1].{name}: ")),
            "{lines:?}"
        );
    }
    let many = |count| json!(vec![json!({ "kind": "message_sent" }); count]);
    assert_eq!(parse(&many(50)).unwrap().len(), 50);
    for batch in [
        many(0),
        many(51),
        json!({}),
        json!("x"),
        json!([5]),
        Value::Null,
    ] {
        let refused = parse(&batch);
        assert!(matches!(refused, Err(ApiError::Schema(_))), "{refused:?}");
    }
}

#[test]
fn the_newest_events_are_kept() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let batches = i64::from(u16::try_from(MAX_RECORDS / 50).unwrap()) + 2;
    for batch in 0..batches {
        let events: Vec<_> = (0..50)
            .map(|n| json!({ "kind": "message_sent", "value": batch * 50 + n }))
            .collect();
        desk.record(&json!(events));
    }
    let rows = (&database)
        .run("SELECT count(*) FROM events", vec![])
        .unwrap();
    let stored = rows.into_iter().next().unwrap().integer().unwrap();
    assert_eq!(stored, MAX_RECORDS);
    let newest = batches * 50 - 1;
    let latest: Vec<_> = (0..50).map(|age| newest - age).collect();
    assert_eq!(desk.values(""), latest, "a batch keeps its order");
}

#[test]
fn the_cap_counts_no_rows() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    desk.record(&json!([{ "kind": "message_sent" }]));
    let statement = database.statements.borrow().last().unwrap().clone();
    assert!(statement.starts_with("DELETE FROM events"));
    let plan = format!("EXPLAIN QUERY PLAN {}", statement.replace('?', "5"));
    let plan = format!("{:?}", (&database).run(&plan, vec![]).unwrap());
    assert!(
        plan.contains("SEARCH events USING INTEGER PRIMARY KEY"),
        "{plan}"
    );
    assert!(!plan.contains("SCAN"), "{plan}");
}

#[test]
fn events_go_with_their_thread() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    desk.record(&json!([
        { "kind": "message_sent", "thread_id": desk.thread },
        { "kind": "thread_switched" },
    ]));
    desk.room.store.forget_events(&desk.thread).unwrap();
    let left = desk.list("");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["kind"], "thread_switched");
}

#[test]
fn the_columns_are_the_tables() {
    let database = Database::new();
    let _desk = Desk::new(&database);
    let statement = "SELECT group_concat(name, ', ') FROM pragma_table_info('events')";
    let rows = (&database).run(statement, vec![]).unwrap();
    assert_eq!(
        rows.into_iter().next().unwrap().text().unwrap(),
        EVENT_COLUMNS
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Walking the pages meets every event once, the latest first.
    #[test]
    fn pages_meet_every_event_once(batches in prop::collection::vec(1_usize..9, 1..9), limit in 1_usize..9) {
        let database = Database::new();
        let mut desk = Desk::new(&database);
        let mut value = 0;
        for size in batches {
            let events: Vec<_> = (0..size)
                .map(|_| {
                    value += 1;
                    json!({ "kind": "message_sent", "value": value })
                })
                .collect();
            desk.record(&json!(events));
        }
        let mut walked = Vec::new();
        let mut after = String::new();
        loop {
            let page = desk.list(&format!("limit={limit}{after}"));
            walked.extend(page.iter().map(|event| event["value"].as_i64().unwrap()));
            match page.last() {
                Some(last) if page.len() == limit => {
                    after = format!("&after={}", last["id"].as_str().unwrap());
                }
                _ => break,
            }
        }
        prop_assert_eq!(walked, (1..=value).rev().collect::<Vec<_>>());
    }

    #[test]
    fn any_body_is_answered_in_peace(text in ".{0,200}") {
        let _ = event::parse(text.as_bytes());
        let _ = event::parse(format!("{{\"events\":[{text}]}}").as_bytes());
    }
}
