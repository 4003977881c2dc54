//! The row of an upload for a release.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::release_upload::ReleaseUpload;
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for ReleaseUpload {
    type Row<'a> = ReleaseUploadRow<'a>;

    fn to_row(&self) -> ReleaseUploadRow<'_> {
        self.into()
    }

    fn from_row(row: ReleaseUploadRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An upload for a release. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReleaseUploadRow<'a> {
    artifact_id: Cow<'a, str>,
    upload_id: Cow<'a, str>,
    release_id: Cow<'a, str>,
    object_key: Cow<'a, str>,
    platform_name: Cow<'a, str>,
    platform: Cow<'a, str>,
    arch: Cow<'a, str>,
    installer_type: Cow<'a, str>,
    filename: Option<Cow<'a, str>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    expires_at: Timestamp,
}

impl<'a> From<&'a ReleaseUpload> for ReleaseUploadRow<'a> {
    fn from(value: &'a ReleaseUpload) -> Self {
        Self {
            artifact_id: value.artifact_id.to_text(),
            upload_id: value.upload_id.to_text(),
            release_id: value.release_id.to_text(),
            object_key: value.object_key.to_text(),
            platform_name: value.platform_name.to_text(),
            platform: value.platform.to_text(),
            arch: value.arch.to_text(),
            installer_type: value.installer_type.to_text(),
            filename: text::optional(value.filename.as_ref()),
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            expires_at: value.expires_at,
        }
    }
}

impl TryFrom<ReleaseUploadRow<'_>> for ReleaseUpload {
    type Error = Error;

    fn try_from(row: ReleaseUploadRow<'_>) -> Result<Self> {
        Ok(Self {
            artifact_id: StoredText::from_text(row.artifact_id)?,
            upload_id: StoredText::from_text(row.upload_id)?,
            release_id: StoredText::from_text(row.release_id)?,
            object_key: StoredText::from_text(row.object_key)?,
            platform_name: StoredText::from_text(row.platform_name)?,
            platform: StoredText::from_text(row.platform)?,
            arch: StoredText::from_text(row.arch)?,
            installer_type: StoredText::from_text(row.installer_type)?,
            filename: text::from_optional(row.filename)?,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            expires_at: row.expires_at,
        })
    }
}
