//! The row of an artifact.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::artifact::{Artifact, ArtifactCheck, is_verified};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for Artifact {
    type Row<'a> = ArtifactRow<'a>;

    fn to_row(&self) -> ArtifactRow<'_> {
        self.into()
    }

    fn from_row(row: ArtifactRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An artifact.
#[derive(Serialize, Deserialize)]
pub(crate) struct ArtifactRow<'a> {
    artifact_id: Cow<'a, str>,
    source_type: Cow<'a, str>,
    sha256: Cow<'a, str>,
    size_bytes: u64,
    external_url: Option<Cow<'a, str>>,
    filename: Option<Cow<'a, str>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<ArtifactCheckRow<'a>>,
}

impl<'a> From<&'a Artifact> for ArtifactRow<'a> {
    fn from(value: &'a Artifact) -> Self {
        Self {
            artifact_id: value.artifact_id.to_text(),
            source_type: value.source_type.to_text(),
            sha256: value.sha256.to_text(),
            size_bytes: value.size_bytes,
            external_url: text::optional(value.external_url.as_ref()),
            filename: text::optional(value.filename.as_ref()),
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            check: value.check.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<ArtifactRow<'_>> for Artifact {
    type Error = Error;

    fn try_from(row: ArtifactRow<'_>) -> Result<Self> {
        let source_type = StoredText::from_text(row.source_type)?;
        let check = row.check.map(TryInto::try_into).transpose()?;
        Ok(Self {
            artifact_id: StoredText::from_text(row.artifact_id)?,
            source_type,
            sha256: StoredText::from_text(row.sha256)?,
            size_bytes: row.size_bytes,
            external_url: text::from_optional(row.external_url)?,
            filename: text::from_optional(row.filename)?,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            verified: is_verified(source_type, check.as_ref()),
            check,
        })
    }
}

/// A check of an external artifact.
#[derive(Serialize, Deserialize)]
pub(crate) struct ArtifactCheckRow<'a> {
    checked_at: Timestamp,
    outcome: Cow<'a, str>,
    detail: Option<Cow<'a, str>>,
}

impl<'a> From<&'a ArtifactCheck> for ArtifactCheckRow<'a> {
    fn from(value: &'a ArtifactCheck) -> Self {
        Self {
            checked_at: value.checked_at,
            outcome: value.outcome.to_text(),
            detail: value.detail.as_deref().map(Into::into),
        }
    }
}

impl TryFrom<ArtifactCheckRow<'_>> for ArtifactCheck {
    type Error = Error;

    fn try_from(row: ArtifactCheckRow<'_>) -> Result<Self> {
        Ok(Self {
            checked_at: row.checked_at,
            outcome: StoredText::from_text(row.outcome)?,
            detail: row.detail.map(Cow::into_owned),
        })
    }
}
