//! Signing.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_aws::Meter;
use slipway_domain::{Error, Result};
use zeroize::Zeroizing;

use crate::jwk::thumbprint;
use crate::kms::KmsKey;
use crate::statement::{Context, statement};

/// A private key that can be used, for one purpose: wherever it is, it signs the same way.
pub struct Signer {
    kid: String,
    context: Context,
    hand: Hand,
}

/// Who holds the pen.
enum Hand {
    /// This process.
    Memory(SigningKey),
    /// KMS: a call for each signature.
    Kms(KmsKey),
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
        Self { kid: thumbprint(&key.verifying_key()), context, hand: Hand::Memory(key) }
    }

    /// The signer whose private key is in KMS.
    pub(crate) fn in_kms(key: KmsKey, context: Context) -> Self {
        Self { kid: key.kid(), context, hand: Hand::Kms(key) }
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs `body`, which becomes an object with `key_id` and `signature` beside its own members. Calls to KMS are counted by `meter`.
    ///
    /// # Errors
    /// `internal` for what can't be written as a JSON object, or where KMS refuses.
    pub async fn sign<T: Serialize>(&self, body: T, meter: &Meter) -> Result<Signed<T>> {
        let statement = statement(self.context, &Unsigned { body: &body, key_id: &self.kid })?;
        let signature = match &self.hand {
            Hand::Memory(key) => key.try_sign(&statement).map_err(Error::internal)?,
            Hand::Kms(key) => key.sign(statement, meter).await?,
        };
        Ok(Signed { body, key_id: self.kid.clone(), signature: BASE64.encode(&signature.to_bytes()) })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.kid)
    }
}
