//! Seeds: the 32 bytes that an Ed25519 private key is derived from (RFC 8032, section 5.1.5).

use ed25519_dalek::VerifyingKey;
use slipway_domain::{Error, Result};
use zeroize::Zeroizing;

/// The seed of an Ed25519 private key, wiped from memory when dropped.
pub type Seed = Zeroizing<[u8; 32]>;

/// The seed in `bytes`.
pub fn seed(bytes: &[u8]) -> Result<Seed> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| Error::internal("a sealed seed is 32 bytes"))
}

/// The public key that belongs to `seed`.
#[must_use]
pub fn public_half(seed: &Seed) -> VerifyingKey {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key()
}
