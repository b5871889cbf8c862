//! The exchange of an application's own session for a workspace token, for auth libraries that keep a cookie
//! and issue no JWT (Auth.js, better-auth). The Worker shows the application the cookies of the request and
//! asks whose they are.
//!
//! A browser sends cookies without being asked, so the `Origin` of the request decides whether it is meant:
//! no page that the deployment does not name gets a token for the person who happens to look at it.

use crate::auth_rule::SessionRule;
use crate::body::{Body, Null};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::exchange::{self, ProvenIdentity};
use crate::json::Json;
use crate::project::Project;
use crate::refusal::Refusal;
use crate::timestamp::Timestamp;

/// How long the application may take to answer, in milliseconds.
pub const TIMEOUT_MILLIS: i64 = 5_000;
/// The longest answer of the application, in bytes.
pub const MAX_ANSWER_BYTES: usize = 65_536;
/// The longest `Cookie` header that is passed on, in bytes.
pub const MAX_COOKIE_BYTES: usize = 16_384;

/// Why a session is not exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The request comes from no page that may exchange sessions.
    Origin,
    /// Nobody is signed in, or no longer.
    NoSession,
    /// The session names no user, or none that can be one.
    User,
    /// The session gives no workspace.
    Workspace,
    /// The session ends at no date that can be read.
    Expiry,
    /// The application did not answer as it should.
    Application,
}

impl Reason {
    /// The reason as the log has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::NoSession => "no_session",
            Self::User => "session_user",
            Self::Workspace => "session_workspace",
            Self::Expiry => "session_expiry",
            Self::Application => "session_answer",
        }
    }

    /// The refusal of a session for this reason, by the rule that was chosen for it.
    pub fn refuse(self, rule: &SessionRule) -> Refusal {
        Refusal {
            rule: Some(rule.name.clone()),
            ..self.into()
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self {
            error: reason.into(),
            rule: None,
            reason: reason.code(),
        }
    }
}

impl From<Reason> for ApiError {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Origin => Self::OriginNotAllowed,
            Reason::NoSession => Self::SessionMissing,
            Reason::User | Reason::Workspace | Reason::Expiry => Self::SessionInvalid,
            Reason::Application => Self::Unavailable,
        }
    }
}

/// Whether a page of `origin` may exchange sessions of `rule`: one that the rule names; without such a list the
/// application's own pages, and those that the deployment names. That a deployment is open to every page does
/// not count here.
pub fn allows(rule: &SessionRule, project: &Project, origin: &str) -> bool {
    if let Some(origins) = &rule.origins {
        return origins.allows(origin);
    }
    let allowed = project.allowed_origins();
    rule.url.origin() == origin || (!allowed.is_open() && allowed.allows(origin))
}

/// Whether a page of `origin` may exchange sessions of any rule, and read the answer.
pub fn allows_any(project: &Project, origin: Option<&str>) -> bool {
    let rules = project.auth_rules().sessions().unwrap_or_default();
    origin.is_some_and(|origin| rules.iter().any(|rule| allows(rule, project, origin)))
}

/// The rule for a request: the one that its body names as `rule`; where it names none, the only one that its
/// page may use.
///
/// # Errors
///
/// [`Refusal`]: no rule is configured or usable, the page may use none, the body names none or not which.
pub fn choose_rule<'p>(
    project: &'p Project,
    origin: Option<&str>,
    body: &[u8],
) -> Result<&'p SessionRule, Refusal> {
    let rules = project.auth_rules().sessions()?;
    if rules.is_empty() {
        return Err(ApiError::SessionExchangeOff.into());
    }
    let name = read_name(body)?;
    let mut fitting = rules.iter().filter(|rule| {
        name.as_ref().is_none_or(|name| *name == rule.name)
            && origin.is_some_and(|origin| allows(rule, project, origin))
    });
    let rule = fitting.next().ok_or(Reason::Origin)?;
    if fitting.next().is_some() {
        return Err(ApiError::schema("rule: must name the auth rule").into());
    }
    Ok(rule)
}

fn read_name(body: &[u8]) -> Result<Option<String>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    let mut body = Body::parse(body)?;
    let name = body.typed("rule", Null::IsAbsent, "must be a string");
    body.finish()?;
    Ok(name)
}

/// The cookies to pass on to the application.
///
/// # Errors
///
/// [`Reason::NoSession`], when there are none, or so many that no session of an application is among them.
pub fn check_cookies(cookies: Option<&str>) -> Result<&str, Reason> {
    cookies
        .filter(|cookies| (1..=MAX_COOKIE_BYTES).contains(&cookies.len()))
        .ok_or(Reason::NoSession)
}

/// Reads the application's answer. Both libraries answer 200 without a session, with `null` or `{}`.
///
/// # Errors
///
/// [`Reason`].
pub fn read_answer(
    rule: &SessionRule,
    status: u16,
    body: &[u8],
    now: Timestamp,
) -> Result<ProvenIdentity, Reason> {
    let session = match status {
        200 => Json::parse(body).ok_or(Reason::Application)?,
        401 => return Err(Reason::NoSession),
        // A 403 among them, which is what a firewall says: nobody is to be signed out for that.
        _ => return Err(Reason::Application),
    };
    match &session {
        Json::Null => return Err(Reason::NoSession),
        Json::Object(members) if members.is_empty() => return Err(Reason::NoSession),
        Json::Object(_) => {}
        _ => return Err(Reason::Application),
    }
    let expires_at = read_expiry(rule, &session)?;
    if expires_at.is_some_and(|expires_at| now >= expires_at) {
        return Err(Reason::NoSession);
    }
    let user = rule.user.fill(&session).ok();
    let user = user.and_then(|id| exchange::read_user(&id));
    let caller = Caller {
        user: user.ok_or(Reason::User)?,
        workspace: exchange::read_workspace(&rule.workspace, &session).ok_or(Reason::Workspace)?,
    };
    Ok(ProvenIdentity::new(caller, expires_at))
}

/// The session's end. An answer of the application's own may have none, and then the workspace token's is the only
/// one; but an end that is there and is no date says nothing of how long the session lasts.
fn read_expiry(rule: &SessionRule, session: &Json) -> Result<Option<Timestamp>, Reason> {
    let mut value = session;
    for step in rule.expiry {
        value = match (value, value.get(step)) {
            (_, Some(inner)) => inner,
            (Json::Object(_), None) if rule.may_be_endless => return Ok(None),
            _ => return Err(Reason::Expiry),
        };
    }
    let expires_at = value.as_text().and_then(Timestamp::parse);
    expires_at.map(Some).ok_or(Reason::Expiry)
}
