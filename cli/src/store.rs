//! The directory of a mirror.
//!
//! ```text
//! current.json                 what is served, and the highest sequence of each stream: one file, replaced by one rename
//! snapshots/<id>/              manifest.json, bundle.json, keys.json
//! blobs/sha256/ab/<sha256>     artifacts; a file has its name only when it was verified
//! partial/<sha256>             what has come of an artifact so far
//! last-sync.json               how the last sync ended
//! lock                         held by the sync that is at work
//! tls/                         the certificate that the mirror has made itself
//! ```

mod blobs;
mod current;
mod files;
mod garbage;
mod lock;
mod snapshots;

use std::path::{Path, PathBuf};

pub use self::blobs::FileHasher;
pub use self::current::{Current, SyncDecision};
pub use self::files::{make_directory, rename_durably, write_atomically};
pub use self::snapshots::StoredDocument;

/// The directory of a mirror.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The mirror in `root`.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// A file or directory of it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}
