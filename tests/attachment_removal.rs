//! Files go with the last message that named them, and nobody else's do.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use std::collections::{BTreeMap, BTreeSet};

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::attachment::{MAX_REFERENCES, Reference, references, sign_upload};
use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::claim::DeliveryRequest;
use assistant_cloud_edge::id::{AnonymousId, UserId, WorkspaceId};
use assistant_cloud_edge::store::Store;
use fixture::{Database, NOON, Room, project};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A file in the bucket, by its two names.
struct File {
    address: String,
    key: String,
}

fn caller(workspace: &str) -> Caller {
    Caller {
        user: UserId::parse("alice").unwrap(),
        workspace: WorkspaceId::parse(workspace).unwrap(),
    }
}

fn file(owner: &Caller, number: u128) -> File {
    let body = br#"{"filename":"rain.png"}"#;
    let answer = sign_upload(&project(), owner, body, NOON, number).unwrap();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    File {
        address: text("publicUrl"),
        key: text("key"),
    }
}

fn create_thread(room: &mut Room<'_>) -> String {
    room.create_thread(&json!({ "last_message_at": NOON.to_iso() }))
}

fn content(addresses: &[&str]) -> Value {
    let part = |address: &&str| json!({ "type": "image", "image": address });
    json!({ "role": "user", "content": addresses.iter().map(part).collect::<Vec<_>>() })
}

fn append(room: &mut Room<'_>, thread: &str, addresses: &[&str]) -> String {
    let body = json!({ "parent_id": null, "format": "aui/v0", "content": content(addresses) });
    let path = format!("/v1/threads/{thread}/messages");
    let answer = room.call("POST", &path, &body.to_string()).unwrap();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["message_id"].as_str().unwrap().to_owned()
}

fn update(room: &mut Room<'_>, thread: &str, message: &str, addresses: &[&str]) {
    let body = json!({ "content": content(addresses) }).to_string();
    let path = format!("/v1/threads/{thread}/messages/{message}");
    room.call("PUT", &path, &body).unwrap();
}

fn delete_thread(room: &mut Room<'_>, thread: &str) {
    room.call("DELETE", &format!("/v1/threads/{thread}"), "")
        .unwrap();
}

fn delete_message(room: &mut Room<'_>, thread: &str, message: &str) {
    let body = json!({ "message_ids": [message] }).to_string();
    room.call("DELETE", &format!("/v1/threads/{thread}/messages"), &body)
        .unwrap();
}

fn removed(room: &Room<'_>) -> Vec<String> {
    room.store.removed_attachments(100).unwrap()
}

/// The address that a file is downloaded from, asked for by its key.
fn download(room: &mut Room<'_>, key: &str) -> Result<String, ApiError> {
    let path = "/v1/files/attachments/generate-presigned-download-url";
    let answer = room.call("POST", path, &json!({ "key": key }).to_string())?;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    Ok(body["signedUrl"].as_str().unwrap().to_owned())
}

#[test]
fn a_file_goes_with_the_last_message_that_named_it() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let file = file(&room.caller, 1);
    let threads = [create_thread(&mut room), create_thread(&mut room)];
    let first = append(&mut room, &threads[0], &[&file.address, &file.address]);
    append(&mut room, &threads[0], &[&file.address]);
    append(&mut room, &threads[1], &[&file.address]);
    delete_message(&mut room, &threads[0], &first);
    delete_thread(&mut room, &threads[0]);
    assert!(removed(&room).is_empty());
    delete_thread(&mut room, &threads[1]);
    assert_eq!(removed(&room), std::slice::from_ref(&file.key));
    assert_eq!(database.rows("attachments"), 0);
    room.store.forget_removed_attachments(&[file.key]).unwrap();
    assert!(removed(&room).is_empty());
}

