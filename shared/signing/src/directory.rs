//! Key files in a directory, readable by their owner only: the key store of the local stack.

use std::io;
use std::path::Path;

use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_domain::{Error, Result, Timestamp};
use zeroize::Zeroizing;

use crate::jwk::thumbprint;
use crate::key_file;
use crate::new_key::new_key;
use crate::seed::{Seed, public_half};
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
    // On the disk before its public half is published.
    let path = directory.join(&name);
    key_file::write(&path, &seed).await.map_err(|error| unusable(&path, &error))?;
    Ok(new_key(&public, context, not_before, KeyCustody::File { name }))
}

/// Reads the seed in the file `name` of `directory`.
pub async fn open(directory: &Path, name: &str) -> Result<Seed> {
    let path = directory.join(name);
    key_file::read(&path).await.map_err(|error| unusable(&path, &error))
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("{}: {error}", path.display()))
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
