//! Public keys as JSON Web Keys (RFC 7517, RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::VerifyingKey;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::Sha256;
use slipway_domain::key::{KeyPurpose, KeyRing, KeyStatus, SigningKey};

/// A public key. Beyond RFC 8037, it has the key's purpose, status and validity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Jwk {
    /// Key type: `OKP` (RFC 8037).
    pub kty: String,
    /// Curve: `Ed25519`.
    pub crv: String,
    /// Public key: 32 bytes, base64url without padding.
    pub x: String,
    /// Use: `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// Algorithm: `EdDSA`.
    pub alg: String,
    /// Key id: the RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// What the key signs.
    pub purpose: KeyPurpose,
    /// Lifecycle status at the time of the request.
    pub status: KeyStatus,
    /// Start of validity, RFC 3339, UTC.
    #[schemars(extend("format" = "date-time"), with = "String")]
    pub not_before: Timestamp,
    /// End of validity, RFC 3339, UTC; null while no end is planned.
    #[schemars(extend("format" = "date-time"), with = "Option<String>")]
    pub not_after: Option<Timestamp>,
}

/// A JSON Web Key Set (RFC 7517, section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeySet {
    /// Public keys of all purposes, current and former.
    pub keys: Vec<Jwk>,
}

impl Jwk {
    fn of(key: &SigningKey, status: KeyStatus) -> Self {
        Self {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: key.public_key.clone(),
            usage: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
            kid: key.kid.clone(),
            purpose: key.purpose,
            status,
            not_before: key.not_before,
            not_after: key.not_after,
        }
    }

    /// The key to verify with; `None` if `x` is not an Ed25519 public key.
    #[must_use]
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        decode(&self.x)
    }
}

impl KeySet {
    /// The public keys of `ring`, with their status at `now`.
    #[must_use]
    pub fn of(ring: &KeyRing, now: Timestamp) -> Self {
        Self { keys: ring.keys.iter().map(|key| Jwk::of(key, ring.status(key, now))).collect() }
    }
}

/// Key id of `key`: its RFC 7638 thumbprint.
#[must_use]
pub fn thumbprint(key: &VerifyingKey) -> String {
    // RFC 8037, section 2: the required members in lexical order, without white space.
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(key));
    BASE64URL_NOPAD.encode(Sha256::of(members.as_bytes()).as_bytes())
}

/// `key` in the form of the member `x` (RFC 8037, section 2).
#[must_use]
pub fn encode(key: &VerifyingKey) -> String {
    BASE64URL_NOPAD.encode(key.as_bytes())
}

/// The key in the member `x`.
#[must_use]
pub fn decode(x: &str) -> Option<VerifyingKey> {
    let bytes: [u8; 32] = BASE64URL_NOPAD.decode(x.as_bytes()).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_8037_appendix_a_3() {
        let key = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
