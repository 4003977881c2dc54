//! Sealing of what is kept secret of webhooks, so that no row has it in the clear: by KMS with the
//! deployment's envelope key, or with a key in a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_sdk_kms::primitives::Blob;
use data_encoding::BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use slipway_aws::{LazyClient, Meter};
use slipway_domain::{Code, Error, Result};
use slipway_signing::key_file;
use slipway_signing::seed::Seed;
use zeroize::Zeroizing;

use crate::kms::failed;

/// Names of the KMS encryption context: purpose and webhook. A ciphertext opens only for the webhook
/// that it was made for, and a function's role is limited to the purpose.
const PURPOSE: &str = "slipway:purpose";
const WEBHOOK: &str = "slipway:webhook";
/// The value of [`PURPOSE`].
const WEBHOOKS: &str = "webhook";
/// The name of the file with the key, where private keys are files.
const FILE: &str = "webhooks.key";

/// What a deployment seals with.
#[derive(Debug, Clone)]
pub enum SealingKey {
    /// A KMS key, by its id; without one nothing can be sealed, and what was sealed can be opened.
    Kms(LazyClient<aws_sdk_kms::Client>, Option<String>),
    /// A key file in this directory: the local stack.
    Directory(PathBuf),
}

impl SealingKey {
    /// Makes the key file of a local stack in `directory` out of 32 random bytes, where there is
    /// none.
    ///
    /// # Errors
    /// What the system says.
    pub async fn create_file(directory: &Path, entropy: [u8; 32]) -> std::io::Result<()> {
        match key_file::write(&directory.join(FILE), &Zeroizing::new(entropy)).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        }
    }

    /// Seals `plaintext` for the webhook `id`. `nonce` is random.
    ///
    /// # Errors
    /// `unavailable` where the deployment has no key, or KMS does not answer.
    pub async fn seal(
        &self,
        id: &str,
        plaintext: &[u8],
        nonce: [u8; NONCE_LEN],
        meter: &Meter,
    ) -> Result<String> {
        let sealed = match self {
            Self::Kms(client, Some(key)) => {
                meter.kms_request();
                let request = client.encrypt().key_id(key).plaintext(Blob::new(plaintext));
                let request = request.encryption_context(PURPOSE, WEBHOOKS);
                let answer = request.encryption_context(WEBHOOK, id).send().await;
                let blob = answer.map_err(failed)?.ciphertext_blob;
                blob.ok_or_else(|| Error::internal("KMS answered no ciphertext"))?.into_inner()
            }
            Self::Kms(_, None) => {
                return Err(missing(
                    "SLIPWAY_ENVELOPE_KEY names no KMS key, as template.yaml does",
                ));
            }
            Self::Directory(directory) => {
                let key = local_key(directory).await?;
                let mut sealed = plaintext.to_vec();
                key.seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(id),
                    &mut sealed,
                )
                .map_err(|_| Error::internal("a webhook can't be sealed"))?;
                [&nonce[..], &sealed].concat()
            }
        };
        Ok(BASE64.encode(&sealed))
    }

    /// Opens what was sealed for the webhook `id`.
    ///
    /// # Errors
    /// `unavailable` where the deployment has no key, or KMS does not answer; `internal` for what was
    /// sealed for another webhook, or with another key.
    pub async fn open(&self, id: &str, sealed: &str, meter: &Meter) -> Result<Zeroizing<Vec<u8>>> {
        let sealed = BASE64.decode(sealed.as_bytes()).map_err(Error::internal)?;
        match self {
            Self::Kms(client, _) => {
                meter.kms_request();
                let request = client.decrypt().ciphertext_blob(Blob::new(sealed));
                let request = request.encryption_context(PURPOSE, WEBHOOKS);
                let answer = request.encryption_context(WEBHOOK, id).send().await;
                let blob = answer.map_err(failed)?.plaintext;
                Ok(Zeroizing::new(blob.map(Blob::into_inner).unwrap_or_default()))
            }
            Self::Directory(directory) => {
                let key = local_key(directory).await?;
                let wrong = || Error::internal(format!("{id} was sealed with another key"));
                let (nonce, sealed) = sealed.split_first_chunk().ok_or_else(wrong)?;
                let nonce = Nonce::assume_unique_for_key(*nonce);
                let mut sealed = Zeroizing::new(sealed.to_vec());
                let plaintext = key.open_in_place(nonce, Aad::from(id), &mut sealed);
                plaintext.map(|text| Zeroizing::new(text.to_vec())).map_err(|_| wrong())
            }
        }
    }
}

async fn local_key(directory: &Path) -> Result<LessSafeKey> {
    let path = directory.join(FILE);
    let seed: Seed = key_file::read(&path).await.map_err(|error| {
        missing(&format!("{}: {error}; slipway-local makes it at its start", path.display()))
    })?;
    let key = UnboundKey::new(&AES_256_GCM, seed.as_slice());
    key.map(LessSafeKey::new).map_err(|_| Error::internal("a key file is no key"))
}

fn missing(why: &str) -> Error {
    let message = "this deployment has no key to seal webhooks with; its log says which one, and \
                   docs/decisions/0050-webhooks.md what for";
    Error::new(Code::Unavailable, message).because(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sealed_opens_for_its_webhook_and_with_its_key_alone() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |directory: &tempfile::TempDir| SealingKey::Directory(directory.path().into());
        let seal = async |directory| {
            key(directory).seal("whk_1", b"s3cret", [7; NONCE_LEN], &Meter::default()).await
        };
        assert_eq!(seal(&one).await.unwrap_err().code(), Code::Unavailable);
        SealingKey::create_file(one.path(), [1; 32]).await.unwrap();
        SealingKey::create_file(other.path(), [2; 32]).await.unwrap();
        // The key that is there stays.
        SealingKey::create_file(one.path(), [3; 32]).await.unwrap();
        let sealed = seal(&one).await.unwrap();
        let open = async |directory, id| key(directory).open(id, &sealed, &Meter::default()).await;
        assert_eq!(open(&one, "whk_1").await.unwrap().as_slice(), b"s3cret");
        assert!(open(&one, "whk_2").await.is_err());
        assert!(open(&other, "whk_1").await.is_err());
        for cut in ["", "AAAA", "no base64"] {
            assert!(key(&one).open("whk_1", cut, &Meter::default()).await.is_err(), "{cut}");
        }
    }
}
