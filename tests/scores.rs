//! Scores and feedback (contract 1.6, 14 and 21).
#![cfg(not(target_arch = "wasm32"))]

#[path = "scores/feedback.rs"]
mod feedback;
mod fixture;
#[path = "scores/limits.rs"]
mod limits;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::id::UserId;
use assistant_cloud_edge::json;
use assistant_cloud_edge::page::RecordListQuery;
use assistant_cloud_edge::run::RunReport;
use assistant_cloud_edge::score::{Feedback, NewScore, Score};
use assistant_cloud_edge::sql::Sql;
use assistant_cloud_edge::store::SCORE_COLUMNS;
use assistant_cloud_edge::workspace::WorkspaceError;
use fixture::{Database, NOON, Room};
use serde_json::{Value, json};

/// A workspace with a thread, a message and a run.
struct Desk<'d> {
    room: Room<'d>,
    thread: String,
    message: String,
    run: String,
}

impl<'d> Desk<'d> {
    fn new(database: &'d Database) -> Self {
        let mut room = Room::new(database);
        let thread = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
        let body = json!({ "parent_id": null, "format": "aui/v0", "content": {} }).to_string();
        let path = format!("/v1/threads/{thread}/messages");
        let answer = room.call("POST", &path, &body).unwrap();
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let message = body["message_id"].as_str().unwrap().to_owned();
        let report = json!({ "thread_id": thread, "status": "completed" }).to_string();
        let report = RunReport::parse(report.as_bytes()).unwrap();
        let user = UserId::parse("alice").unwrap();
        let run = room.store.record_run(report, &user, NOON, 1).unwrap();
        Self {
            room,
            thread,
            message,
            run,
        }
    }

    fn score_as(&mut self, user: &str, body: &Value) -> Result<Score, ApiError> {
        self.room.calls += 1;
        let (now, random) = (self.room.now(), self.room.calls.into());
        let score = NewScore::parse(body.to_string().as_bytes())?;
        let user = UserId::parse(user).unwrap();
        refused(self.room.store.create_score(score, &user, now, random))
    }

    fn score(&mut self, body: &Value) -> Result<Score, ApiError> {
        self.score_as("alice", body)
    }

    fn rate(&mut self, user: &str, body: &Value) -> Score {
        self.room.calls += 1;
        let (now, random) = (self.room.now(), self.room.calls.into());
        let feedback = Feedback::parse(body.to_string().as_bytes()).unwrap();
        let user = UserId::parse(user).unwrap();
        let store = &self.room.store;
        store
            .rate_message(&self.thread, &self.message, feedback, &user, now, random)
            .unwrap()
    }

    fn list(&self, query: &str) -> Vec<Value> {
        let query = RecordListQuery::parse(query).unwrap();
        let scores = self.room.store.list_scores(&query).unwrap();
        scores
            .iter()
            .map(|score| serde_json::from_str(&json::write(score)).unwrap())
            .collect()
    }
}

fn refused<T>(result: Result<T, WorkspaceError>) -> Result<T, ApiError> {
    result.map_err(|error| match error {
        WorkspaceError::Refused(error) => error,
        WorkspaceError::Storage(error) => panic!("{error}"),
    })
}

#[test]
fn each_type_is_answered_as_the_client_reads_it() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let thread = desk.thread.clone();
    for (given, value, word) in [
        (
            json!({ "data_type": "numeric", "value": 0.5 }),
            "0.5",
            "null",
        ),
        (json!({ "data_type": "numeric", "value": -3 }), "-3", "null"),
        (
            json!({ "data_type": "numeric", "value": 1e300 }),
            "1e300",
            "null",
        ),
        (
            json!({ "data_type": "boolean", "value": true }),
            "1",
            "null",
        ),
        (json!({ "data_type": "boolean", "value": 1 }), "1", "null"),
        (
            json!({ "data_type": "boolean", "value": false }),
            "0",
            "null",
        ),
        (json!({ "data_type": "boolean", "value": 0 }), "0", "null"),
        (
            json!({ "data_type": "categorical", "string_value": "good" }),
            "null",
            "\"good\"",
        ),
        (
            json!({ "data_type": "categorical", "string_value": "x", "value": null }),
            "null",
            "\"x\"",
        ),
    ] {
        let mut body = given.clone();
        body["name"] = json!("q");
        body["thread_id"] = json!(thread);
        let score = desk.score(&body).unwrap();
        let kind = given["data_type"].as_str().unwrap();
        let expected = format!(
            r#"{{"score_id":"{}","name":"q","data_type":"{kind}","value":{value},"string_value":{word}}}"#,
            score.id
        );
        assert_eq!(score.created(), expected);
    }
    assert_eq!(
        desk.list("").len(),
        1,
        "one name, one author, one thread: one score"
    );
}

