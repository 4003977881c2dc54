//! The row of the snapshot configuration.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::{RetentionPolicy, Schedule, SnapshotConfig};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for SnapshotConfig {
    type Row<'a> = SnapshotConfigRow<'a>;

    fn to_row(&self) -> SnapshotConfigRow<'_> {
        self.into()
    }

    fn from_row(row: SnapshotConfigRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// The configuration of snapshots.
#[derive(Serialize, Deserialize)]
pub(crate) struct SnapshotConfigRow<'a> {
    auto_on_publish: bool,
    scheduled: ScheduleRow<'a>,
    batch_window: Cow<'a, str>,
    history_limit: u8,
    lifetime: Cow<'a, str>,
    retention: RetentionPolicyRow<'a>,
    updated_at: Option<Timestamp>,
}

impl<'a> From<&'a SnapshotConfig> for SnapshotConfigRow<'a> {
    fn from(value: &'a SnapshotConfig) -> Self {
        Self {
            auto_on_publish: value.auto_on_publish,
            scheduled: (&value.scheduled).into(),
            batch_window: value.batch_window.to_text(),
            history_limit: value.history_limit,
            lifetime: value.lifetime.to_text(),
            retention: (&value.retention).into(),
            updated_at: value.updated_at,
        }
    }
}

impl TryFrom<SnapshotConfigRow<'_>> for SnapshotConfig {
    type Error = Error;

    fn try_from(row: SnapshotConfigRow<'_>) -> Result<Self> {
        Ok(Self {
            auto_on_publish: row.auto_on_publish,
            scheduled: row.scheduled.try_into()?,
            batch_window: StoredText::from_text(row.batch_window)?,
            history_limit: row.history_limit,
            lifetime: StoredText::from_text(row.lifetime)?,
            retention: row.retention.try_into()?,
            updated_at: row.updated_at,
        })
    }
}

/// Scheduled generation.
#[derive(Serialize, Deserialize)]
pub(crate) struct ScheduleRow<'a> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Schedule> for ScheduleRow<'a> {
    fn from(value: &'a Schedule) -> Self {
        Self {
            enabled: value.enabled,
            interval: text::optional(value.interval.as_ref()),
            cron: text::optional(value.cron.as_ref()),
        }
    }
}

impl TryFrom<ScheduleRow<'_>> for Schedule {
    type Error = Error;

    fn try_from(row: ScheduleRow<'_>) -> Result<Self> {
        Ok(Self {
            enabled: row.enabled,
            interval: text::from_optional(row.interval)?,
            cron: text::from_optional(row.cron)?,
        })
    }
}

/// How long snapshots are kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct RetentionPolicyRow<'a> {
    keep_snapshots: u32,
    cleanup_enabled: bool,
    cleanup_interval: Cow<'a, str>,
    cleanup_older_than: Cow<'a, str>,
}

impl<'a> From<&'a RetentionPolicy> for RetentionPolicyRow<'a> {
    fn from(value: &'a RetentionPolicy) -> Self {
        Self {
            keep_snapshots: value.keep_snapshots,
            cleanup_enabled: value.cleanup_enabled,
            cleanup_interval: value.cleanup_interval.to_text(),
            cleanup_older_than: value.cleanup_older_than.to_text(),
        }
    }
}

impl TryFrom<RetentionPolicyRow<'_>> for RetentionPolicy {
    type Error = Error;

    fn try_from(row: RetentionPolicyRow<'_>) -> Result<Self> {
        Ok(Self {
            keep_snapshots: row.keep_snapshots,
            cleanup_enabled: row.cleanup_enabled,
            cleanup_interval: StoredText::from_text(row.cleanup_interval)?,
            cleanup_older_than: StoredText::from_text(row.cleanup_older_than)?,
        })
    }
}
