//! How an attachment is read: which part of it, and what a browser may do with it.

use super::key::Key;

/// A part of a file that is asked for (RFC 9110, 14.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// From a byte on, to a last one if there is one.
    From(u64, Option<u64>),
    /// That many bytes at the end.
    Last(u64),
}

impl Range {
    /// Reads a `Range` header. `None` for several ranges and for what is none: the whole file is the
    /// answer then, as it always may be.
    pub fn parse(header: &str) -> Option<Self> {
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            // Beyond 2^53 the runtime's numbers are no bytes any more.
            digits
                .parse()
                .ok()
                .filter(|&number: &u64| plain && number < 1 << 53)
        };
        let (first, last) = header.strip_prefix("bytes=")?.trim().split_once('-')?;
        if first.is_empty() {
            return number(last).map(Self::Last);
        }
        let first = number(first)?;
        if last.is_empty() {
            return Some(Self::From(first, None));
        }
        let last = number(last).filter(|&last| last >= first)?;
        Some(Self::From(first, Some(last)))
    }

    /// The first and the last byte of a file of `size` bytes. `None`, when the range has none of them.
    pub fn within(self, size: u64) -> Option<(u64, u64)> {
        let end = size.checked_sub(1)?;
        match self {
            Self::From(first, last) => {
                (first <= end).then(|| (first, last.unwrap_or(end).min(end)))
            }
            Self::Last(0) => None,
            Self::Last(count) => Some((size.saturating_sub(count), end)),
        }
    }
}

/// The headers of an answer with an attachment's bytes. They are a stranger's: they never become a page of
/// our origin, whatever is in them.
pub fn head(key: &Key) -> [(&'static str, &'static str); 7] {
    let inline = key.media().is_some_and(|media| media.inline);
    [
        ("Content-Type", key.content_type()),
        (
            "Content-Disposition",
            if inline { "inline" } else { "attachment" },
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        // Pages of other origins show it: that is what it is for.
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Cache-Control", "private, max-age=3600"),
        ("Accept-Ranges", "bytes"),
    ]
}

/// The entity tag that a client has already, of an `If-None-Match` header with one in it, bare.
pub fn known_etag(header: &str) -> Option<&str> {
    let tag = header.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ((1..=64).contains(&tag.len()) && tag.bytes().all(plain)).then_some(tag)
}
