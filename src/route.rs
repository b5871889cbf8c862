//! The wire contract: every route there is, as one table that the client formats and the edge parses
//! (contract 1.6), and the few that only the hosted service answers.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What `encodeURIComponent` leaves as it is, which is how the official client writes an id.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The longest id that a path can carry, in bytes after decoding.
pub const MAX_ID_BYTES: usize = 255;

/// The largest content of a message, in bytes of JSON: 1 MiB.
pub const MAX_CONTENT_BYTES: usize = 1_048_576;
/// Room for the members of a body beside a content of that size, in bytes.
const ROOM_BESIDE_CONTENT: usize = 16_384;

/// A request method that some route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of RFC 9110")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Reads a request line's method. `HEAD` is a `GET` whose body the runtime leaves out.
    fn parse(name: &str) -> Option<Self> {
        match name {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// What a route is for. The numbers are the JavaScript face's names for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Endpoint {
    /// Liveness and configuration, without a credential.
    Health = 0,
    /// The public signing keys (RFC 7517).
    Jwks = 1,
    /// Issuer and key address for token libraries (OpenID Connect Discovery 1.0, section 4).
    OpenIdConfiguration = 2,
    /// A workspace token for an API key (contract 1.6, 1).
    CreateToken = 3,
    /// A new anonymous identity (contract 1.6, 2).
    CreateAnonymousToken = 4,
    /// The next token of an anonymous identity (contract 1.6, 3).
    RefreshToken = 5,
    /// A page of threads (contract 1.6, 4).
    ListThreads = 6,
    /// A new thread (contract 1.6, 5).
    CreateThread = 7,
    /// One thread (contract 1.6, 6).
    GetThread = 8,
    /// A change to a thread (contract 1.6, 7).
    UpdateThread = 9,
    /// The end of a thread (contract 1.6, 8).
    DeleteThread = 10,
    /// Every thread of an anonymous identity into the caller's workspace (contract 1.6, 9).
    ClaimThreads = 11,
    /// A page of a thread's messages (contract 1.6, 10).
    ListMessages = 12,
    /// A new message (contract 1.6, 11).
    CreateMessage = 13,
    /// A change to a message (contract 1.6, 12).
    UpdateMessage = 14,
    /// The end of some messages (contract 1.6, 13).
    DeleteMessages = 15,
    /// What the user thinks of a message (contract 1.6, 14).
    RateMessage = 16,
    /// A report of a run (contract 1.6, 15).
    CreateRun = 17,
    /// A thread's title, as text that streams (contract 1.6, 16).
    StreamRun = 18,
    /// Leave to upload an attachment (contract 1.6, 17).
    SignUpload = 19,
    /// Leave to read an attachment (contract 1.6, 18).
    SignDownload = 20,
    /// Pages of a PDF as pictures (contract 1.6, 19).
    ConvertPdf = 21,
    /// A batch of engagement events (contract 1.6, 20).
    CreateEvents = 22,
    /// A score of a thread, message or run (contract 1.6, 21).
    CreateScore = 23,
    /// An attachment's bytes, by a signed address.
    ReadAttachment = 24,
    /// An attachment's bytes on their way in, by a signed address.
    WriteAttachment = 25,
    /// A page of the workspace's runs. Ours: the hosted service lists them by project only.
    ListRuns = 26,
    /// One run, with what was said in it. Ours, as above.
    GetRun = 31,
    /// A page of the workspace's scores. Ours, as above.
    ListScores = 27,
    /// A page of the workspace's events. Ours, as above.
    ListEvents = 28,
    /// A page of the threads of every workspace (contract 1.6, 22).
    ListProjectThreads = 29,
    /// A page of the messages of any workspace's thread (contract 1.6, 22).
    ListProjectMessages = 30,
    /// A workspace token for an application's session. Ours.
    ExchangeSession = 32,
}

/// One line of the contract. `{}` in the template stands for an id.
struct Line(Endpoint, Method, &'static str);

const TABLE: &[Line] = &[
    Line(Endpoint::Health, Method::Get, "/healthz"),
    Line(Endpoint::Jwks, Method::Get, "/.well-known/jwks.json"),
    Line(
        Endpoint::OpenIdConfiguration,
        Method::Get,
        "/.well-known/openid-configuration",
    ),
    Line(Endpoint::CreateToken, Method::Post, "/v1/auth/tokens"),
    Line(
        Endpoint::CreateAnonymousToken,
        Method::Post,
        "/v1/auth/tokens/anonymous",
    ),
    Line(
        Endpoint::RefreshToken,
        Method::Post,
        "/v1/auth/tokens/refresh",
    ),
    Line(
        Endpoint::ExchangeSession,
        Method::Post,
        "/v1/auth/tokens/session",
    ),
    Line(Endpoint::ListThreads, Method::Get, "/v1/threads"),
    Line(Endpoint::CreateThread, Method::Post, "/v1/threads"),
    Line(Endpoint::GetThread, Method::Get, "/v1/threads/{}"),
    Line(Endpoint::UpdateThread, Method::Put, "/v1/threads/{}"),
    Line(Endpoint::DeleteThread, Method::Delete, "/v1/threads/{}"),
    Line(Endpoint::ClaimThreads, Method::Post, "/v1/threads/claim"),
    Line(
        Endpoint::ListMessages,
        Method::Get,
        "/v1/threads/{}/messages",
    ),
    Line(
        Endpoint::CreateMessage,
        Method::Post,
        "/v1/threads/{}/messages",
    ),
    Line(
        Endpoint::DeleteMessages,
        Method::Delete,
        "/v1/threads/{}/messages",
    ),
    Line(
        Endpoint::UpdateMessage,
        Method::Put,
        "/v1/threads/{}/messages/{}",
    ),
    Line(
        Endpoint::RateMessage,
        Method::Post,
        "/v1/threads/{}/messages/{}/feedback",
    ),
    Line(Endpoint::CreateRun, Method::Post, "/v1/runs"),
    Line(Endpoint::ListRuns, Method::Get, "/v1/runs"),
    Line(Endpoint::GetRun, Method::Get, "/v1/runs/{}"),
    Line(Endpoint::StreamRun, Method::Post, "/v1/runs/stream"),
    Line(
        Endpoint::SignUpload,
        Method::Post,
        "/v1/files/attachments/generate-presigned-upload-url",
    ),
    Line(
        Endpoint::SignDownload,
        Method::Post,
        "/v1/files/attachments/generate-presigned-download-url",
    ),
    Line(
        Endpoint::ConvertPdf,
        Method::Post,
        "/v1/files/pdf-to-images",
    ),
    Line(
        Endpoint::ReadAttachment,
        Method::Get,
        "/v1/files/attachments/{}",
    ),
    Line(
        Endpoint::WriteAttachment,
        Method::Put,
        "/v1/files/attachments/{}",
    ),
    Line(Endpoint::CreateEvents, Method::Post, "/v1/events"),
    Line(Endpoint::ListEvents, Method::Get, "/v1/events"),
    Line(Endpoint::CreateScore, Method::Post, "/v1/scores"),
    Line(Endpoint::ListScores, Method::Get, "/v1/scores"),
];

/// What the hosted service answers and our client asks for, but our Worker does not answer yet: there, these
/// paths are unknown.
const HOSTED_ONLY: &[Line] = &[
    Line(
        Endpoint::ListProjectThreads,
        Method::Get,
        "/v1/projects/threads",
    ),
    Line(
        Endpoint::ListProjectMessages,
        Method::Get,
        "/v1/projects/threads/{}/messages",
    ),
];

fn lines() -> impl Iterator<Item = &'static Line> {
    TABLE.iter().chain(HOSTED_ONLY)
}

impl Endpoint {
    /// The endpoint behind a number of the JavaScript face.
    pub fn from_number(number: u8) -> Option<Self> {
        lines()
            .map(|line| line.0)
            .find(|endpoint| *endpoint as u8 == number)
    }

    fn line(self) -> Option<&'static Line> {
        lines().find(|line| line.0 == self)
    }

    /// The method that this endpoint is asked with.
    pub fn method(self) -> Method {
        self.line().map_or(Method::Get, |line| line.1)
    }

    /// The longest body that this endpoint takes, in bytes.
    pub fn body_limit(self) -> usize {
        match self {
            Self::CreateMessage | Self::UpdateMessage | Self::CreateRun | Self::StreamRun => {
                MAX_CONTENT_BYTES + ROOM_BESIDE_CONTENT
            }
            Self::CreateThread
            | Self::UpdateThread
            | Self::DeleteMessages
            | Self::RateMessage
            | Self::CreateScore => 65_536,
            Self::CreateEvents => 131_072,
            Self::SignUpload | Self::SignDownload | Self::ConvertPdf => 16_384,
            _ => 4_096,
        }
    }

    /// The path that this endpoint is asked at, with the ids that it names percent-encoded: a thread's, and
    /// within it a message's.
    pub fn path(self, id: &str, inner_id: &str) -> String {
        let template = self.line().map_or("/", |line| line.2);
        let mut path = String::new();
        let mut ids = [id, inner_id].into_iter();
        // Character by character: slicing could panic as far as the compiler knows, and the words for that
        // would be a fifth of what the client's visitors download.
        for character in template.chars() {
            match character {
                '{' => path.extend(utf8_percent_encode(ids.next().unwrap_or_default(), SEGMENT)),
                '}' => {}
                literal => path.push(literal),
            }
        }
        path
    }
}

