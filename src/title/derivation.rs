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
        Text::Code(lines) => lines.iter().find_map(|line| {
            let tokens: Vec<_> = line.split_whitespace().collect();
            form::shorten(&tokens)
        }),
    }
}

fn words_of(sentence: &str) -> Vec<&str> {
    sentence
        .split_whitespace()
        .filter_map(word::clean)
        .collect()
}

/// The first sentence that says something after its greetings and courtesies; else, with these, the first that says
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
        let as_it_is = form::finish(&words);
        if title.is_some() {
            // A word alone is no title where there are others around it.
            short = short.or_else(|| as_it_is.clone());
        }
        whole = whole.or(as_it_is);
    }
    short.or(whole)
}

/// A file's name in words, with its extension where it has few.
fn title_of_file(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let stem = stem.replace(['_', '-', '.', '+'], " ");
    let Some(title) = title_of(&stem) else {
        return "Shared file".to_owned();
    };
    if word::room(&[&title]) >= ENOUGH {
        return title;
    }
    let title = [&title, " ", &extension.to_ascii_uppercase()].concat();
    title.trim_end().to_owned()
}
