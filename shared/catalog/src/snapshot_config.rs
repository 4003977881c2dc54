//! The configuration of snapshots, and when what it asks for was last done.

use slipway_domain::audit::EventType;
use slipway_domain::{Result, Timestamp};
use slipway_snapshot::SnapshotConfig;

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Resource;
use crate::schema::{self, Key, PK};
use crate::store::{Consistency, Reader, Row, Stored, Writer, decode, text};

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
    pub async fn find_snapshot_config(&self) -> Result<Option<Stored<SnapshotConfig>>> {
        self.table.get(&schema::snapshot_config()).await
    }

    /// The configuration, and when `task` was last done: one request.
    pub async fn get_schedule_state(&self, task: ScheduledTask) -> Result<ScheduleState> {
        let (config, last) = (schema::snapshot_config(), task.key());
        let rows =
            self.table.batch_get(vec![config.clone(), last.clone()], Consistency::Strong).await?;
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
    /// Stores the configuration, unless it says what the stored one says, and returns the one that
    /// is stored then. `check` judges the one that stands, where there is one.
    pub async fn put_snapshot_config(
        &self,
        config: &SnapshotConfig,
        check: impl Fn(Option<&SnapshotConfig>) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<SnapshotConfig> {
        self.authorize_change(Resource::Deployment)?;
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let current = self.find_snapshot_config().await?;
                check(current.as_ref().map(|stored| &stored.value))?;
                if let Some(Stored { value, .. }) = &current
                    && *value == (SnapshotConfig { updated_at: value.updated_at, ..config.clone() })
                {
                    return Ok(tx.returning(value.clone()));
                }
                let row = Row::new(schema::snapshot_config(), config)?;
                let subject = audited::put(current.as_ref().map(|stored| &stored.value), config)?;
                tx.put_if_unchanged(row, current.map(|stored| stored.rev))?;
                audit.record(&mut tx, EventType::SnapshotConfigured, subject)?;
                Ok(tx.returning(config.clone()))
            })
            .await
    }

    /// Notes that what was due at `time` is done. Where another function noted it first, nothing is
    /// changed.
    pub async fn record_run(
        &self,
        task: ScheduledTask,
        time: Timestamp,
        seen: Option<u64>,
    ) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        self.table
            .transact(|mut tx| async move {
                tx.put_if_unchanged(Row::new(task.key(), &time)?, seen)?.or_answer(());
                Ok(tx.returning(()))
            })
            .await
    }
}
