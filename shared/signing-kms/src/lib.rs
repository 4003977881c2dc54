//! Where private keys are kept, and the one [`Signer`] over them: KMS signs itself, KMS opens an
//! envelope, or a directory holds a file.
//!
//! What is signed and how it is verified is in `slipway-signing`, which knows no AWS.

pub mod envelope;
mod key_store;
pub mod kms;
mod signer;

pub use key_store::KeyStore;
pub use signer::Signer;
