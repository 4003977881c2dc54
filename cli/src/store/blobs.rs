//! Artifacts by their digest.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::Digest;
use slipway_domain::Sha256;

use super::Store;
use super::files::{make_directory, rename_durably};
use crate::error::{CliError, Result};

impl Store {
    /// Where the artifact with this digest is, if it is here.
    #[must_use]
    pub fn blob(&self, sha256: &Sha256) -> PathBuf {
        let hex = sha256.to_string();
        let (shard, _) = hex.split_at(2);
        self.path("blobs").join("sha256").join(shard).join(hex)
    }

    /// Where an artifact arrives.
    #[must_use]
    pub fn partial(&self, sha256: &Sha256) -> PathBuf {
        self.path("partial").join(sha256.to_string())
    }

    /// Whether the artifact is here. A file has its name only when it was verified.
    #[must_use]
    pub fn has_blob(&self, sha256: &Sha256, size: u64) -> bool {
        self.blob(sha256)
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() == size)
    }

    /// Gives what has arrived its name: it was verified and is on the disk.
    pub fn store_blob(&self, sha256: &Sha256) -> Result<()> {
        let path = self.blob(sha256);
        path.parent().map_or(Ok(()), make_directory)?;
        rename_durably(&self.partial(sha256), &path)
    }
}

/// A digest that is being made.
#[derive(Debug, Clone, Default)]
pub struct FileHasher(sha2::Sha256);

impl FileHasher {
    /// Of all bytes of a file.
    pub fn of_file(path: &Path) -> Result<Self> {
        let mut hashing = Self::default();
        let mut file = File::open(path).map_err(CliError::io(path))?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer).map_err(CliError::io(path))? {
                0 => return Ok(hashing),
                count => hashing.add(buffer.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Goes on with `bytes`.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> Sha256 {
        Sha256::from(<[u8; 32]>::from(self.0.finalize()))
    }
}
