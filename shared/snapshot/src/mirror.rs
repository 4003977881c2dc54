//! Mirrors: copies of a tenant's snapshots and artifacts that customers keep, as far as the vendor
//! knows of them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use slipway_domain::string_newtype;
use slipway_domain::text::Name;
use slipway_domain::{Error, MirrorId, Result, SnapshotId, TenantId};

/// A mirror, and what it reported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mirror {
    /// Its id.
    pub mirror_id: MirrorId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name.
    pub name: Name,
    /// What it reported last.
    pub report: Option<MirrorReport>,
    /// When it last had a snapshot whole.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_sync_at: Option<Timestamp>,
    /// When it reported last.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_report_at: Option<Timestamp>,
    /// When it was created.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
}

/// What mirror-create takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMirror {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name.
    pub name: Name,
}

/// What a mirror says of itself after a sync, good or bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MirrorReport {
    /// How the sync ended.
    pub outcome: SyncOutcome,
    /// The snapshot that it serves now, where it serves one.
    pub snapshot_id: Option<SnapshotId>,
    /// That snapshot's sequence number.
    pub sequence: Option<u64>,
    /// What went wrong, where something did.
    pub error: Option<ReportedError>,
    /// The bytes of artifacts that it fetched.
    pub bytes_fetched: Option<u64>,
    /// What it is, such as `slipway/0.1.0`.
    pub agent: Option<Agent>,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncOutcome {
    /// The mirror serves the latest snapshot.
    Synced,
    /// It goes on serving what it had.
    Failed,
}

string_newtype! {
    /// What went wrong on a mirror: 1 to 2,000 characters.
    ReportedError, what = "an error", rule = "1 to 2000 characters",
    pattern = r"^[\s\S]{1,2000}$", check = |text| (1..=2000).contains(&text.chars().count())
}

string_newtype! {
    /// The name of a mirror's program: 1 to 128 visible ASCII characters and blanks.
    Agent, what = "an agent", rule = "1 to 128 visible ASCII characters and blanks, as in `slipway/0.1.0`",
    pattern = "^[ -~]{1,128}$", check = |text| (1..=128).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Where a mirror stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MirrorStatus {
    /// It synced within the last two days.
    Active,
    /// It never reported, or not within the last two days.
    Inactive,
    /// Its last sync failed.
    Error,
}

/// What mirror-status answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MirrorView {
    /// The mirror.
    pub id: MirrorId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name.
    pub name: Name,
    /// Where it stands.
    pub status: MirrorStatus,
    /// When it last had a snapshot whole.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_sync_at: Option<Timestamp>,
    /// When it reported last.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub last_report_at: Option<Timestamp>,
    /// What went wrong with its last sync, where something did.
    pub last_error: Option<ReportedError>,
    /// The snapshot that it serves.
    pub snapshot_id: Option<SnapshotId>,
    /// That snapshot's sequence number.
    pub sequence: Option<u64>,
}

/// How long a mirror counts as active after its last report.
const SILENCE: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);

impl MirrorReport {
    /// Makes sure that it says what belongs to its outcome.
    ///
    /// # Errors
    /// `invalid_field` for a mirror that has synced and names no snapshot, or one that has failed
    /// and does not say why.
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
    /// The mirror after `report` came in at `now`.
    #[must_use]
    pub fn reported(self, report: MirrorReport, now: Timestamp) -> Self {
        let last_sync_at =
            if report.outcome == SyncOutcome::Synced { Some(now) } else { self.last_sync_at };
        Self { report: Some(report), last_sync_at, last_report_at: Some(now), ..self }
    }

    /// What there is to tell of it at `now`.
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
