//! How the reports of one trace become one run.

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::json;
use assistant_cloud_edge::run::RunReport;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::{Database, NOON};
use super::{Desk, TRACE, parse};

#[test]
fn a_second_report_of_a_trace_joins_the_first() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let thread = desk.thread.clone();
    let message = desk.message(&thread);
    let first = desk
        .report(json!({
            "trace_id": TRACE, "model_id": "first", "tags": ["a"], "attributes": { "a": 1 },
            "outcome_type": "length",
        }))
        .unwrap();
    let second = desk
        .report(json!({
            "trace_id": TRACE, "model_id": "second", "tags": ["b"], "attributes": { "a": 2, "b": 2 },
            "outcome_type": "timeout", "message_id": message, "release": "2", "output_text": "late",
        }))
        .unwrap();
    assert_eq!(first, second);
    let run = desk.run(&first);
    assert_eq!(run["model_id"], "first");
    assert_eq!(run["release"], "2");
    assert_eq!(run["message_id"], json!(message));
    assert_eq!(run["tags"], json!(["b"]));
    assert_eq!(run["attributes"], json!({ "a": 1, "b": 2 }));
    assert_eq!(run["outcome_type"], "length");
    assert_eq!(run["output_text"], "late");
    assert_eq!(run["created_at"], "2026-11-21T12:00:00.003Z");
    assert_eq!(run["updated_at"], "2026-11-21T12:00:00.004Z");
    desk.report(json!({ "trace_id": TRACE, "outcome_type": "aborted" }))
        .unwrap();
    let run = desk.run(&first);
    assert_eq!(run["outcome_type"], "aborted");
    assert_eq!(run["tags"], json!(["b"]), "none leaves them");
    let full = json!({ "trace_id": TRACE, "attributes": { "c": "x".repeat(16_370) } });
    assert_eq!(desk.report(full), Err(ApiError::AttributesTooLarge));
    assert_eq!(desk.ids(""), [first]);
}

#[test]
fn a_message_of_another_thread_joins_no_run() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let first = desk.report(json!({ "trace_id": TRACE })).unwrap();
    let other = desk
        .room
        .create_thread(&json!({ "last_message_at": NOON.to_iso() }));
    let message = desk.message(&other);
    desk.report(json!({ "trace_id": TRACE, "thread_id": other, "message_id": message }))
        .unwrap();
    let run = desk.run(&first);
    assert_eq!(run["thread_id"], json!(desk.thread));
    assert_eq!(run["message_id"], Value::Null);
}

#[test]
fn only_a_trace_of_32_lower_case_digits_is_one() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let upper = TRACE.to_uppercase();
    let dashed = format!("{}-", &TRACE[1..]);
    for id in [&upper, &dashed, &TRACE[1..]] {
        let first = desk.report(json!({ "trace_id": id })).unwrap();
        let second = desk.report(json!({ "trace_id": id })).unwrap();
        assert_ne!(first, second, "{id}");
    }
    assert_eq!(desk.list("").len(), 6);
}

#[test]
fn two_reports_together_have_a_limit_too() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let long = "x".repeat(45_000);
    let steps = json!(vec![json!({ "input": long }); 20]);
    let call = json!({ "tool_name": "t", "tool_args": long });
    desk.report(json!({ "trace_id": TRACE, "steps": steps }))
        .unwrap();
    let calls = json!({ "trace_id": TRACE, "tool_calls": vec![call; 20] });
    assert_eq!(desk.report(calls), Err(ApiError::BodyTooLarge));
}

prop_compose! {
    fn members()(
        model in prop::option::of("[a-z]{1,4}"),
        outcome in prop::option::of(prop::sample::select(vec!["aborted", "length", "timeout"])),
        tags in prop::collection::vec("[a-z]{1,3}", 0..4),
        attributes in prop::collection::btree_map("[a-c]", 0..9, 0..4),
        tokens in prop::option::of(0..9),
        text in prop::option::of(".{0,9}"),
    ) -> Value {
        json!({
            "thread_id": "t", "status": "completed", "model_id": model, "outcome_type": outcome,
            "tags": tags, "attributes": attributes, "input_tokens": tokens, "output_text": text,
        })
    }
}

fn flat(report: &RunReport) -> String {
    let members = [&report.summary, &report.detail].map(|members| json::write(members));
    let members = members.map(|text| serde_json::from_str::<Value>(&text).unwrap());
    serde_json::to_string(&(members, &report.message_id, &report.thread_id)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A report that is sent again, because its answer was lost, changes nothing: neither alone nor after
    /// another one.
    #[test]
    fn a_repeated_report_changes_nothing(first in members(), second in members()) {
        let (first, second) = (parse(&first).unwrap(), parse(&second).unwrap());
        let twice = first.clone().join(first.clone()).unwrap();
        prop_assert_eq!(flat(&twice), flat(&first));
        let once = first.join(second.clone()).unwrap();
        let again = once.clone().join(second).unwrap();
        prop_assert_eq!(flat(&again), flat(&once));
    }

    #[test]
    fn any_body_is_answered_in_peace(text in ".{0,200}", name in "[a-z_]{1,12}") {
        let _ = RunReport::parse(text.as_bytes());
        let _ = RunReport::parse(format!("{{\"steps\":[{{\"{name}\":{text}}}]}}").as_bytes());
    }
}
