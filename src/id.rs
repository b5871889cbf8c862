//! The names of things: parsed once at the border, then trusted (contract 1.3).

use std::fmt;

use sha2::{Digest, Sha256};

use crate::base62;

/// What every anonymous identity's id begins with. No provider, header or claim may name such an id.
pub const ANONYMOUS_PREFIX: &str = "usr_anon_";
/// The user that an API key acts for when its request names none.
pub const SYSTEM_USER: &str = "__SYSTEM__";
/// The longest id of a user, workspace or project, in characters.
const MAX_CHARS: usize = 255;

/// Text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// Nothing, or more than 255 characters.
    Length,
    /// White space or a control character.
    Character,
    /// An anonymous identity's prefix, which is ours to give.
    Reserved,
}

impl fmt::Display for IdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Length => "must have 1 to 255 characters",
            Self::Character => "must have no white space or control characters",
            Self::Reserved => "must not begin with usr_anon_",
        })
    }
}

impl std::error::Error for IdError {}

fn check(text: &str) -> Result<(), IdError> {
    // Bytes first: counting the characters of a long text costs as much as reading it.
    if text.is_empty() || text.len() > MAX_CHARS * 4 || text.chars().count() > MAX_CHARS {
        return Err(IdError::Length);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(IdError::Character);
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes an id from outside.
            ///
            /// # Errors
            ///
            /// [`IdError`], when the text is empty, too long, not printable, or reserved.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text)?;
                if text.starts_with(ANONYMOUS_PREFIX) {
                    return Err(IdError::Reserved);
                }
                Ok(Self(text.to_owned()))
            }

            /// The id's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// Who acts.
    UserId
}
id! {
    /// The scope that owns threads and messages.
    WorkspaceId
}
id! {
    /// The deployment's project; a token of one project is nothing in another.
    ProjectId
}

macro_rules! own_id {
    ($name:ident) => {
        impl $name {
            /// Takes an id that we gave ourselves, where the anonymous prefix is allowed.
            ///
            /// # Errors
            ///
            /// [`IdError`], when the text is empty, too long or not printable.
            pub(crate) fn parse_own(text: &str) -> Result<Self, IdError> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }
        }
    };
}

own_id!(UserId);
own_id!(WorkspaceId);

impl UserId {
    /// The user that an API key acts for when its request names none.
    pub fn system() -> Self {
        Self(SYSTEM_USER.to_owned())
    }

    /// Whether this is an identity made for one browser.
    pub fn is_anonymous(&self) -> bool {
        self.0.starts_with(ANONYMOUS_PREFIX)
    }
}

/// The 128 bits behind an anonymous identity. Its user id and its workspace id are the same text
/// (contract 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnonymousId(pub u128);

impl AnonymousId {
    /// The text of both ids.
    fn text(self) -> String {
        [ANONYMOUS_PREFIX, "0", &base62::encode::<23>(self.0)].concat()
    }

    /// The user of this identity.
    pub fn user(self) -> UserId {
        UserId(self.text())
    }

    /// The workspace of this identity.
    pub fn workspace(self) -> WorkspaceId {
        WorkspaceId(self.text())
    }
}

/// What a workspace keeps, each with an id of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their modules say what they are")]
pub enum Kind {
    Thread,
    Message,
    Run,
    Score,
    Event,
}

impl Kind {
    /// A new id, from 128 random bits.
    pub fn new_id(self, random: u128) -> String {
        [self.prefix(), &base62::encode::<23>(random)].concat()
    }

    /// Whether an id of ours is of this kind.
    pub fn is_of(self, id: &str) -> bool {
        id.starts_with(self.prefix())
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Thread => "thread_0",
            Self::Message => "msg_0",
            Self::Run => "run_0",
            Self::Score => "score_0",
            Self::Event => "event_0",
        }
    }
}

/// The name of a workspace's Durable Object: a hash of both ids, each with its length before it, so that
/// no two pairs share one (`a_b` + `c` is not `a` + `b_c`).
pub fn object_name(project: &ProjectId, workspace: &WorkspaceId) -> String {
    hash(&[project.as_str(), workspace.as_str()])
}

/// The name under which a user's requests in a workspace are counted: a hash as [`object_name`] is one.
pub fn counted_as(project: &ProjectId, workspace: &WorkspaceId, user: &UserId) -> String {
    hash(&[project.as_str(), workspace.as_str(), user.as_str()])
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .map(|&digit| char::from(digit))
        .collect()
}
