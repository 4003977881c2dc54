//! Mirrors: customer-run copies of a tenant's snapshots and artifacts, as they report themselves to
//! the vendor.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use slipway_domain::page::Listed;
use slipway_domain::string_newtype;
use slipway_domain::text::Name;
use slipway_domain::{Error, MirrorId, Result, SnapshotId, TenantId};

/// A mirror and its last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mirror {
    /// Id of the mirror.
    pub mirror_id: MirrorId,
    /// Id of the tenant whose snapshots it copies.
    pub tenant_id: TenantId,
    /// Display name.
    pub name: Name,
    /// The last report; `None` before the first one.
    pub report: Option<MirrorReport>,
    /// Time of the last successful sync, as reported; `None` before the first one.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_sync_at: Option<Timestamp>,
    /// Time of the last report; `None` before the first one.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_report_at: Option<Timestamp>,
    /// Time of creation.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
}

/// Request body of mirror-create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMirror {
    /// Id of the tenant whose snapshots the mirror copies.
    pub tenant_id: TenantId,
    /// Display name.
    pub name: Name,
}

/// A mirror's report after a sync, successful or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorReport {
    /// Outcome of the sync.
    pub outcome: SyncOutcome,
    /// Id of the snapshot that the mirror serves. Required if `outcome` is `synced`. Default: none.
    pub snapshot_id: Option<SnapshotId>,
    /// Sequence number of that snapshot. Default: none.
    pub sequence: Option<u64>,
    /// Error of the sync. Required if `outcome` is `failed`. Default: none.
    pub error: Option<ReportedError>,
    /// Bytes of artifacts that the sync downloaded. Default: none.
    pub bytes_fetched: Option<u64>,
    /// Name and version of the mirror's software, such as `slipway/0.1.0`. Default: none.
    pub agent: Option<Agent>,
}

/// Outcome of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncOutcome {
    /// The mirror serves the latest snapshot.
    Synced,
    /// The sync failed; the mirror keeps serving its previous snapshot, if any.
    Failed,
}

string_newtype! {
    /// Error message of a mirror: 1 to 2,000 characters.
    ReportedError, what = "an error", rule = "1 to 2000 characters",
    pattern = r"^[\s\S]{1,2000}$", check = |text| (1..=2000).contains(&text.chars().count())
}

string_newtype! {
    /// Name and version of a mirror's software: 1 to 128 visible ASCII characters and spaces.
    Agent, what = "an agent", rule = "1 to 128 visible ASCII characters and blanks, as in `slipway/0.1.0`",
    pattern = "^[ -~]{1,128}$", check = |text| (1..=128).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Status of a mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MirrorStatus {
    /// Its last report, within the last 48 hours, was of a successful sync.
    Active,
    /// It has not reported within the last 48 hours, or never.
    Inactive,
    /// Its last report, within the last 48 hours, was of a failed sync.
    Error,
}

/// A mirror and its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MirrorView {
    /// Id of the mirror.
    pub id: MirrorId,
    /// Id of the tenant whose snapshots it copies.
    pub tenant_id: TenantId,
    /// Display name.
    pub name: Name,
    /// Status, derived from the last report.
    pub status: MirrorStatus,
    /// Time of the last successful sync, RFC 3339, UTC; null before the first one.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_sync_at: Option<Timestamp>,
    /// Time of the last report, RFC 3339, UTC; null before the first one.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_report_at: Option<Timestamp>,
    /// Error of the last sync; null if it succeeded.
    pub last_error: Option<ReportedError>,
    /// Id of the snapshot that the mirror serves; null if it serves none.
    pub snapshot_id: Option<SnapshotId>,
    /// Sequence number of that snapshot; null if it serves none.
    pub sequence: Option<u64>,
}

impl Listed for MirrorView {
    const MEMBER: &'static str = "mirrors";
}

/// How long a mirror stays active without a report.
const SILENCE: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);

impl MirrorReport {
    /// Checks that the fields that the outcome requires are present.
    ///
    /// # Errors
    /// `invalid_field` for a synced mirror without a snapshot id, or a failed one without an error.
    pub fn check(&self) -> Result<()> {
        match self.outcome {
            SyncOutcome::Synced if self.snapshot_id.is_none() => {
                Err(Error::invalid("snapshot_id", "a mirror that has synced names its snapshot"))
            }
            SyncOutcome::Failed if self.error.is_none() => {
                Err(Error::invalid("error", "a mirror whose sync failed says why"))
            }
            _ => Ok(()),
        }
    }
}

impl NewMirror {
    /// The mirror as of `now`.
    #[must_use]
    pub fn create(self, now: Timestamp, id: MirrorId) -> Mirror {
        let Self { tenant_id, name } = self;
        Mirror {
            mirror_id: id,
            tenant_id,
            name,
            report: None,
            last_sync_at: None,
            last_report_at: None,
            created_at: now,
        }
    }
}

impl Mirror {
    /// The mirror with `report`, received at `now`.
    #[must_use]
    pub fn reported(self, report: MirrorReport, now: Timestamp) -> Self {
        let last_sync_at =
            if report.outcome == SyncOutcome::Synced { Some(now) } else { self.last_sync_at };
        Self { report: Some(report), last_sync_at, last_report_at: Some(now), ..self }
    }

    /// The mirror as the API shows it, with its status at `now`.
    #[must_use]
    pub fn view(self, now: Timestamp) -> MirrorView {
        let status = self.status_at(now);
        let report = self.report;
        MirrorView {
            id: self.mirror_id,
            tenant_id: self.tenant_id,
            name: self.name,
            status,
            last_sync_at: self.last_sync_at,
            last_report_at: self.last_report_at,
            last_error: report.as_ref().and_then(|report| report.error.clone()),
            snapshot_id: report.as_ref().and_then(|report| report.snapshot_id.clone()),
            sequence: report.and_then(|report| report.sequence),
        }
    }

    fn status_at(&self, now: Timestamp) -> MirrorStatus {
        let silent = self.last_report_at.is_none_or(|last| now.duration_since(last) > SILENCE);
        match &self.report {
            _ if silent => MirrorStatus::Inactive,
            Some(MirrorReport { outcome: SyncOutcome::Failed, .. }) => MirrorStatus::Error,
            _ => MirrorStatus::Active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirror() -> Mirror {
        let new =
            NewMirror { tenant_id: "tenant_a".parse().unwrap(), name: "Berlin".parse().unwrap() };
        new.create(Timestamp::UNIX_EPOCH, "mir_1".parse().unwrap())
    }

    fn report(outcome: SyncOutcome) -> MirrorReport {
        MirrorReport {
            outcome,
            snapshot_id: None,
            sequence: None,
            error: None,
            bytes_fetched: None,
            agent: None,
        }
    }

    #[test]
    fn a_mirror_is_inactive_until_it_reports_and_two_days_after_it_stops() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(mirror().view(now).status, MirrorStatus::Inactive);
        let synced = mirror().reported(report(SyncOutcome::Synced), now);
        assert_eq!(synced.clone().view(now + SILENCE).status, MirrorStatus::Active);
        assert_eq!(
            synced.view(now + SILENCE + jiff::SignedDuration::from_secs(1)).status,
            MirrorStatus::Inactive
        );
    }

    #[test]
    fn a_failed_sync_shows_and_keeps_the_time_of_the_last_good_one() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + jiff::SignedDuration::from_hours(1);
        let view = mirror()
            .reported(report(SyncOutcome::Synced), now)
            .reported(report(SyncOutcome::Failed), later)
            .view(later);
        assert_eq!((view.status, view.last_sync_at), (MirrorStatus::Error, Some(now)));
    }
}
