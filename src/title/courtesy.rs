//! Leaving out what a sentence says for politeness.

use super::phrases::{
    ARTICLES, CLOSINGS, GREETINGS, REQUESTS, SPACELESS_CLOSINGS, SPACELESS_OPENINGS,
};
use super::script::{self, is_sign, is_text};
use super::word::{ENOUGH, keys, room};

/// How many words of the longest phrase of `list` that `words` begin with.
pub(super) fn opening_of(words: &[&str], list: &str) -> usize {
    const LONGEST: usize = 6;
    let keys = keys(words.get(..LONGEST).unwrap_or(words));
    let fits = |phrase: &&str| {
        let mut keys = keys.iter();
        phrase
            .split(' ')
            .all(|word| keys.next().is_some_and(|key| key == word))
    };
    let lengths = list
        .split('|')
        .filter(fits)
        .map(|phrase| phrase.split(' ').count());
    lengths.max().unwrap_or(0)
}

/// How many words of the longest phrase of `list` that `words` end with.
fn closing_of(words: &[&str], list: &str) -> usize {
    let keys = keys(words.get(words.len().saturating_sub(3)..).unwrap_or(words));
    let fits = |phrase: &&str| {
        let mut keys = keys.iter().rev();
        phrase
            .rsplit(' ')
            .all(|word| keys.next().is_some_and(|key| key == word))
    };
    let lengths = list
        .split('|')
        .filter(fits)
        .map(|phrase| phrase.split(' ').count());
    lengths.max().unwrap_or(0)
}

pub(super) fn drop_first<'a, 'w>(words: &'w [&'a str], count: usize) -> &'w [&'a str] {
    words.get(count..).unwrap_or_default()
}

/// Leaves out what a sentence begins and ends with for politeness. May leave nothing.
pub(super) fn strip<'a>(sentence: &[&'a str]) -> Vec<&'a str> {
    let mut words = sentence;
    let mut asked = false;
    loop {
        let greeted = opening_of(words, GREETINGS);
        let name = words.get(greeted);
        if greeted > 0
            && words.len() > 2
            && name.is_some_and(|name| name.ends_with([',', '،', '!']))
        {
            words = drop_first(words, greeted.saturating_add(1));
            continue;
        }
        let requested = opening_of(words, REQUESTS);
        asked |= requested > 0;
        let count = greeted.max(requested);
        let article = usize::from(asked && count == 0 && opening_of(words, ARTICLES) == 1);
        if count == 0 && article == 0 {
            break;
        }
        words = drop_first(words, count.max(article));
    }
    let mut words = words.to_vec();
    loop {
        let count = closing_of(&words, CLOSINGS);
        if count == 0 || count >= words.len() {
            break;
        }
        words.truncate(words.len().saturating_sub(count));
        if let Some(last) = words.last_mut() {
            // Korean marks the object of the verb that has gone.
            *last = last.strip_suffix(['을', '를']).unwrap_or(last);
        }
    }
    if let Some(first) = words.first_mut() {
        *first = strip_spaceless_opening(first);
    }
    words.retain(|word| word.contains(is_text) || word.chars().all(is_sign));
    if let Some(last) = words.last_mut() {
        *last = strip_spaceless_closing(last);
    }
    words
}

fn strip_spaceless_opening(word: &str) -> &str {
    let mut rest = word;
    while let Some(shorter) = SPACELESS_OPENINGS
        .split('|')
        .find_map(|phrase| rest.strip_prefix(phrase))
    {
        rest = shorter.trim_start_matches(|c: char| !is_text(c) && !is_sign(c));
    }
    rest
}

/// Takes a closing off, if a title is left without it.
fn strip_spaceless_closing(word: &str) -> &str {
    let trimmed = word.trim_end_matches(|c: char| !script::may_end(c));
    SPACELESS_CLOSINGS
        .split('|')
        .find_map(|phrase| trimmed.strip_suffix(phrase))
        .filter(|shorter| room(&[shorter]) >= ENOUGH)
        .unwrap_or(word)
}