#[test]
fn a_message_that_changes_names_what_it_names_now() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let files = [1, 2].map(|number| file(&room.caller, number));
    let thread = create_thread(&mut room);
    let message = append(&mut room, &thread, &[&files[0].address]);
    update(&mut room, &thread, &message, &[&files[0].address]);
    assert!(removed(&room).is_empty());
    update(&mut room, &thread, &message, &[&files[1].address]);
    assert_eq!(removed(&room), std::slice::from_ref(&files[0].key));
    append(&mut room, &thread, &[&files[0].address]);
    assert!(removed(&room).is_empty(), "it is named again in time");
    let mut again = json!({
        "parent_id": null, "format": "aui/v0", "external_id": "x", "content": content(&[&files[1].address]),
    });
    let path = format!("/v1/threads/{thread}/messages");
    room.call("POST", &path, &again.to_string()).unwrap();
    update(&mut room, &thread, &message, &[]);
    assert!(removed(&room).is_empty());
    again["content"] = content(&[]);
    room.call("POST", &path, &again.to_string()).unwrap();
    assert_eq!(removed(&room), std::slice::from_ref(&files[1].key));
}

#[test]
fn what_another_workspace_has_uploaded_stays() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let foreign = file(&caller("team_2"), 1);
    for _ in 0..2 {
        let thread = create_thread(&mut room);
        append(&mut room, &thread, &[&foreign.address, &foreign.key]);
        delete_thread(&mut room, &thread);
    }
    assert!(removed(&room).is_empty());
}

#[test]
fn retention_takes_files_along() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let file = file(&room.caller, 1);
    let thread = create_thread(&mut room);
    append(&mut room, &thread, &[&file.address]);
    room.store.remove_idle(NOON.plus_millis(1_000)).unwrap();
    assert_eq!(removed(&room), [file.key]);
}

/// Moves everything from one workspace to another; or asks for it once, in vain.
fn claim(giver: &Database, claimant: &str, taker: Option<&Database>) {
    let mut request = DeliveryRequest {
        claimant: claimant.to_owned(),
        counter: 0,
        issued_at_millis: NOON.as_millis(),
        settled: Vec::new(),
        after: None,
    };
    let user = UserId::parse("alice").unwrap();
    loop {
        let delivery = Store::new(giver).give(&request, NOON).unwrap();
        let Some(taker) = taker else { break };
        let (settled, _) = Store::new(taker).take(&delivery, &user).unwrap();
        if delivery.then.is_none() && settled.is_empty() {
            break;
        }
        request.settled = settled;
        request.after = delivery.then;
    }
}

#[test]
fn what_is_claimed_is_the_claimants_to_remove() {
    let (giver, taker, other) = (Database::new(), Database::new(), Database::new());
    let mut visitor = Room::new(&giver);
    visitor.caller = AnonymousId(1).caller();
    let file = file(&visitor.caller, 1);
    let thread = create_thread(&mut visitor);
    let message = append(&mut visitor, &thread, &[&file.address]);
    claim(&giver, "team_1", None);
    // The visitor still knows the address, and somebody else claims what comes of that.
    let later = create_thread(&mut visitor);
    append(&mut visitor, &later, &[&file.address]);
    claim(&giver, "team_2", Some(&other));
    let mut stranger = Room::new(&other);
    delete_thread(&mut stranger, &later);
    assert!(removed(&stranger).is_empty());
    claim(&giver, "team_1", Some(&taker));
    let latest = create_thread(&mut visitor);
    append(&mut visitor, &latest, &[&file.address]);
    delete_thread(&mut visitor, &latest);
    assert!(removed(&visitor).is_empty());
    assert_eq!(giver.rows("attachments"), 0);

    let mut account = Room::new(&taker);
    account.calls = 1_000;
    assert!(download(&mut account, &file.key).is_ok());
    let gone = Err(ApiError::AttachmentNotFound);
    assert_eq!(download(&mut visitor, &file.key), gone);
    assert_eq!(download(&mut stranger, &file.key), gone);
    let branch = append(&mut account, &thread, &[&file.address]);
    update(&mut account, &thread, &message, &[]);
    assert!(removed(&account).is_empty());
    delete_message(&mut account, &thread, &branch);
    assert_eq!(removed(&account), [file.key]);
}

