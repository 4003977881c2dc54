//! How long snapshots are kept.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule::last_step;
use super::stream::{Snapshot, SnapshotStream};
use slipway_domain::{Error, Result, Span};

/// Retention of snapshots. A snapshot is deleted when it is older than `cleanup_older_than` and not
/// among the last `keep_snapshots` of its stream. The latest snapshot of a stream is never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionPolicy {
    /// Number of latest snapshots per stream that are kept regardless of age. Default: 100.
    #[schemars(range(min = 1, max = 100_000))]
    pub keep_snapshots: u32,
    /// Whether old snapshots are deleted. Default: true.
    pub cleanup_enabled: bool,
    /// Time from one cleanup to the next, at least `1h`. Default: `24h`.
    pub cleanup_interval: Span,
    /// Age from which a snapshot may be deleted. Default: `30d`.
    pub cleanup_older_than: Span,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self {
            keep_snapshots: 100,
            cleanup_enabled: true,
            cleanup_interval: Span::new(24, 'h'),
            cleanup_older_than: Span::new(30, 'd'),
        }
    }
}

impl RetentionPolicy {
    /// Validates the policy.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        if !(1..=100_000).contains(&self.keep_snapshots) {
            return Err(Error::invalid(
                "retention.keep_snapshots",
                format!("1 to 100000 are kept, not {}", self.keep_snapshots),
            ));
        }
        if self.cleanup_interval.duration() < jiff::SignedDuration::from_hours(1) {
            return Err(Error::invalid(
                "retention.cleanup_interval",
                "an interval is at least `1h`: the job looks at the clock once an hour",
            ));
        }
        Ok(())
    }

    /// The time of the last due cleanup after `last` and up to `now`; `None` if none was due.
    #[must_use]
    pub fn due(&self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let due = if self.cleanup_enabled {
            last_step(last, self.cleanup_interval.duration(), now)
        } else {
            None
        };
        due.filter(|due| *due > last)
    }

    /// The time before which a snapshot is old enough to be deleted at `now`.
    #[must_use]
    pub fn cutoff(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.cleanup_older_than.duration()).unwrap_or(Timestamp::MIN)
    }

    /// Whether `snapshot` of `stream` is to be deleted at `now`.
    #[must_use]
    pub fn is_expendable(
        &self,
        snapshot: &Snapshot,
        stream: &SnapshotStream,
        now: Timestamp,
    ) -> bool {
        let old = snapshot.created_at < self.cutoff(now);
        // Sequence numbers have no gaps: the last `n` are those above `latest - n`.
        let kept = snapshot.sequence.saturating_add(u64::from(self.keep_snapshots.max(1)))
            > stream.sequence();
        self.cleanup_enabled && old && !(kept && stream.is_active())
    }
}
