//! The words of a message, and how much room they take in a title.

use super::script::{self, WORD, is_letter, is_sign, is_text};

/// What a title should fill: two words.
pub(super) const ENOUGH: u32 = WORD * 2;

/// The word in a token: without quotation marks, markup and brackets that are not closed within it. What
/// is left may end in punctuation, which means something inside a title. `None` for what is no word.
pub(super) fn clean(token: &str) -> Option<&str> {
    const QUOTES: &str = "\"'`*_~“”„‘’‚«»‹›「」『』【】《》〈〉|\\";
    const BRACKETS: [(char, char); 5] =
        [('(', ')'), ('[', ']'), ('{', '}'), ('（', '）'), ('<', '>')];
    let unbalanced = |c: char| {
        BRACKETS.iter().any(|&(open, close)| {
            (c == open || c == close) && token.matches(open).count() != token.matches(close).count()
        })
    };
    let leading =
        |c: char| QUOTES.contains(c) || unbalanced(c) || "…!?,:;¿¡-–—、，。！？".contains(c);
    let trailing = |c: char| QUOTES.contains(c) || unbalanced(c) || c == '…';
    if token.chars().all(is_sign) {
        return Some(token);
    }
    let word = token.trim_start_matches(leading).trim_end_matches(trailing);
    word.contains(is_letter).then_some(word)
}

/// How a word is looked up: in lower case, without the punctuation around it.
pub(super) fn key(word: &str) -> String {
    word.trim_matches(|c: char| !is_text(c))
        .chars()
        .filter(|c| !('\u{200c}'..='\u{200d}').contains(c))
        .map(|c| if c == '’' { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

pub(super) fn keys(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| key(word)).collect()
}

pub(super) fn room_of(word: &str) -> u32 {
    let mut previous = None;
    let mut room = 0_u32;
    for next in word.chars() {
        room = room.saturating_add(script::room(previous, next));
        previous = Some(next);
    }
    // Ten Chinese characters with spaces between them are ten words.
    room.max(WORD)
}

pub(super) fn room(words: &[&str]) -> u32 {
    words
        .iter()
        .map(|word| room_of(word))
        .fold(0, u32::saturating_add)
}
