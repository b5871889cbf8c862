//! What a report may say.

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::run::RunReport;
use serde_json::{Value, json};

use super::parse;

/// The longest that is allowed, and one more. A character of four bytes counts once.
#[test]
fn limits_are_the_contracts() {
    let text = |count| json!("😀".repeat(count));
    let many = |count, item: Value| json!(vec![item; count]);
    let call = |name: &str, value: Value| json!([{ "tool_name": "t", name: value }]);
    let step = |name: &str, value: Value| json!([{ name: value }]);
    let sampling = |count, name: &str, value: &Value| {
        call("sampling_calls", json!(vec![json!({ name: value }); count]))
    };
    #[rustfmt::skip]
    let limits = [
        ("message_id", text(48), text(49)),
        ("trace_id", text(48), text(49)),
        ("root_span_id", json!("0".repeat(16)), json!("0".repeat(15))),
        ("root_span_id", json!("f".repeat(16)), json!("F".repeat(16))),
        ("status", json!("error"), json!("running")),
        ("outcome_type", json!("content_filter"), json!("other")),
        ("error_code", text(64), text(65)),
        ("error", text(2_048), text(2_049)),
        ("error", text(1), text(0)),
        ("environment", text(64), text(65)),
        ("release", text(255), text(256)),
        ("model_id", text(255), text(256)),
        ("provider", text(255), json!("")),
        ("provider_type", text(255), text(256)),
        ("input_tokens", json!(100_000_000), json!(100_000_001)),
        ("output_tokens", json!(0), json!(-1)),
        ("reasoning_tokens", json!(0), json!(0.5)),
        ("cached_input_tokens", json!(0), json!("0")),
        ("total_steps", json!(0), json!(-1)),
        ("duration_ms", json!(9_007_199_254_740_991_i64), json!(9_007_199_254_740_992_i64)),
        ("first_token_ms", json!(0), json!(true)),
        ("cost_usd", json!(0), json!(-0.1)),
        ("cost_details", json!({ "output": 0 }), json!({ "output": -1 })),
        ("cost_details", json!({ "total": null }), json!({ "total": "1" })),
        ("output_text", text(0), json!(1)),
        ("output_text", text(50_000), text(50_001)),
        ("output_text", json!("\n\u{1}".repeat(25_000)), json!("\n".repeat(50_001))),
        ("metadata", json!({}), json!([])),
        ("attributes", json!({}), json!("x")),
        ("tags", many(30, json!("same")), json!(('a'..='u').collect::<Vec<_>>())),
        ("tags", many(1, text(64)), many(1, text(65))),
        ("tags", json!([]), json!([" "])),
        ("steps", many(1_000, json!({})), many(1_001, json!({}))),
        ("steps", step("finish_reason", text(32)), step("finish_reason", text(33))),
        ("steps", step("input", text(50_000)), step("input", text(50_001))),
        ("steps", step("tool_calls", json!([])), step("tool_calls", json!([{}]))),
        ("steps", step("start_ms", json!(0)), step("start_ms", json!(0.5))),
        ("tool_calls", call("tool_call_id", text(255)), call("tool_call_id", text(0))),
        ("tool_calls", call("tool_name", text(255)), call("tool_name", text(256))),
        ("tool_calls", call("tool_args", text(50_000)), call("tool_args", json!({}))),
        ("tool_calls", call("tool_result", text(0)), call("tool_result", text(50_001))),
        ("tool_calls", call("tool_source", json!("backend")), call("tool_source", json!("x"))),
        ("tool_calls", call("end_ms", json!(0)), call("end_ms", json!(-1))),
        ("tool_calls", many(0, json!({})), many(1, json!([]))),
        ("tool_calls", sampling(1_000, "model_id", &text(255)), sampling(1_001, "model_id", &text(1))),
        ("tool_calls", sampling(1, "model_id", &text(0)), sampling(1, "model_id", &text(256))),
        ("tool_calls", sampling(1, "input_tokens", &json!(null)), sampling(1, "duration_ms", &json!(-1))),
    ];
    for (name, kept, broken) in limits {
        let mut body = json!({ "thread_id": "t", "status": "completed" });
        body[name] = kept;
        assert!(parse(&body).is_ok(), "{name} {:?}", parse(&body));
        body[name] = broken;
        let Err(ApiError::Schema(lines)) = parse(&body) else {
            panic!("{name} over its limit is refused");
        };
        assert!(lines[0].starts_with(name), "{lines:?}");
    }
    let nested = json!({
        "thread_id": "t", "status": "error",
        "steps": [{}, { "tool_calls": [{ "tool_name": "t", "sampling_calls": [{ "input_tokens": -1 }] }] }],
    });
    let line = "steps[1].tool_calls[0].sampling_calls[0].input_tokens: \
        must be a whole number from 0 to 100000000";
    assert_eq!(parse(&nested).unwrap_err(), ApiError::schema(line));
    let lines = vec![
        "thread_id: is required".into(),
        "status: is required".into(),
    ];
    assert_eq!(parse(&json!({})).unwrap_err(), ApiError::Schema(lines));
}

#[test]
fn attributes_have_a_limit_of_their_own() {
    let body = |bytes: usize| {
        json!({ "thread_id": "t", "status": "error", "metadata": { "a": "x".repeat(5_000) },
            "b": "x".repeat(5_000), "attributes": { "c": "x".repeat(bytes) } })
    };
    let around = r#"{"a":"","b":"","c":""}"#.len() + 10_000;
    assert!(parse(&body(16_384 - around)).is_ok());
    let error = parse(&body(16_385 - around)).unwrap_err();
    assert_eq!(error, ApiError::AttributesTooLarge);
    assert_eq!(error.status(), 400);
    assert_eq!(error.code(), "attributes must not exceed 16384 bytes");
}

#[test]
fn a_cut_surrogate_pair_is_no_reason_to_refuse() {
    let body = br#"{"thread_id":"t","status":"error","error":"\ud83d","output_text":"a\ud83d",
        "metadata":{"text":"\ud83d"}}"#;
    let report = RunReport::parse(body).unwrap();
    assert_eq!(report.detail.get("error").unwrap().get(), r#""\ud83d""#);
}
