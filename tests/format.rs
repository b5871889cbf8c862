//! Message contents between formats. The cases are in `tests/format/`: what is stored, and what it becomes.
#![cfg(not(target_arch = "wasm32"))]

#[path = "format/any.rs"]
mod any;

use std::borrow::Cow;
use std::time::{Duration, Instant};

use assistant_cloud_edge::format::{
    AI_SDK_V5, AI_SDK_V6, AUI_V0, ConversionError, convert, recognize,
};
use assistant_cloud_edge::json::JsonText;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

fn text(content: &RawValue) -> JsonText<'_> {
    JsonText::parse(content.get()).expect("JSON")
}

/// The content of a row that is converted, and so is written anew.
fn converted(stored: &str, requested: &str, content: &RawValue) -> Box<RawValue> {
    let conversion = convert(stored, requested, text(content)).expect("a conversion");
    assert_eq!(conversion.format, requested);
    match conversion.content {
        Cow::Owned(content) => raw(&content),
        Cow::Borrowed(_) => panic!("{} is not written anew", content.get()),
    }
}

fn cases<'a, Case: Deserialize<'a>>(text: &'a str) -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(text).expect("cases");
    assert!(cases.len() > 5);
    cases
}

/// Compares JSON by its text but for the order of members and the space between, so that numbers count as they
/// are written.
fn assert_json(found: &RawValue, expected: &RawValue, name: &str) {
    assert_eq!(canonical(found), canonical(expected), "{name}");
}

fn canonical(value: &RawValue) -> String {
    use std::collections::BTreeMap;
    let text = value.get();
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        let members = members
            .iter()
            .map(|(name, value)| format!("{name:?}:{}", canonical(value)));
        return format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    }
    if let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(text) {
        let values = values.iter().map(|value| canonical(value));
        return format!("[{}]", values.collect::<Vec<_>>().join(","));
    }
    text.to_owned()
}

fn assistant() -> String {
    "assistant".to_owned()
}

#[derive(Deserialize)]
struct PartCase<'a> {
    name: &'a str,
    #[serde(default = "assistant")]
    role: String,
    #[serde(borrow)]
    part: &'a RawValue,
    becomes: &'a RawValue,
}

#[test]
fn every_part_becomes_its_counterpart_or_data() {
    for case in cases::<PartCase<'_>>(include_str!("format/parts.json")) {
        let (role, part, becomes) = (&case.role, case.part, case.becomes);
        let content = raw(&format!(r#"{{"role":"{role}","content":[{part}]}}"#));
        let expected = raw(&format!(r#"{{"role":"{role}","parts":{becomes}}}"#));
        for requested in [AI_SDK_V5, AI_SDK_V6] {
            assert_json(
                &converted(AUI_V0, requested, &content),
                &expected,
                case.name,
            );
        }
    }
}

#[derive(Deserialize)]
struct ToolCallCase<'a> {
    name: &'a str,
    call: Map<String, Value>,
    becomes: Map<String, Value>,
    becomes_v5: Option<Map<String, Value>>,
}

#[test]
fn a_tool_call_gets_the_state_that_it_is_in() {
    for case in cases::<ToolCallCase<'_>>(include_str!("format/tool_calls.json")) {
        let mut call = case.call;
        call.extend([
            ("type".to_owned(), json!("tool-call")),
            ("toolCallId".to_owned(), json!("call_1")),
            ("toolName".to_owned(), json!("get-weather")),
        ]);
        let content = json!({ "role": "assistant", "content": [call] });
        let content = to_raw_value(&content).expect("JSON");
        let v5 = case.becomes_v5.unwrap_or_else(|| case.becomes.clone());
        for (requested, mut part) in [(AI_SDK_V6, case.becomes), (AI_SDK_V5, v5)] {
            part.insert("type".to_owned(), json!("tool-get-weather"));
            part.insert("toolCallId".to_owned(), json!("call_1"));
            let expected = json!({ "role": "assistant", "parts": [part] });
            let expected = to_raw_value(&expected).expect("JSON");
            assert_json(
                &converted(AUI_V0, requested, &content),
                &expected,
                case.name,
            );
        }
    }
}

#[derive(Deserialize)]
struct MessageCase<'a> {
    name: &'a str,
    #[serde(borrow)]
    content: &'a RawValue,
    v6: &'a RawValue,
    v5: Option<&'a RawValue>,
}

#[test]
fn a_message_keeps_its_attachments_its_steps_and_its_metadata() {
    for case in cases::<MessageCase<'_>>(include_str!("format/messages.json")) {
        let v5 = case.v5.unwrap_or(case.v6);
        for (requested, expected) in [(AI_SDK_V6, case.v6), (AI_SDK_V5, v5)] {
            assert_json(
                &converted(AUI_V0, requested, case.content),
                expected,
                case.name,
            );
        }
    }
}

#[derive(Deserialize)]
struct UpgradeCase<'a> {
    name: &'a str,
    #[serde(borrow)]
    content: &'a RawValue,
    becomes: Option<&'a RawValue>,
}

