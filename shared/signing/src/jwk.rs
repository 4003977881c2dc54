//! Public keys as JSON Web Keys (RFC 7517, RFC 8037).

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::VerifyingKey;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::Sha256;
use slipway_domain::key::{KeyPurpose, KeyRing, KeyStatus, SigningKey};

/// A public key. The members beyond RFC 8037 say what the key is for and when its signatures count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Jwk {
    /// `OKP`
    pub kty: String,
    /// `Ed25519`
    pub crv: String,
    /// The key's 32 bytes, base64url without padding.
    pub x: String,
    /// `sig`
    #[serde(rename = "use")]
    pub usage: String,
    /// `EdDSA`
    pub alg: String,
    /// The key's thumbprint (RFC 7638).
    pub kid: String,
    /// What it signs.
    pub purpose: KeyPurpose,
    /// Where it stands now.
    pub status: KeyStatus,
    /// From when its signatures count.
    #[schemars(extend("format" = "date-time"), with = "String")]
    pub not_before: Timestamp,
    /// Until when they count; open, where it is null.
    #[schemars(extend("format" = "date-time"), with = "Option<String>")]
    pub not_after: Option<Timestamp>,
}

/// A set of public keys (RFC 7517, section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeySet {
    /// The keys.
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

    /// The key to verify with; `None` where `x` is not an Ed25519 public key.
    #[must_use]
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        decode(&self.x)
    }
}

impl KeySet {
    /// The public halves of a ring's keys, as they stand at `now`.
    #[must_use]
    pub fn of(ring: &KeyRing, now: Timestamp) -> Self {
        Self { keys: ring.keys.iter().map(|key| Jwk::of(key, ring.status(key, now))).collect() }
    }
}

/// The key's id: its RFC 7638 thumbprint.
pub fn thumbprint(key: &VerifyingKey) -> String {
    // RFC 8037, section 2: the required members in lexical order, without white space.
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(key));
    BASE64URL_NOPAD.encode(Sha256::of(members.as_bytes()).as_bytes())
}

/// A public key as `x` has it (RFC 8037, section 2).
pub fn encode(key: &VerifyingKey) -> String {
    BASE64URL_NOPAD.encode(key.as_bytes())
}

/// The public key in `x`.
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
