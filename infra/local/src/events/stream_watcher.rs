//! Watches the table's stream: tells its consumers when there is something new, and trims what is
//! old.

use std::time::Duration;

use slipway_edge::clock::Clock;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::stream_checkpoints::StreamCheckpoints;
use crate::Error;
use crate::engines::{StreamRecords, stopped};

/// How often the engine's file is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How often the stream is trimmed, in seconds.
const TRIM_INTERVAL: i64 = 3600;

/// The stream of a table, as its engine keeps it, and how far the jobs have got in it.
pub struct StreamWatcher {
    records: StreamRecords,
    table: String,
    checkpoints: StreamCheckpoints,
    clock: Clock,
}

impl StreamWatcher {
    /// Watches the stream of `table` in `records`; `clock` says how old they are.
    #[must_use]
    pub fn new(
        records: StreamRecords,
        table: impl Into<String>,
        checkpoints: StreamCheckpoints,
        clock: Clock,
    ) -> Self {
        Self { records, table: table.into(), checkpoints, clock }
    }

    pub(super) fn checkpoints(&self) -> &StreamCheckpoints {
        &self.checkpoints
    }

    /// Tells `changed` whenever something was written, and trims every hour what all of `jobs` are
    /// done with, until `stop` says otherwise.
    pub(super) async fn watch(
        &self,
        jobs: &[&str],
        changed: &watch::Sender<()>,
        stop: watch::Receiver<bool>,
    ) {
        let (mut version, mut hour) = (None, None);
        let mut stopped = std::pin::pin!(stopped(stop));
        loop {
            if let Err(error) = self.look(&mut version, changed).await {
                eprintln!("the table's stream: {error}");
            }
            let now = self.clock.now().as_second().div_euclid(TRIM_INTERVAL);
            if hour.replace(now) != Some(now)
                && let Err(error) = self.trim(jobs).await
            {
                eprintln!("the table's stream is not trimmed: {error}");
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = &mut stopped => return,
            }
        }
    }

    /// Tells `changed`, if the engine has written since `version`.
    async fn look(
        &self,
        version: &mut Option<i64>,
        changed: &watch::Sender<()>,
    ) -> Result<(), Error> {
        let records = self.records.clone();
        let now = spawn_blocking(move || records.data_version()).await??;
        if version.replace(now) != Some(now) {
            changed.send_replace(());
        }
        Ok(())
    }

    async fn trim(&self, jobs: &[&str]) -> Result<(), Error> {
        let Some(delivered) = self.checkpoints.of_all(jobs).await else { return Ok(()) };
        let (records, table, now) = (self.records.clone(), self.table.clone(), self.clock.now());
        spawn_blocking(move || records.trim(&table, &delivered, now)).await??;
        Ok(())
    }
}
