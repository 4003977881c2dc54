//! Signatures that clients verify without trusting the transport.
//!
//! A signature covers a [`statement()`]: `context || 0x0A || SHA-256(JCS(object without
//! "signature"))`, with JCS as in RFC 8785 and Ed25519 as in RFC 8032. The context prevents a
//! signature made for one purpose from being used for another.
//!
//! This crate knows no AWS, so that verifiers link no SDK. Keys in KMS are in
//! `slipway-signing-kms`.

pub mod directory;
pub mod jwk;
pub mod key_file;
mod new_key;
mod request_binding;
pub mod seed;
mod signed;
mod statement;
mod verify;

pub use jwk::{Jwk, KeySet};
pub use new_key::new_key;
pub use request_binding::{DecisionError, RequestBinding, verify_decision};
pub use signed::{SeedSigner, Signed};
pub use statement::{Context, canonical_digest, statement};
pub use verify::{VerifyError, parse_document, verify};
