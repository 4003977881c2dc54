//! The row of an artifact.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::artifact::Artifact;
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
        }
    }
}

impl TryFrom<ArtifactRow<'_>> for Artifact {
    type Error = Error;

    fn try_from(row: ArtifactRow<'_>) -> Result<Self> {
        Ok(Self {
            artifact_id: StoredText::from_text(row.artifact_id)?,
            source_type: StoredText::from_text(row.source_type)?,
            sha256: StoredText::from_text(row.sha256)?,
            size_bytes: row.size_bytes,
            external_url: text::from_optional(row.external_url)?,
            filename: text::from_optional(row.filename)?,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
        })
    }
}
