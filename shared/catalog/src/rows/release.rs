//! The row of a release, and what heads of channels keep of one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use slipway_domain::release::{Release, ReleaseArtifact, Revocation, UpgradePath};
use slipway_domain::rollout::{Rollout, StagedRollout};
use slipway_domain::text::Reason;
use slipway_domain::{Error, Metadata, Result, Timestamp};

use super::StoredEntity;
use super::halting::HaltingRow;
use super::rollout::RolloutPlanRow;
use super::text::{self, StoredText};

impl StoredEntity for Release {
    type Row<'a> = ReleaseRow<'a>;

    fn to_row(&self) -> ReleaseRow<'_> {
        self.into()
    }

    fn from_row(row: ReleaseRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A release. The members of its revocation stand beside its own, where there is one.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReleaseRow<'a> {
    #[serde(borrow)]
    release_id: Cow<'a, str>,
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    artifacts: Vec<ReleaseArtifactRow<'a>>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    rollout: RolloutRow,
    /// Since the version after 0.1.0. Absent means that any client may skip it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    /// Since the version after 0.1.0. Absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_current_version: Option<Cow<'a, str>>,
    /// Since the version after 0.1.0. Absent means that the rollout has no steps.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    rollout_plan: Option<RolloutPlanRow<'a>>,
    /// Since the version after 0.1.0. Absent means that the rollout does not pause by itself.
    #[serde(default, skip_serializing_if = "HaltingRow::is_nothing")]
    halting: HaltingRow,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    published_at: Option<Timestamp>,
    /// Since the version after 0.1.0. Absent means that it was published by its creation, or that
    /// 0.1.0 published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_by: Option<Cow<'a, str>>,
    promoted_from: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_by: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Release> for ReleaseRow<'a> {
    fn from(value: &'a Release) -> Self {
        let revocation = value.revocation.as_ref();
        Self {
            release_id: value.release_id.to_text(),
            product_id: value.product_id.to_text(),
            version: value.version.to_text(),
            channel: value.channel.to_text(),
            status: value.status.to_text(),
            artifacts: value.artifacts.iter().map(Into::into).collect(),
            metadata: value.metadata.as_ref().map(Metadata::as_json),
            rollout: value.rollout.current.into(),
            rollout_plan: value.rollout.plan.as_ref().map(Into::into),
            required: value.upgrade_path.required,
            min_current_version: text::optional(value.upgrade_path.min_current_version.as_ref()),
            halting: (&value.halting).into(),
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            published_at: value.published_at,
            published_by: value.published_by.as_deref().map(Into::into),
            promoted_from: text::optional(value.promoted_from.as_ref()),
            revoked_at: revocation.map(|revocation| revocation.revoked_at),
            revoked_by: revocation.map(|revocation| revocation.revoked_by.as_str().into()),
            reason: revocation.map(|revocation| revocation.reason.to_text()),
        }
    }
}

impl TryFrom<ReleaseRow<'_>> for Release {
    type Error = Error;

    fn try_from(row: ReleaseRow<'_>) -> Result<Self> {
        let revocation = revocation(row.revoked_at, row.revoked_by, row.reason);
        Ok(Self {
            release_id: StoredText::from_text(row.release_id)?,
            product_id: StoredText::from_text(row.product_id)?,
            version: StoredText::from_text(row.version)?,
            channel: StoredText::from_text(row.channel)?,
            status: StoredText::from_text(row.status)?,
            artifacts: row.artifacts.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            metadata: row.metadata.map(Metadata::from_stored),
            rollout: StagedRollout {
                current: row.rollout.into(),
                plan: row.rollout_plan.map(TryInto::try_into).transpose()?,
            },
            upgrade_path: upgrade_path(row.required, row.min_current_version)?,
            halting: row.halting.into(),
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            published_at: row.published_at,
            published_by: row.published_by.map(Cow::into_owned),
            promoted_from: text::from_optional(row.promoted_from)?,
            revocation,
        })
    }
}

/// The upgrade path that the members of a row say.
pub(super) fn upgrade_path(
    required: bool,
    min_current_version: Option<Cow<'_, str>>,
) -> Result<UpgradePath> {
    let min_current_version = text::from_optional(min_current_version)?;
    Ok(UpgradePath { required, min_current_version })
}

fn revocation(
    revoked_at: Option<Timestamp>,
    revoked_by: Option<Cow<'_, str>>,
    reason: Option<Cow<'_, str>>,
) -> Option<Revocation> {
    Some(Revocation {
        revoked_at: revoked_at?,
        revoked_by: revoked_by?.into_owned(),
        reason: Reason::from_stored(reason?),
    })
}

/// An artifact of a release. Its texts are borrowed from the row: decisions read many.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReleaseArtifactRow<'a> {
    #[serde(borrow)]
    artifact_id: Cow<'a, str>,
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    arch: Cow<'a, str>,
    #[serde(borrow)]
    installer_type: Cow<'a, str>,
    requires_admin: bool,
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    size_bytes: u64,
    external_url: Option<Cow<'a, str>>,
    /// Said where it is not what it was in 0.1.0, which verifies what it stores and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
}

impl<'a> From<&'a ReleaseArtifact> for ReleaseArtifactRow<'a> {
    fn from(value: &'a ReleaseArtifact) -> Self {
        Self {
            artifact_id: value.artifact_id.to_text(),
            platform: value.platform.to_text(),
            arch: value.arch.to_text(),
            installer_type: value.installer_type.to_text(),
            requires_admin: value.requires_admin,
            sha256: value.sha256.to_text(),
            size_bytes: value.size_bytes,
            external_url: text::optional(value.external_url.as_ref()),
            verified: (value.verified != value.external_url.is_none()).then_some(value.verified),
        }
    }
}

impl TryFrom<ReleaseArtifactRow<'_>> for ReleaseArtifact {
    type Error = Error;

    fn try_from(row: ReleaseArtifactRow<'_>) -> Result<Self> {
        Ok(Self {
            artifact_id: StoredText::from_text(row.artifact_id)?,
            platform: StoredText::from_text(row.platform)?,
            arch: StoredText::from_text(row.arch)?,
            installer_type: StoredText::from_text(row.installer_type)?,
            requires_admin: row.requires_admin,
            sha256: StoredText::from_text(row.sha256)?,
            size_bytes: row.size_bytes,
            verified: row.verified.unwrap_or(row.external_url.is_none()),
            external_url: text::from_optional(row.external_url)?,
        })
    }
}

/// How much of the installed base a release is offered to.
#[derive(Serialize, Deserialize)]
pub(crate) struct RolloutRow {
    basis_points: u16,
    #[serde(default)]
    paused: bool,
}

impl From<Rollout> for RolloutRow {
    fn from(Rollout { basis_points, paused }: Rollout) -> Self {
        Self { basis_points, paused }
    }
}

impl From<RolloutRow> for Rollout {
    fn from(RolloutRow { basis_points, paused }: RolloutRow) -> Self {
        Self { basis_points, paused }
    }
}
