//! Titles on the wire: what a client asks, and what a model is asked.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::title::{Model, Opening, TitleRequest, check_accept};
use fixture::{load, mistake};
use serde_json::{Value, json};

fn body(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body = json!({
        "thread_id": "thread_0a",
        "assistant_id": "system/thread_title",
        "messages": [
            { "role": "system", "content": [{ "type": "text", "text": "Be kind." }] },
            {
                "id": "m1", "role": "user", "createdAt": "2026-11-21T12:00:00.000Z",
                "content": [{ "type": "text", "text": " Plan a trip " }, { "type": "image", "image": "data:" }],
                "attachments": [{ "id": "f", "type": "document", "name": "map.pdf" }],
                "metadata": { "custom": {} }, "status": null,
            },
            { "role": "assistant", "content": [{ "type": "tool-call", "args": {} }, { "type": "text", "text": "Sure" }] },
            { "role": "user", "content": [{ "type": "text", "text": "later" }] },
        ],
    });
    change(&mut body);
    body.to_string().into_bytes()
}

#[test]
fn a_request_of_the_official_client_is_read() {
    let request = TitleRequest::parse(&body(|_| {})).unwrap();
    assert_eq!(request.thread_id, "thread_0a");
    let wanted = Opening {
        text: "Plan a trip".to_owned(),
        attachment: Some("map.pdf".to_owned()),
        reply: "Sure".to_owned(),
    };
    assert_eq!(request.opening, wanted);
}

#[test]
fn a_request_is_told_what_is_wrong_with_it() {
    type Change = fn(&mut Value);
    let cases: [(Change, &[&str]); 9] = [
        (
            |b| b["thread_id"] = json!(""),
            &["thread_id: must be a string of 1 to 255 characters"],
        ),
        (
            |b| b["messages"] = json!("hi"),
            &["messages: must be an array of 1 to 1000 messages"],
        ),
        (
            |b| b["messages"] = json!([]),
            &["messages: must be an array of 1 to 1000 messages"],
        ),
        (
            |b| b["messages"] = json!(vec![json!({}); 1001]),
            &["messages: must be an array of 1 to 1000 messages"],
        ),
        (
            |b| b["messages"] = json!([1]),
            &["messages.0: must be an object"],
        ),
        (
            |b| b["messages"][1]["role"] = json!("tool"),
            &["messages.1.role: must be system, user or assistant"],
        ),
        (
            |b| b["messages"][3]["content"] = json!("hi"),
            &["messages.3.content: must be an array of at most 1000 parts"],
        ),
        (
            |b| b["messages"][0]["content"] = json!([{ "type": 1 }]),
            &["messages.0.content: must have a type in every part"],
        ),
        (
            |b| *b = json!({}),
            &[
                "assistant_id: is required",
                "thread_id: is required",
                "messages: is required",
            ],
        ),
    ];
    for (change, lines) in cases {
        let lines = lines.iter().map(|&line| line.into()).collect();
        assert_eq!(
            TitleRequest::parse(&body(change)),
            Err(ApiError::Schema(lines))
        );
    }
    let other = body(|b| b["assistant_id"] = json!("asst_1"));
    assert_eq!(
        TitleRequest::parse(&other),
        Err(ApiError::AssistantNotFound)
    );
    assert_eq!(TitleRequest::parse(b"{"), Err(ApiError::MalformedJson));
    let crowd = body(|b| b["messages"] = json!(vec![json!(1); 1000]));
    let Err(ApiError::Schema(lines)) = TitleRequest::parse(&crowd) else {
        panic!("it is wrong")
    };
    assert_eq!(lines.len(), 20);
}

#[test]
fn an_accept_header_asks_for_text() {
    for fine in [
        None,
        Some("text/plain"),
        Some("text/event-stream"),
        Some("*/*"),
        Some("application/json, Text/Plain;q=0.5"),
    ] {
        assert_eq!(check_accept(fine), Ok(()), "{fine:?}");
    }
    for wrong in ["", "application/json", "text/html"] {
        assert_eq!(
            check_accept(Some(wrong)),
            Err(ApiError::ResponseFormat),
            "{wrong}"
        );
    }
}