/// A request's endpoint and the ids that its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// What is asked for.
    pub endpoint: Endpoint,
    /// The first id in the path; empty where the path names none.
    pub id: Cow<'a, str>,
    /// The second one; empty where the path names less.
    pub inner_id: Cow<'a, str>,
}

/// Why a request line is no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteError {
    /// No route has this path.
    NotFound,
    /// The path is known, this method on it is not. Carries the methods that are, for `Allow`.
    MethodNotAllowed(String),
}

impl Route<'_> {
    /// The line by which the Worker tells a workspace's object what is asked for: the endpoint's number and the ids,
    /// each percent-encoded.
    pub fn to_line(&self) -> String {
        let mut value = (self.endpoint as u8).to_string();
        value.push('/');
        value.extend(utf8_percent_encode(&self.id, NON_ALPHANUMERIC));
        value.push('/');
        value.extend(utf8_percent_encode(&self.inner_id, NON_ALPHANUMERIC));
        value
    }

    /// Reads that line. `None`, when the Worker did not write it.
    pub fn from_line(value: &str) -> Option<Route<'_>> {
        let (number, ids) = value.split_once('/')?;
        let (id, inner_id) = ids.split_once('/')?;
        Some(Route {
            endpoint: Endpoint::from_number(number.parse().ok()?)?,
            id: percent_decode_str(id).decode_utf8().ok()?,
            inner_id: percent_decode_str(inner_id).decode_utf8().ok()?,
        })
    }
}

