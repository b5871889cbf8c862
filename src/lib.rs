//! Your own Assistant Cloud: the client that keeps a workspace token fresh, and the Worker that mints it.
//!
//! # Design
//!
//! * One crate, two faces, a pure middle. The modules at this level are the domain: they know no
//!   JavaScript, no Worker, no clock and no source of randomness. Time arrives as a
//!   [`Timestamp`], randomness as a `u128`, storage as a [`sql::Sql`]. `cargo test` runs all of it natively.
//! * [`route`] is the wire contract. The client formats it, the edge parses it.
//! * Trust is a type. An [`token::UntrustedToken`] becomes a [`token::VerifiedToken`] by one function.
//! * Errors are one enum a phase; [`error::ApiError`] is the last of them and the only one with a status.
//!
//! The features `client`, `edge` and `server` add a face each. They are additive and never see each other.

// Input must never be able to stop a Worker: a panic there takes every request in flight with it.
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

pub mod anonymous_session;
pub mod answer;
pub mod api_key;
pub mod attachment;
pub mod auth_rule;
pub mod authentication;
pub mod base62;
pub mod body;
pub mod caller;
pub mod claim;
pub mod client_address;
pub mod cors;
pub mod discovery;
pub mod error;
pub mod event;
pub mod exchange;
pub mod format;
pub mod health;
pub mod id;
pub mod issuance;
pub mod issuer;
pub mod json;
pub mod jwks;
pub mod key_cache;
pub mod key_set;
pub mod message;
pub mod object;
pub mod origin;
pub mod page;
pub mod project;
pub mod provider_token;
pub mod public_url;
#[cfg(not(target_arch = "wasm32"))]
pub mod pure_signatures;
pub mod rate_limit;
pub mod refresh_token;
pub mod refusal;
pub mod relying_party;
pub mod rotation;
pub mod route;
pub mod run;
pub mod score;
pub mod session_exchange;
pub mod signature;
pub mod signing_key;
pub mod sql;
pub mod store;
pub mod thread;
pub mod timestamp;
pub mod title;
pub mod token;
pub mod token_cache;
pub mod token_session;
pub mod workspace;

pub use error::ApiError;
pub use timestamp::Timestamp;

// Half the size of the standard allocator, in a file that a cold start reads. It is for one thread only, which is what a
// build without atomics has.
#[cfg(all(
    feature = "edge",
    target_arch = "wasm32",
    not(target_feature = "atomics")
))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

// A kilobyte smaller still, in a file that every visitor downloads. It looks through all that is free for each
// allocation, which is little: a client allocates its session, and nothing else.
#[cfg(all(feature = "client", not(feature = "edge"), target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "edge")]
pub mod edge;
#[cfg(feature = "server")]
pub mod server;
