//! Claims: whatever is interrupted and repeated, every thread ends in one place, whole and once.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::attachment::sign_upload;
use assistant_cloud_edge::claim::{Delivery, DeliveryRequest, Place};
use assistant_cloud_edge::id::{AnonymousId, UserId, WorkspaceId};
use assistant_cloud_edge::json;
use assistant_cloud_edge::rotation::{GRACE_MILLIS, IDLE_MILLIS};
use assistant_cloud_edge::store::Store;
use assistant_cloud_edge::workspace::WorkspaceError;
use fixture::{Database, NOON, Room, project};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The account that claims, as far as its claim has come.
struct Claimant<'d> {
    database: &'d Database,
    workspace: String,
    settled: Vec<String>,
    after: Option<Place>,
    /// Whether there is nothing left to ask for.
    done: bool,
    moved: u64,
}

impl<'d> Claimant<'d> {
    fn new(database: &'d Database, workspace: &str) -> Self {
        Self {
            database,
            workspace: workspace.to_owned(),
            settled: Vec::new(),
            after: None,
            done: false,
            moved: 0,
        }
    }

    fn request(&self) -> DeliveryRequest {
        DeliveryRequest {
            claimant: self.workspace.clone(),
            counter: 0,
            issued_at_millis: NOON.as_millis(),
            settled: self.settled.clone(),
            after: self.after.clone(),
        }
    }

    /// Asks for the next delivery and stores it, or loses it on the way.
    fn step(&mut self, giver: &Database, lost: bool) {
        // A new store each time: an object may be gone between any two calls.
        let delivery = Store::new(giver).give(&self.request(), NOON).unwrap();
        if lost {
            self.restart();
            return;
        }
        // As it travels.
        let text = json::write(&delivery);
        let delivery: Delivery = json::read(&text).unwrap();
        let user = UserId::parse(&self.workspace).unwrap();
        let (settled, moved) = Store::new(self.database).take(&delivery, &user).unwrap();
        self.moved += moved;
        self.done = delivery.then.is_none() && settled.is_empty();
        self.after = delivery.then;
        self.settled = settled;
    }

    /// Forgets how far it has come, as a Worker does that is stopped.
    fn restart(&mut self) {
        self.settled = Vec::new();
        self.after = None;
    }

    fn finish(&mut self, giver: &Database) {
        while !self.done {
            self.step(giver, false);
        }
    }
}

fn room_of<'d>(database: &'d Database, workspace: &str) -> Room<'d> {
    let mut room = Room::new(database);
    room.caller.workspace = WorkspaceId::parse(workspace).unwrap();
    room.caller.user = UserId::parse(workspace).unwrap();
    room
}

/// The visitor, at a time when no other call is made.
fn visitor(database: &Database, calls: u32) -> Room<'_> {
    let mut room = Room::new(database);
    room.caller = AnonymousId(1).caller();
    room.calls = calls;
    room
}

fn post(room: &mut Room<'_>, path: &str, body: &Value) -> Value {
    let answer = room.call("POST", path, &body.to_string()).unwrap();
    serde_json::from_str(&answer.body).unwrap()
}

/// What the visitor leaves behind that is of no thread: an event, and what is kept of a thread that is gone.
fn leave_behind(room: &mut Room<'_>) {
    let event = json!({ "events": [{ "kind": "thread_switched" }] });
    post(room, "/v1/events", &event);
    let id = room.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let run = json!({ "thread_id": id, "status": "completed", "output_tokens": 7 });
    let run = post(room, "/v1/runs", &run)["run_id"].clone();
    room.call("DELETE", &format!("/v1/threads/{id}"), "")
        .unwrap();
    let score = json!({ "run_id": run, "name": "q", "data_type": "numeric", "value": 1 });
    post(room, "/v1/scores", &score);
}

/// All that is recorded in a workspace, whatever it is of, without whose opinion a score is.
fn records(database: &Database) -> Vec<Value> {
    let mut room = room_of(database, "anyone");
    let mut found = Vec::new();
    for kind in ["runs", "scores", "events"] {
        for record in room.get(&format!("/v1/{kind}?limit=100"))[kind]
            .as_array()
            .unwrap()
        {
            let mut record = record.clone();
            record["author_id"] = Value::Null;
            found.push(record);
        }
    }
    found.sort_by_key(|record| record["id"].to_string());
    found
}

