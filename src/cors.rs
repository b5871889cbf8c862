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

/// The page that asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// Its origin.
    pub origin: Option<&'a str>,
    /// Whether it may have its cookies sent along and read the answer, whoever else may. Asked for a session's
    /// exchange only.
    pub shares_cookies: bool,
}

/// The headers of an answer, errors included, to a request that came from a page. One of an origin that is not
/// allowed gets the answer without leave to read it.
pub fn headers<'a>(
    allowed: &AllowedOrigins,
    page: Page<'a>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let readable = page
        .origin
        .filter(|origin| page.shares_cookies || allowed.allows(origin));
    let cookies = page
        .shares_cookies
        .then_some(("Access-Control-Allow-Credentials", "true"));
    let leave = readable.into_iter().flat_map(|origin| {
        [
            ("Access-Control-Allow-Origin", origin),
            (
                "Access-Control-Expose-Headers",
                "Authorization, Retry-After, X-Request-Id, Date",
            ),
        ]
    });
    std::iter::once(("Vary", "Origin"))
        .chain(leave)
        .chain(cookies)
}
