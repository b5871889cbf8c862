//! A title made of a thread's first message, without a model (contract 1.6, 16: 2 to 12 words; ours have
//! at most 7).

use super::FALLBACK;
use super::courtesy;
use super::form;
use super::prose::{self, Text};
use super::request::Opening;
use super::word::{self, ENOUGH};

/// A title for what a thread begins with. Never empty, never longer than 255 characters or seven words.
pub fn derive(opening: &Opening) -> String {
    title_of(&opening.text)
        .or_else(|| opening.attachment.as_deref().map(title_of_file))
        .unwrap_or_else(|| FALLBACK.to_owned())
}

fn title_of(message: &str) -> Option<String> {
    match prose::read(message) {
        Text::Prose(sentences) => title_of_prose(&sentences),
        Text::Code(lines) => lines.iter().find_map(|line| form::shorten(&words_of(line))),
    }
}

fn words_of(sentence: &str) -> Vec<&str> {
    sentence
        .split_whitespace()
        .filter_map(word::clean)
        .collect()
}

/// The first sentence that says something after its greetings and courtesies; else the first that says
/// anything; else the first one as it is.
fn title_of_prose(sentences: &[String]) -> Option<String> {
    let (mut short, mut whole) = (None, None);
    for sentence in sentences {
        let words = words_of(sentence);
        let matter = courtesy::strip(&words);
        let title = form::finish(&matter);
        if title.is_some() && word::room(&matter) >= ENOUGH {
            return title;
        }
        short = short.or(title);
        whole = whole.or_else(|| form::finish(&words));
    }
    short.or(whole)
}

/// A file's name without its extension, in words.
fn title_of_file(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    title_of(&stem.replace(['_', '-', '.', '+'], " ")).unwrap_or_else(|| "Shared file".to_owned())
}