impl<'a> Route<'a> {
    /// Reads a request line. Slashes doubled at the front of `path` are one, because the official client
    /// takes only one of them off its base URL (contract 1.1).
    ///
    /// # Errors
    ///
    /// [`RouteError`], when no line of the contract fits.
    pub fn parse(method: &str, path: &'a str) -> Result<Self, RouteError> {
        let asked = Method::parse(method);
        let path = path.trim_start_matches('/');
        let mut allowed = Vec::new();
        for line in TABLE {
            let Some([id, inner_id]) = match_template(line.2, path) else {
                continue;
            };
            if asked == Some(line.1) {
                return Ok(Self {
                    endpoint: line.0,
                    id,
                    inner_id,
                });
            }
            allowed.push(line.1.as_str());
        }
        if allowed.is_empty() {
            return Err(RouteError::NotFound);
        }
        allowed.push("OPTIONS");
        Err(RouteError::MethodNotAllowed(allowed.join(", ")))
    }
}

/// The ids that `path` has in the places of `{}`; empty ones where the template has no such places.
fn match_template<'a>(template: &str, path: &'a str) -> Option<[Cow<'a, str>; 2]> {
    // Most templates end here, before the path is taken apart.
    let literal = template.trim_start_matches('/').bytes();
    let mut front = literal.take_while(|byte| *byte != b'{').zip(path.bytes());
    if !front.all(|(wanted, given)| wanted == given) {
        return None;
    }
    let mut ids = [Cow::Borrowed(""), Cow::Borrowed("")];
    let mut places = ids.iter_mut();
    let mut segments = path.split('/');
    for wanted in template.trim_start_matches('/').split('/') {
        let segment = segments.next()?;
        if wanted == "{}" {
            *places.next()? = decode_id(segment)?;
        } else if wanted != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(ids)
}

fn decode_id(segment: &str) -> Option<Cow<'_, str>> {
    let id = percent_decode_str(segment).decode_utf8().ok()?;
    (1..=MAX_ID_BYTES).contains(&id.len()).then_some(id)
}
