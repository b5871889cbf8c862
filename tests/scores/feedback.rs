//! Feedback, which is a score (contract 1.6, 14).

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::id::UserId;
use assistant_cloud_edge::score::{Feedback, NewScore, Score};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::{Database, NOON};
use super::{Desk, refused};

#[test]
fn feedback_is_one_score_of_each_user() {
    let database = Database::new();
    let mut desk = Desk::new(&database);
    let answer =
        |score: &Score, positive| serde_json::from_str::<Value>(&score.feedback(positive)).unwrap();
    let first = desk.rate(
        "alice",
        &json!({ "type": "positive", "comment": "  nice " }),
    );
    assert!(first.id.starts_with("score_0"));
    assert_eq!(
        answer(&first, true),
        json!({ "feedback_id": first.id, "type": "positive", "comment": "nice" })
    );
    let again = desk.rate("alice", &json!({ "type": "positive" }));
    assert_eq!(
        again.comment.as_deref(),
        Some("nice"),
        "the same rating keeps it"
    );
    let switched = desk.rate("alice", &json!({ "type": "negative" }));
    assert_eq!(
        answer(&switched, false),
        json!({ "feedback_id": first.id, "type": "negative", "comment": null })
    );
    let why = desk.rate("alice", &json!({ "type": "negative", "comment": "why" }));
    assert_eq!(why.comment.as_deref(), Some("why"));
    let other = desk.rate("bob", &json!({ "type": "positive" }));
    assert_ne!(other.id, first.id);
    let listed = desk.list("");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1]["name"], "feedback");
    assert_eq!(listed[1]["data_type"], "boolean");
    assert_eq!(listed[1]["value"], 0);
    assert_eq!(listed[1]["message_id"], json!(desk.message));
}

#[test]
fn feedback_is_about_a_message_that_is_there() {
    let database = Database::new();
    let desk = Desk::new(&database);
    let user = UserId::parse("alice").unwrap();
    let good = Feedback {
        positive: true,
        comment: None,
    };
    for (thread, message, error) in [
        (
            "thread_0none",
            desk.message.as_str(),
            ApiError::ThreadNotFound,
        ),
        (desk.thread.as_str(), "msg_0none", ApiError::MessageNotFound),
    ] {
        let store = &desk.room.store;
        let rated = store.rate_message(thread, message, good.clone(), &user, NOON, 1);
        assert_eq!(refused(rated).unwrap_err(), error);
    }
    for body in [
        json!({}),
        json!({ "type": "neutral" }),
        json!({ "type": null }),
        json!({ "type": "positive", "comment": "  " }),
        json!({ "type": "positive", "comment": "x".repeat(2_001) }),
        json!({ "type": "positive", "comment": 1 }),
    ] {
        let refused = Feedback::parse(body.to_string().as_bytes());
        assert!(matches!(refused, Err(ApiError::Schema(_))), "{body}");
    }
    let long = json!({ "type": "negative", "comment": format!(" {} ", "x".repeat(2_000)) });
    assert!(Feedback::parse(long.to_string().as_bytes()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A comment stands for the rating that it was given with, until that changes or another comes.
    #[test]
    fn a_comment_stays_with_its_rating(
        ratings in prop::collection::vec((any::<bool>(), prop::option::of("[a-z]{1,3}")), 1..9),
    ) {
        let database = Database::new();
        let mut desk = Desk::new(&database);
        let mut before: Option<(bool, Option<String>)> = None;
        for (positive, comment) in ratings {
            let kept = before.filter(|(rating, _)| *rating == positive).and_then(|(_, kept)| kept);
            let expected = comment.clone().or(kept);
            let word = if positive { "positive" } else { "negative" };
            let score = desk.rate("alice", &json!({ "type": word, "comment": comment }));
            prop_assert_eq!(&score.comment, &expected);
            let value = score.value.map(|value| value.get().to_owned());
            prop_assert_eq!(value, Some(u8::from(positive).to_string()));
            before = Some((positive, expected));
        }
        prop_assert_eq!(desk.list("").len(), 1);
    }

    #[test]
    fn any_body_is_answered_in_peace(text in ".{0,200}") {
        let _ = NewScore::parse(text.as_bytes());
        let _ = Feedback::parse(text.as_bytes());
    }
}
