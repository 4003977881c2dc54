//! `slipway mirror status`: what a mirror serves, and whether it is whole.

use serde::Serialize;
use slipway_domain::{SnapshotId, Timestamp};
use slipway_snapshot::{ArtifactSources, StreamId};

use crate::error::{CliError, Result};
use crate::store::{FileHasher, Store};
use crate::sync::LastSync;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDepth {
    /// At names and lengths.
    Shallow,
    /// At every byte.
    Deep,
}

/// Where a mirror stands.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The snapshot that is served.
    pub snapshot_id: SnapshotId,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in its stream.
    pub sequence: u64,
    /// When its vendor made it.
    pub created_at: Timestamp,
    /// Until when mirrors may accept it.
    pub expires_at: Timestamp,
    /// Whether that is over.
    pub expired: bool,
    /// When a sync last ended well; none, if none ever has.
    pub synced_at: Option<Timestamp>,
    /// How many snapshots are kept.
    pub snapshots_kept: usize,
    /// How many artifacts the served snapshot has.
    pub artifacts: usize,
    /// Their length together.
    pub bytes: u64,
    /// Those that are missing or, where that was looked at, have other bytes.
    pub damaged: Vec<slipway_domain::Sha256>,
    /// When the last sync ended.
    pub last_sync_at: Option<Timestamp>,
    /// What went wrong with it, where something did.
    pub last_error: Option<String>,
}

/// Looks at the mirror in `store`.
pub fn status(store: &Store, depth: CheckDepth, now: Timestamp) -> Result<Status> {
    let current = store
        .current()?
        .ok_or_else(|| CliError::NotServing("no sync has ended well yet".to_owned()))?;
    let manifest = store.manifest(&current.snapshot_id);
    let manifest = manifest.map_err(|failure| {
        CliError::NotServing(format!("its manifest is damaged ({failure}); sync again"))
    })?;
    let artifacts = manifest.distinct_artifacts();
    let damaged = manifest
        .artifact_sources()
        .iter()
        .filter(|artifact| !is_intact(store, artifact, depth))
        .map(|artifact| artifact.sha256)
        .collect();
    let last = last_sync(store);
    Ok(Status {
        snapshot_id: current.snapshot_id,
        stream: current.stream,
        sequence: current.sequence,
        created_at: current.created_at,
        expires_at: current.expires_at,
        expired: now >= current.expires_at,
        synced_at: current.synced_at,
        snapshots_kept: current.kept.len(),
        artifacts: artifacts.len(),
        bytes: artifacts.iter().map(|artifact| artifact.size_bytes).sum(),
        damaged,
        last_sync_at: last.as_ref().map(|last| last.at),
        last_error: last.and_then(|last| last.error),
    })
}

impl Status {
    /// Why the mirror is not in order, where it is not.
    #[must_use]
    pub fn problem(&self) -> Option<CliError> {
        if !self.damaged.is_empty() {
            return Some(CliError::Damaged(self.damaged.len()));
        }
        self.expired.then_some(CliError::Expired(self.expires_at))
    }
}

/// Whether an artifact is here, as far as `depth` sees. What got its name was verified once; its size
/// is then what one of the sources says.
pub fn is_intact(store: &Store, artifact: &ArtifactSources, depth: CheckDepth) -> bool {
    artifact.sources.iter().any(|source| store.has_blob(&source.sha256, source.size_bytes))
        && (depth == CheckDepth::Shallow
            || FileHasher::of_file(&store.blob(&artifact.sha256))
                .is_ok_and(|hashing| hashing.finish() == artifact.sha256))
}

fn last_sync(store: &Store) -> Option<LastSync> {
    serde_json::from_slice(&std::fs::read(store.path("last-sync.json")).ok()?).ok()
}
