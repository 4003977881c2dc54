//! Where private keys are when nobody uses them.

use std::path::PathBuf;

use aws_sdk_kms::error::DisplayErrorContext;
use aws_sdk_kms::primitives::Blob;
use data_encoding::{BASE64, HEXLOWER};
use slipway_aws::Meter;
use slipway_domain::key::{SealedSeed, SigningKey};
use slipway_domain::{Error, Result, Timestamp};
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

use crate::signer::Signer;
use crate::statement::Context;

/// Name the key and what it signs in KMS's encryption context: a ciphertext opens only for the key it was made for, and a function's
/// role may be limited to one purpose.
const KID: &str = "slipway:kid";
const PURPOSE: &str = "slipway:purpose";

/// Seals and opens private keys.
#[derive(Debug, Clone)]
pub enum Vault {
    /// Encrypted under a KMS key: the ciphertext lies in the catalog, and only KMS can open it.
    Kms {
        /// The client.
        client: aws_sdk_kms::Client,
        /// The KMS key that seals new keys; opening needs none.
        key_id: Option<String>,
    },
    /// In files of a directory, readable by their owner alone: the local stack.
    Directory(PathBuf),
}

impl Vault {
    /// Makes a key from 32 random bytes, and seals it.
    pub async fn create(&self, entropy: [u8; 32], context: Context, now: Timestamp) -> Result<SigningKey> {
        let seed = Zeroizing::new(entropy);
        let signer = Signer::new(&seed, context);
        let sealed = self.seal(&seed, signer.kid(), context).await?;
        Ok(SigningKey {
            kid: signer.kid().to_owned(),
            purpose: context.purpose(),
            public_key: signer.public_key(),
            not_before: now,
            not_after: None,
            seed: sealed,
        })
    }

    /// Opens a key for signing.
    ///
    /// # Errors
    /// `internal` where the vault can't open it, or what it opens is another key.
    pub async fn open(&self, key: &SigningKey, context: Context, meter: &Meter) -> Result<Signer> {
        let seed = match (self, &key.seed) {
            (Self::Kms { client, .. }, SealedSeed::Envelope { ciphertext, .. }) => {
                decrypt(client, ciphertext, &key.kid, context, meter).await?
            }
            (Self::Directory(directory), SealedSeed::File { name }) => read(directory.join(name)).await?,
            _ => return Err(Error::internal(format!("{} is sealed in another kind of vault", key.kid))),
        };
        let signer = Signer::new(&seed, context);
        if signer.kid() != key.kid || key.purpose != context.purpose() {
            return Err(Error::internal(format!("the vault holds another key than {}", key.kid)));
        }
        Ok(signer)
    }

    async fn seal(&self, seed: &Zeroizing<[u8; 32]>, kid: &str, context: Context) -> Result<SealedSeed> {
        match self {
            Self::Kms { client, key_id } => {
                let key_id = key_id.as_ref().ok_or_else(|| Error::internal("no KMS key is configured to seal with"))?;
                encrypt(client, key_id, seed, kid, context).await
            }
            Self::Directory(directory) => {
                let name = format!("{kid}.seed");
                write(directory.join(&name), seed).await?;
                Ok(SealedSeed::File { name })
            }
        }
    }
}

async fn encrypt(
    client: &aws_sdk_kms::Client,
    key_id: &str,
    seed: &Zeroizing<[u8; 32]>,
    kid: &str,
    context: Context,
) -> Result<SealedSeed> {
    let request = client.encrypt().key_id(key_id).encryption_context(KID, kid).encryption_context(PURPOSE, context.purpose().as_str());
    let request = request.plaintext(Blob::new(seed.to_vec()));
    let answer = request.send().await.map_err(|error| Error::internal(format!("KMS: {}", DisplayErrorContext(error))))?;
    let ciphertext = answer.ciphertext_blob.ok_or_else(|| Error::internal("KMS answered no ciphertext"))?;
    Ok(SealedSeed::Envelope { kms_key_id: key_id.to_owned(), ciphertext: BASE64.encode(ciphertext.as_ref()) })
}

async fn decrypt(
    client: &aws_sdk_kms::Client,
    ciphertext: &str,
    kid: &str,
    context: Context,
    meter: &Meter,
) -> Result<Zeroizing<[u8; 32]>> {
    let ciphertext = BASE64.decode(ciphertext.as_bytes()).map_err(Error::internal)?;
    meter.kms_request();
    let request = client
        .decrypt()
        .encryption_context(KID, kid)
        .encryption_context(PURPOSE, context.purpose().as_str())
        .ciphertext_blob(Blob::new(ciphertext));
    let answer = request.send().await.map_err(|error| Error::internal(format!("KMS: {}", DisplayErrorContext(error))))?;
    let plaintext = Zeroizing::new(answer.plaintext.map(Blob::into_inner).unwrap_or_default());
    seed(&plaintext)
}

async fn read(path: PathBuf) -> Result<Zeroizing<[u8; 32]>> {
    let text = tokio::fs::read_to_string(&path).await.map(Zeroizing::new);
    let text = text.map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    seed(&Zeroizing::new(HEXLOWER.decode(text.trim().as_bytes()).map_err(Error::internal)?))
}

/// Writes a new file that its owner alone can read, and sees it onto the disk: its public half is about to be published.
async fn write(path: PathBuf, seed: &Zeroizing<[u8; 32]>) -> Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let text = Zeroizing::new(HEXLOWER.encode(seed.as_slice()));
    let mut file = options.open(&path).await.map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    file.write_all(text.as_bytes()).await.map_err(Error::internal)?;
    file.sync_all().await.map_err(Error::internal)
}

fn seed(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| Error::internal("a sealed seed is 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_directory_gives_back_the_key_it_was_given_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::Directory(directory.path().to_owned());
        let now = Timestamp::UNIX_EPOCH;
        let one = vault.create([1; 32], Context::Decision, now).await.unwrap();
        let two = vault.create([2; 32], Context::Decision, now).await.unwrap();
        let open = async |key: &SigningKey, context| vault.open(key, context, &Meter::default()).await;
        assert_eq!(open(&one, Context::Decision).await.unwrap().kid(), one.kid);
        assert!(open(&one, Context::Snapshot).await.is_err(), "a decision key signs no snapshots");
        let swapped = SigningKey { seed: two.seed.clone(), ..one.clone() };
        assert!(open(&swapped, Context::Decision).await.is_err());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn key_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let key = Vault::Directory(directory.path().to_owned()).create([1; 32], Context::Decision, Timestamp::UNIX_EPOCH).await.unwrap();
        let SealedSeed::File { name } = key.seed else { panic!("{key:?}") };
        assert_eq!(std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
