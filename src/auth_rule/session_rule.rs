//! Rules for sessions.

use super::fields::Fields;
use super::{Surroundings, Template};
use crate::origin::AllowedOrigins;
use crate::public_url::PublicUrl;

/// A rule for sessions: an application's own, which its cookie stands for.
#[derive(Debug)]
pub struct SessionRule {
    /// What the log calls it.
    pub name: String,
    /// Where the application says whose session a cookie is.
    pub url: PublicUrl,
    /// The way to the session's end in that answer.
    pub expiry: &'static [&'static str],
    /// Whether the answer may have none: it is the application's own, not its library's.
    pub may_be_endless: bool,
    /// The user's id.
    pub user: Template,
    /// The workspace's id.
    pub workspace: Template,
    /// The pages that may exchange a session; none listed leaves it to the application's own and to those
    /// that the deployment lists.
    pub origins: Option<AllowedOrigins>,
}

/// Where an auth library has what.
pub(super) struct Usual {
    /// The path of its answer to whose session a cookie is.
    path: &'static str,
    /// The way to the session's end in it.
    expiry: &'static [&'static str],
}

pub(super) const BETTER_AUTH: Usual = Usual {
    path: "/api/auth/get-session",
    expiry: &["session", "expiresAt"],
};
pub(super) const AUTH_JS: Usual = Usual {
    path: "/api/auth/session",
    expiry: &["expires"],
};

impl SessionRule {
    /// Reads a rule. `None`, when it is not whole; what is wrong has been noted then.
    pub(super) fn read(
        fields: &mut Fields<'_>,
        surroundings: &Surroundings<'_>,
        name: Option<String>,
        usual: &Usual,
    ) -> Option<Self> {
        let base = fields.required("url");
        let path = fields.text("session_path");
        let url = base.and_then(|base| {
            let path = path.as_deref().unwrap_or(usual.path);
            if !path.starts_with('/') {
                fields.complain("session_path", "must begin with a slash");
            }
            let url = [base.trim_end_matches('/'), path].concat();
            fields.sound("url", PublicUrl::parse(&url, surroundings.own_origin))
        });
        let origins = fields.texts("origins");
        let origins = origins.and_then(|list| {
            let list = AllowedOrigins::parse(&list.join(" "));
            let open = Err("must name an origin");
            let list = list.and_then(|origins| if origins.is_open() { open } else { Ok(origins) });
            fields.sound("origins", list)
        });
        let user = fields.template("user", "{/user/id}");
        let workspace = fields.template("workspace", "{/user/id}");
        Some(Self {
            name: name?,
            url: url?,
            expiry: usual.expiry,
            may_be_endless: path.is_some(),
            user: user?,
            workspace: workspace?,
            origins,
        })
    }
}
