//! Whatever is asked of a workspace, it answers, or refuses by the caller's fault: never with a panic, never with a
//! fault of its own.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::id::AnonymousId;
use assistant_cloud_edge::pure_signatures::PureSignatures;
use assistant_cloud_edge::route::Route;
use assistant_cloud_edge::workspace::{Call, WorkspaceError, answer};
use fixture::{Database, ISSUER, Room, block_on};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Lines of the contract, and some that are none, with the bodies that fit. `{}` is the place of an id.
const LINES: [(&str, &str, &[usize]); 25] = [
    ("GET", "/v1/threads", &[]),
    ("POST", "/v1/threads", &[0, 1]),
    ("GET", "/v1/threads/{}", &[]),
    ("PUT", "/v1/threads/{}", &[2]),
    ("DELETE", "/v1/threads/{}", &[]),
    ("POST", "/v1/threads/claim", &[13]),
    ("GET", "/v1/threads/{}/messages", &[]),
    ("POST", "/v1/threads/{}/messages", &[3, 4, 5]),
    ("PUT", "/v1/threads/{}/messages/{}", &[6]),
    ("DELETE", "/v1/threads/{}/messages", &[7]),
    ("POST", "/v1/threads/{}/messages/{}/feedback", &[8]),
    ("POST", "/v1/runs", &[9]),
    ("GET", "/v1/runs", &[]),
    ("GET", "/v1/runs/{}", &[]),
    ("POST", "/v1/runs/stream", &[]),
    ("POST", "/v1/events", &[10]),
    ("GET", "/v1/events", &[]),
    ("POST", "/v1/scores", &[11, 12]),
    ("GET", "/v1/scores", &[]),
    ("POST", "/v1/auth/tokens/refresh", &[13]),
    ("POST", "/v1/auth/tokens", &[]),
    ("GET", "/v1/projects/threads", &[]),
    ("GET", "/healthz", &[]),
    ("PATCH", "/v1/threads/{}", &[]),
    ("GET", "//v1//threads/{}/", &[]),
];

/// Bodies that are in order. `$t`, `$m` and `$r` stand for a thread, a message and a run.
const BODIES: [&str; 14] = [
    r#"{"last_message_at":"2026-11-21T12:00:00.000Z","title":"Title","metadata":{"a":1},"external_id":"x","upsert":true}"#,
    r#"{"last_message_at":"2026-11-21T12:00:00.000Z"}"#,
    r#"{"title":"Title","is_archived":true,"metadata":null}"#,
    r#"{"parent_id":"$m","format":"aui/v0","content":{"role":"user","content":[{"type":"text","text":"Hi"}]}}"#,
    r#"{"parent_id":null,"format":"ai-sdk/v5","external_id":"x","parent_external_id":"x","content":{"role":"assistant","parts":[]}}"#,
    r#"{"parent_id":null,"format":"aui/v0","content":{"role":"user","content":[{"type":"image","image":"$u"}]}}"#,
    r#"{"content":{"role":"assistant","content":[{"type":"tool-call","toolCallId":"c","toolName":"t","argsText":"{\"a\":"}]}}"#,
    r#"{"message_ids":["$m","x"]}"#,
    r#"{"type":"positive","comment":"Good"}"#,
    r#"{"thread_id":"$t","status":"completed","message_id":"$m","trace_id":"0af7651916cd43dd8448eb211c80319c","tags":["a"],"attributes":{"a":1},"cost_details":{"input":0.5}}"#,
    r#"{"events":[{"kind":"message_sent","thread_id":"$t","value":1,"props":{"a":1.5}},{"kind":"error_shown"}]}"#,
    r#"{"name":"a","data_type":"numeric","value":1e308,"thread_id":"$t","message_id":"$m"}"#,
    r#"{"name":"a","data_type":"categorical","string_value":"good","run_id":"$r"}"#,
    r#"{"refresh_token":"refresh_0AAAA"}"#,
];

