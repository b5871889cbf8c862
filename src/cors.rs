//! The headers that let web pages read our answers (Fetch Standard, CORS protocol; contract 1.5).

use crate::origin::AllowedOrigins;

/// What a preflight is answered with, beside the headers of every answer.
pub const PREFLIGHT: [(&str, &str); 3] = [
    (
        "Access-Control-Allow-Methods",
        "GET, POST, PUT, DELETE, OPTIONS",
    ),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Aui-Sdk, Aui-User-Id, Aui-Workspace-Id",
    ),
    // Two hours, the longest that Chromium honors.
    ("Access-Control-Max-Age", "7200"),
];

/// The headers of an answer, errors included, to a request that came from a page of `origin`. An origin
/// that is not allowed gets the answer without leave to read it.
pub fn headers<'a>(
    allowed: &AllowedOrigins,
    origin: Option<&'a str>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let readable = origin.filter(|origin| allowed.allows(origin));
    std::iter::once(("Vary", "Origin")).chain(readable.into_iter().flat_map(|origin| {
        [
            ("Access-Control-Allow-Origin", origin),
            (
                "Access-Control-Expose-Headers",
                "Authorization, Retry-After",
            ),
        ]
    }))
}
