//! Rows of new keys.

use ed25519_dalek::VerifyingKey;
use slipway_domain::Timestamp;
use slipway_domain::key::{KeyCustody, SigningKey};

use crate::jwk::{encode, thumbprint};
use crate::statement::Context;

/// The signing key with the public half `public` and its private half in `custody`, valid without
/// an end.
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