#[test]
fn version_5_in_order_is_version_6_and_the_rest_is_put_in_order() {
    for case in cases::<UpgradeCase<'_>>(include_str!("format/upgrades.json")) {
        let Some(expected) = case.becomes else {
            let conversion =
                convert(AI_SDK_V5, AI_SDK_V6, text(case.content)).expect("a conversion");
            assert_eq!(conversion.format, AI_SDK_V6);
            assert!(
                matches!(conversion.content, Cow::Borrowed(_)),
                "{}",
                case.name
            );
            continue;
        };
        assert_json(
            &converted(AI_SDK_V5, AI_SDK_V6, case.content),
            expected,
            case.name,
        );
    }
}

#[test]
fn a_row_that_came_back_in_another_format_than_its_name_says_is_read_as_what_it_is() {
    let content = raw(r#"{"role":"user","parts":[{"type":"text","text":"Hi"}]}"#);
    for requested in [AI_SDK_V5, AI_SDK_V6] {
        let conversion = convert(AUI_V0, requested, text(&content)).expect("a conversion");
        assert_eq!(conversion.format, requested);
        assert!(matches!(conversion.content, Cow::Borrowed(_)));
    }
}

#[test]
fn a_row_that_comes_back_in_another_format_is_recognized() {
    let message = |parts: &str| format!(r#"{{"role":"assistant","parts":{parts}}}"#);
    let text = message(r#"[{"type":"text","text":"Hi"}]"#);
    let approved = message(
        r#"[5,{"type":"tool-a","toolCallId":"c","state":"approval-requested","input":{},"approval":{"id":"a"}}]"#,
    );
    for (stored, content, is_now) in [
        (AUI_V0, text.as_str(), AI_SDK_V5),
        (AUI_V0, &approved, AI_SDK_V6),
        (AI_SDK_V5, &text, AI_SDK_V5),
        (AI_SDK_V5, &approved, AI_SDK_V6),
        (AI_SDK_V6, &text, AI_SDK_V6),
        ("own/v1", &approved, "own/v1"),
        (AUI_V0, r#"{"role":"user","content":[]}"#, AUI_V0),
        (AUI_V0, r#"{"role":"user","content":[],"parts":[]}"#, AUI_V0),
        (AUI_V0, r#"{"parts":{}}"#, AUI_V0),
        (AI_SDK_V5, r#"{"role":"user","content":[]}"#, AI_SDK_V5),
        (AI_SDK_V5, "{}", AI_SDK_V5),
    ] {
        assert_eq!(recognize(stored, content), is_now, "{stored} {content}");
    }
}

#[test]
fn any_other_pair_of_formats_leaves_the_row_alone() {
    let content = raw(r#"{"not":"a message"}"#);
    for (stored, requested) in [
        (AUI_V0, AUI_V0),
        (AUI_V0, "aui/v1"),
        (AI_SDK_V5, AUI_V0),
        (AI_SDK_V5, AI_SDK_V5),
        (AI_SDK_V6, AI_SDK_V6),
        (AI_SDK_V6, AI_SDK_V5),
        (AI_SDK_V6, AUI_V0),
        ("own/v1", AI_SDK_V6),
        ("AUI/v0", AI_SDK_V6),
    ] {
        let conversion = convert(stored, requested, text(&content)).expect("the row");
        assert_eq!(conversion.format, stored);
        let Cow::Borrowed(kept) = conversion.content else {
            panic!("{stored} for {requested} is copied");
        };
        assert!(std::ptr::eq(kept, content.get()));
    }
}

#[test]
fn a_row_that_is_no_message_is_refused() {
    for (content, error) in [
        ("[]", ConversionError::Malformed),
        ("null", ConversionError::Malformed),
        (r#"{"\ud800":1}"#, ConversionError::Malformed),
        ("{}", ConversionError::Role),
        (
            r#"{"role":"tool","content":[],"parts":[]}"#,
            ConversionError::Role,
        ),
        (
            r#"{"role":["user"],"content":[],"parts":[]}"#,
            ConversionError::Role,
        ),
        (r#"{"role":"user"}"#, ConversionError::Parts),
        (
            r#"{"role":"user","content":"Hi","parts":"Hi"}"#,
            ConversionError::Parts,
        ),
        (
            r#"{"role":"user","content":{},"parts":null}"#,
            ConversionError::Parts,
        ),
    ] {
        let content = raw(content);
        for (stored, requested) in CONVERSIONS {
            let refusal = convert(stored, requested, text(&content)).map(|_| ());
            assert_eq!(refusal, Err(error), "{content}");
        }
    }
}

#[test]
fn what_is_only_passed_on_may_be_deep() {
    let (open, close) = ("[".repeat(200_000), "]".repeat(200_000));
    let content = raw(&format!(
        r#"{{"role":"assistant","content":[{{"type":"data","name":"deep","data":{open}{close}}}]}}"#
    ));
    let text = converted(AUI_V0, AI_SDK_V6, &content);
    assert!(text.get().contains(&open) && text.get().contains(&close));
}

#[test]
fn errors_are_told_without_the_content() {
    assert_eq!(
        ConversionError::Role.to_string(),
        "message content has no known role"
    );
}

#[test]
fn an_attachments_name_makes_no_long_answer_of_a_short_row() {
    let row = |parts: usize, name: &str, kind: &str| {
        let attachment = json!({
            "name": name,
            "contentType": kind,
            "content": vec![json!({ "type": "image", "image": "x" }); parts],
        });
        raw(&json!({ "role": "user", "content": [], "attachments": [attachment] }).to_string())
    };
    let (long, escaped) = ("n".repeat(100_000), "\u{1}".repeat(100_000));
    let long_kind = ["image/", &long].concat();
    for (name, kind) in [(long.as_str(), ""), (&escaped, ""), ("n", &long_kind)] {
        let row = row(3_000, name, kind);
        let answer = converted(AUI_V0, AI_SDK_V6, &row);
        let most = row.get().len() * 4 + 50_000;
        assert!(answer.get().len() < most, "{} > {most}", answer.get().len());
        let answer: Value = serde_json::from_str(answer.get()).expect("JSON");
        assert_eq!(answer["parts"].as_array().map(Vec::len), Some(3_000));
    }
    // What anybody's files are called stands in every part, as many as there are.
    let name = "x".repeat(255);
    let answer = converted(AUI_V0, AI_SDK_V6, &row(50, &name, "image/svg+xml"));
    let answer: Value = serde_json::from_str(answer.get()).expect("JSON");
    for part in answer["parts"].as_array().expect("parts") {
        assert_eq!(
            (&part["filename"], &part["mediaType"]),
            (&json!(name), &json!("image/svg+xml"))
        );
    }
}

/// The shortest of some runs, interleaved, of a row and of one that is eight times as long.
fn times(row: impl Fn(usize) -> Box<RawValue>) -> [Duration; 2] {
    let rows = [row(5_000), row(40_000)];
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..5 {
        for (row, shortest) in rows.iter().zip(&mut shortest) {
            let start = Instant::now();
            converted(AUI_V0, AI_SDK_V6, row);
            *shortest = start.elapsed().min(*shortest);
        }
    }
    shortest
}

#[test]
fn a_row_takes_as_long_as_it_is_however_many_names_are_in_it() {
    let custom = times(|count| {
        let names: Vec<_> = (0..count).map(|n| format!(r#""{n:05}":0"#)).collect();
        let names = names.join(",");
        raw(&format!(
            r#"{{"role":"user","content":[],"metadata":{{"custom":{{{names}}}}}}}"#
        ))
    });
    let calls = times(|count| {
        let call = |n| {
            format!(r#"{{"type":"tool-call","toolCallId":"{n:05}","toolName":"t","artifact":0}}"#)
        };
        let calls: Vec<_> = (0..count).map(call).collect();
        raw(&format!(
            r#"{{"role":"assistant","content":[{}]}}"#,
            calls.join(",")
        ))
    });
    for [short, long] in [custom, calls] {
        let most = short * 20;
        assert!(
            long < most,
            "{short:?} and, of eight times as many, {long:?}"
        );
    }
}

#[test]
fn the_last_of_two_calls_of_one_id_counts() {
    let call = |artifact: u32| json!({ "type": "tool-call", "toolCallId": "a", "toolName": "t", "artifact": artifact });
    let row = json!({ "role": "assistant", "content": [call(1), call(2)] }).to_string();
    let answer = converted(AUI_V0, AI_SDK_V6, &raw(&row));
    let answer: Value = serde_json::from_str(answer.get()).expect("JSON");
    assert_eq!(answer["metadata"]["__aui_toolArtifacts"], json!({ "a": 2 }));
}

const CONVERSIONS: [(&str, &str); 3] = [
    (AUI_V0, AI_SDK_V6),
    (AUI_V0, AI_SDK_V5),
    (AI_SDK_V5, AI_SDK_V6),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_comes_out_is_a_message_whatever_goes_in(
        content in any::content(),
    ) {
        let content = to_raw_value(&content).expect("JSON");
        for (stored, requested) in CONVERSIONS {
            let Ok(conversion) = convert(stored, requested, text(&content)) else {
                continue;
            };
            let now = recognize(stored, &conversion.content);
            prop_assert!(now == requested || now == AI_SDK_V5, "{now} for {requested}");
            prop_assert_eq!(conversion.format, requested);
            let message: Map<String, Value> = serde_json::from_str(&conversion.content).expect("an object");
            prop_assert!(matches!(message["role"].as_str(), Some("user" | "assistant" | "system")));
            let parts = message["parts"].as_array().expect("parts");
            prop_assert!(parts.iter().all(|part| part["type"].is_string()));
            prop_assert!(message["role"] == "assistant" || !parts.is_empty());
            prop_assert!(!message.contains_key("id"));
        }
    }
}
