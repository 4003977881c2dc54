//! Signed objects, and the signer that holds its private key in memory.

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
    /// What was signed.
    #[serde(flatten)]
    pub body: T,
    /// Id of the key that signed it, as key-list tells it: an RFC 7638 thumbprint.
    pub key_id: String,
    /// Ed25519 signature (RFC 8032) of the object's statement, in base64.
    pub signature: String,
}

#[derive(Serialize)]
struct Unsigned<'a, T> {
    #[serde(flatten)]
    body: &'a T,
    key_id: &'a str,
}

impl<T: Serialize> Signed<T> {
    /// The bytes that the key `key_id` has to sign for `body`.
    ///
    /// # Errors
    /// `internal` for what can't be written as a JSON object.
    pub fn statement(context: Context, body: &T, key_id: &str) -> Result<Vec<u8>> {
        statement(context, &Unsigned { body, key_id })
    }

    /// `body` with the signature that the key `key_id` has made of its statement.
    #[must_use]
    pub fn new(body: T, key_id: &str, signature: &Signature) -> Self {
        Self { body, key_id: key_id.to_owned(), signature: BASE64.encode(&signature.to_bytes()) }
    }
}

/// A private key in memory. Its `Debug` form prints the key's id alone.
pub struct SeedSigner {
    kid: String,
    key: SigningKey,
}

impl SeedSigner {
    /// The signer whose private key `seed` makes (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn new(seed: &Seed) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { kid: thumbprint(&key.verifying_key()), key }
    }

    /// The key's id: its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs `body` for `context`.
    ///
    /// # Errors
    /// `internal` for what can't be written as a JSON object.
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
