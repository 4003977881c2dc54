//! A private key that is ready to sign.

use std::fmt;

use serde::Serialize;
use slipway_aws::Meter;
use slipway_domain::Result;
use slipway_signing::{Context, SeedSigner, Signed};

use crate::kms::KmsKey;

/// A private key that is ready to sign, for one [`Context`]. Its `Debug` form prints the key's id
/// alone.
pub struct Signer {
    context: Context,
    backend: SigningBackend,
}

/// Where the signature is computed.
enum SigningBackend {
    /// In this process.
    Local(SeedSigner),
    /// In KMS: one call for each signature.
    Kms(KmsKey),
}

impl Signer {
    /// A signer that computes signatures in this process.
    pub(crate) fn local(signer: SeedSigner, context: Context) -> Self {
        Self { context, backend: SigningBackend::Local(signer) }
    }

    /// A signer whose private key is in KMS.
    pub(crate) fn in_kms(key: KmsKey, context: Context) -> Self {
        Self { context, backend: SigningBackend::Kms(key) }
    }

    /// The key's id: its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        match &self.backend {
            SigningBackend::Local(signer) => signer.kid(),
            SigningBackend::Kms(key) => key.kid(),
        }
    }

    /// Signs `body`, which becomes an object with `key_id` and `signature` beside its own members.
    /// Calls to KMS are counted by `meter`.
    ///
    /// # Errors
    /// `internal` for what can't be written as a JSON object, or where KMS refuses.
    pub async fn sign<T: Serialize>(&self, body: T, meter: &Meter) -> Result<Signed<T>> {
        match &self.backend {
            SigningBackend::Local(signer) => signer.sign(self.context, body),
            SigningBackend::Kms(key) => {
                let statement = Signed::statement(self.context, &body, key.kid())?;
                let signature = key.sign(statement, meter).await?;
                Ok(Signed::new(body, key.kid(), &signature))
            }
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.kid())
    }
}
