//! The npm package: the token session as WASM.