/// The public address of a file of the visitor's.
fn file(number: usize) -> Value {
    let (owner, body) = (AnonymousId(1).caller(), br#"{"filename":"rain.png"}"#);
    let answer = sign_upload(
        &project(),
        &owner,
        body,
        NOON,
        u128::try_from(number).unwrap(),
    )
    .unwrap();
    serde_json::from_str::<Value>(&answer.body).unwrap()["publicUrl"].clone()
}

/// An anonymous workspace with that many messages in each of its threads, all of a thread with one file.
fn fill(database: &Database, threads: &[usize], size: usize) {
    let mut room = Room::new(database);
    room.caller = AnonymousId(1).caller();
    for (number, messages) in threads.iter().enumerate() {
        let id = room.create_thread(&json!({
            "last_message_at": NOON.to_iso(), "title": format!("thread {number}"), "metadata": { "n": number },
        }));
        let mut parent = Value::Null;
        for _ in 0..*messages {
            let body = json!({
                "parent_id": parent, "format": "aui/v0",
                "content": { "role": "user", "text": "x".repeat(size), "image": file(number) },
            });
            let answer = room
                .call(
                    "POST",
                    &format!("/v1/threads/{id}/messages"),
                    &body.to_string(),
                )
                .unwrap();
            parent = serde_json::from_str::<Value>(&answer.body).unwrap()["message_id"].clone();
        }
        if let Some(last) = parent.as_str() {
            let rating = json!({ "type": "positive", "comment": "fine" }).to_string();
            room.call(
                "POST",
                &format!("/v1/threads/{id}/messages/{last}/feedback"),
                &rating,
            )
            .unwrap();
            let run = json!({ "thread_id": id, "status": "completed", "message_id": last });
            room.call("POST", "/v1/runs", &run.to_string()).unwrap();
            let events = json!({ "events": [{ "kind": "message_sent", "thread_id": id }] });
            room.call("POST", "/v1/events", &events.to_string())
                .unwrap();
        }
    }
}

#[test]
fn a_claim_of_twice_as_many_threads_takes_twice_the_steps() {
    let steps = |threads: usize| {
        let (giver, taker) = (Database::new(), Database::new());
        fill(&giver, &vec![0; threads], 0);
        let mut claimant = Claimant::new(&taker, "alice");
        let steps = giver.steps_of(|| claimant.finish(&giver));
        assert_eq!(claimant.moved, threads as u64);
        steps
    };
    let (few, many) = (steps(200), steps(400));
    assert!(many < few * 5 / 2, "{few} for 200 threads, {many} for 400");
}

/// Every thread of a workspace with all that belongs to it, without the workspace's own name.
fn contents(database: &Database, workspace: &str) -> Vec<(Value, Vec<Value>)> {
    let mut room = room_of(database, workspace);
    let list = room.get("/v1/threads?limit=100");
    let mut threads: Vec<_> = list["threads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|thread| {
            let mut thread = thread.clone();
            thread["workspace_id"] = Value::Null;
            let id = thread["id"].as_str().unwrap().to_owned();
            let belongings = ["runs", "scores", "events"]
                .map(|kind| format!("/v1/{kind}?thread_id={id}"))
                .into_iter()
                .chain([format!("/v1/threads/{id}/messages")])
                .map(|target| {
                    let mut list = room.get(&target);
                    for score in list["scores"].as_array_mut().into_iter().flatten() {
                        score["author_id"] = Value::Null;
                    }
                    list
                })
                .collect();
            (thread, belongings)
        })
        .collect();
    threads.sort_by_key(|(thread, _)| thread["id"].to_string());
    threads
}

#[test]
fn a_claim_moves_everything_as_it_is() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[3, 0, 250], 10);
    let before = contents(&giver, "anyone");
    let mut alice = Claimant::new(&taker, "alice");
    alice.finish(&giver);
    assert_eq!(alice.moved, 3);
    assert_eq!(contents(&taker, "alice"), before);
    assert!(contents(&giver, "anyone").is_empty());
    assert!(before[0].1[0]["runs"].is_array());
    for table in [
        "messages",
        "given",
        "runs",
        "scores",
        "events",
        "attachments",
    ] {
        assert_eq!(giver.rows(table), 0, "{table}");
    }
    let mut again = Claimant::new(&taker, "alice");
    again.finish(&giver);
    assert_eq!(again.moved, 0, "repeating it is harmless");
}

#[test]
fn what_is_of_no_thread_comes_along() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[1], 10);
    leave_behind(&mut visitor(&giver, 1_000));
    let before = records(&giver);
    assert_eq!(before.len(), 3 + 3);
    let mut alice = Claimant::new(&taker, "alice");
    alice.finish(&giver);
    assert_eq!(alice.moved, 1, "threads are counted, nothing else");
    assert_eq!(records(&taker), before);
    assert!(records(&giver).is_empty());
    for table in ["given", "runs", "scores", "events"] {
        assert_eq!(giver.rows(table), 0, "{table}");
    }
    leave_behind(&mut visitor(&giver, 2_000));
    let mut again = Claimant::new(&taker, "alice");
    again.finish(&giver);
    assert_eq!(again.moved, 0);
    assert_eq!(records(&taker).len(), before.len() + 3);
    assert!(records(&giver).is_empty());
}

