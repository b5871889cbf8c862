//! A model's answer as it comes over the wire: server-sent events (HTML Standard, 9.2.6), whichever way
//! the bytes are cut.

use std::fmt;

use crate::body::{Body, Null};
use crate::json::JsonText;

/// The longest event, in bytes. A piece of a title has some dozen; what is longer is something else.
const MAX_EVENT_BYTES: usize = 65_536;

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The next text of the answer; may be empty.
    Text(String),
    /// The answer is at its end.
    Done,
}

/// An answer that went wrong. Says nothing of its text, which is a user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamError {
    /// An event that is too long to be one.
    Length,
    /// An event that is no JSON object.
    Json,
    /// The model reports an error.
    Model,
}

impl fmt::Display for StreamError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Length => "the model sent an event that is too long",
            Self::Json => "the model sent an event that is no JSON object",
            Self::Model => "the model broke off with an error",
        })
    }
}

impl std::error::Error for StreamError {}

/// The part of the stream that has come and is no whole event yet.
#[derive(Debug, Default)]
pub struct EventStream {
    line: Vec<u8>,
    data: String,
    has_data: bool,
    after_return: bool,
}

impl EventStream {
    /// Takes the next bytes and gives the pieces that they complete.
    ///
    /// # Errors
    ///
    /// [`StreamError`]; the stream is of no use after that.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, StreamError> {
        let mut pieces = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => pieces.extend(self.end_line()?),
                _ => self.line.push(byte),
            }
            self.after_return = byte == b'\r';
            if self.line.len().saturating_add(self.data.len()) > MAX_EVENT_BYTES {
                return Err(StreamError::Length);
            }
        }
        Ok(pieces)
    }

    /// Ends the stream: an event that lacks nothing but its empty line counts, because some servers leave
    /// the last one out.
    ///
    /// # Errors
    ///
    /// [`StreamError`].
    pub fn finish(&mut self) -> Result<Vec<Piece>, StreamError> {
        let mut pieces = Vec::new();
        for _ in 0..2 {
            pieces.extend(self.end_line()?);
        }
        Ok(pieces)
    }

    fn end_line(&mut self) -> Result<Option<Piece>, StreamError> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return std::mem::take(&mut self.has_data)
                .then(|| read(&data))
                .transpose();
        }
        // Lines are whole, so no character is cut here.
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        if let Some(data) = line.strip_prefix("data:") {
            if self.has_data {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            self.has_data = true;
        }
        Ok(None)
    }
}

/// Reads one event of a chat completion (`choices[0].delta.content`) or of Workers AI (`response`, which is
/// a number where the text is one).
fn read(data: &str) -> Result<Piece, StreamError> {
    if data.trim() == "[DONE]" {
        return Ok(Piece::Done);
    }
    let mut event = Body::parse(data.as_bytes()).map_err(|_| StreamError::Json)?;
    if event.take("error").is_some() {
        return Err(StreamError::Model);
    }
    let text = content(&mut event).or_else(|| event.take("response"));
    let Some(text) = text else {
        return Ok(Piece::Text(String::new()));
    };
    match text.get().as_bytes().first() {
        Some(b'"') => text.read().map(Piece::Text).ok_or(StreamError::Json),
        Some(b'-' | b'0'..=b'9') => Ok(Piece::Text(text.get().to_owned())),
        _ => Ok(Piece::Text(String::new())),
    }
}

/// The text of a chat completion's event, unread.
fn content<'a>(event: &mut Body<'a>) -> Option<JsonText<'a>> {
    let choices: Vec<JsonText<'_>> = event.typed("choices", Null::IsAbsent, "must be an array")?;
    let delta = Body::read(*choices.first()?).ok()?.take("delta")?;
    Body::read(delta).ok()?.take("content")
}
