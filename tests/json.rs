//! JSON as text: what is JSON, what is in it, and the numbers of it.
#![cfg(not(target_arch = "wasm32"))]

use std::borrow::Cow;
use std::collections::BTreeMap;

use assistant_cloud_edge::json::{self, JsonText, Members};
use proptest::prelude::*;
use serde_json::value::RawValue;

/// Texts of the signs that JSON is made of, so that many of them are JSON, or nearly.
fn nearly_json() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":1", "\\", "\\n", "\\u00e9", "\\ud83d",
        "\\ude00", "\\u12", "0", "1", "-", "-7", "01", ".", "1.5", "2e3", "2E+3", "e", "null",
        "true", "false", "nul", " ", "\n", "\t", "\u{b}", "\u{0}", "é", "😀", "\u{feff}",
    ];
    prop::collection::vec(prop::sample::select(WORDS), 0..12).prop_map(|words| words.concat())
}

/// The same inside a string, an object or an array.
fn wrapped() -> impl Strategy<Value = String> {
    const FRAMES: &[(&str, &str)] = &[
        ("", ""),
        ("\"", "\""),
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{\"", "\":0}"),
        ("[0,", "]"),
    ];
    (prop::sample::select(FRAMES), nearly_json())
        .prop_map(|((before, after), text)| [before, &text, after].concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map_into(),
        any::<i64>().prop_map_into(),
        "\\PC{0,8}".prop_map_into(),
        "[\"\\\\/\u{8}\n\u{1}é😀]{0,4}".prop_map_into(),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map_into(),
            prop::collection::btree_map("[a-cé\"\\\\]{0,2}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn serde_takes_the_same_texts(text in prop_oneof![nearly_json(), wrapped()]) {
        let expected = serde_json::from_str::<&RawValue>(&text).ok().map(RawValue::get);
        prop_assert_eq!(JsonText::parse(&text).map(JsonText::get), expected);
        let expected = serde_json::from_str::<String>(&text).ok();
        prop_assert_eq!(json::read::<String>(&text), expected);
        let expected = serde_json::from_str::<Vec<&RawValue>>(&text).ok();
        let expected = expected.map(|items| items.into_iter().map(RawValue::get).collect());
        let items = json::read::<Vec<JsonText<'_>>>(&text);
        prop_assert_eq!(items.map(|items| items.into_iter().map(JsonText::get).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn serde_sees_the_same_members(value in value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        let expected = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(&text).ok();
        let members = json::read::<Members<'_>>(&text);
        prop_assert_eq!(members.is_some(), expected.is_some());
        for ((name, value), (other, expected)) in members.iter().flatten().zip(expected.iter().flatten()) {
            prop_assert_eq!(name, other);
            prop_assert_eq!(value.get(), expected.get());
        }
    }

    #[test]
    fn a_number_is_read_as_it_was_written(value in prop_oneof![
        any::<i32>().prop_map(f64::from),
        prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
    ]) {
        let text = json::number(value).get().to_owned();
        prop_assert_eq!(text.parse::<f64>(), Ok(value));
        prop_assert_eq!(json::read::<f64>(&text), Some(value));
    }
}

#[test]
fn numbers() {
    for (text, value) in [
        ("0", Some(0.0)),
        ("-0.0", Some(0.0)),
        ("0.1", Some(0.1)),
        ("12.50", Some(12.5)),
        ("1e3", Some(1_000.0)),
        ("-2.5E-3", Some(-0.0025)),
        ("0.000000000000000000001", Some(1e-21)),
        ("100000000000000000000000", Some(1e23)),
        ("0e999999999999", Some(0.0)),
        ("1e-999999999999", Some(0.0)),
        ("1.5e308", Some(1.5e308)),
        ("5e-324", Some(5e-324)),
        ("1e309", None),
        ("1e999999999999", None),
        ("\"1\"", None),
        ("true", None),
        ("null", None),
    ] {
        assert_eq!(json::read::<f64>(text), value, "{text}");
    }
}

#[test]
fn however_deep_it_nests_the_stack_is_the_same() {
    let deep = ["[".repeat(1_000_000), "]".repeat(1_000_000)].concat();
    assert!(JsonText::parse(&deep).is_some());
    assert!(JsonText::parse(&deep[1..]).is_none());
}
