//! Bringing words to a title's length and form.

use super::MAX_CHARS;
use super::case;
use super::courtesy::{drop_first, opening_of};
use super::phrases::{self, CLAUSES, DANGLING, ENGLISH_ARTICLES, QUESTIONS, SPACELESS_DANGLING};
use super::script::{self, WORD, is_letter, is_mark, is_sign, is_spaceless, is_text};
use super::word::{ENOUGH, key, room, room_of};

/// How much room a title has: seven words.
const ROOM: u32 = WORD * 7;
/// The longest word, in characters; a longer one is a hash or somebody leaning on a key.
const MAX_WORD_CHARS: usize = 48;

/// Brings words to a title's length and form.
pub(super) fn finish(words: &[&str]) -> Option<String> {
    shorten(words).map(|title| capitalize(&title))
}

/// As much of the words as a title has room for, without punctuation at its end.
pub(super) fn shorten(words: &[&str]) -> Option<String> {
    let mut words = words.to_vec();
    if is_long(&words) {
        let asked = opening_of(&words, QUESTIONS);
        if asked < words.len().saturating_sub(1) {
            words.drain(..asked);
        }
    }
    if is_long(&words) {
        words.retain(|word| !phrases::has(ENGLISH_ARTICLES, &key(word)));
    }
    let cut = is_long(&words);
    if cut {
        words = fit(&words);
    }
    // A sign means something between two words only.
    let is_edge = |word: &&str| !word.contains(is_letter);
    while words.last().is_some_and(is_edge) || (cut && words.len() > 2 && ends_dangling(&words)) {
        words.pop();
    }
    let first = words.iter().position(|word| !is_edge(word))?;
    let title = drop_first(&words, first).join(" ");
    let title: String = title.chars().take(MAX_CHARS).collect();
    let mut end = trim_end(&title);
    if cut {
        let mut particles = SPACELESS_DANGLING.split('|');
        let complete = particles.find_map(|particle| end.strip_suffix(particle));
        end = complete.map_or(end, trim_end);
    }
    (!end.is_empty()).then(|| end.to_owned())
}

fn is_long(words: &[&str]) -> bool {
    let is_endless = |word: &&str| word.chars().count() > MAX_WORD_CHARS;
    room(words) > ROOM || words.iter().any(is_endless)
}

/// A title without the punctuation at its end.
fn trim_end(title: &str) -> &str {
    title.trim_end_matches(|c: char| !may_close(title, c))
}

/// Whether a title may end with `last`: a bracket may that closes one within the title.
fn may_close(title: &str, last: char) -> bool {
    let closes =
        |open, close| last == close && title.matches(open).count() >= title.matches(close).count();
    let mut brackets = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')].into_iter();
    script::may_end(last) || brackets.any(|(open, close)| closes(open, close))
}

fn ends_dangling(words: &[&str]) -> bool {
    words
        .last()
        .is_some_and(|word| phrases::has(DANGLING, &key(word)))
}

/// The words that have room. Ends with a clause where one ends late enough, and within a word only where
/// the script has no spaces or the word is endless.
fn fit<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    let mut left = ROOM;
    for word in words {
        let taken = room_of(word);
        if taken <= left && word.chars().count() <= MAX_WORD_CHARS {
            left = left.saturating_sub(taken);
            kept.push(word);
            continue;
        }
        if ROOM.saturating_sub(left) < ENOUGH {
            kept.push(cut(word, left));
        }
        break;
    }
    let ends_clause = |index: &usize| {
        let before = index.checked_sub(1).and_then(|before| kept.get(before));
        let comma = before.is_some_and(|word| word.ends_with([',', '،', ';', ':', '，', '、']));
        comma
            || kept
                .get(*index)
                .is_some_and(|word| phrases::has(CLAUSES, &key(word)))
    };
    let end = (3..kept.len()).rev().find(ends_clause);
    kept.truncate(end.unwrap_or(kept.len()));
    kept
}

/// As much of a word as has room, ending where a word within it is likely to end.
fn cut(word: &str, room: u32) -> &str {
    let mut previous = None;
    let (mut left, mut anywhere, mut likely) = (room, 0, 0);
    let mut length = 0_usize;
    for (position, next) in word.char_indices() {
        let taken = script::room(previous, next);
        if script::may_cut_before(next) {
            anywhere = position;
            let clause = previous.is_some_and(|c| !is_text(c) && !is_sign(c));
            if clause || previous.is_some_and(|previous| script::begins_word(previous, next)) {
                likely = position;
            }
        }
        if taken > left || length >= MAX_WORD_CHARS {
            break;
        }
        left = left.saturating_sub(taken);
        length = length.saturating_add(1);
        previous = Some(next);
    }
    // An early end would say too little.
    let end = if likely.saturating_mul(2) >= anywhere {
        likely
    } else {
        anywhere
    };
    let hard = word
        .char_indices()
        .nth(MAX_WORD_CHARS)
        .map_or(word.len(), |(position, _)| position);
    word.get(..if end == 0 { hard } else { end })
        .unwrap_or(word)
}

/// Begins a sentence with a capital letter where the script has them. Names of files, commands and brands
/// stay as they are.
fn capitalize(title: &str) -> String {
    let word = title.split(' ').next().unwrap_or_default();
    let plain = word.trim_end_matches([',', ':', '?', '!']);
    let is_plain = plain
        .chars()
        .all(|c| c.is_lowercase() || is_mark(c) || "'’-".contains(c) || is_spaceless(c));
    let mut characters = title.chars();
    match characters.next() {
        // Georgian has capital letters, but no sentence begins with one.
        Some(first) if is_plain && !('\u{10d0}'..='\u{10ff}').contains(&first) => {
            // Turkish writes the capital of i with its dot.
            let turkish = first == 'i' && title.contains(['ı', 'ğ', 'ş']);
            let capital = if turkish { 'İ' } else { case::upper(first) };
            [String::from(capital).as_str(), characters.as_str()].concat()
        }
        _ => title.to_owned(),
    }
}
