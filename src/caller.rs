//! Who a request acts for, once that is known.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::id::{AnonymousId, UserId, WorkspaceId};

/// The user and the workspace that a request acts for. Only [`crate::authentication`] makes one of a
/// request; the Worker hands it on to the workspace's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who acts.
    pub user: UserId,
    /// Where.
    pub workspace: WorkspaceId,
}

impl Caller {
    /// The line by which the Worker tells a workspace's object whom it serves: workspace and user, each
    /// percent-encoded. Nobody else can reach the object.
    pub fn to_line(&self) -> String {
        [self.workspace.as_str(), self.user.as_str()]
            .map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string())
            .join("/")
    }

    /// Reads that line. `None`, when the Worker did not write it.
    pub fn from_line(value: &str) -> Option<Self> {
        let mut parts = value
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8());
        let mut next = || parts.next()?.ok();
        let workspace = WorkspaceId::parse_own(&next()?).ok()?;
        let user = UserId::parse_own(&next()?).ok()?;
        Some(Self { user, workspace })
    }
}

impl AnonymousId {
    /// This identity, in its own workspace.
    pub fn caller(self) -> Caller {
        Caller {
            user: self.user(),
            workspace: self.workspace(),
        }
    }
}
