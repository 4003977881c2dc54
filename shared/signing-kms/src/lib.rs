//! Key stores for private keys, and the one [`Signer`] over them: KMS signs, KMS decrypts an
//! envelope, or a directory has a key file.
//!
//! Statements and verification are in `slipway-signing`, which knows no AWS.

pub mod envelope;
mod key_store;
pub mod kms;
pub mod sealing;
mod signer;

pub use key_store::KeyStore;
pub use sealing::SealingKey;
pub use signer::Signer;
