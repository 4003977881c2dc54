//! Key files in a directory, readable by their owner only: the key store of the local stack.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_domain::{Error, Result, Timestamp};
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

use crate::jwk::thumbprint;
use crate::new_key::new_key;
use crate::seed::{Seed, public_half, seed};
use crate::statement::Context;

/// Generates a key from 32 random bytes and stores it in `directory`.
pub async fn create(
    directory: &Path,
    entropy: [u8; 32],
    context: Context,
    not_before: Timestamp,
) -> Result<SigningKey> {
    let seed = Zeroizing::new(entropy);
    let public = public_half(&seed);
    let name = format!("{}.seed", thumbprint(&public));
    write(directory.join(&name), &seed).await?;
    Ok(new_key(&public, context, not_before, KeyCustody::File { name }))
}

/// Reads the seed in the file `name` of `directory`.
pub async fn open(directory: &Path, name: &str) -> Result<Seed> {
    let path = directory.join(name);
    let text = tokio::fs::read_to_string(&path).await.map(Zeroizing::new);
    let text = text.map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    seed(&Zeroizing::new(HEXLOWER.decode(text.trim().as_bytes()).map_err(Error::internal)?))
}

/// Writes a new file that only its owner can read, and syncs it to disk before its public half is
/// published.
async fn write(path: PathBuf, seed: &Seed) -> Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let text = Zeroizing::new(HEXLOWER.encode(seed.as_slice()));
    let mut file = options
        .open(&path)
        .await
        .map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
    file.write_all(text.as_bytes()).await.map_err(Error::internal)?;
    file.sync_all().await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn key_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let key = create(directory.path(), [1; 32], Context::Decision, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let KeyCustody::File { name } = key.custody else { panic!("{key:?}") };
        assert_eq!(
            std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
