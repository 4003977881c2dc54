//! The row of a mirror.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::mirror::{Mirror, MirrorReport};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for Mirror {
    type Row<'a> = MirrorRow<'a>;

    fn to_row(&self) -> MirrorRow<'_> {
        self.into()
    }

    fn from_row(row: MirrorRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A mirror, and what it reported last.
#[derive(Serialize, Deserialize)]
pub(crate) struct MirrorRow<'a> {
    mirror_id: Cow<'a, str>,
    tenant_id: Cow<'a, str>,
    name: Cow<'a, str>,
    report: Option<MirrorReportRow<'a>>,
    last_sync_at: Option<Timestamp>,
    last_report_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl<'a> From<&'a Mirror> for MirrorRow<'a> {
    fn from(value: &'a Mirror) -> Self {
        Self {
            mirror_id: value.mirror_id.to_text(),
            tenant_id: value.tenant_id.to_text(),
            name: value.name.to_text(),
            report: value.report.as_ref().map(Into::into),
            last_sync_at: value.last_sync_at,
            last_report_at: value.last_report_at,
            created_at: value.created_at,
        }
    }
}

impl TryFrom<MirrorRow<'_>> for Mirror {
    type Error = Error;

    fn try_from(row: MirrorRow<'_>) -> Result<Self> {
        Ok(Self {
            mirror_id: StoredText::from_text(row.mirror_id)?,
            tenant_id: StoredText::from_text(row.tenant_id)?,
            name: StoredText::from_text(row.name)?,
            report: row.report.map(TryInto::try_into).transpose()?,
            last_sync_at: row.last_sync_at,
            last_report_at: row.last_report_at,
            created_at: row.created_at,
        })
    }
}

/// What a mirror reported.
#[derive(Serialize, Deserialize)]
pub(crate) struct MirrorReportRow<'a> {
    outcome: Cow<'a, str>,
    snapshot_id: Option<Cow<'a, str>>,
    sequence: Option<u64>,
    error: Option<Cow<'a, str>>,
    bytes_fetched: Option<u64>,
    agent: Option<Cow<'a, str>>,
}

impl<'a> From<&'a MirrorReport> for MirrorReportRow<'a> {
    fn from(value: &'a MirrorReport) -> Self {
        Self {
            outcome: value.outcome.to_text(),
            snapshot_id: text::optional(value.snapshot_id.as_ref()),
            sequence: value.sequence,
            error: text::optional(value.error.as_ref()),
            bytes_fetched: value.bytes_fetched,
            agent: text::optional(value.agent.as_ref()),
        }
    }
}

impl TryFrom<MirrorReportRow<'_>> for MirrorReport {
    type Error = Error;

    fn try_from(row: MirrorReportRow<'_>) -> Result<Self> {
        Ok(Self {
            outcome: StoredText::from_text(row.outcome)?,
            snapshot_id: text::from_optional(row.snapshot_id)?,
            sequence: row.sequence,
            error: text::from_optional(row.error)?,
            bytes_fetched: row.bytes_fetched,
            agent: text::from_optional(row.agent)?,
        })
    }
}
