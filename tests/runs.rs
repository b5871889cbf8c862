//! Run reports: what they may say, how they join, how they are listed (contract 1.6, 15).
#![cfg(not(target_arch = "wasm32"))]

mod fixture;
#[path = "runs/limits.rs"]
mod limits;
#[path = "runs/traces.rs"]
mod traces;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::id::UserId;
use assistant_cloud_edge::json;
use assistant_cloud_edge::page::RecordListQuery;
use assistant_cloud_edge::run::RunReport;
use assistant_cloud_edge::sql::Sql;
use assistant_cloud_edge::store::RUN_COLUMNS;
use assistant_cloud_edge::workspace::WorkspaceError;
use fixture::{Database, NOON, Room};
use serde_json::{Value, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn parse(body: &Value) -> Result<RunReport, ApiError> {
    RunReport::parse(body.to_string().as_bytes())
}

/// A workspace with one thread in it.
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

    fn message(&mut self, thread: &str) -> String {
        let body = json!({ "parent_id": null, "format": "aui/v0", "content": {} }).to_string();
        let path = format!("/v1/threads/{thread}/messages");
        let answer = self.room.call("POST", &path, &body).unwrap();
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        body["message_id"].as_str().unwrap().to_owned()
    }

    /// Reports a run of this thread that has these members too.
    fn report(&mut self, members: Value) -> Result<String, ApiError> {
        let mut body = json!({ "thread_id": self.thread, "status": "completed" });
        let Value::Object(members) = members else {
            panic!("members come as an object");
        };
        body.as_object_mut().unwrap().extend(members);
        self.room.calls += 1;
        let (now, random) = (self.room.now(), self.room.calls.into());
        let user = UserId::parse("alice").unwrap();
        let report = parse(&body)?;
        match self.room.store.record_run(report, &user, now, random) {
            Ok(id) => Ok(id),
            Err(WorkspaceError::Refused(error)) => Err(error),
            Err(WorkspaceError::Storage(error)) => panic!("{error}"),
        }
    }

    fn run(&self, id: &str) -> Value {
        serde_json::from_str(&json::write(&self.room.store.get_run(id).unwrap().unwrap())).unwrap()
    }

    fn list(&self, query: &str) -> Vec<Value> {
        let query = RecordListQuery::parse(query).unwrap();
        let runs = self.room.store.list_runs(&query).unwrap();
        runs.iter()
            .map(|run| serde_json::from_str(&json::write(run)).unwrap())
            .collect()
    }

    fn ids(&self, query: &str) -> Vec<String> {
        let runs = self.list(query);
        runs.iter()
            .map(|run| run["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn a_listed_run_has_every_member_but_the_details() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let id = desk.report(json!({ "output_text": "hello" })).unwrap();
    assert_eq!(id.len(), "run_0".len() + 23);
    let run = json!({
        "id": id, "thread_id": desk.thread, "message_id": null, "trace_id": null,
        "created_at": "2026-11-21T12:00:00.002Z", "created_by": "alice",
        "updated_at": "2026-11-21T12:00:00.002Z",
        "status": "completed", "outcome_type": null, "error_code": null, "provider": null,
        "model_id": null, "environment": null, "release": null, "root_span_id": null,
        "tags": [], "attributes": {}, "input_tokens": null, "cached_input_tokens": null,
        "output_tokens": null, "reasoning_tokens": null, "total_steps": null,
        "duration_ms": null, "first_token_ms": null, "cost_usd": null, "cost_details": null,
    });
    assert_eq!(desk.list(""), [run]);
    let whole = desk.run(&id);
    assert_eq!(whole["output_text"], "hello");
    assert_eq!(whole["steps"], Value::Null);
    assert!(desk.room.store.get_run("run_0none").unwrap().is_none());
}

#[test]
fn a_report_of_the_official_client_is_kept_whole() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let thread = desk.thread.clone();
    let message = desk.message(&thread);
    let call = json!({
        "tool_name": "weather", "tool_call_id": "c1", "tool_args": "{}", "tool_result": "",
        "tool_source": "mcp", "start_ms": 0, "end_ms": 9,
        "sampling_calls": [{ "model_id": "m", "input_tokens": 1, "duration_ms": 3 }],
    });
    let step = json!({
        "input_tokens": 1, "output_tokens": 2, "reasoning_tokens": 3, "cached_input_tokens": 0,
        "tool_calls": [call], "start_ms": 0, "end_ms": 9, "finish_reason": "stop", "input": "hi",
    });
    let id = desk
        .report(json!({
            "status": "incomplete", "outcome_type": "aborted", "trace_id": TRACE,
            "root_span_id": "00f067aa0ba902b7", "error_code": "E", "error": "went wrong",
            "message_id": message, "model_id": "m", "provider": "p", "provider_type": "p",
            "input_tokens": 1, "output_tokens": 100_000_000, "reasoning_tokens": 0,
            "cached_input_tokens": null, "steps": [step, {}], "total_steps": 7,
            "tool_calls": [call], "duration_ms": 1_000, "first_token_ms": 0, "output_text": "",
            "metadata": { "a": 1, "b": 1, "c": 1 }, "b": 2, "c": 2, "future": { "x": [null] },
            "attributes": { "c": 3 }, "environment": "production", "release": "1.0",
            "tags": [" web ", "eu", "web"], "cost_usd": 5,
            "cost_details": { "input": 0.25, "output": 0.5, "unknown": 1 },
        }))
        .unwrap();
    let run = desk.run(&id);
    assert_eq!(run["message_id"], json!(message));
    assert_eq!(run["trace_id"], TRACE);
    assert_eq!(run["outcome_type"], "aborted");
    assert_eq!(run["provider"], "p");
    assert!(run.get("provider_type").is_none());
    assert_eq!(run["total_steps"], 2, "the steps themselves count");
    assert_eq!(run["cost_usd"], 0.75, "the parts count");
    assert_eq!(run["cost_details"], json!({ "input": 0.25, "output": 0.5 }));
    assert_eq!(run["tags"], json!(["web", "eu"]));
    let attributes = json!({ "a": 1, "b": 2, "c": 3, "future": { "x": [null] } });
    assert_eq!(
        run["attributes"], attributes,
        "metadata < unknown < attributes"
    );
    assert_eq!(run["error"], "went wrong");
    assert_eq!(run["steps"], json!([step, {}]));
    assert_eq!(run["tool_calls"], json!([call]));
}

#[test]
fn the_older_name_of_the_provider_serves_alone() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let id = desk.report(json!({ "provider_type": "old" })).unwrap();
    assert_eq!(desk.run(&id)["provider"], "old");
}

#[test]
fn costs_are_what_the_caller_says() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    for (given, cost) in [
        (json!({ "cost_usd": 2 }), json!(2)),
        (json!({ "cost_usd": 2, "cost_details": {} }), json!(2)),
        (
            json!({ "cost_usd": 2, "cost_details": { "total": 0 } }),
            json!(0),
        ),
        (
            json!({ "cost_details": { "total": 1, "input": 9 } }),
            json!(1),
        ),
        (json!({ "cost_details": {} }), Value::Null),
        (
            json!({ "cost_details": { "input": 0.1, "output": 0.2 } }),
            json!(0.3),
        ),
    ] {
        let id = desk.report(given).unwrap();
        assert_eq!(desk.run(&id)["cost_usd"], cost);
    }
}

