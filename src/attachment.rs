//! Attachments: files in a bucket, reached by addresses that carry their own proof (contract 1.6, 17 to 19).
//!
//! Neither an `<img>` nor a model can send an `Authorization` header, so an address is all that a reader
//! has. There are two kinds:
//!
//! * A **signed** address names the object and is good for one method and 15 minutes.
//! * The **public** address is what a message keeps, for as long as the message is kept: a signature would
//!   end with its key. It names a secret of 128 random bits instead, and the object's name is a hash of that
//!   secret. So the address leads to the object, but neither the object's key nor a signed address leads
//!   to the public one: what is handed out for 15 minutes stays so.
//!
//! The key is `attachments/<project>/<owner>/<uuid>[.ext]`. The owner is a hash of project and workspace,
//! so that one prefix holds what a workspace has and nothing can be asked for across workspaces. It is no
//! keyed hash: whoever holds an address and guesses the exact workspace id can tell that the guess is
//! right, but a key would have to stay the same for ever.
//!
//! A file stays as long as a message of its workspace names it. With the last such message it goes; one that
//! no message ever named stays, because nobody can tell whether something else does.

mod address;
mod exchange;
mod key;
mod media;
mod reading;
mod reference;

pub use address::{AddressKey, AddressKeys, LIFETIME_SECONDS};
pub use exchange::{Download, sign_upload};
pub use key::{Key, Secret, prefix_of};
pub use media::Media;
pub use reading::{Range, head, known_etag};
pub use reference::{MAX_REFERENCES, Reference, references};

/// The longest attachment, in bytes (contract 1.6, 17).
pub const MAX_BYTES: u64 = 26_214_400;
