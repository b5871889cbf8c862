//! Attachments: who may upload and read what, until when, and as what it is shown.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::attachment::{Key, Secret, prefix_of, sign_upload};
use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::id::{ProjectId, UserId, WorkspaceId};
use assistant_cloud_edge::project::Project;
use assistant_cloud_edge::{ApiError, Timestamp};
use fixture::{
    Database, ISSUER, NOON, OTHER_REFRESH_KEY, PROJECT, REFRESH_KEY, Room, load, project,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const PATH: &str = "/v1/files/attachments/";
const DOWNLOADS: &str = "/v1/files/attachments/generate-presigned-download-url";

fn caller(workspace: &str) -> Caller {
    Caller {
        user: UserId::parse("ada").unwrap(),
        workspace: WorkspaceId::parse(workspace).unwrap(),
    }
}

fn try_upload(body: &Value) -> Result<Value, ApiError> {
    let body = body.to_string().into_bytes();
    let answer = sign_upload(&project(), &caller("home"), &body, NOON, 42)?;
    assert_eq!(answer.status, 201);
    Ok(serde_json::from_str(&answer.body).unwrap())
}

/// The answer to an upload of `photo.png` into `home`.
fn upload() -> Value {
    try_upload(&json!({ "filename": "photo.png" })).unwrap()
}

fn try_download(workspace: &str, body: &Value) -> Result<Value, ApiError> {
    let database = Database::new();
    let mut room = Room::new(&database);
    room.caller = caller(workspace);
    let answer = room.call("POST", DOWNLOADS, &body.to_string())?;
    assert_eq!((answer.status, database.tables()), (200, 0));
    Ok(serde_json::from_str(&answer.body).unwrap())
}

fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap().to_owned()
}

/// The last segment and the query of an address.
fn name_and_query(address: &str) -> (&str, &str) {
    let rest = address
        .strip_prefix(ISSUER)
        .unwrap()
        .strip_prefix(PATH)
        .unwrap();
    rest.split_once('?').unwrap_or((rest, ""))
}

fn open_upload(project: &Project, address: &str, now: Timestamp) -> Result<Key, ApiError> {
    let (name, query) = name_and_query(address);
    project
        .address_keys()
        .open_upload(project.id(), name, query, now)
}

fn open_read(project: &Project, address: &str, now: Timestamp) -> Result<Key, ApiError> {
    let (name, query) = name_and_query(address);
    project
        .address_keys()
        .open_read(project.id(), name, query, now)
}

fn schema(line: &'static str) -> ApiError {
    ApiError::schema(line)
}

#[test]
fn an_upload_is_answered_with_all_that_the_client_needs() {
    let answer = upload();
    let key = text(&answer, "key");
    assert_eq!(answer["success"], true);
    assert_eq!(answer["expiresAt"], "2026-11-21T12:15:00.000Z");
    let home = prefix_of(project().id(), &caller("home").workspace);
    assert!(home.starts_with("attachments/proj_0test/"));
    let uuid = key
        .strip_prefix(&home)
        .unwrap()
        .strip_suffix(".png")
        .unwrap();
    assert_eq!(uuid.len(), 36);
    assert_eq!(
        (&uuid[14..15], "89ab".contains(&uuid[19..20])),
        ("8", true),
        "RFC 9562, version 8"
    );
    let project = project();
    let written = open_upload(&project, &text(&answer, "signedUrl"), NOON).unwrap();
    let public = text(&answer, "publicUrl");
    assert!(!public.contains('?') && !public.contains(uuid));
    assert_eq!(written.to_text(project.id()), key);
    assert_eq!(open_read(&project, &public, NOON).unwrap(), written);
    let in_a_year = NOON.plus_millis(365 * 86_400_000);
    assert_eq!(
        open_read(&project, &public, in_a_year).unwrap(),
        written,
        "for as long as a message"
    );
}

#[test]
fn two_uploads_share_nothing_but_their_owner() {
    let other = sign_upload(
        &project(),
        &caller("home"),
        br#"{"filename":"photo.png"}"#,
        NOON,
        43,
    )
    .unwrap();
    let other: Value = serde_json::from_str(&other.body).unwrap();
    for member in ["key", "signedUrl", "publicUrl"] {
        assert_ne!(upload()[member], other[member]);
    }
    let elsewhere = prefix_of(project().id(), &caller("elsewhere").workspace);
    assert!(!text(&upload(), "key").starts_with(&elsewhere));
    let (a, b) = (
        ProjectId::parse("a").unwrap(),
        ProjectId::parse("ab").unwrap(),
    );
    let owner =
        |project, workspace: &str| prefix_of(project, &WorkspaceId::parse(workspace).unwrap());
    let last = |prefix: String| prefix.rsplit('/').nth(1).unwrap().to_owned();
    assert_ne!(
        last(owner(&a, "bc")),
        last(owner(&b, "c")),
        "each with its length before it"
    );
}

