//! A model's answer on its way to a title.
//!
//! A title cannot be cleaned once it has streamed, and what streams has to be what is stored. So the draft
//! lets nothing go that it may still have to take back: the beginning waits until it is no quotation mark,
//! label or thought, and punctuation waits until a word follows it.

use super::MAX_CHARS;
use super::script::{self, WORD, is_invisible};

/// The most words of a title (contract 1.6, 16), in room.
const ROOM: u32 = WORD * 12;
/// How much of an answer is read, in bytes: a model may think aloud, but not for ever.
const MAX_RAW_BYTES: usize = 16_384;
const THOUGHT: &str = "<think>";
const THOUGHT_END: &str = "</think>";
/// What models put before the title although they are told not to.
const LABELS: [&str; 8] = [
    "title",
    "titre",
    "titel",
    "título",
    "titolo",
    "заголовок",
    "标题",
    "タイトル",
];

/// A title in the making.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    raw: String,
    title: String,
    complete: bool,
}

impl Draft {
    /// Takes a piece of the answer and gives the text that is sure to be part of the title from now on.
    pub fn push(&mut self, piece: &str) -> String {
        if self.complete {
            return String::new();
        }
        self.raw.push_str(piece);
        self.complete = self.raw.len() > MAX_RAW_BYTES;
        self.settle(false)
    }

    /// Ends the answer and gives the last text of the title.
    pub fn finish(&mut self) -> String {
        let rest = self.settle(true);
        self.complete = true;
        rest
    }

    /// Whether no further piece can add to the title.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The title so far: everything that was let go. Empty while the model has said nothing of use.
    pub fn title(&self) -> &str {
        &self.title
    }

    fn settle(&mut self, finished: bool) -> String {
        let Some(body) = strip_lead(&self.raw, finished) else {
            return String::new();
        };
        let (title, complete) = read_line(body);
        self.complete |= complete;
        let news = title.get(self.title.len()..).unwrap_or_default().to_owned();
        self.title = title;
        news
    }
}

/// The answer from where the title begins. `None` while that is not known.
fn strip_lead(raw: &str, finished: bool) -> Option<&str> {
    let mut rest = raw.trim_start();
    if let Some(thought) = rest.strip_prefix(THOUGHT) {
        rest = thought.split_once(THOUGHT_END)?.1;
    } else if !finished && THOUGHT.starts_with(rest) {
        return None;
    }
    let is_lead =
        |c: char| c.is_whitespace() || is_invisible(c) || "\"'`*_#“”„‘’«»「」『』《》".contains(c);
    loop {
        rest = rest.trim_start_matches(is_lead);
        let mut labels = LABELS.iter();
        match labels.find_map(|label| Label::of(rest, label)) {
            Some(Label::Whole(behind)) => rest = behind,
            Some(Label::Begun) if !finished => return None,
            _ => return Some(rest),
        }
    }
}

/// What a text has of a label and its colon.
enum Label<'a> {
    Begun,
    Whole(&'a str),
}

impl<'a> Label<'a> {
    fn of(text: &'a str, label: &str) -> Option<Self> {
        let mut rest = text.chars();
        for letter in label.chars() {
            match rest.next() {
                None => return Some(Self::Begun),
                Some(c) if c.to_lowercase().eq([letter]) => {}
                Some(_) => return None,
            }
        }
        let rest = rest
            .as_str()
            .trim_start_matches([' ', '*', '_', '\u{a0}', '\u{202f}']);
        match rest.chars().next() {
            None => Some(Self::Begun),
            Some(':' | '：') => Some(Self::Whole(rest.trim_start_matches([':', '：']))),
            Some(_) => None,
        }
    }
}

/// The title that a line makes: without quotation marks, markup and a punctuation at its end. And whether
/// the line is at its end, or a title's.
fn read_line(line: &str) -> (String, bool) {
    let (mut title, mut held) = (String::new(), String::new());
    let (mut left, mut chars) = (ROOM, 0_usize);
    let mut previous = None;
    for next in line.chars() {
        if next == '\n' || next == '\r' {
            return (title, true);
        }
        if is_invisible(next) || "\"“”„«»*`".contains(next) {
            continue;
        }
        let taken = script::room(previous, next);
        if taken > left {
            return (title, true);
        }
        left = left.saturating_sub(taken);
        previous = Some(next);
        if next.is_whitespace() {
            if !held.ends_with(' ') {
                held.push(' ');
            }
        } else if ".,:;!?…。！？、，；：·'’_~-–—".contains(next) {
            held.push(next);
        } else {
            chars = chars.saturating_add(held.chars().count()).saturating_add(1);
            if chars > MAX_CHARS {
                return (title, true);
            }
            title.push_str(&held);
            held.clear();
            title.push(next);
        }
    }
    (title, false)
}
