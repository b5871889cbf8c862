//! Attachments to come: what may be announced, and what of a name is kept.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::attachment::{MAX_BYTES, sign_upload};
use assistant_cloud_edge::caller::Caller;
use assistant_cloud_edge::id::{UserId, WorkspaceId};
use fixture::{NOON, project};
use serde_json::{Value, json};

fn try_upload(body: &Value) -> Result<Value, ApiError> {
    let caller = Caller {
        user: UserId::parse("ada").unwrap(),
        workspace: WorkspaceId::parse("home").unwrap(),
    };
    let body = body.to_string().into_bytes();
    let answer = sign_upload(&project(), &caller, &body, NOON, 42)?;
    Ok(serde_json::from_str(&answer.body).unwrap())
}

#[test]
fn an_upload_says_what_it_is() {
    let long = ["x".repeat(252), ".png".to_owned()].concat();
    let filename = "filename: must be a string of 1 to 255 characters";
    let length = "content_length: must be a whole number from 0 to 26214400";
    let wrong = [
        (json!({}), "filename: is required"),
        (json!({ "filename": "" }), filename),
        (json!({ "filename": 1 }), filename),
        (json!({ "filename": long }), filename),
        (
            json!({ "filename": "a.png/../b" }),
            "filename: must have no path separator in its extension",
        ),
        (
            json!({ "filename": "a.b\\c" }),
            "filename: must have no path separator in its extension",
        ),
        (
            json!({ "filename": "a.png", "content_type": "text/html" }),
            "content_type: must be a supported type",
        ),
        (
            json!({ "filename": "a.png", "content_type": "" }),
            "content_type: must be a string of 1 to 255 characters",
        ),
        (
            json!({ "filename": "a.png", "content_length": MAX_BYTES + 1 }),
            length,
        ),
        (json!({ "filename": "a.png", "content_length": -1 }), length),
        (
            json!({ "filename": "a.png", "content_length": 1.5 }),
            length,
        ),
    ];
    for (body, line) in wrong {
        assert_eq!(try_upload(&body), Err(ApiError::schema(line)), "{body}");
    }
    assert_eq!(
        try_upload(&json!([])),
        Err(ApiError::schema("body: must be an object"))
    );
}

#[test]
fn a_key_keeps_an_extension_that_is_plain() {
    let cases = [
        (json!({ "filename": "Photo.PNG" }), ".png"),
        (
            json!({ "filename": "archive.tar.gz", "content_length": MAX_BYTES }),
            ".gz",
        ),
        (
            json!({ "filename": "folder/photo" , "content_type": null }),
            "",
        ),
        (
            json!({ "filename": "photo", "content_type": "image/jpeg; q=1" }),
            ".jpg",
        ),
        (
            json!({ "filename": "photo.", "content_type": "IMAGE/PNG" }),
            ".png",
        ),
        (
            json!({ "filename": "photo.png", "content_type": "application/pdf" }),
            ".png",
        ),
        (json!({ "filename": "notes.привет" }), ""),
        (json!({ "filename": "a.p?g" }), ""),
        (json!({ "filename": "a.abcdefghijklmnopq" }), ""),
    ];
    for (body, wanted) in cases {
        let upload = try_upload(&body).unwrap();
        let key = upload["key"].as_str().unwrap();
        assert_eq!(&key[key.find('.').unwrap_or(key.len())..], wanted, "{body}");
    }
}
