//! Signing.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result};
use zeroize::Zeroizing;

use crate::jwk::thumbprint;
use crate::statement::{Context, statement};

/// A private key in memory, for one purpose.
pub struct Signer {
    kid: String,
    context: Context,
    key: SigningKey,
}

/// A thing with its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Signed{T}")]
pub struct Signed<T> {
    /// The thing.
    #[serde(flatten)]
    pub body: T,
    /// The key that signed it; see key-list.
    pub key_id: String,
    /// Ed25519 signature of its statement, base64.
    pub signature: String,
}

#[derive(Serialize)]
struct Unsigned<'a, T> {
    #[serde(flatten)]
    body: &'a T,
    key_id: &'a str,
}

impl Signer {
    /// The signer that `seed` makes.
    pub(crate) fn new(seed: &Zeroizing<[u8; 32]>, context: Context) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { kid: thumbprint(&key.verifying_key()), context, key }
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn public_key(&self) -> String {
        crate::jwk::encode(&self.key.verifying_key())
    }

    /// Signs `body`, which becomes an object with `key_id` and `signature` beside its own members.
    ///
    /// # Errors
    /// `internal` for what can't be written as a JSON object.
    pub fn sign<T: Serialize>(&self, body: T) -> Result<Signed<T>> {
        let statement = statement(self.context, &Unsigned { body: &body, key_id: &self.kid })?;
        let signature = self.key.try_sign(&statement).map_err(Error::internal)?;
        Ok(Signed { body, key_id: self.kid.clone(), signature: BASE64.encode(&signature.to_bytes()) })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.kid)
    }
}
