//! The exchange of somebody else's proof of identity, a provider's token or an application's session, for a
//! workspace token.

use crate::auth_rule::Template;
use crate::caller::Caller;
use crate::id::{SYSTEM_USER, UserId, WorkspaceId};
use crate::issuance;
use crate::json::Json;
use crate::project::Project;
use crate::signature::{SignatureFault, Signatures};
use crate::timestamp::Timestamp;

/// Who somebody is by an auth rule, and until when that holds. Only a verified token or a session that its
/// application vouched for becomes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenIdentity {
    caller: Caller,
    expires_at: Option<Timestamp>,
}

impl ProvenIdentity {
    pub(crate) fn new(caller: Caller, expires_at: Option<Timestamp>) -> Self {
        Self { caller, expires_at }
    }

    /// The user and the workspace.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// A fresh workspace token for it. It ends when the proof does, if that is sooner than its usual lifetime.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    pub async fn exchange(
        &self,
        project: &Project,
        signatures: &impl Signatures,
        now: Timestamp,
        random: u128,
    ) -> Result<String, SignatureFault> {
        issuance::issue_until(
            project,
            signatures,
            &self.caller,
            self.expires_at,
            now,
            random,
        )
        .await
    }

    /// When the proof ends, which no token that is issued for it outlives. `None`, when it does not say.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

/// A user's id from outside. Ours are reserved: those of anonymous identities, and the one that an API key
/// acts for.
pub(crate) fn read_user(text: &str) -> Option<UserId> {
    UserId::parse(text)
        .ok()
        .filter(|user| user.as_str() != SYSTEM_USER)
}

/// A workspace's id from what is said of a user.
pub(crate) fn read_workspace(template: &Template, claims: &Json) -> Option<WorkspaceId> {
    WorkspaceId::parse(&template.fill(claims).ok()?).ok()
}