#[test]
fn a_file_of_two_visits_is_the_first_claimants() {
    let (giver, taker, other) = (Database::new(), Database::new(), Database::new());
    let mut visitor = Room::new(&giver);
    visitor.caller = AnonymousId(1).caller();
    let file = file(&visitor.caller, 1);
    let named = |visitor: &mut Room<'_>| {
        let thread = create_thread(visitor);
        append(visitor, &thread, &[&file.address]);
        thread
    };
    let first = named(&mut visitor);
    let second = named(&mut visitor);
    claim(&giver, "team_1", Some(&taker));
    let third = named(&mut visitor);
    claim(&giver, "team_2", Some(&other));
    let mut stranger = Room::new(&other);
    delete_thread(&mut stranger, &third);
    assert!(removed(&stranger).is_empty());
    let mut account = Room::new(&taker);
    delete_thread(&mut account, &first);
    assert!(removed(&account).is_empty());
    delete_thread(&mut account, &second);
    assert_eq!(removed(&account), [file.key]);
}

#[test]
fn a_workspace_without_anything_stays_without() {
    let database = Database::new();
    let room = Room::new(&database);
    assert!(removed(&room).is_empty());
    assert_eq!(database.tables(), 0);
}

#[test]
fn every_way_to_name_a_file_counts() {
    let owner = caller("team_1");
    let file = file(&owner, 1);
    let signed = download(&mut Room::new(&Database::new()), &file.key).unwrap();
    let address = &file.address;
    for text in [
        json!({ "image": address }).to_string(),
        json!({ "text": format!("See {address}.") }).to_string(),
        json!({ "text": format!("![rain]({address}) and <{address}>") }).to_string(),
        json!({ "image": format!("{address}?cache=1#x") }).to_string(),
        json!({ "image": address }).to_string().replace('/', r"\/"),
        json!({ "image": signed }).to_string(),
        json!({ "key": file.key }).to_string(),
        json!({ "key": file.key }).to_string().replace('/', r"\/"),
        json!({ "text": "attachments/", "attachments": [], "image": address }).to_string(),
    ] {
        let found = references(project().id(), &owner.workspace, &text);
        let expected = Reference {
            key: file.key.clone(),
            is_own: true,
        };
        assert_eq!(found, Ok(vec![expected]), "{text}");
        let found = references(
            project().id(),
            &WorkspaceId::parse("team_2").unwrap(),
            &text,
        );
        assert!(!found.unwrap()[0].is_own);
    }
    for text in [
        "attachments",
        "attachments/",
        r"attachments\",
        "attachments/x.png",
        "attachments/é",
        "no attachments/",
    ] {
        let found = references(project().id(), &owner.workspace, text);
        assert_eq!(found, Ok(vec![]));
    }
}

#[test]
fn a_content_that_names_too_many_files_is_refused_whole() {
    let database = Database::new();
    let mut room = Room::new(&database);
    let owner = caller("team_1");
    let files: Vec<_> = (0..=MAX_REFERENCES as u128)
        .map(|number| file(&owner, number))
        .collect();
    let all: Vec<_> = files.iter().map(|file| file.address.as_str()).collect();
    // Named again is named once.
    let most = [&all[1..], &all[1..]].concat();
    let thread = create_thread(&mut room);
    let message = append(&mut room, &thread, &most);
    let refused = Err(ApiError::schema(
        "content: must name at most 256 attachments",
    ));
    let path = format!("/v1/threads/{thread}/messages");
    let body = json!({ "parent_id": null, "format": "aui/v0", "content": content(&all) });
    assert_eq!(room.call("POST", &path, &body.to_string()), refused);
    let path = format!("{path}/{message}");
    let body = json!({ "content": content(&all) }).to_string();
    assert_eq!(room.call("PUT", &path, &body), refused);
    assert!(removed(&room).is_empty(), "what was named is named still");
    assert_eq!(database.rows("attachments"), 256);
}