#[test]
fn a_signed_address_is_good_for_its_method_time_project_and_keys() {
    let (project, answer) = (project(), upload());
    let put = text(&answer, "signedUrl");
    let download = try_download("home", &json!({ "key": answer["key"] })).unwrap();
    assert_eq!(download["key"], answer["key"]);
    assert_eq!(download["expiresAt"], "2026-11-21T12:15:00.000Z");
    let get = text(&download, "signedUrl");
    let (last, late) = (NOON.plus_millis(899_999), NOON.plus_millis(900_000));
    let refused = Err(ApiError::AttachmentAddress);
    assert!(open_upload(&project, &put, last).is_ok());
    assert!(open_read(&project, &get, last).is_ok());
    assert_eq!(open_upload(&project, &put, late), refused);
    assert_eq!(open_read(&project, &get, late), refused);
    assert_eq!(open_read(&project, &put, NOON), refused, "another method");
    assert_eq!(open_upload(&project, &get, NOON), refused, "another method");
    assert_eq!(
        open_upload(&project, &text(&answer, "publicUrl"), NOON),
        refused
    );
    let unsigned = get.split('?').next().unwrap();
    assert_eq!(
        open_read(&project, unsigned, NOON),
        refused,
        "a key alone opens nothing"
    );

    let other_project = load(&[("PROJECT_ID", "proj_0other")]).unwrap();
    let other_key = load(&[("REFRESH_KEY", OTHER_REFRESH_KEY)]).unwrap();
    let rotated = [
        ("REFRESH_KEY", OTHER_REFRESH_KEY),
        ("REFRESH_KEY_PREVIOUS", REFRESH_KEY),
    ];
    assert_eq!(open_read(&other_project, &get, NOON), refused);
    assert_eq!(open_read(&other_key, &get, NOON), refused);
    assert!(open_read(&load(&rotated).unwrap(), &get, NOON).is_ok());
    assert!(
        open_read(&other_key, &text(&answer, "publicUrl"), NOON).is_ok(),
        "survives its keys"
    );
}

#[test]
fn every_altered_character_of_a_signed_address_is_refused() {
    let project = project();
    let put = text(&upload(), "signedUrl");
    let start = ISSUER.len() + PATH.len();
    for position in start..put.len() {
        for other in ["", "A", "0", "_", "-", "%", "=", "é"] {
            let mut altered = put.clone();
            altered.replace_range(position..=position, other);
            if altered != put {
                assert!(
                    open_upload(&project, &altered, NOON).is_err(),
                    "{position} {other}"
                );
            }
        }
    }
    for tail in ["A", "=", "&", "&x=1", "&expires=9999999999"] {
        assert!(
            open_upload(&project, &[&put, tail].concat(), NOON).is_err(),
            "{tail}"
        );
    }
}

#[test]
fn a_download_is_asked_for_by_the_owner_or_by_who_knows_the_public_address() {
    let answer = upload();
    let (key, public) = (text(&answer, "key"), text(&answer, "publicUrl"));
    assert_eq!(
        try_download("home", &json!({ "url": public })).unwrap()["key"],
        answer["key"]
    );
    assert!(
        try_download("elsewhere", &json!({ "url": public })).is_ok(),
        "after a claim"
    );
    let strangers = [
        json!({ "key": key.replace(PROJECT, "proj_0other") }),
        json!({ "key": format!("/{key}") }),
        json!({ "key": format!("{key}?x=1") }),
        json!({ "key": format!("{key}#x") }),
        json!({ "key": key.replace(".png", "") + ".p/../g" }),
        json!({ "key": key.replace("attachments/", "attachments/../attachments/") }),
        json!({ "key": key.to_uppercase() }),
        json!({ "key": "attachments/proj_0test/" }),
        json!({ "key": public }),
        json!({ "url": key }),
        json!({ "url": format!("{public}?x=1") }),
        json!({ "url": format!("{public}#x") }),
        json!({ "url": public.replace("cloud", "evil") }),
        json!({ "url": text(&answer, "signedUrl") }),
        json!({ "url": "https://evil.example/x.png" }),
    ];
    for body in strangers {
        assert_eq!(
            try_download("home", &body),
            Err(ApiError::AttachmentNotFound),
            "{body}"
        );
    }
    assert_eq!(
        try_download("elsewhere", &json!({ "key": key })),
        Err(ApiError::AttachmentNotFound)
    );
    for body in [
        json!({}),
        json!({ "key": key, "url": public }),
        json!({ "key": null }),
    ] {
        let wrong = schema("body: must have either key or url");
        assert_eq!(try_download("home", &body), Err(wrong), "{body}");
    }
    let wrong = schema("key: must be a string of 1 to 2048 characters");
    assert_eq!(try_download("home", &json!({ "key": 1 })), Err(wrong));
}

#[test]
fn no_key_is_in_the_debug_form() {
    let public = text(&upload(), "publicUrl");
    let secret = Secret::parse(project().id(), name_and_query(&public).0).unwrap();
    assert_eq!(format!("{secret:?}"), "Secret");
    let keys = format!("{:?}", project().address_keys());
    assert_eq!(keys, "AddressKeys { current: AddressKey, previous: None }");
}

proptest! {
    #[test]
    fn any_filename_is_answered_in_peace(filename in any::<String>(), random: u128) {
        let body = json!({ "filename": filename }).to_string().into_bytes();
        let (project, caller) = (project(), caller("home"));
        if let Ok(answer) = sign_upload(&project, &caller, &body, NOON, random) {
            let answer: Value = serde_json::from_str(&answer.body).unwrap();
            let key = Key::parse(project.id(), &text(&answer, "key")).unwrap();
            prop_assert!(key.belongs_to(project.id(), &caller.workspace));
            prop_assert_eq!(open_upload(&project, &text(&answer, "signedUrl"), NOON).unwrap(), key.clone());
            prop_assert_eq!(open_read(&project, &text(&answer, "publicUrl"), NOON).unwrap(), key);
        }
    }

    #[test]
    fn any_address_is_refused_in_peace(name in ".{0,120}", query in ".{0,120}", key in ".{0,120}") {
        let project = project();
        let keys = project.address_keys();
        prop_assert!(keys.open_upload(project.id(), &name, &query, NOON).is_err());
        prop_assert!(keys.open_read(project.id(), &name, &query, NOON).is_err());
        prop_assert_eq!(Key::parse(project.id(), &["attachments/proj_0test/", &key].concat()), None);
    }
}
