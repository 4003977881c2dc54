//! Who may do what: tenants, tokens and signing keys.

use slipway_domain::{Sha256, TenantId, TokenId, TrustRuleId};

use super::Key;

/// A tenant.
#[must_use]
pub fn tenant(id: &TenantId) -> Key {
    Key::singleton("TENANT", id)
}

/// A token, by the digest of its secret.
#[must_use]
pub fn token(digest: &Sha256) -> Key {
    Key::singleton("TOKEN", digest)
}

/// Leads from a token's id to its row.
#[must_use]
pub fn token_pointer(id: &TokenId) -> Key {
    Key::singleton("TOKENID", id)
}

/// A trust rule.
#[must_use]
pub fn trust_rule(id: &TrustRuleId) -> Key {
    Key::singleton("TRUSTRULE", id)
}

/// The one use of a JWT, by the digest that names it.
#[must_use]
pub fn jwt_use(digest: &Sha256) -> Key {
    Key::singleton("JWTUSE", digest)
}

/// The partition of signing keys.
#[must_use]
pub fn key_ring() -> String {
    "KEYRING".to_owned()
}

/// A signing key.
#[must_use]
pub fn signing_key(kid: &str) -> Key {
    Key::new(key_ring(), format!("KEY#{kid}"))
}
