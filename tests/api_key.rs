//! API keys: their form, their checksum, and which of them open.
#![cfg(not(target_arch = "wasm32"))]

mod fixture;

use assistant_cloud_edge::ApiError;
use assistant_cloud_edge::api_key::{ApiKey, ApiKeyEntry};
use assistant_cloud_edge::id::ProjectId;
use fixture::{NOON, PROJECT, api_key};
use proptest::prelude::*;

fn generate(high: u128, low: u128) -> ApiKey {
    ApiKey::generate(&ProjectId::parse(PROJECT).unwrap(), [high, low])
}

#[test]
fn a_key_names_its_project_and_can_be_searched_for() {
    let key = api_key();
    assert!(key.reveal().starts_with("sk_aui_proj_0test_0"));
    assert_eq!(key.reveal().len(), "sk_aui_proj_0test_0".len() + 43 + 6);
}

#[test]
fn a_mistyped_key_is_told_from_an_unknown_one() {
    let known = [ApiKeyEntry::new("a", &generate(1, 2), None)];
    let unknown = ApiKey::parse(generate(3, 4).reveal()).unwrap();
    assert_eq!(
        ApiKeyEntry::find(&known, &unknown, NOON),
        Err(ApiError::ApiKeyUnknown)
    );
    let text = generate(1, 2).reveal().to_owned();
    for position in "sk_aui_".len()..text.len() {
        let mut typo = text.clone();
        let other = if &text[position..=position] == "x" {
            "y"
        } else {
            "x"
        };
        typo.replace_range(position..=position, other);
        assert_eq!(
            ApiKey::parse(&typo).err(),
            Some(ApiError::ApiKeyFormat),
            "{position}"
        );
    }
    assert!(ApiKey::parse(&text[..text.len() - 1]).is_err());
    assert!(ApiKey::parse(&[&text, "0"].concat()).is_err());
}

#[test]
fn a_key_opens_until_it_ends() {
    let key = generate(1, 2);
    let entries = [
        ApiKeyEntry::new("other", &generate(5, 6), None),
        ApiKeyEntry::new("mine", &key, Some(NOON)),
    ];
    let before = ApiKeyEntry::find(&entries, &key, NOON.plus_millis(-1));
    assert_eq!(before.map(ApiKeyEntry::name), Ok("mine"));
    assert_eq!(
        ApiKeyEntry::find(&entries, &key, NOON),
        Err(ApiError::ApiKeyUnknown)
    );
}

#[test]
fn the_configured_list_comes_back_as_it_was_written() {
    let entries = vec![
        ApiKeyEntry::new("a", &generate(1, 2), None),
        ApiKeyEntry::new("b", &generate(3, 4), Some(NOON)),
    ];
    let list = format!("[{},{}]", entries[0].to_json(), entries[1].to_json());
    assert_eq!(ApiKeyEntry::parse_list(&list), Ok(entries));
}

#[test]
fn a_wrong_list_is_refused_in_words_without_its_text() {
    let hash = "0".repeat(64);
    for list in [
        "",
        "{}",
        "[1]",
        r#"[{"name":"secret-name"}]"#,
        r#"[{"name":"secret-name","sha256":"00"}]"#,
        &format!(
            r#"[{{"name":"secret-name","sha256":"{}é"}}]"#,
            "0".repeat(62)
        ),
        &format!(r#"[{{"name":"secret-name","sha256":"{hash}","expires_at":"soon"}}]"#),
        &format!(r#"[{{"name":"secret-name","sha256":"{hash}","expires":"2026-01-01"}}]"#),
    ] {
        let reason = ApiKeyEntry::parse_list(list).unwrap_err();
        assert!(!reason.contains("secret-name"), "{list}");
    }
}

#[test]
fn nothing_of_a_key_is_shown() {
    assert_eq!(format!("{:?}", api_key()), "ApiKey");
}

proptest! {
    #[test]
    fn every_generated_key_is_well_formed(high: u128, low: u128) {
        let key = generate(high, low);
        prop_assert_eq!(ApiKey::parse(key.reveal()).unwrap().hash(), key.hash());
    }

    #[test]
    fn any_text_is_refused_in_peace(text in ".{0,100}", tail in ".{0,60}") {
        prop_assert!(ApiKey::parse(&text).is_err());
        prop_assert!(ApiKey::parse(&["sk_aui_", &tail].concat()).is_err());
    }
}
