//! Signatures that clients can check without trusting the way they came.
//!
//! A signature covers a [`statement()`]: `context || 0x0A || SHA-256(JCS(object without "signature"))`, with JCS as in
//! RFC 8785 and Ed25519 as in RFC 8032. The context keeps a signature for one purpose from being used for another.
//! No private key leaves this crate; its `Debug` prints its id.

pub mod directory;
pub mod envelope;
mod jwk;
mod key;
pub mod kms;
mod seed;
mod signer;
mod statement;
mod vault;
mod verify;

pub use jwk::{Jwk, KeySet};
pub use signer::{Signed, Signer};
pub use statement::{Context, canonical_digest, statement};
pub use vault::Vault;
pub use verify::{Refused, verify};
