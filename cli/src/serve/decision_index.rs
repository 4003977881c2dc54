//! The snapshot that is served, read once for the decisions on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use slipway_domain::decision::ArtifactFacts;
use slipway_domain::{Sha256, SnapshotId, Timestamp};
use slipway_snapshot::{Manifest, SnapshotArtifact, SnapshotCatalog};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::ServeError;
use crate::error::{CliError, Result};
use crate::store::{Store, StoredDocument};

/// The longest manifest that decisions are made on: it is held in memory.
const MAX_MANIFEST: u64 = 64 << 20;
/// How often it is looked whether artifacts that were missing have come.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The snapshot that is served, as decisions need it. Cheap to clone; clones share it.
#[derive(Debug, Clone, Default)]
pub struct DecisionIndex(Arc<Mutex<Option<Entry>>>);

#[derive(Debug)]
struct Entry {
    snapshot: Arc<IndexedSnapshot>,
    looked_at: Instant,
}

/// A snapshot, read for decisions.
#[derive(Debug)]
pub struct IndexedSnapshot {
    /// Its id.
    pub snapshot_id: SnapshotId,
    /// Its place in its stream.
    pub sequence: u64,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// The digest of its manifest, as it is served.
    pub manifest_sha256: Sha256,
    /// The key that its vendor has signed it with.
    pub key_id: String,
    /// What it has.
    pub catalog: SnapshotCatalog,
    /// The artifacts that are not here, and their sizes.
    missing: BTreeMap<Sha256, u64>,
}

#[derive(Deserialize)]
struct Signature {
    key_id: String,
}

impl DecisionIndex {
    /// The snapshot that `store` serves at this moment. It is read when it is asked for the first
    /// time, by one request; others wait for that.
    pub async fn current(&self, store: &Store) -> Result<Arc<IndexedSnapshot>, ServeError> {
        let mut entry = self.0.lock().await;
        let mut served = current_id(store)?;
        loop {
            if let Some(known) = entry.as_mut().filter(|known| known.snapshot.snapshot_id == served)
                && !known.has_changed(store)
            {
                return Ok(Arc::clone(&known.snapshot));
            }
            let (from, id) = (store.clone(), served.clone());
            let read = tokio::task::spawn_blocking(move || IndexedSnapshot::read(&from, &id)).await;
            match read.map_err(|error| ServeError::Internal(error.to_string()))? {
                Ok(snapshot) => {
                    let snapshot = Arc::new(snapshot);
                    *entry = Some(Entry { snapshot, looked_at: Instant::now() });
                }
                Err(failure) => {
                    // A sync may have replaced and removed it meanwhile.
                    let now_served = current_id(store)?;
                    if now_served == served {
                        return Err(failure);
                    }
                    served = now_served;
                }
            }
        }
    }
}

fn current_id(store: &Store) -> Result<SnapshotId, ServeError> {
    Ok(store.current()?.ok_or(ServeError::Empty)?.snapshot_id)
}

impl Entry {
    /// Whether an artifact has come that was missing.
    fn has_changed(&mut self, store: &Store) -> bool {
        if self.snapshot.missing.is_empty() || self.looked_at.elapsed() < LOOK_EVERY {
            return false;
        }
        self.looked_at = Instant::now();
        self.snapshot.missing.iter().any(|(sha256, size)| store.has_blob(sha256, *size))
    }
}

impl IndexedSnapshot {
    fn read(store: &Store, id: &SnapshotId) -> Result<Self, ServeError> {
        let path = store.document_path(id, StoredDocument::Manifest);
        let length = path.metadata().map_err(CliError::io(&path))?.len();
        if length > MAX_MANIFEST {
            return Err(ServeError::TooLargeForDecisions(length));
        }
        let document = store.document(id, StoredDocument::Manifest)?;
        let malformed = |error: serde_json::Error| {
            ServeError::Internal(format!("{}: {error}; sync again", path.display()))
        };
        let Signature { key_id } = serde_json::from_slice(&document).map_err(malformed)?;
        let manifest: Manifest = serde_json::from_slice(&document).map_err(malformed)?;
        let (sequence, expires_at) = (manifest.sequence, manifest.expires_at);
        let is_missing = |facts: &&ArtifactFacts| !store.has_blob(&facts.sha256, facts.size_bytes);
        let artifacts = manifest.releases.iter().flat_map(|release| &release.artifacts);
        let missing: BTreeMap<_, _> = artifacts
            .map(|artifact| &artifact.facts)
            .filter(is_missing)
            .map(|facts| (facts.sha256, facts.size_bytes))
            .collect();
        let is_here = |artifact: &SnapshotArtifact| !missing.contains_key(&artifact.facts.sha256);
        let catalog = SnapshotCatalog::of(manifest, is_here)
            .map_err(|error| ServeError::Internal(error.to_string()))?;
        let manifest_sha256 = Sha256::of(&document);
        let snapshot_id = id.clone();
        Ok(Self { snapshot_id, sequence, expires_at, manifest_sha256, key_id, catalog, missing })
    }
}
