//! JSON as text: what is JSON, what is in it, and the numbers of it.
#![cfg(not(target_arch = "wasm32"))]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use assistant_cloud_edge::json::{self, Decimal, JsonText, Members};
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
        let (Some(members), Some(expected)) = (members, expected) else { return Ok(()) };
        let names: BTreeSet<_> = members.as_slice().iter().map(|(name, _)| name.as_ref()).collect();
        prop_assert_eq!(names, expected.keys().map(Cow::as_ref).collect());
        for (name, value) in expected {
            prop_assert_eq!(members.get(&name).map(JsonText::get), Some(value.get()));
        }
    }

    #[test]
    fn serde_writes_the_same_text(text in prop_oneof!["\\PC{0,16}", any::<String>(), "[\"\\\\/\u{0}-\u{1f}\u{7f}é😀]{0,8}"], number: i64) {
        prop_assert_eq!(json::write(&text), serde_json::to_string(&text).unwrap());
        let written = json::write(&text);
        prop_assert_eq!(json::read::<String>(&written), Some(text.clone()));
        let object = json::object(&[(&text, &number), ("list", &[Some(&text), None]), ("none", &[false; 0])]);
        let expected = [
            (text.as_str(), serde_json::json!(number)),
            ("list", serde_json::json!([&text, null])),
            ("none", serde_json::json!([])),
        ];
        let expected = expected.map(|(name, value)| [&serde_json::to_string(name).unwrap(), ":", &value.to_string()].concat());
        prop_assert_eq!(object, format!("{{{}}}", expected.join(",")));
    }

    #[test]
    fn a_number_is_finite_where_a_double_is(
        text in prop_oneof![
            (r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?"),
            (r"-?1\.797693134862315[789][0-9]{0,12}e\+?308"),
            (r"0\.0{0,9}[1-9]{1,4}[eE]3(09|1[0-9])"),
        ],
    ) {
        let value: f64 = text.parse().unwrap();
        let number = Decimal::parse(&text);
        prop_assert_eq!(number.is_some(), value.is_finite(), "{}", text);
        let Some(number) = number else { return Ok(()) };
        prop_assert_eq!(json::write(&number), text);
        prop_assert!(value >= 0.0 || number.is_negative());
        prop_assert!(value == 0.0 || number.is_negative() == (value < 0.0));
    }

    #[test]
    fn thousandths_are_those_of_an_integer(whole in 0..9_000_000_000_000_i64, fraction in "[0-9]{0,6}", shift in -9..9_i32) {
        let digits = format!("{whole}{fraction}");
        let places = i32::try_from(fraction.len()).unwrap();
        let text = format!("{digits}e{}", shift - places);
        let expected = match shift - places + 3 {
            power @ 0.. => digits.parse::<i128>().unwrap() * 10_i128.pow(power.unsigned_abs()),
            power => digits.parse::<i128>().unwrap() / 10_i128.pow(power.unsigned_abs()),
        };
        let number = Decimal::parse(&text).unwrap();
        prop_assert_eq!(number.thousandths(), i64::try_from(expected).ok(), "{}", text);
        let plain = format!("{whole}.{fraction}0");
        let expected = format!("{fraction:0<3.3}");
        let expected = whole * 1_000 + expected.parse::<i64>().unwrap();
        prop_assert_eq!(Decimal::parse(&plain).unwrap().thousandths(), Some(expected), "{}", plain);
    }

    #[test]
    fn a_sum_is_that_of_integers(numbers in prop::collection::vec((0..1_000_000_000_u64, 0..8_u32), 2..5)) {
        let texts = numbers.iter().map(|(digits, places)| format!("{digits}e-{places}"));
        let numbers_read: Vec<_> = texts.map(|text| Decimal::parse(&text).unwrap()).collect();
        let sum = Decimal::sum(&numbers_read).unwrap();
        let expected: u64 = numbers.iter().map(|(digits, places)| digits * 10_u64.pow(8 - places)).sum();
        let text = json::write(&sum);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        prop_assert_eq!(format!("{whole}{fraction:0<8}").parse::<u64>(), Ok(expected), "{}", text);
        prop_assert!(serde_json::from_str::<f64>(&text).is_ok(), "{}", text);
    }
}

/// The least number that no double stands for.
fn too_large() -> String {
    let below = format!("{:.0}", f64::MAX);
    // f64::MAX and half of the step to the double that would come next, 2^970.
    let half = format!("{:.0}", 2_f64.powi(970));
    let half = format!("{half:0>309}");
    let mut carry = 0;
    let digits = below.bytes().zip(half.bytes()).rev().map(|(one, other)| {
        let sum = one - b'0' + other - b'0' + carry;
        carry = sum / 10;
        char::from(b'0' + sum % 10)
    });
    let digits: Vec<_> = digits.collect();
    digits.into_iter().rev().collect()
}

#[test]
fn numbers() {
    for text in [
        "0",
        "-0.0",
        "0.1",
        "12.50",
        "1e3",
        "-2.5E-3",
        "0.000000000000000000001",
        "0e999999999999",
        "1e-999999999999",
        "1.5e308",
        "5e-324",
        "0.00001e313",
        "1e00000000000000000000000000000000308",
        "0e99999999999999999999999999999999999",
    ] {
        assert_eq!(
            Decimal::parse(text)
                .map(|number| json::write(&number))
                .as_deref(),
            Some(text)
        );
    }
    for text in [
        "1e309",
        "-1e309",
        "1e999999999999",
        "1e99999999999999999999999999999999999",
        "10.0e308",
        "0.001e312",
        "\"1\"",
        "true",
        "null",
        "[]",
        "1 2",
        "01",
        "",
    ] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
    let too_large = too_large();
    assert_eq!(too_large.len(), 309);
    assert_eq!(too_large.parse(), Ok(f64::INFINITY));
    assert_eq!(Decimal::parse(&too_large), None);
    assert_eq!(Decimal::parse(&[&too_large, ".000"].concat()), None);
    assert!(too_large.ends_with('2'));
    let below = [&too_large[..308], "1"].concat();
    assert_eq!(below.parse(), Ok(f64::MAX));
    assert!(Decimal::parse(&below).is_some());
}

#[test]
fn sums() {
    for (numbers, sum) in [
        (&["0.1", "0.2"][..], Some("0.3")),
        (&["0.10"], Some("0.10")),
        (&["0", "0"], Some("0")),
        (&["-0.0", "1"], Some("1")),
        (&["1e3", "1e-3"], Some("1000.001")),
        (&["99.5", "0.5", "0"], Some("100")),
        (&["1e-999999999999", "1"], Some("1")),
        (&["1e308", "7e307"], Some("170000000")),
        (&["1e308", "1e308"], None),
        (&[], None),
    ] {
        let numbers: Vec<_> = numbers
            .iter()
            .map(|text| Decimal::parse(text).unwrap())
            .collect();
        let found = Decimal::sum(&numbers).map(|sum| json::write(&sum));
        let found = found
            .as_deref()
            .map(|text| if text.len() > 300 { &text[..9] } else { text });
        assert_eq!(found, sum, "{numbers:?}");
    }
}

#[test]
fn however_deep_it_nests_the_stack_is_the_same() {
    let deep = ["[".repeat(1_000_000), "]".repeat(1_000_000)].concat();
    assert!(JsonText::parse(&deep).is_some());
    assert!(JsonText::parse(&deep[1..]).is_none());
}
