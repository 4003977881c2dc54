//! The configuration of snapshots, and when what it asks for was last done.

use slipway_domain::audit::EventType;
use slipway_domain::{Result, Timestamp};
use slipway_snapshot::SnapshotConfig;

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored, decode, text};
use crate::schema::{self, Key, PK};
use crate::table::{Consistency, Reader, Writer};
use crate::transaction::CommitOutcome;

/// Something that happens by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduledTask {
    /// Snapshots are made.
    Generation,
    /// Old snapshots are deleted.
    Cleanup,
}

impl ScheduledTask {
    fn key(self) -> Key {
        schema::last_time(match self {
            Self::Generation => "generation",
            Self::Cleanup => "cleanup",
        })
    }
}

/// What a look at the clock needs to know.
#[derive(Debug, Clone)]
pub struct ScheduleState {
    /// The configuration, where one was stored.
    pub config: Option<SnapshotConfig>,
    /// The last time it was due and done; none, where the clock was never looked at.
    pub last: Option<Stored<Timestamp>>,
}

impl Reader {
    /// The stored configuration, where there is one.
    pub async fn snapshot_config(&self) -> Result<Option<Stored<SnapshotConfig>>> {
        self.table.get(&schema::snapshot_config()).await
    }

    /// The configuration, and when `rhythm` was last done: one request.
    pub async fn schedule_state(&self, rhythm: ScheduledTask) -> Result<ScheduleState> {
        let (config, last) = (schema::snapshot_config(), rhythm.key());
        let rows =
            self.table.get_each(vec![config.clone(), last.clone()], Consistency::Strong).await?;
        let row = |key: &Key| rows.iter().find(|row| text(row, PK) == Some(&key.pk));
        Ok(ScheduleState {
            config: row(&config)
                .map(|row| Ok::<_, slipway_domain::Error>(decode(row)?.value))
                .transpose()?,
            last: row(&last).map(decode).transpose()?,
        })
    }
}

impl Writer {
    /// Stores the configuration. `check` judges the one that stands, where there is one.
    pub async fn put_snapshot_config(
        &self,
        config: &SnapshotConfig,
        check: impl Fn(Option<&SnapshotConfig>) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let mut retry = Retry::new();
        loop {
            let standing = self.snapshot_config().await?;
            check(standing.as_ref().map(|stored| &stored.value))?;
            let seen = standing.map(|stored| stored.rev);
            let mut tx = self.table.transaction();
            tx.succeed(
                Row::at(schema::snapshot_config(), config, seen.unwrap_or_default() + 1)?,
                seen,
            )?;
            tx.set(audit.audit(EventType::SnapshotConfigured, "snapshots")?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }

    /// Notes that what was due at `time` is done. Where another function noted it first, nothing is
    /// changed.
    pub async fn record_run(
        &self,
        rhythm: ScheduledTask,
        time: Timestamp,
        seen: Option<u64>,
    ) -> Result<()> {
        let mut tx = self.table.transaction();
        tx.succeed(Row::at(rhythm.key(), &time, seen.unwrap_or_default() + 1)?, seen)?;
        tx.commit().await.map(|_| ())
    }
}
