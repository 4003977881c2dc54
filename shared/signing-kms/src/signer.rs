//! Signers: opened private keys.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use slipway_aws::Meter;
use slipway_domain::{Error, Result};
use slipway_signing::{Context, SeedSigner, Signed};

use crate::kms::KmsKey;

/// An opened private key that signs in one [`Context`]. `Debug` prints the key id only.
#[derive(Clone)]
pub struct Signer {
    context: Context,
    backend: Arc<SigningBackend>,
}

/// Where signatures are computed.
enum SigningBackend {
    /// In this process.
    Local(SeedSigner),
    /// In KMS, with one call per signature.
    Kms(KmsKey),
}

impl Signer {
    /// A signer that signs in this process.
    pub(crate) fn local(signer: SeedSigner, context: Context) -> Self {
        Self { context, backend: Arc::new(SigningBackend::Local(signer)) }
    }

    /// A signer whose private key is in KMS.
    pub(crate) fn in_kms(key: KmsKey, context: Context) -> Self {
        Self { context, backend: Arc::new(SigningBackend::Kms(key)) }
    }

    /// The same key, signing in another context of its purpose. It is not opened again.
    ///
    /// # Errors
    /// `internal` for a context that takes keys of another purpose.
    pub fn in_context(&self, context: Context) -> Result<Self> {
        if context.purpose() != self.context.purpose() {
            let message = format!("{} does not sign in {}", self.kid(), context.as_str());
            return Err(Error::internal(message));
        }
        Ok(Self { context, ..self.clone() })
    }

    /// Key id: the RFC 7638 thumbprint of the public key.
    #[must_use]
    pub fn kid(&self) -> &str {
        match &*self.backend {
            SigningBackend::Local(signer) => signer.kid(),
            SigningBackend::Kms(key) => key.kid(),
        }
    }

    /// Signs `body`: the result is an object with `key_id` and `signature` besides its own members.
    /// `meter` counts calls to KMS.
    ///
    /// # Errors
    /// `internal` if `body` can't be serialized as a JSON object, or KMS refuses.
    pub async fn sign<T: Serialize>(&self, body: T, meter: &Meter) -> Result<Signed<T>> {
        match &*self.backend {
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
