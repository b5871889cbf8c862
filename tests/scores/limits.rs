//! What a score may say.

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::score::NewScore;
use serde_json::{Value, json};

fn lines(body: &Value) -> Vec<String> {
    match NewScore::parse(body.to_string().as_bytes()) {
        Err(ApiError::Schema(lines)) => lines.iter().map(ToString::to_string).collect(),
        other => panic!("{body} {other:?}"),
    }
}

#[test]
fn every_refusal_has_the_hosted_services_words() {
    let with = |members: Value| {
        let mut body = json!({ "name": "q", "thread_id": "t" });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let numeric = "value is required for numeric scores";
    let boolean = "boolean scores require value to be true, false, 1, or 0";
    let categorical = "categorical scores cannot include value";
    for (members, line) in [
        (json!({ "data_type": "numeric" }), numeric),
        (json!({ "data_type": "numeric", "value": true }), numeric),
        (json!({ "data_type": "numeric", "value": "1" }), numeric),
        (json!({ "data_type": "boolean" }), boolean),
        (json!({ "data_type": "boolean", "value": 2 }), boolean),
        (json!({ "data_type": "boolean", "value": "true" }), boolean),
        (
            json!({ "data_type": "categorical" }),
            "string_value is required for categorical scores",
        ),
        (
            json!({ "data_type": "categorical", "value": 1, "string_value": "a" }),
            categorical,
        ),
        (
            json!({ "data_type": "numeric", "value": 1, "string_value": "a" }),
            "only categorical scores can include string_value",
        ),
    ] {
        assert_eq!(lines(&with(members)), [line]);
    }
    let exactly = "a score must target exactly one message, run, or thread";
    for (target, line) in [
        (
            json!({ "thread_id": null }),
            "a score must target a message, run, or thread",
        ),
        (json!({ "thread_id": null, "message_id": "m" }), exactly),
        (json!({ "run_id": "r" }), exactly),
        (json!({ "message_id": "m", "run_id": "r" }), exactly),
    ] {
        let mut body = with(target);
        body["data_type"] = json!("numeric");
        body["value"] = json!(1);
        assert_eq!(lines(&body), [line]);
    }
    let both = lines(&json!({ "name": "q", "data_type": "numeric" }));
    assert_eq!(both.len(), 2, "all is said at once: {both:?}");
}

#[test]
fn limits_are_the_contracts() {
    for (name, kept, broken) in [
        ("name", json!("A-z_0.9"), json!("a b")),
        ("name", json!("n".repeat(64)), json!("n".repeat(65))),
        ("name", json!("n"), json!("ä")),
        ("name", json!("n"), Value::Null),
        ("data_type", json!("categorical"), json!("text")),
        ("data_type", json!("categorical"), Value::Null),
        (
            "string_value",
            json!("😀".repeat(255)),
            json!("x".repeat(256)),
        ),
        (
            "comment",
            json!("😀".repeat(2_000)),
            json!("x".repeat(2_001)),
        ),
        ("comment", Value::Null, json!("")),
        ("thread_id", json!("t".repeat(48)), json!("t".repeat(49))),
        ("message_id", json!("t".repeat(48)), json!("t".repeat(49))),
    ] {
        let mut body = json!({
            "name": "q", "data_type": "categorical", "string_value": "a", "thread_id": "t",
        });
        body[name] = kept;
        assert!(
            NewScore::parse(body.to_string().as_bytes()).is_ok(),
            "{name}"
        );
        body[name] = broken;
        assert!(lines(&body)[0].starts_with(name));
    }
}
