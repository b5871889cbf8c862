//! A message as plain sentences: without markup, code, addresses and invisible characters.

use super::case;
use super::script::{is_invisible, is_letter};

/// What a message is made of.
pub(super) enum Text {
    /// Sentences of plain words.
    Prose(Vec<String>),
    /// Lines of code, where there is nothing else.
    Code(Vec<String>),
}

/// Reads a message.
pub(super) fn read(message: &str) -> Text {
    let (mut prose, mut code) = (Vec::new(), Vec::new());
    let mut fenced = false;
    for line in message.lines() {
        let line: String = line.chars().filter(|&c| !is_invisible(c)).collect();
        // As Markdown has it.
        let indented = line.starts_with("    ") || line.starts_with('\t');
        let line = line.trim();
        let fence = ["```", "~~~"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark));
        match fence {
            Some(rest) if !rest.contains("```") => fenced = !fenced,
            _ if fenced || indented || is_code(line) => code.push(line.to_owned()),
            _ => split(
                &shorten_addresses(&unlink(strip_block_marks(line))),
                &mut prose,
            ),
        }
    }
    if prose.iter().any(|sentence| sentence.contains(is_letter)) {
        Text::Prose(prose)
    } else {
        Text::Code(code)
    }
}

/// Whether a line that nothing marks as code is written like it.
fn is_code(line: &str) -> bool {
    line.ends_with(['{', '}'])
        // In Greek it asks.
        || (line.ends_with(';') && line.contains(['=', '(']))
        || (line.starts_with('<') && line.ends_with('>'))
        || (line.starts_with("def ") && line.ends_with(':'))
}

/// Takes the marks of headings, quotes and list items off a line.
fn strip_block_marks(line: &str) -> &str {
    let mut rest = line;
    loop {
        let before = rest;
        rest = rest.trim_start_matches(['>', '|']).trim_start();
        for mark in ["- ", "* ", "+ ", "• ", "[ ] ", "[x] "] {
            rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
        }
        let heading = rest.trim_start_matches('#');
        if heading.starts_with(' ') {
            rest = heading.trim_start();
        }
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if number.len() < rest.len()
            && let Some(item) = number.strip_prefix(". ").or(number.strip_prefix(") "))
        {
            rest = item.trim_start();
        }
        if rest.len() == before.len() {
            return rest;
        }
    }
}

/// Leaves the text of `[text](address)` and `![text](address)`.
fn unlink(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        let found = before
            .rsplit_once('[')
            .and_then(|(before, text)| Some((before, text, after.split_once(')')?.1)));
        let Some((lead, text, after)) = found else {
            plain.push_str(before);
            plain.push(' ');
            rest = after;
            continue;
        };
        plain.push_str(lead.strip_suffix('!').unwrap_or(lead));
        plain.push_str(text);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// Puts a web address's host in its place.
fn shorten_addresses(line: &str) -> String {
    let mut short = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        let prose = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        short.push_str(prose);
        let end = after
            .find(|c: char| !c.is_ascii() || c.is_whitespace() || "<>\"')]".contains(c))
            .unwrap_or(after.len());
        let (address, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let host = address
            .split(['/', '?', '#', ':'])
            .next()
            .unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        short.push_str(host.strip_prefix("www.").unwrap_or(host));
        // Where an address ends a sentence, the sentence ends still.
        if address.len() > host.len() && address.ends_with(['.', '!', '?', ',']) {
            short.extend(address.chars().next_back());
        }
        rest = behind;
    }
    short.push_str(rest);
    short
}

/// Words before a full stop that end no sentence.
const ABBREVIATIONS: &[&str] = &[
    "e.g", "i.e", "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "no", "ca", "z.b", "d.h",
    "bzw", "sr", "sra", "p.ej", "т.е", "т.д",
];

fn split(line: &str, sentences: &mut Vec<String>) {
    let mut sentence = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        sentence.push(character);
        let next = characters.peek().copied();
        let ends = match character {
            '。' | '！' | '？' | '｡' | '؟' | '۔' | '।' | '॥' | '…' => true,
            '!' | '?' | ';' | '.' => {
                next.is_none_or(char::is_whitespace)
                    && !(character == '.' && is_abbreviation(&sentence))
            }
            _ => false,
        };
        if ends {
            sentences.push(std::mem::take(&mut sentence));
        }
    }
    sentences.push(sentence);
}

/// Whether the full stop that `text` ends with belongs to its last word.
fn is_abbreviation(text: &str) -> bool {
    let word = text
        .trim_end_matches('.')
        .rsplit([' ', '('])
        .next()
        .unwrap_or_default();
    let word: String = word.chars().map(case::lower).collect();
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    ABBREVIATIONS.contains(&word.as_str()) || (letters.next().is_some() && letters.next().is_none())
}