/// Values in the place of others: the ends of what each type can say.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(vec![
            json!(""),
            json!("x".repeat(256)),
            json!("\0"),
            json!(u64::MAX),
            json!(1e300),
            json!([]),
            json!([[[[]]]]),
            json!({}),
            json!({ "role": "user", "content": [{ "type": null }, 1] }),
            json!({ "role": "system", "parts": [{ "type": "tool-", "state": 1 }] }),
            json!("9999-12-31T23:59:59.999Z"),
            json!("0000-01-01T00:00:00.000Z"),
            json!("-9223372036854775808"),
        ]),
    ]
}

/// One of some bodies, in order but for a member or two.
fn changed(bodies: &[usize]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let member = (any::<prop::sample::Index>(), prop::option::of(any_value()));
    let texts: Vec<_> = bodies.iter().map(|body| BODIES[*body]).collect();
    (select(texts), prop::collection::vec(member, 0..3)).prop_map(|(text, changes)| {
        let mut body: Map<String, Value> = serde_json::from_str(text).unwrap();
        for (place, value) in changes {
            let names: Vec<_> = body.keys().cloned().collect();
            if names.is_empty() {
                break;
            }
            let name = place.get(&names);
            match value {
                Some(value) => drop(body.insert(name.clone(), value)),
                None => drop(body.remove(name)),
            }
        }
        Value::from(body).to_string().into_bytes()
    })
}