#[test]
fn a_model_is_configured() {
    assert!(matches!(
        load(&[]).unwrap().title_model(),
        Model::Workers { name: None }
    ));
    let named = load(&[("TITLE_MODEL", "@cf/x/y")]).unwrap();
    assert!(
        matches!(named.title_model(), Model::Workers { name: Some(name) } if name == "@cf/x/y")
    );
    for base in [
        "https://api.example.com/v1",
        "https://api.example.com/v1/",
        "https://api.example.com/v1/chat/completions",
    ] {
        let project = load(&[
            ("TITLE_MODEL", "m"),
            ("TITLE_MODEL_URL", base),
            ("TITLE_MODEL_KEY", "sk-secret"),
        ])
        .unwrap();
        let Model::Compatible { url, name, key } = project.title_model() else {
            panic!("{base}")
        };
        assert_eq!(url, "https://api.example.com/v1/chat/completions");
        assert_eq!(name, "m");
        assert_eq!(
            key.as_ref().unwrap().to_header().as_str(),
            "Bearer sk-secret"
        );
        assert!(!format!("{project:?}").contains("sk-secret"));
    }
    assert!(
        load(&[
            ("TITLE_MODEL", "m"),
            ("TITLE_MODEL_URL", "http://127.0.0.1:11434/v1")
        ])
        .is_ok()
    );
}

#[test]
fn a_model_that_is_configured_wrong_is_named_and_not_shown() {
    let url = ("TITLE_MODEL_URL", "https://api.example.com/v1");
    let cases = [
        ("TITLE_MODEL", vec![url]),
        ("TITLE_MODEL_KEY", vec![("TITLE_MODEL_KEY", "sk-secret")]),
        (
            "TITLE_MODEL_KEY",
            vec![
                url,
                ("TITLE_MODEL", "m"),
                ("TITLE_MODEL_KEY", "sk-sec\nret"),
            ],
        ),
        (
            "TITLE_MODEL_URL",
            vec![
                ("TITLE_MODEL", "m"),
                ("TITLE_MODEL_URL", "http://api.example.com/v1"),
            ],
        ),
        (
            "TITLE_MODEL_URL",
            vec![("TITLE_MODEL", "m"), ("TITLE_MODEL_URL", "api.example.com")],
        ),
        (
            "TITLE_MODEL_URL",
            vec![
                ("TITLE_MODEL", "m"),
                ("TITLE_MODEL_URL", "https://user@api.example.com"),
            ],
        ),
        (
            "TITLE_MODEL_URL",
            vec![
                ("TITLE_MODEL", "m"),
                ("TITLE_MODEL_URL", "https://api.example.com/?key=1"),
            ],
        ),
    ];
    for (variable, changes) in cases {
        let error = mistake(&changes);
        assert_eq!(error.variable, variable);
        assert!(!error.reason.contains("sk-sec"));
    }
}

#[test]
fn a_model_is_asked_with_what_it_needs() {
    let project = load(&[
        ("TITLE_MODEL", "m"),
        ("TITLE_MODEL_URL", "https://api.example.com/v1"),
    ])
    .unwrap();
    let asked = Opening {
        text: "x".repeat(3_000),
        attachment: Some("map.pdf".to_owned()),
        reply: "Sure".to_owned(),
    };
    let question: Value = serde_json::from_str(&project.title_model().ask(&asked)).unwrap();
    assert_eq!(question["model"], "m");
    assert_eq!(question["stream"], true);
    assert_eq!(question.get("max_tokens"), None);
    assert_eq!(question["messages"][0]["role"], "system");
    let message = question["messages"][1]["content"].as_str().unwrap();
    assert_eq!(message.matches('x').count(), 2_000);
    assert!(message.ends_with("[Attached file: map.pdf]\n\n[Reply]\nSure"));
    let workers: Value = serde_json::from_str(&Model::Workers { name: None }.ask(&asked)).unwrap();
    assert_eq!(workers["max_tokens"], 256);
    assert_eq!(workers.get("model"), None, "the binding takes it by itself");
}
