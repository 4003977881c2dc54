//! A new key as the catalog will have it.

use ed25519_dalek::VerifyingKey;
use slipway_domain::Timestamp;
use slipway_domain::key::{KeyCustody, SigningKey};

use crate::jwk::{encode, thumbprint};
use crate::statement::Context;

/// The key whose public half is `public` and whose private half is in `custody`. It has no
/// successor yet.
#[must_use]
pub fn new_key(
    public: &VerifyingKey,
    context: Context,
    not_before: Timestamp,
    custody: KeyCustody,
) -> SigningKey {
    SigningKey {
        kid: thumbprint(public),
        purpose: context.purpose(),
        public_key: encode(public),
        not_before,
        not_after: None,
        custody,
    }
}
