//! Key stores: where private keys are kept.

use std::path::PathBuf;

use slipway_aws::{LazyClient, Meter};
use slipway_domain::key::{KeyCustody, KeyPurpose, SigningKey};
use slipway_domain::{Error, Result};

use crate::envelope;
use crate::kms::KmsKey;
use crate::signer::Signer;
use slipway_signing::{Context, SeedSigner, directory};

/// A key store, which opens private keys for signing.
#[derive(Debug, Clone)]
pub enum KeyStore {
    /// KMS: signs with keys that never leave it, and decrypts envelopes.
    Kms(LazyClient<aws_sdk_kms::Client>),
    /// Key files in a directory: the local stack.
    Directory(PathBuf),
}

impl KeyStore {
    /// Opens `key` for signing in `context`. An envelope takes one call to KMS, which `meter`
    /// counts.
    ///
    /// # Errors
    /// `internal` if the store can't open the key, if it opens a different key, or for a decision
    /// key in KMS: a decision must not call KMS.
    pub async fn open(&self, key: &SigningKey, context: Context, meter: &Meter) -> Result<Signer> {
        let signer = match (self, &key.custody) {
            (Self::Kms(client), KeyCustody::Kms { kms_key_id })
                if key.purpose != KeyPurpose::Decision =>
            {
                Signer::in_kms(KmsKey::new(client, kms_key_id, key)?, context)
            }
            (Self::Kms(client), KeyCustody::Envelope { ciphertext, .. }) => Signer::local(
                SeedSigner::new(&envelope::open(client, ciphertext, key, meter).await?),
                context,
            ),
            (Self::Directory(directory), KeyCustody::File { name }) => {
                Signer::local(SeedSigner::new(&directory::open(directory, name).await?), context)
            }
            _ => {
                return Err(Error::internal(format!(
                    "{} is in a custody that this store does not open",
                    key.kid
                )));
            }
        };
        if signer.kid() != key.kid || key.purpose != context.purpose() {
            return Err(Error::internal(format!("the store holds another key than {}", key.kid)));
        }
        Ok(signer)
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::Timestamp;

    use super::*;

    #[tokio::test]
    async fn a_directory_gives_back_the_key_it_was_given_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let key_store = KeyStore::Directory(directory.path().to_owned());
        let create = async |byte| {
            directory::create(
                directory.path(),
                [byte; 32],
                Context::Decision,
                Timestamp::UNIX_EPOCH,
            )
            .await
            .unwrap()
        };
        let (one, two) = (create(1).await, create(2).await);
        let open =
            async |key: &SigningKey, context| key_store.open(key, context, &Meter::default()).await;
        assert_eq!(open(&one, Context::Decision).await.unwrap().kid(), one.kid);
        assert!(open(&one, Context::Snapshot).await.is_err(), "a decision key signs no snapshots");
        let decisions = open(&one, Context::Decision).await.unwrap();
        assert!(decisions.in_context(Context::Snapshot).is_err(), "nor as one that is opened");
        let swapped = SigningKey { custody: two.custody.clone(), ..one.clone() };
        assert!(open(&swapped, Context::Decision).await.is_err());
    }
}
