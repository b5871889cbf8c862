//! Titles derived from a message, in any language.
#![cfg(not(target_arch = "wasm32"))]

use assistant_cloud_edge::title::{FALLBACK, Opening, derive};
use proptest::prelude::*;

fn opening(text: &str) -> Opening {
    Opening {
        text: text.to_owned(),
        ..Opening::default()
    }
}

fn title(text: &str) -> String {
    derive(&opening(text))
}

/// A language, a message, and the title that a reader of it would not be ashamed of.
const MESSAGES: &str = include_str!("title/messages.txt");

#[test]
fn a_title_says_what_the_message_is_about() {
    let mut count = 0;
    for line in MESSAGES.lines() {
        let (language, case) = line.split_once('|').unwrap();
        let (message, wanted) = case.trim().split_once(" => ").unwrap();
        assert_eq!(title(message), wanted, "{language}: {message}");
        count += 1;
    }
    assert_eq!(count, 54);
}

#[test]
fn a_title_is_made_of_prose_first_and_of_code_only_without_any() {
    let cases = [
        (
            "# Quarterly report\n\n- revenue\n- costs",
            "Quarterly report",
        ),
        ("> - 1. [ ] buy milk today", "Buy milk today"),
        (
            "Why does this panic?\n```rust\nfn main() {}\n```",
            "Why does this panic",
        ),
        (
            "```rust\nfn main() {\n    todo!();\n}\n```\nexplain this",
            "Explain this",
        ),
        ("```\n\nlet total = 2;\n```", "let total = 2"),
        (
            "def add(a, b):\n    return a + b\n\nWhy is this slow?",
            "Why is this slow",
        ),
        ("fn main() { run(); }", "fn main() { run()"),
        ("const x = list.map(f);", "const x = list.map(f)"),
        ("SELECT * FROM users;", "SELECT * FROM users"),
        ("{\"a\": 1}", "{\"a\": 1}"),
        ("<p class=x>Hello</p>", "<p class=x>Hello</p>"),
        (
            "Hi!\n\nplease\n\ntranslate this letter",
            "Translate this letter",
        ),
    ];
    for (message, wanted) in cases {
        assert_eq!(title(message), wanted, "{message}");
    }
}

#[test]
fn what_says_nothing_has_a_title_all_the_same() {
    for nothing in [
        "",
        "   \n\t",
        "?!?!...",
        "🎉🎉🎉",
        "--- *** ```",
        "\u{202e}\u{200b}\u{feff}",
        "()[]{}",
    ] {
        assert_eq!(title(nothing), FALLBACK, "{nothing:?}");
    }
    let files = [
        (
            "Quarterly_report-2026.final.pdf",
            "Quarterly report 2026 final",
        ),
        ("C:\\Users\\me\\photo.jpeg", "Photo JPEG"),
        ("発表資料.pptx", "発表資料"),
        ("", "Shared file"),
        ("....", "Shared file"),
    ];
    for (name, wanted) in files {
        let attached = Opening {
            attachment: Some(name.to_owned()),
            ..opening("")
        };
        assert_eq!(derive(&attached), wanted, "{name}");
    }
}

#[test]
fn nothing_invisible_gets_into_a_title() {
    assert_eq!(
        title("ab\u{202e}cd \u{2066}ef\u{200f} gh\u{0}"),
        "Abcd ef gh"
    );
}

#[test]
fn what_is_very_long_is_cut_between_characters() {
    assert!(title(&"word ".repeat(10_000)).len() < 60);
    assert_eq!(title(&"x".repeat(10_000)).chars().count(), 48);
    assert_eq!(title(&"字".repeat(10_000)).chars().count(), 14);
    let thai = title(&["ก", &"น้ำ".repeat(500)].concat());
    assert!(thai.ends_with("น้ำ"), "{thai}");
    let seven = ["x".repeat(48).as_str(); 7].join(" ");
    assert_eq!(title(&seven).chars().count(), 255);
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let title = title(text);
    let chars = title.chars().count();
    prop_assert!((1..=255).contains(&chars), "{} characters", chars);
    let words = title.split_whitespace().count();
    prop_assert!((1..=7).contains(&words), "{} words in {:?}", words, title);
    prop_assert!(
        !title.ends_with(['.', ',', ':', ';', '!', '?', '。', '？', '…', ' ', '-']),
        "{:?}",
        title
    );
    prop_assert!(
        !title
            .chars()
            .any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
        "{:?}",
        title
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_has_a_title(text in any::<String>()) {
        holds(&text)?;
    }

    #[test]
    fn two_words_are_never_made_one(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "hi", "hello,", "please", "can", "you", "help", "me", "with", "tell", "a", "the", "Rust", "math", "of",
                "what", "is", "how", "do", "i", "thanks", "bitte", "hola", "por", "favor", "привет", "пожалуйста",
            ]),
            2..30,
        ),
    ) {
        let title = title(&words.join(" "));
        let count = title.split(' ').count();
        prop_assert!((2..=7).contains(&count), "{:?}", title);
    }

    #[test]
    fn any_text_of_what_titles_are_made_of_has_one(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "hi", "please", " ", "  ", "\n", "the", "of", "Rust", ",", ".", "?", "(", ")", "[x](", "://", "a.b/c",
                "你好", "请", "的", "教えてください", "を", "ครับ", "น้ำ", "한국어", "알려줘", "مرحبا", "🎉", "👩\u{200d}💻", "e\u{301}", "```",
                "#", "* ", "1. ", "+", "=", "\u{202e}", "\u{94d}", "don't", "C++", "<b>", "\"", "İ", "ß",
            ]),
            0..40,
        ),
    ) {
        holds(&pieces.concat())?;
    }
}
