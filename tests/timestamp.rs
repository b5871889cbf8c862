//! Points in time, read and written as chrono does it.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::Timestamp;
use chrono::{DateTime, SecondsFormat, Utc};
use proptest::prelude::*;

const FIRST: i64 = -62_167_219_200_000;
const LAST: i64 = 253_402_300_799_999;

/// What chrono makes of a text, within the years 0000 to 9999.
fn expected(text: &str) -> Option<i64> {
    let millis = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
    (FIRST..=LAST).contains(&millis).then_some(millis)
}

fn found(text: &str) -> Option<i64> {
    Timestamp::parse(text).map(Timestamp::as_millis)
}

/// Dates and times, many of them just beyond what there is, with all that may stand around their numbers.
fn nearly() -> impl Strategy<Value = String> {
    let date = (
        prop_oneof![
            0..10_000_u32,
            Just(2000),
            Just(1900),
            Just(2024),
            Just(9999),
            Just(0)
        ],
        0..14_u32,
        prop_oneof![0..33_u32, 28..32_u32],
    );
    let time = (0..25_u32, 0..61_u32, 0..62_u32);
    let between = prop::sample::select(vec!["T", "t", " ", "_", ""]);
    let offset = prop_oneof![
        "Z|z|",
        "[+\u{2212}-][0-2][0-9]:[0-6][0-9]",
        "[+-][0-9]{1,3}:?[0-9]{0,3}",
        "\\PC{0,6}",
    ];
    (date, between, time, r"(\.[0-9]{0,12})?", offset).prop_map(
        |((year, month, day), between, (hour, minute, second), fraction, offset)| {
            format!(
                "{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn chrono_reads_the_same(text in nearly()) {
        prop_assert_eq!(found(&text), expected(&text), "{}", text);
    }

    #[test]
    fn chrono_reads_the_same_of_a_text_with_a_change(
        millis in FIRST..=LAST,
        at in 0..24_usize,
        other in prop_oneof!["[-+:.TZ0-9 ]{0,2}", "\\PC{0,2}"],
    ) {
        let mut text = Timestamp::from_millis(millis).to_iso();
        text.replace_range(at..=at, &other);
        prop_assert_eq!(found(&text), expected(&text), "{}", text);
    }

    #[test]
    fn chrono_writes_the_same(millis in prop_oneof![FIRST..=LAST, -100_000_000_000..100_000_000_000_i64]) {
        let text = Timestamp::from_millis(millis).to_iso();
        let time = DateTime::<Utc>::from_timestamp_millis(millis).unwrap();
        prop_assert_eq!(&text, &time.to_rfc3339_opts(SecondsFormat::Millis, true));
        prop_assert_eq!(found(&text), Some(millis));
    }
}

#[test]
fn every_day_of_400_years_is_the_one_that_chrono_says() {
    for day in 0..146_097 {
        let millis = day * 86_400_000;
        let text = Timestamp::from_millis(millis).to_iso();
        assert_eq!(found(&text), Some(millis), "{text}");
        let time = DateTime::<Utc>::from_timestamp_millis(millis).unwrap();
        assert_eq!(text, time.to_rfc3339_opts(SecondsFormat::Millis, true));
    }
}

#[test]
fn the_first_and_the_last_instant() {
    for (text, millis) in [
        ("0000-01-01T00:00:00Z", Some(FIRST)),
        ("0000-01-01T00:00:00+00:01", None),
        ("9999-12-31T23:59:59.999999Z", Some(LAST)),
        ("9999-12-31T23:59:60Z", None),
        ("9999-12-31T23:59:59-00:01", None),
        ("1970-01-01T00:00:00.0009-00:00", Some(0)),
        ("1970-01-01T00:00:00.Z", None),
        ("1970-01-01T00:00:00", None),
        ("", None),
    ] {
        assert_eq!(found(text), millis, "{text}");
        assert_eq!(expected(text), millis, "{text}");
    }
}