#[test]
fn a_score_says_what_it_is_about() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let (thread, message, run) = (desk.thread.clone(), desk.message.clone(), desk.run.clone());
    let base = json!({ "name": "q", "data_type": "numeric", "value": 1, "comment": "fine" });
    for (target, message_id, run_id) in [
        (json!({ "thread_id": thread }), Value::Null, Value::Null),
        (
            json!({ "thread_id": thread, "message_id": message }),
            json!(message),
            Value::Null,
        ),
        (json!({ "run_id": run }), Value::Null, json!(run)),
    ] {
        let mut body = base.clone();
        for (name, value) in target.as_object().unwrap() {
            body[name] = value.clone();
        }
        let score: Value = serde_json::from_str(&json::write(&desk.score(&body).unwrap())).unwrap();
        let now = desk.room.now().to_iso();
        let expected = json!({
            "id": score["id"], "thread_id": thread, "message_id": message_id, "run_id": run_id,
            "name": "q", "data_type": "numeric", "value": 1, "string_value": null,
            "comment": "fine", "author_id": "alice", "created_at": now, "updated_at": now,
        });
        assert_eq!(score, expected);
        assert_eq!(desk.list("limit=1"), [expected]);
    }
    assert_eq!(desk.list(&format!("thread_id={thread}")).len(), 3);
    assert!(desk.list("thread_id=thread_0none").is_empty());
}

#[test]
fn the_same_author_replaces_a_score() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let mut body = json!({
        "name": "q", "data_type": "numeric", "value": 1, "comment": "c", "thread_id": desk.thread,
    });
    let first = desk.score(&body).unwrap();
    let other = desk.score_as("bob", &body).unwrap();
    body["value"] = json!(2);
    body.as_object_mut().unwrap().remove("comment");
    let second = desk.score(&body).unwrap();
    assert_eq!(second.id, first.id);
    assert_ne!(other.id, first.id);
    assert_eq!(second.comment, None);
    assert_eq!(
        second.value.map(|value| value.get().to_owned()).as_deref(),
        Some("2")
    );
    assert_eq!(second.created_at, first.created_at);
    assert!(second.updated_at > first.updated_at);
    body["comment"] = json!("again");
    desk.score(&body).unwrap();
    body.as_object_mut().unwrap().remove("comment");
    let same = desk.score(&body).unwrap();
    assert_eq!(same.comment, None, "only feedback keeps one");
    body["name"] = json!("r");
    assert_ne!(desk.score(&body).unwrap().id, first.id);
    assert_eq!(desk.list("").len(), 3);
}

#[test]
fn what_is_missing_is_not_found() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let base = json!({ "name": "q", "data_type": "boolean", "value": true });
    let with = |members: Value| {
        let mut body = base.clone();
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let thread = desk.thread.clone();
    for (target, error) in [
        (
            json!({ "thread_id": "thread_0none" }),
            ApiError::ThreadNotFound,
        ),
        (
            json!({ "thread_id": "thread_0none", "message_id": "m" }),
            ApiError::ThreadNotFound,
        ),
        (
            json!({ "thread_id": thread, "message_id": "m" }),
            ApiError::MessageOutsideThread,
        ),
        (json!({ "run_id": "run_0none" }), ApiError::RunNotFound),
    ] {
        assert_eq!(desk.score(&with(target)).unwrap_err(), error);
    }
    assert_eq!(ApiError::RunNotFound.status(), 404);
    assert_eq!(ApiError::RunNotFound.code(), "Run not found");
    let empty = Database::new();
    let room = Room::new(&empty);
    let user = UserId::parse("alice").unwrap();
    for target in [json!({ "run_id": "r" }), json!({ "thread_id": "t" })] {
        let score = NewScore::parse(with(target).to_string().as_bytes()).unwrap();
        assert!(refused(room.store.create_score(score, &user, NOON, 1)).is_err());
    }
    assert_eq!(empty.tables(), 0, "nothing was written");
}

#[test]
fn scores_go_with_what_they_are_about() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    desk.rate("alice", &json!({ "type": "positive" }));
    let (thread, message, run) = (desk.thread.clone(), desk.message.clone(), desk.run.clone());
    for target in [json!({ "thread_id": thread }), json!({ "run_id": run })] {
        let mut body = target;
        body["name"] = json!("q");
        body["data_type"] = json!("boolean");
        body["value"] = json!(true);
        desk.score(&body).unwrap();
    }
    desk.room.store.forget_scores("thread_0other").unwrap();
    assert_eq!(desk.list("").len(), 3);
    desk.room
        .store
        .forget_message_scores(&thread, &message)
        .unwrap();
    assert_eq!(desk.list("").len(), 2);
    desk.room.store.forget_scores(&thread).unwrap();
    assert!(desk.list("").is_empty());
}

#[test]
fn the_columns_are_the_tables() {
    let database = Database::new();
    let _desk = Desk::new(&database);
    let statement = "SELECT group_concat(name, ', ') FROM pragma_table_info('scores')";
    let rows = (&database).run(statement, vec![]).unwrap();
    assert_eq!(
        rows.into_iter().next().unwrap().text().unwrap(),
        SCORE_COLUMNS
    );
}
