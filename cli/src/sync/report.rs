//! How a sync ended: for the next `mirror status`, and for the vendor.

use serde::{Deserialize, Serialize};
use slipway_domain::{SnapshotId, Timestamp};
use slipway_snapshot::StreamId;
use slipway_snapshot::mirror::{MirrorReport, SyncOutcome};
use url::Url;

use super::missing::MissingArtifacts;
use super::progress::Verbosity;
use crate::clock;
use crate::config::Config;
use crate::error::{CliError, Result};
use crate::origin::{AGENT, Client};
use crate::store::{Store, write_atomically};

/// What a sync has done.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The snapshot that is served now.
    pub snapshot_id: SnapshotId,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in its stream.
    pub sequence: u64,
    /// How many artifacts it refers to.
    pub artifacts_total: usize,
    /// How many of them came.
    pub artifacts_fetched: usize,
    /// Their length together.
    pub bytes_total: u64,
    /// The bytes of artifacts that came over the network.
    pub bytes_fetched: u64,
    /// How many artifacts that no kept snapshot needs were removed.
    pub removed: usize,
    /// Those that did not come, where the snapshot is served all the same.
    #[serde(skip)]
    pub missing: Option<MissingArtifacts>,
}

impl Summary {
    /// Why the sync has not ended well, where it has not.
    #[must_use]
    pub fn problem(&self) -> Option<CliError> {
        self.missing.clone().map(CliError::Partial)
    }
}

/// How the last sync ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LastSync {
    /// When.
    pub at: Timestamp,
    /// What went wrong, where something did.
    pub error: Option<String>,
}

/// Keeps and reports how a sync has ended. That the vendor can't be told is a warning, and changes
/// nothing.
pub async fn record_outcome(
    config: &Config,
    client: &Client,
    store: &Store,
    origin: &Url,
    outcome: Result<Summary>,
    verbosity: Verbosity,
) -> Result<Summary> {
    let error = match &outcome {
        Ok(summary) => summary.problem().map(|problem| problem.to_string()),
        Err(failure) => Some(failure.to_string()),
    };
    let last = LastSync { at: clock::now(), error: error.clone() };
    let kept = serde_json::to_vec_pretty(&last).map_err(|error| CliError::Other(error.to_string()));
    let kept = kept.and_then(|json| write_atomically(&store.path("last-sync.json"), &json));
    warn(verbosity, "can't note how the sync ended", kept);
    if let Some(mirror) = &config.mirror_id {
        let told = match report(store, outcome.as_ref().ok(), error.as_deref()) {
            Ok(report) => client.report(origin, mirror, &report).await,
            Err(failure) => Err(failure),
        };
        warn(verbosity, "can't report to the vendor", told);
    }
    outcome
}

fn report(store: &Store, summary: Option<&Summary>, error: Option<&str>) -> Result<MirrorReport> {
    let current = store.current()?;
    let text = error.map(|error| error.chars().take(2000).collect::<String>());
    Ok(MirrorReport {
        outcome: if error.is_none() { SyncOutcome::Synced } else { SyncOutcome::Failed },
        snapshot_id: current.as_ref().map(|current| current.snapshot_id.clone()),
        sequence: current.map(|current| current.sequence),
        error: text.and_then(|text| text.parse().ok()),
        bytes_fetched: summary.map(|summary| summary.bytes_fetched),
        agent: AGENT.parse().ok(),
    })
}

fn warn(verbosity: Verbosity, what: &str, outcome: Result<()>) {
    if let (Verbosity::Progress, Err(failure)) = (verbosity, outcome) {
        eprintln!("warning: {what}: {failure}");
    }
}
