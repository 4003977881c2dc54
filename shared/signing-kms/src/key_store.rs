//! Where private keys are when nobody uses them.

use std::path::PathBuf;

use slipway_aws::Meter;
use slipway_domain::key::{KeyCustody, KeyPurpose, SigningKey};
use slipway_domain::{Error, Result};

use crate::envelope;
use crate::kms::KmsKey;
use crate::signer::Signer;
use slipway_signing::{Context, SeedSigner, directory};

/// Opens private keys for signing.
#[derive(Debug, Clone)]
pub enum KeyStore {
    /// KMS: it signs with the keys that it holds itself, and opens the envelopes of others.
    Kms(aws_sdk_kms::Client),
    /// Files of a directory: the local stack.
    Directory(PathBuf),
}

impl KeyStore {
    /// Opens a key for signing. An envelope takes a call to KMS, which `meter` counts.
    ///
    /// # Errors
    /// `internal` where the store can't open it, or what it opens is another key; for a decision
    /// key in KMS, too: a decision takes no call.
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
        let swapped = SigningKey { custody: two.custody.clone(), ..one.clone() };
        assert!(open(&swapped, Context::Decision).await.is_err());
    }
}
