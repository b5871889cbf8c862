//! Names of attachments: in the bucket, in a path, and in a public address.

use sha2::{Digest, Sha256};

use super::media::{self, Media};
use crate::base62;
use crate::id::{ProjectId, WorkspaceId, hex};

const ROOT: &str = "attachments/";
/// An owner's or a secret's digits.
const OWNER_CHARS: usize = 32;
const SECRET_CHARS: usize = 22;
/// Where the hyphens of a UUID are.
const UUID_HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID_CHARS: usize = 36;
/// The longest extension that is kept.
const MAX_EXTENSION_CHARS: usize = 16;

/// An object in the bucket: whose it is, which one, what kind of file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    owner: String,
    uuid: String,
    extension: String,
}

/// The part of a public address that nobody can guess. Whoever knows it may read the object.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    key: Key,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

impl Secret {
    /// A new object's secret, from 128 random bits. `extension` is one that [`extension_of`] gave.
    pub(super) fn new(
        project: &ProjectId,
        workspace: &WorkspaceId,
        extension: &str,
        random: u128,
    ) -> Self {
        let owner = owner_of(project, workspace);
        Self::of(
            project,
            owner,
            base62::encode::<SECRET_CHARS>(random),
            extension.to_owned(),
        )
    }

    fn of(project: &ProjectId, owner: String, text: String, extension: String) -> Self {
        let uuid = uuid_of(project, &owner, &text);
        let key = Key {
            owner,
            uuid,
            extension,
        };
        Self { text, key }
    }

    /// Reads a public address's last segment.
    pub fn parse(project: &ProjectId, name: &str) -> Option<Self> {
        let (owner, text, extension) = take_apart(name, '_')?;
        let is_secret =
            text.len() == SECRET_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_secret.then(|| {
            Self::of(
                project,
                owner.to_owned(),
                text.to_owned(),
                extension.to_owned(),
            )
        })
    }

    /// The object that it leads to.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// A public address's last segment.
    pub(super) fn name(&self) -> String {
        join(&self.key.owner, "_", &self.text, &self.key.extension)
    }
}

impl Key {
    /// Reads a bucket's key, or rather the one spelling of it that we give.
    pub fn parse(project: &ProjectId, text: &str) -> Option<Self> {
        let rest = text.strip_prefix(ROOT)?.strip_prefix(project.as_str())?;
        Self::read(rest.strip_prefix('/')?, '/')
    }

    /// Reads a signed address's last segment.
    pub fn parse_name(name: &str) -> Option<Self> {
        Self::read(name, '_')
    }

    fn read(text: &str, separator: char) -> Option<Self> {
        let (owner, uuid, extension) = take_apart(text, separator)?;
        let is_uuid = uuid.len() == UUID_CHARS
            && uuid.bytes().enumerate().all(|(position, byte)| {
                if UUID_HYPHENS.contains(&position) {
                    byte == b'-'
                } else {
                    is_hex(byte)
                }
            });
        is_uuid.then(|| Self {
            owner: owner.to_owned(),
            uuid: uuid.to_owned(),
            extension: extension.to_owned(),
        })
    }

    /// The key in the bucket.
    pub fn to_text(&self, project: &ProjectId) -> String {
        let name = join(&self.owner, "/", &self.uuid, &self.extension);
        [ROOT, project.as_str(), "/", &name].concat()
    }

    /// A signed address's last segment.
    pub(super) fn name(&self) -> String {
        join(&self.owner, "_", &self.uuid, &self.extension)
    }

    /// Whether a workspace has put it there.
    pub fn belongs_to(&self, project: &ProjectId, workspace: &WorkspaceId) -> bool {
        self.owner == owner_of(project, workspace)
    }

    /// The kind of file, where it is one that we know.
    pub fn media(&self) -> Option<Media> {
        Media::of_extension(&self.extension)
    }

    /// What it is stored and served as: by its extension, never by what an uploader says.
    pub fn content_type(&self) -> &'static str {
        self.media()
            .map_or(media::UNKNOWN, |media| media.content_type)
    }
}

/// The bucket's prefix for everything that a workspace has uploaded: what goes when the workspace goes.
pub fn prefix_of(project: &ProjectId, workspace: &WorkspaceId) -> String {
    let owner = owner_of(project, workspace);
    [ROOT, project.as_str(), "/", &owner, "/"].concat()
}

/// The extension that a file keeps: in lower case, nothing where it has none that is plain. `None` where a
/// path hides in it (contract 1.6, 17).
pub(super) fn extension_of(filename: &str) -> Option<String> {
    let Some((_, extension)) = filename.rsplit_once('.') else {
        return Some(String::new());
    };
    if extension.contains(['/', '\\']) {
        return None;
    }
    let extension = extension.to_ascii_lowercase();
    let is_kept = is_extension(&extension);
    Some(extension)
        .filter(|_| is_kept)
        .or_else(|| Some(String::new()))
}

fn is_extension(text: &str) -> bool {
    (1..=MAX_EXTENSION_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Owner, name and extension; each has one spelling, so no two texts are the same object.
fn take_apart(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let (owner, file) = text.split_once(separator)?;
    let (name, extension) = match file.split_once('.') {
        Some((name, extension)) if is_extension(extension) => (name, extension),
        Some(_) => return None,
        None => (file, ""),
    };
    let is_owner = owner.len() == OWNER_CHARS && owner.bytes().all(is_hex);
    is_owner.then_some((owner, name, extension))
}

fn join(owner: &str, separator: &str, name: &str, extension: &str) -> String {
    let dot = if extension.is_empty() { "" } else { "." };
    [owner, separator, name, dot, extension].concat()
}

/// A hash of some texts, each with its length before it.
fn hash(label: &str, parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in std::iter::once(&label).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut half = [0; 16];
    for (slot, byte) in half.iter_mut().zip(hash.finalize()) {
        *slot = byte;
    }
    half
}

fn owner_of(project: &ProjectId, workspace: &WorkspaceId) -> String {
    hex(&hash(
        "attachment owner",
        &[project.as_str(), workspace.as_str()],
    ))
}

/// The object behind a secret, as a UUID of our own making (RFC 9562, version 8).
fn uuid_of(project: &ProjectId, owner: &str, secret: &str) -> String {
    let bits = u128::from_be_bytes(hash("attachment", &[project.as_str(), owner, secret]));
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (0x8 << 76) | (0b10 << 62);
    let digits = hex(&bits.to_be_bytes());
    let mut uuid = String::with_capacity(UUID_CHARS);
    for digit in digits.chars() {
        if UUID_HYPHENS.contains(&uuid.len()) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    uuid
}