#[test]
fn a_run_belongs_to_a_thread_and_to_a_message_of_it() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let other = desk
        .room
        .create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let message = desk.message(&other);
    let error = desk.report(json!({ "message_id": message })).unwrap_err();
    assert_eq!(error, ApiError::MessageOutsideThread);
    assert_eq!(
        (error.status(), error.code()),
        (400, "message_id must belong to thread_id")
    );
    let error = desk.report(json!({ "thread_id": "thread_0none" }));
    assert_eq!(error, Err(ApiError::ThreadNotFound));
    assert!(desk.list("").is_empty());
    let empty = Database::new();
    let room = Room::new(&empty);
    let report = parse(&json!({ "thread_id": "t", "status": "error" })).unwrap();
    let user = UserId::parse("alice").unwrap();
    let refused = room.store.record_run(report, &user, NOON, 1);
    assert_eq!(refused, Err(ApiError::ThreadNotFound.into()));
    assert!(room.store.get_run("run_0none").unwrap().is_none());
    assert_eq!(empty.tables(), 0, "nothing was written");
}

#[test]
fn figures_outlive_what_was_said() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let id = desk
        .report(json!({ "output_text": "secret", "input_tokens": 5, "error": "secret" }))
        .unwrap();
    let path = format!("/v1/threads/{}", desk.thread);
    desk.room.call("DELETE", &path, "").unwrap();
    desk.room.store.forget_run_details(&desk.thread).unwrap();
    let run = desk.run(&id);
    assert_eq!(run["input_tokens"], 5);
    assert!(!run.to_string().contains("secret"));
    assert_eq!(desk.ids(&format!("thread_id={}", desk.thread)), [id]);
}

#[test]
fn a_list_is_newest_first_and_of_one_thread_where_asked() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let mine: Vec<_> = (0..3).map(|_| desk.report(json!({})).unwrap()).collect();
    let other = desk
        .room
        .create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let theirs = desk.report(json!({ "thread_id": other })).unwrap();
    assert_eq!(desk.ids("limit=2"), [theirs.clone(), mine[2].clone()]);
    assert_eq!(
        desk.ids(&format!("after={theirs}&limit=1")),
        [mine[2].clone()]
    );
    assert_eq!(desk.ids(&format!("thread_id={other}")), [theirs]);
    let after = format!("thread_id={}&after={}", desk.thread, mine[1]);
    assert_eq!(desk.ids(&after), [mine[0].clone()]);
    assert_eq!(
        desk.ids("after=run_0gone").len(),
        4,
        "a cursor that is gone starts over"
    );
    assert!(desk.ids("thread_id=thread_0none").is_empty());
}

#[test]
fn a_wrong_query_is_refused() {
    for query in ["limit=0", "limit=101", "limit=x", "thread_id="] {
        let refused = RecordListQuery::parse(query);
        assert!(matches!(refused, Err(ApiError::Schema(_))), "{query}");
    }
    assert_eq!(RecordListQuery::parse("unknown=1").unwrap().page.limit, 50);
}

#[test]
fn the_columns_are_the_tables() {
    let database = Database::new();
    let _desk = Desk::new(&database);
    let statement = "SELECT group_concat(name, ', ') FROM pragma_table_info('runs')";
    let rows = (&database).run(statement, vec![]).unwrap();
    assert_eq!(
        rows.into_iter().next().unwrap().text().unwrap(),
        RUN_COLUMNS
    );
}
