//! What a mirror serves, and what it has seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_domain::{SnapshotId, Timestamp};
use slipway_snapshot::{Manifest, StreamId};

use super::Store;
use super::files::write_atomically;
use crate::error::{CliError, Result};

/// What is served, and what has been seen: one file, so that both change together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
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
    /// When what was served then was last here whole; none, if that never was so.
    pub synced_at: Option<Timestamp>,
    /// The snapshots that are kept, newest first; the first is the one that is served.
    pub kept: Vec<SnapshotId>,
    /// The newest that was seen of each stream. It never goes back.
    pub seen: BTreeMap<StreamId, NewestSeen>,
}

/// The newest snapshot that was seen of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewestSeen {
    /// Its place.
    pub sequence: u64,
    /// Its id.
    pub snapshot_id: SnapshotId,
}

/// What there is to do about a snapshot that may be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncDecision {
    /// It is newer than what is served.
    Replace,
    /// It is what is served.
    AlreadyCurrent,
}

impl Current {
    /// What to do about `manifest`.
    ///
    /// Within a stream the sequence rises. The origin may answer from another stream when sets of
    /// channels come and go: then the vendor's own time has to be later than that of what is
    /// served, or an old snapshot of a stream that is new here could take its place.
    pub fn evaluate(&self, manifest: &Manifest) -> Result<SyncDecision> {
        if let Some(seen) = self.seen.get(&manifest.stream) {
            if manifest.sequence < seen.sequence {
                return Err(CliError::LowerSequence {
                    stream: manifest.stream.clone(),
                    offered: manifest.sequence,
                    seen: seen.sequence,
                });
            }
            if manifest.sequence == seen.sequence && manifest.snapshot_id != seen.snapshot_id {
                return Err(CliError::Equivocation(manifest.sequence));
            }
        }
        if manifest.snapshot_id == self.snapshot_id {
            return Ok(SyncDecision::AlreadyCurrent);
        }
        if manifest.stream != self.stream && manifest.created_at <= self.created_at {
            return Err(CliError::LowerSequence {
                stream: manifest.stream.clone(),
                offered: manifest.sequence,
                seen: self.sequence,
            });
        }
        Ok(SyncDecision::Replace)
    }

    /// What comes after `before`, when `manifest` takes its place and `keep` snapshots are kept;
    /// `whole_at` is the time, where all of it is here.
    #[must_use]
    pub fn successor(
        before: Option<Self>,
        manifest: &Manifest,
        keep: usize,
        whole_at: Option<Timestamp>,
    ) -> Self {
        let synced_at = whole_at.or(before.as_ref().and_then(|before| before.synced_at));
        let (mut kept, mut seen) =
            before.map(|before| (before.kept, before.seen)).unwrap_or_default();
        kept.retain(|id| *id != manifest.snapshot_id);
        kept.insert(0, manifest.snapshot_id.clone());
        kept.truncate(keep.max(1));
        seen.insert(
            manifest.stream.clone(),
            NewestSeen { sequence: manifest.sequence, snapshot_id: manifest.snapshot_id.clone() },
        );
        Self {
            snapshot_id: manifest.snapshot_id.clone(),
            stream: manifest.stream.clone(),
            sequence: manifest.sequence,
            created_at: manifest.created_at,
            expires_at: manifest.expires_at,
            synced_at,
            kept,
            seen,
        }
    }
}

impl Store {
    /// What is served; nothing, before the first sync.
    pub fn current(&self) -> Result<Option<Current>> {
        let path = self.path("current.json");
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| CliError::Other(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CliError::io(&path)(error)),
        }
    }

    /// Switches to `current`: from this rename on it is what is served.
    pub fn set_current(&self, current: &Current) -> Result<()> {
        let json = serde_json::to_vec_pretty(current)
            .map_err(|error| CliError::Other(error.to_string()))?;
        write_atomically(&self.path("current.json"), &json)
    }
}