#[test]
fn files_that_many_messages_name_are_looked_for_once() {
    let steps = |messages: usize, delete: fn(&mut Room<'_>, &str, &[String])| {
        let database = Database::new();
        let mut room = Room::new(&database);
        let owner = caller("team_1");
        let files: Vec<_> = (0..20).map(|number| file(&owner, number)).collect();
        let named: Vec<_> = files.iter().map(|file| file.address.as_str()).collect();
        let thread = create_thread(&mut room);
        let ids: Vec<_> = (0..messages)
            .map(|_| append(&mut room, &thread, &named))
            .collect();
        let steps = database.steps_of(|| delete(&mut room, &thread, &ids));
        assert_eq!(removed(&room).len(), 20);
        steps
    };
    let by_thread = |messages| steps(messages, |room, thread, _| delete_thread(room, thread));
    let (few, many) = (by_thread(25), by_thread(100));
    assert!(many < few * 5, "{few} for 25 messages, {many} for 100");
    let by_messages = |messages| {
        steps(messages, |room, thread, ids| {
            let body = json!({ "message_ids": ids }).to_string();
            room.call("DELETE", &format!("/v1/threads/{thread}/messages"), &body)
                .unwrap();
        })
    };
    let (few, many) = (by_messages(25), by_messages(100));
    assert!(many < few * 5, "{few} for 25 messages, {many} for 100");
}

#[derive(Debug, Clone)]
enum Deed {
    Append(usize, Vec<usize>),
    Update(usize, Vec<usize>),
    DeleteMessage(usize),
    DeleteThread(usize),
}

const FILES: usize = 4;

fn deed() -> impl Strategy<Value = Deed> {
    let named = || prop::collection::vec(0..FILES, 0..3);
    prop_oneof![
        4 => (0_usize..3, named()).prop_map(|(thread, files)| Deed::Append(thread, files)),
        3 => (any::<usize>(), named()).prop_map(|(message, files)| Deed::Update(message, files)),
        2 => any::<usize>().prop_map(Deed::DeleteMessage),
        1 => (0_usize..3).prop_map(Deed::DeleteThread),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_file_is_removed_when_and_only_when_no_message_names_it(deeds in prop::collection::vec(deed(), 0..30)) {
        let database = Database::new();
        let mut room = Room::new(&database);
        // The last one is somebody else's.
        let files: Vec<_> = (0..FILES)
            .map(|number| {
                let owner = if number + 1 == FILES { "team_2" } else { "team_1" };
                file(&caller(owner), number as u128)
            })
            .collect();
        let mut threads: Vec<_> = (0..3).map(|_| create_thread(&mut room)).collect();
        let mut named: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
        let mut ever = BTreeSet::new();
        for deed in deeds {
            let addresses = |chosen: &[usize]| -> Vec<&str> {
                chosen.iter().map(|file| files[*file].address.as_str()).collect()
            };
            let pick = |number: usize| named.keys().nth(number % named.len().max(1)).cloned();
            match deed {
                Deed::Append(thread, chosen) => {
                    let id = append(&mut room, &threads[thread], &addresses(&chosen));
                    ever.extend(&chosen);
                    named.insert((thread, id), chosen);
                }
                Deed::Update(number, chosen) => if let Some(place) = pick(number) {
                    update(&mut room, &threads[place.0], &place.1, &addresses(&chosen));
                    ever.extend(&chosen);
                    named.insert(place, chosen);
                },
                Deed::DeleteMessage(number) => if let Some(place) = pick(number) {
                    delete_message(&mut room, &threads[place.0], &place.1);
                    named.remove(&place);
                },
                Deed::DeleteThread(thread) => {
                    delete_thread(&mut room, &threads[thread]);
                    threads[thread] = create_thread(&mut room);
                    named.retain(|place, _| place.0 != thread);
                }
            }
            let still: BTreeSet<_> = named.values().flatten().copied().collect();
            let expected: BTreeSet<_> = ever
                .difference(&still)
                .filter(|file| **file + 1 < FILES)
                .map(|file| files[*file].key.clone())
                .collect();
            prop_assert_eq!(removed(&room).into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn any_content_is_searched_in_peace(text in ".{0,60}", tail in ".{0,60}") {
        let text = format!("{text}attachments/{tail}");
        let _ = references(project().id(), &caller("team_1").workspace, &text);
    }
}
