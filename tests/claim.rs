//! Claims: whatever is interrupted and repeated, every thread ends in one place, whole and once.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::claim::{Delivery, DeliveryRequest, Place};
use assistant_cloud_edge::id::{AnonymousId, WorkspaceId};
use assistant_cloud_edge::rotation::{GRACE_MILLIS, IDLE_MILLIS};
use assistant_cloud_edge::store::Store;
use assistant_cloud_edge::workspace::WorkspaceError;
use fixture::{Database, NOON, Room};
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
        let text = serde_json::to_string(&delivery).unwrap();
        let delivery: Delivery = serde_json::from_str(&text).unwrap();
        let (settled, moved) = Store::new(self.database).take(&delivery).unwrap();
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
    room
}

/// An anonymous workspace with that many messages in each of its threads.
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
                "content": { "role": "user", "text": "x".repeat(size) },
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
                .map(|target| room.get(&target))
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
    for table in ["messages", "given_threads", "runs", "scores", "events"] {
        assert_eq!(giver.rows(table), 0, "{table}");
    }
    let mut again = Claimant::new(&taker, "alice");
    again.finish(&giver);
    assert_eq!(again.moved, 0, "repeating it is harmless");
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
        store.renew(presented, NOON).unwrap().unwrap();
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

    /// Two accounts claim at once, and any answer of either may be lost: in the end every thread is with one
    /// of them, whole and once, and none is with the visitor.
    #[test]
    fn every_thread_ends_in_one_place(
        threads in prop::collection::vec(0_usize..5, 0..6),
        size in prop_oneof![Just(10_usize), Just(400_000)],
        steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..25),
    ) {
        let (giver, first, second) = (Database::new(), Database::new(), Database::new());
        fill(&giver, &threads, size);
        let before = contents(&giver, "anyone");
        let mut alice = Claimant::new(&first, "alice");
        let mut bob = Claimant::new(&second, "bob");
        for (chosen, lost, stopped) in steps {
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
        prop_assert_eq!(alice.moved + bob.moved, threads.len() as u64);
        prop_assert!(contents(&giver, "anyone").is_empty());
    }
}
