//! Signed objects, and the signer for keys in memory.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result};

use crate::jwk::thumbprint;
use crate::seed::Seed;
use crate::statement::{Context, statement};

/// An object with its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Signed{T}")]
pub struct Signed<T> {
    /// The signed object.
    #[serde(flatten)]
    pub body: T,
    /// Id of the key that signed, as in key-list: an RFC 7638 thumbprint.
    pub key_id: String,
    /// Ed25519 signature (RFC 8032) of the object's statement, base64. See docs/SIGNING.md.
    pub signature: String,
}

#[derive(Serialize)]
struct Unsigned<'a, T> {
    #[serde(flatten)]
    body: &'a T,
    key_id: &'a str,
}

impl<T: Serialize> Signed<T> {
    /// The bytes to be signed for `body` by the key `key_id`.
    ///
    /// # Errors
    /// `internal` if `body` can't be serialized as a JSON object.
    pub fn statement(context: Context, body: &T, key_id: &str) -> Result<Vec<u8>> {
        statement(context, &Unsigned { body, key_id })
    }

    /// `body` with `signature`, made by the key `key_id`.
    #[must_use]
    pub fn new(body: T, key_id: &str, signature: &Signature) -> Self {
        Self { body, key_id: key_id.to_owned(), signature: BASE64.encode(&signature.to_bytes()) }
    }
}

/// A signer whose private key is in memory. `Debug` prints the key id only.
pub struct SeedSigner {
    kid: String,
    key: SigningKey,
}

impl SeedSigner {
    /// The signer for `seed` (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn new(seed: &Seed) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { kid: thumbprint(&key.verifying_key()), key }
    }

    /// Key id: the RFC 7638 thumbprint of the public key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs `body` in `context`.
    ///
    /// # Errors
    /// `internal` if `body` can't be serialized as a JSON object.
    pub fn sign<T: Serialize>(&self, context: Context, body: T) -> Result<Signed<T>> {
        let statement = Signed::statement(context, &body, &self.kid)?;
        let signature = self.key.try_sign(&statement).map_err(Error::internal)?;
        Ok(Signed::new(body, &self.kid, &signature))
    }
}

impl fmt::Debug for SeedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeedSigner({})", self.kid)
    }
}