#[test]
fn nothing_that_is_set_aside_is_seen() {
    let giver = Database::new();
    fill(&giver, &[1], 10);
    let mut visitor = visitor(&giver, 1_000);
    leave_behind(&mut visitor);
    let trace = "0".repeat(32);
    let report = |visitor: &mut Room<'_>| {
        let id = visitor.create_thread(&json!({ "last_message_at": NOON.to_iso() }));
        let run = json!({ "thread_id": id, "status": "completed", "trace_id": trace });
        post(visitor, "/v1/runs", &run)["run_id"].clone()
    };
    let run = report(&mut visitor);
    let taker = Database::new();
    Claimant::new(&taker, "alice").step(&giver, true);
    assert!(records(&giver).is_empty());
    let target = format!("/v1/runs/{}", run.as_str().unwrap());
    assert_eq!(visitor.call("GET", &target, ""), Err(ApiError::RunNotFound));
    let score = json!({ "run_id": run, "name": "q", "data_type": "numeric", "value": 1 });
    assert_eq!(
        visitor.call("POST", "/v1/scores", &score.to_string()),
        Err(ApiError::RunNotFound)
    );
    assert_ne!(report(&mut visitor), run, "another's run is not joined");
    assert_eq!(records(&giver).len(), 1);
}

#[test]
fn an_opinion_becomes_the_claimants() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[1], 10);
    let before = visitor(&giver, 1_000).get("/v1/scores")["scores"][0].clone();
    assert!(
        before["author_id"]
            .as_str()
            .unwrap()
            .starts_with("usr_anon_")
    );
    Claimant::new(&taker, "alice").finish(&giver);
    let mut alice = room_of(&taker, "alice");
    alice.calls = 2_000;
    let after = alice.get("/v1/scores")["scores"][0].clone();
    assert_eq!(after["author_id"], "alice");
    let run = alice.get("/v1/runs")["runs"][0].clone();
    assert_eq!(
        run["created_by"], before["author_id"],
        "it was made by the visitor"
    );
    let (thread, message) = (&after["thread_id"], &after["message_id"]);
    let path = format!(
        "/v1/threads/{}/messages/{}/feedback",
        thread.as_str().unwrap(),
        message.as_str().unwrap()
    );
    let rated = post(&mut alice, &path, &json!({ "type": "negative" }));
    assert_eq!(rated["feedback_id"], before["id"], "one mind, changed");
    assert_eq!(taker.rows("scores"), 1);
}

#[test]
fn a_claim_of_nothing_leaves_no_trace() {
    let (giver, taker) = (Database::new(), Database::new());
    Claimant::new(&taker, "alice").finish(&giver);
    assert_eq!((giver.tables(), taker.tables()), (0, 0));
    fill(&giver, &[0], 10);
    let mut bob = Claimant::new(&taker, "bob");
    bob.finish(&giver);
    assert_eq!(bob.moved, 1);
    let other = Database::new();
    Claimant::new(&other, "alice").finish(&giver);
    assert_eq!(other.tables(), 0);
}

#[test]
fn a_large_thread_travels_in_parts() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[5], 900_000);
    let before = contents(&giver, "anyone");
    let mut alice = Claimant::new(&taker, "alice");
    let mut steps = 0;
    while !alice.done {
        alice.step(&giver, false);
        steps += 1;
        assert!(alice.done || alice.moved == 1 || contents(&taker, "alice").is_empty());
    }
    assert!(steps > 3, "{steps}");
    assert_eq!(contents(&taker, "alice"), before);
}

#[test]
fn a_thread_that_grows_too_old_on_the_way_leaves_nothing() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[5], 900_000);
    let mut alice = Claimant::new(&taker, "alice");
    alice.step(&giver, false);
    assert!(taker.rows("messages") > 0);
    Store::new(&giver)
        .remove_idle(NOON.plus_millis(1_000))
        .unwrap();
    alice.finish(&giver);
    assert_eq!(alice.moved, 0);
    assert_eq!(taker.rows("messages"), 0);
}

