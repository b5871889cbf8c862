//! What runs, scores and events have in common: their lists and how many are kept.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::sql::Sql;
use assistant_cloud_edge::store::{MAX_RECORDS, Store};
use fixture::{Database, NOON, Room};
use serde_json::{Value, json};

const KINDS: [&str; 3] = ["runs", "scores", "events"];

/// Records one of a kind, of which `number` makes another one than any other number.
fn record(room: &mut Room<'_>, thread: &str, kind: &str, number: u32) -> String {
    let body = match kind {
        "runs" => json!({ "thread_id": thread, "status": "completed" }),
        "scores" => json!({
            "thread_id": thread, "name": number.to_string(), "data_type": "numeric", "value": number,
        }),
        _ => {
            json!({ "events": [{ "thread_id": thread, "kind": "message_sent", "value": number }] })
        }
    };
    let answer = room
        .call("POST", &format!("/v1/{kind}"), &body.to_string())
        .unwrap();
    answer.body
}

fn list(room: &mut Room<'_>, kind: &str, query: &str) -> Vec<Value> {
    let list = room.get(&format!("/v1/{kind}{query}"));
    list[kind].as_array().unwrap().clone()
}

#[test]
fn the_newest_are_kept() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    for kind in KINDS {
        record(&mut room, &thread, kind, 0);
        let oldest = list(&mut room, kind, "")[0]["id"].clone();
        // As many as there may be, made of the first.
        let columns =
            "SELECT group_concat(name, ', ') FROM pragma_table_info(?) WHERE name NOT IN ('id', ?)";
        let named = if kind == "scores" { "name" } else { "id" };
        let rows = (&database)
            .run(columns, vec![kind.into(), named.into()])
            .unwrap();
        let others = rows.into_iter().next().unwrap().text().unwrap();
        let own = if kind == "scores" { "id, name" } else { "id" };
        let numbers = if kind == "scores" { "n, n" } else { "n" };
        (&database)
            .run(
                &format!(
                    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                     INSERT INTO {kind} ({own}, {others}) SELECT {numbers}, {others} FROM {kind}, numbers"
                ),
                vec![(MAX_RECORDS - 1).into()],
            )
            .unwrap();
        assert_eq!(database.rows(kind), MAX_RECORDS);
        let is_there = |database: &Database| {
            let id = oldest.as_str().unwrap().into();
            let find = format!("SELECT 1 FROM {kind} WHERE id = ?");
            !{ database }.run(&find, vec![id]).unwrap().is_empty()
        };
        assert!(is_there(&database));
        record(&mut room, &thread, kind, 1_000_000);
        assert_eq!(database.rows(kind), MAX_RECORDS, "{kind}");
        assert!(!is_there(&database), "the oldest of the {kind} is gone");
        assert_eq!(
            list(&mut room, kind, "?limit=1")[0]["created_at"],
            room_before(&room)
        );
    }
}

/// When the call before the last one was made.
fn room_before(room: &Room<'_>) -> String {
    NOON.plus_millis((room.calls - 1).into()).to_iso()
}

/// Whatever a workspace has: a page reads its own rows from an index, in the index's order.
#[test]
fn a_page_costs_the_same_however_many_rows_there_are() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    for kind in KINDS {
        record(&mut room, &thread, kind, 0);
        let id = list(&mut room, kind, "")[0]["id"].clone();
        let after = format!("after={}", id.as_str().unwrap());
        for query in [String::new(), format!("thread_id={thread}")] {
            for query in [query.clone(), format!("{query}&{after}")] {
                list(&mut room, kind, &format!("?{query}"));
                let statement = database.statements.borrow().last().unwrap().clone();
                assert!(!statement.contains("detail"), "{statement}");
                let plan = format!("EXPLAIN QUERY PLAN {}", statement.replace('?', "1"));
                let rows = (&database).run(&plan, vec![]).unwrap();
                let plan: Vec<_> = rows
                    .into_iter()
                    .map(|row| match row.into_values().pop() {
                        Some(assistant_cloud_edge::sql::SqlValue::Text(line)) => line,
                        other => panic!("{other:?}"),
                    })
                    .collect();
                let plan = plan.join("\n");
                assert!(
                    plan.contains(&format!("{kind} USING INDEX {kind}_by_")),
                    "{plan}"
                );
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
                assert!(!plan.contains("SCAN given"), "{plan}");
            }
        }
    }
}

#[test]
fn what_an_older_version_has_stored_can_be_read_at_once() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    for kind in KINDS {
        record(&mut room, &thread, kind, 0);
    }
    for statement in [
        "DROP VIEW given",
        "DROP TABLE given_records",
        "UPDATE schema_version SET version = 2",
    ] {
        (&database).run(statement, vec![]).unwrap();
    }
    room.store = Store::new(&database);
    for kind in KINDS {
        assert_eq!(list(&mut room, kind, "").len(), 1);
    }
}
