//! Snapshots as they came.

use std::path::PathBuf;

use slipway_domain::SnapshotId;
use slipway_signing::parse_document;
use slipway_snapshot::Manifest;

use super::Store;
use super::files::{make_directory, rename_durably, write, write_atomically};
use crate::error::{CliError, Result};

/// A document that is kept of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredDocument {
    /// The signed manifest.
    Manifest,
    /// The bundle.
    Bundle,
    /// The keys that it was verified with.
    Keys,
}

impl StoredDocument {
    const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest.json",
            Self::Bundle => "bundle.json",
            Self::Keys => "keys.json",
        }
    }
}

impl Store {
    fn snapshot_directory(&self, id: &SnapshotId) -> PathBuf {
        self.path("snapshots").join(id.as_str())
    }

    /// Keeps the documents of a snapshot: all of them, or none. Where it is kept already, what is
    /// other than it should be is replaced.
    pub fn store_snapshot(
        &self,
        id: &SnapshotId,
        documents: &[(StoredDocument, &[u8])],
    ) -> Result<()> {
        let directory = self.snapshot_directory(id);
        if directory.exists() {
            let mut damaged = documents.iter().filter(|(document, bytes)| {
                self.document(id, *document).map_or(true, |kept| kept != *bytes)
            });
            return damaged.try_for_each(|(document, bytes)| {
                write_atomically(&directory.join(document.name()), bytes)
            });
        }
        let new = self.path("snapshots").join(format!("{id}.new"));
        make_directory(&new)?;
        for (document, bytes) in documents {
            write(&new.join(document.name()), bytes)?;
        }
        rename_durably(&new, &directory)
    }

    /// Where a document of a snapshot is.
    #[must_use]
    pub fn document_path(&self, id: &SnapshotId, document: StoredDocument) -> PathBuf {
        self.snapshot_directory(id).join(document.name())
    }

    /// A document of a snapshot.
    pub fn document(&self, id: &SnapshotId, document: StoredDocument) -> Result<Vec<u8>> {
        let path = self.document_path(id, document);
        std::fs::read(&path).map_err(CliError::io(&path))
    }

    /// What a snapshot that is kept says.
    pub fn manifest(&self, id: &SnapshotId) -> Result<Manifest> {
        let bytes = self.document(id, StoredDocument::Manifest)?;
        let value = parse_document(&bytes)?;
        serde_json::from_value(value).map_err(|error| CliError::Malformed(error.to_string()))
    }
}