#[test]
fn a_thread_that_its_new_owner_has_removed_stays_removed() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[2], 10);
    let mut alice = Claimant::new(&taker, "alice");
    alice.step(&giver, false);
    let id = contents(&taker, "alice")[0].0["id"]
        .as_str()
        .unwrap()
        .to_owned();
    room_of(&taker, "alice")
        .call("DELETE", &format!("/v1/threads/{id}"), "")
        .unwrap();
    // The giver was never told that the thread is stored, and sends it again.
    alice.restart();
    alice.finish(&giver);
    assert!(contents(&taker, "alice").is_empty());
    assert_eq!(taker.rows("messages"), 0);
}

#[test]
fn threads_that_are_set_aside_cannot_be_written_to() {
    let (giver, taker) = (Database::new(), Database::new());
    fill(&giver, &[1], 10);
    let id = contents(&giver, "anyone")[0].0["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut alice = Claimant::new(&taker, "alice");
    alice.step(&giver, true);
    let mut visitor = Room::new(&giver);
    visitor.caller = AnonymousId(1).caller();
    let body = json!({ "parent_id": null, "format": "a", "content": {} }).to_string();
    assert_eq!(
        visitor.call("POST", &format!("/v1/threads/{id}/messages"), &body),
        Err(ApiError::ThreadNotFound)
    );
    alice.finish(&giver);
    assert_eq!(alice.moved, 1);
}

#[test]
fn a_token_that_the_session_refuses_claims_nothing() {
    let giver = Database::new();
    fill(&giver, &[1], 10);
    let taker = Database::new();
    let request = Claimant::new(&taker, "alice").request();
    let late = NOON.plus_millis(IDLE_MILLIS);
    let refused = Err(WorkspaceError::Refused(ApiError::RefreshTokenInvalid));
    assert_eq!(Store::new(&giver).give(&request, late), refused);
    let mut room = Room::new(&giver);
    room.caller = AnonymousId(1).caller();
    let store = &room.store;
    for counter in 0..3 {
        let presented = assistant_cloud_edge::rotation::Presented {
            counter,
            issued_at: NOON,
        };
        let verdict = store.renew(presented, NOON).unwrap();
        assert!(verdict.answered().is_some());
    }
    let later = NOON.plus_millis(GRACE_MILLIS + 1);
    assert_eq!(
        Store::new(&giver).give(&request, later),
        refused,
        "three behind"
    );
    assert_eq!(contents(&giver, "anyone").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Two accounts claim at once, any answer of either may be lost, and the visitor goes on: in the end
    /// everything is with one of them, whole and once, and nothing is with the visitor.
    #[test]
    fn every_thread_ends_in_one_place(
        threads in prop::collection::vec(0_usize..5, 0..6),
        size in prop_oneof![Just(10_usize), Just(400_000)],
        steps in prop::collection::vec(any::<[bool; 4]>(), 0..25),
    ) {
        let (giver, first, second) = (Database::new(), Database::new(), Database::new());
        fill(&giver, &threads, size);
        let mut visitor = visitor(&giver, 1_000);
        leave_behind(&mut visitor);
        let before = contents(&giver, "anyone");
        let mut recorded = records(&giver);
        let mut alice = Claimant::new(&first, "alice");
        let mut bob = Claimant::new(&second, "bob");
        for [chosen, lost, stopped, goes_on] in steps {
            if goes_on {
                let known = records(&giver);
                leave_behind(&mut visitor);
                recorded.extend(records(&giver).into_iter().filter(|record| !known.contains(record)));
            }
            let claimant = if chosen { &mut alice } else { &mut bob };
            claimant.step(&giver, lost);
            if stopped {
                claimant.restart();
            }
        }
        for claimant in [&mut alice, &mut bob] {
            claimant.restart();
            claimant.done = false;
            claimant.finish(&giver);
        }
        let mut after = contents(&first, "alice");
        after.extend(contents(&second, "bob"));
        after.sort_by_key(|(thread, _)| thread["id"].to_string());
        prop_assert_eq!(after, before);
        let mut found = [records(&first), records(&second)].concat();
        for list in [&mut found, &mut recorded] {
            list.sort_by_key(|record| record["id"].to_string());
        }
        prop_assert_eq!(found, recorded);
        prop_assert!(records(&giver).is_empty());
        let claimed = [&first, &second].into_iter().filter(|database| database.tables() > 0);
        let named: i64 = claimed.map(|database| database.rows("attachments")).sum();
        prop_assert_eq!(named, i64::try_from(threads.iter().sum::<usize>()).unwrap());
        prop_assert_eq!(giver.rows("attachments"), 0);
        prop_assert_eq!(alice.moved + bob.moved, threads.len() as u64);
        prop_assert!(contents(&giver, "anyone").is_empty());
    }
}
