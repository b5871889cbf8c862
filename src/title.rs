//! Titles of threads: from a model where one is configured, else from the first message itself (contract
//! 1.6, 16).

mod courtesy;
mod derivation;
mod draft;
mod event_stream;
mod form;
mod model;
mod phrases;
mod prose;
mod request;
mod script;
mod word;

pub use derivation::derive;
pub use draft::Draft;
pub use event_stream::{EventStream, Piece, StreamError};
pub use model::{DEFAULT_WORKERS_MODEL, Model, ModelKey};
pub use request::{Opening, TitleRequest, check_accept};

/// The longest title, in characters: what a thread's title may be.
pub const MAX_CHARS: usize = 255;
/// The title of a thread that begins with nothing to read: what pages show for a thread without one.
pub const FALLBACK: &str = "New chat";
