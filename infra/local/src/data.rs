//! The data directory: databases, blobs, and secrets that are made at the first start.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use slipway_domain::token::Secret;
use slipway_edge::clock::entropy;
use tempfile::TempDir;

use crate::Error;

/// Where the stack keeps its data.
#[derive(Debug)]
pub struct DataDirectory {
    directory: PathBuf,
    // Deletes an ephemeral directory when the stack ends.
    _ephemeral: Option<TempDir>,
}

impl DataDirectory {
    /// Data that is kept in `directory`, which is made if it is not there.
    pub fn kept(directory: &Path) -> Result<Self, Error> {
        fs::create_dir_all(directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        Ok(Self { directory: directory.to_owned(), _ephemeral: None })
    }

    /// Data that is gone with the stack.
    pub fn ephemeral() -> Result<Self, Error> {
        let directory = TempDir::with_prefix("slipway-")?;
        Ok(Self { directory: directory.path().to_owned(), _ephemeral: Some(directory) })
    }

    /// A file or directory of the data.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A directory of the data, made if it is not there.
    pub fn directory(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.path(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// The bootstrap token: made at the first start.
    pub fn admin_token(&self) -> Result<String, Error> {
        self.secret("admin-token", || Ok(Secret::from_entropy(entropy()?).reveal()))
    }

    /// The secret of S3's access key: made at the first start, so that presigned URLs outlive a
    /// restart.
    pub fn s3_secret(&self) -> Result<String, Error> {
        self.secret("s3-secret", || Ok(HEXLOWER.encode(&entropy::<20>()?)))
    }

    fn secret(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<String, Error>,
    ) -> Result<String, Error> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(secret) if !secret.is_empty() => Ok(secret),
            _ => {
                let secret = make()?;
                write_private(&path, &secret)?;
                Ok(secret)
            }
        }
    }
}

/// Writes a file that its owner alone can read: whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let directory = path.parent().unwrap_or(Path::new("."));
    // A temporary file is for its owner alone from the start.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
