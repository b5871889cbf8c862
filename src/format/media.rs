//! Media types and URLs of files: `aui/v0` holds a URL or bare base64, a `UIMessage` always a URL.

use std::borrow::Cow;

use base64ct::{Base64UrlUnpadded, Encoding};

/// What a file is taken for that nothing is known of.
const ANY_TYPE: &str = "application/octet-stream";
/// What an image is taken for that nothing is known of. The AI SDK refuses `image/*`.
const ANY_IMAGE: &str = "image/png";
/// So much base64 gives the bytes that tell the image formats apart.
const SIGNATURE_CHARS: usize = 16;

/// The media type of an image: as declared for its attachment, as its data URL says, or as its first bytes tell.
pub(super) fn image_type(image: &str, declared: Option<&str>) -> String {
    let url = declared_type(image);
    let known = [declared, url.as_deref()].into_iter().flatten();
    let mut known = known.filter(|kind| kind.starts_with("image/") && !kind.contains('*'));
    if let Some(kind) = known.next() {
        return kind.to_owned();
    }
    let bytes = match data_url(image) {
        Some((_, data)) => Some(data),
        None => (!is_url(image)).then_some(image),
    };
    bytes.and_then(signature).unwrap_or(ANY_IMAGE).to_owned()
}

/// The media type of a file: as declared, or as its data URL says.
pub(super) fn file_type(data: &str, declared: &str) -> String {
    if declared.is_empty() {
        return declared_type(data).unwrap_or_else(|| ANY_TYPE.to_owned());
    }
    declared.to_owned()
}

/// A file's URL. One that is base64 says the type that the file has: it is the URL's own type that counts.
pub(super) fn url<'a>(data: Cow<'a, str>, kind: &str) -> Cow<'a, str> {
    match data_url(&data) {
        Some((declared, _)) if declared == kind => data,
        Some((_, bytes)) => wrapped(kind, bytes).into(),
        None if is_url(&data) => data,
        None => wrapped(kind, &data).into(),
    }
}

fn wrapped(kind: &str, base64: &str) -> String {
    ["data:", kind, ";base64,", base64].concat()
}

/// Whether a text has a scheme, as no base64 has (RFC 3986, section 3.1).
fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
    })
}

/// What follows `data:`, in any case.
fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    scheme.eq_ignore_ascii_case("data").then_some(rest)
}

/// The type that a data URL declares, whatever its encoding (RFC 2397).
fn declared_type(url: &str) -> Option<String> {
    let rest = after_scheme(url)?;
    let (kind, _) = rest.split_once([';', ','])?;
    (!kind.is_empty()).then(|| kind.to_ascii_lowercase())
}

/// The type and the base64 of a data URL that has them.
fn data_url(url: &str) -> Option<(String, &str)> {
    let (head, data) = after_scheme(url)?.split_once(',')?;
    let (_, encoding) = head.rsplit_once(';')?;
    if !encoding.eq_ignore_ascii_case("base64") {
        return None;
    }
    Some((declared_type(url)?, data))
}

/// The image format that the first bytes tell.
fn signature(base64: &str) -> Option<&'static str> {
    let start = base64.get(..SIGNATURE_CHARS).unwrap_or(base64);
    if !start.len().is_multiple_of(4) || start.contains(['-', '_']) {
        return None;
    }
    // In the alphabet of the tokens, whose decoder is there anyway (RFC 4648, sections 4 and 5).
    let start = start.trim_end_matches('=');
    let start = start.replace('+', "-").replace('/', "_");
    let mut buffer = [0; 12];
    let bytes = Base64UrlUnpadded::decode(&start, &mut buffer).ok()?;
    match bytes {
        [b'G', b'I', b'F', ..] => Some("image/gif"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => Some("image/webp"),
        [b'B', b'M', ..] => Some("image/bmp"),
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Some("image/tiff"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f'] => Some("image/avif"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i', b'c'] => Some("image/heic"),
        _ => None,
    }
}
