//! The digests of documents: each is computed once, not with each request.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use slipway_domain::Sha256;
use tokio::sync::Mutex;

use crate::error::{CliError, Result};
use crate::store::FileHasher;

/// More documents than a mirror keeps of its newest snapshots.
const MOST: usize = 64;

/// The digests of files, by path, length and time. Cheap to clone; clones share them.
#[derive(Debug, Clone, Default)]
pub struct FileDigests(Arc<Mutex<HashMap<PathBuf, (FileVersion, Sha256)>>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileVersion {
    length: u64,
    modified: Option<Timestamp>,
}

impl FileDigests {
    /// The digest of the file at `path`. One file is read at a time, piece by piece: many clients
    /// that ask at once neither fill the memory nor take all processors.
    pub async fn of(&self, path: &Path) -> Result<Sha256> {
        let metadata = path.metadata().map_err(CliError::io(path))?;
        let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        let version = FileVersion { length: metadata.len(), modified };
        let mut known = self.0.lock().await;
        if let Some((_, sha256)) = known.get(path).filter(|(known, _)| *known == version) {
            return Ok(*sha256);
        }
        let file = path.to_owned();
        let hashing = tokio::task::spawn_blocking(move || FileHasher::of_file(&file)).await;
        let sha256 = hashing.map_err(|error| CliError::Other(error.to_string()))??.finish();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(path.to_owned(), (version, sha256));
        Ok(sha256)
    }
}