/// A body for a line that takes those bodies, mostly.
fn any_body(fitting: &[usize]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let all: Vec<_> = (0..BODIES.len()).collect();
    let cut = (select(&BODIES[..]), any::<prop::sample::Index>())
        .prop_map(|(text, end)| text.as_bytes()[..end.index(text.len())].to_vec());
    let fitting = if fitting.is_empty() { &all } else { fitting };
    prop_oneof![
        8 => changed(fitting),
        1 => changed(&all),
        1 => cut,
        1 => any_value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

/// A line, the ids in it, a query and a body.
fn any_request() -> impl Strategy<Value = (&'static str, &'static str, [String; 2], String, Vec<u8>)>
{
    // Messages more often than the rest: they have the most to say.
    let line = prop_oneof![3 => select(&LINES[..]), 2 => select(&LINES[6..10])];
    line.prop_flat_map(|(method, template, fitting)| {
        let is_of_run = template.starts_with("/v1/runs");
        let ids = [any_id(if is_of_run { "$r" } else { "$t" }), any_id("$m")];
        (
            Just(method),
            Just(template),
            ids,
            any_query(),
            any_body(fitting),
        )
    })
}

fn any_query() -> impl Strategy<Value = String> {
    let name = select(
        &[
            "limit",
            "after",
            "is_archived",
            "external_id",
            "format",
            "thread_id",
            "x",
        ][..],
    );
    let value = prop_oneof![
        select(vec![
            "",
            "0",
            "1",
            "100",
            "200",
            "-1",
            "+1",
            "4294967296",
            "true",
            "$t",
            "$m",
            "$r",
            "ai-sdk/v5",
            "ai-sdk/v6",
            "aui%2Fv0",
            "%",
            "%ff",
            "%00"
        ])
        .prop_map(str::to_owned),
        ".{0,10}",
    ];
    let pair = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    prop::collection::vec(pair, 0..3).prop_map(|pairs| pairs.join("&"))
}

/// An id, mostly that one.
fn any_id(fitting: &'static str) -> impl Strategy<Value = String> {
    let known = select(&["$t", "$m", "$r", "x", "..", "%2e%2e", "%", "%00", "%ff"][..]);
    prop_oneof![
        20 => Just(fitting.to_owned()),
        4 => known.prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

/// A thread that is there, and what was made last of messages and runs, for later requests to name.
#[derive(Default)]
struct Known {
    thread: String,
    message: String,
    run: String,
}

impl Known {
    fn learn(&mut self, body: &str) {
        let body: Value = serde_json::from_str(body).expect("every answer is JSON");
        for (name, known) in [
            ("thread_id", &mut self.thread),
            ("message_id", &mut self.message),
            ("run_id", &mut self.run),
        ] {
            if let Some(id) = body[name].as_str()
                && (name != "thread_id" || known.is_empty())
            {
                id.clone_into(known);
            }
        }
    }

    fn fill(&self, text: &str) -> String {
        let address = format!(
            "{ISSUER}/v1/files/attachments/{}_{}.png",
            "0".repeat(32),
            "1".repeat(22)
        );
        text.replace("$t", &self.thread)
            .replace("$m", &self.message)
            .replace("$r", &self.run)
            .replace("$u", &address)
    }
}

fn ask(
    room: &mut Room<'_>,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<String, ApiError> {
    room.calls += 1;
    let call = Call {
        route: Route::parse(method, path)?,
        query,
        body,
        project: &room.project,
        caller: &room.caller,
        now: room.now(),
        // Ids of their own for the events of a batch.
        random: u128::from(room.calls) << 32,
    };
    match block_on(answer(&room.store, &PureSignatures, &call)) {
        Ok(reply) => {
            let answer = room.written(reply);
            assert!((200..300).contains(&answer.status), "{}", answer.status);
            Ok(answer.body)
        }
        Err(WorkspaceError::Refused(error)) => Err(error),
        Err(WorkspaceError::Storage(error)) => panic!("{method} {path}: {error}"),
    }
}

/// Makes a thread with all that it can have, and shows that the bodies above are no idle ones.
fn furnish(room: &mut Room<'_>) -> Known {
    let mut known = Known::default();
    for (method, path, body) in [
        ("POST", "/v1/threads", 0),
        ("PUT", "/v1/threads/$t", 2),
        ("POST", "/v1/threads/$t/messages", 5),
        ("POST", "/v1/threads/$t/messages", 3),
        ("POST", "/v1/runs", 9),
        ("POST", "/v1/events", 10),
        ("POST", "/v1/scores", 11),
        ("POST", "/v1/scores", 12),
        ("POST", "/v1/threads/$t/messages/$m/feedback", 8),
        ("PUT", "/v1/threads/$t/messages/$m", 6),
    ] {
        let body = known.fill(BODIES[body]);
        let answer = ask(room, method, &known.fill(path), "", body.as_bytes());
        known.learn(&answer.unwrap());
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn is_answered(
        anonymous: bool,
        requests in prop::collection::vec(any_request(), 1..80),
    ) {
        let database = Database::new();
        let mut room = Room::new(&database);
        if anonymous {
            room.caller = AnonymousId(1).caller();
        }
        let mut known = furnish(&mut room);
        for (method, template, ids, query, body) in requests {
            let mut path = String::new();
            let mut ids = ids.iter();
            for (index, piece) in template.split("{}").enumerate() {
                if index > 0 {
                    path.push_str(&known.fill(ids.next().unwrap()));
                }
                path.push_str(piece);
            }
            let body = match std::str::from_utf8(&body) {
                Ok(text) => known.fill(text).into_bytes(),
                Err(_) => body,
            };
            let query = known.fill(&query);
            match ask(&mut room, method, &path, &query, &body) {
                Ok(_) if method == "DELETE" && path.ends_with(&known.thread) => {
                    known = furnish(&mut room);
                }
                Ok(body) => known.learn(&body),
                Err(error) => prop_assert!(
                    (400..500).contains(&error.status()),
                    "{method} {path}?{query} {}: {error:?}", String::from_utf8_lossy(&body)
                ),
            }
        }
        // What was stored can be read.
        for list in ["threads", "runs", "scores", "events"] {
            room.get(&format!("/v1/{list}?limit=100"));
        }
    }
}
