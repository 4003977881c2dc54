//! The rows of version maps, and of what is known of a component's versions as a whole.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::{SyncPosition, SyncState, VersionMap};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{StoredText, from_optional, optional};

impl StoredEntity for VersionMap {
    type Row<'a> = VersionMapRow<'a>;

    fn to_row(&self) -> VersionMapRow<'_> {
        VersionMapRow {
            id: self.id.to_text(),
            component_id: self.component_id.to_text(),
            tag: self.tag.to_text(),
            digest: self.digest.to_text(),
            semver: optional(self.semver.as_ref()),
            channel: optional(self.channel.as_ref()),
            pushed_at: self.pushed_at,
            created_at: self.created_at,
            created_by: self.created_by.as_deref().map(Cow::Borrowed),
            observed_at: Some(self.observed_at),
        }
    }

    fn from_row(row: VersionMapRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A version map.
#[derive(Serialize, Deserialize)]
pub(crate) struct VersionMapRow<'a> {
    id: Cow<'a, str>,
    component_id: Cow<'a, str>,
    tag: Cow<'a, str>,
    digest: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    semver: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pushed_at: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_by: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observed_at: Option<Timestamp>,
}

impl TryFrom<VersionMapRow<'_>> for VersionMap {
    type Error = Error;

    fn try_from(row: VersionMapRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            component_id: StoredText::from_text(row.component_id)?,
            tag: StoredText::from_text(row.tag)?,
            digest: StoredText::from_text(row.digest)?,
            semver: from_optional(row.semver)?,
            channel: from_optional(row.channel)?,
            pushed_at: row.pushed_at,
            created_at: row.created_at,
            created_by: row.created_by.map(Cow::into_owned),
            // A row of before has none: the registry was asked before it was made.
            observed_at: row.observed_at.unwrap_or(row.created_at),
        })
    }
}

impl StoredEntity for SyncState {
    type Row<'a> = SyncStateRow<'a>;

    fn to_row(&self) -> SyncStateRow<'_> {
        SyncStateRow {
            version_maps: self.version_maps,
            unreported: self.unreported,
            last_added_at: self.last_added_at,
            position: self.position.as_ref().map(|position| SyncPositionRow {
                choice: position.choice.to_text(),
                page: position.page.as_deref().map(Cow::Borrowed),
                after: optional(position.after.as_ref()),
            }),
        }
    }

    fn from_row(row: SyncStateRow<'_>) -> Result<Self> {
        let position = row.position.map(|position| {
            Ok::<_, Error>(SyncPosition {
                choice: StoredText::from_text(position.choice)?,
                page: position.page.map(Cow::into_owned),
                after: from_optional(position.after)?,
            })
        });
        Ok(Self {
            version_maps: row.version_maps,
            unreported: row.unreported,
            last_added_at: row.last_added_at,
            position: position.transpose()?,
        })
    }
}

/// What is known of a component's versions as a whole.
#[derive(Serialize, Deserialize)]
pub(crate) struct SyncStateRow<'a> {
    version_maps: u64,
    unreported: u64,
    last_added_at: Option<Timestamp>,
    #[serde(borrow)]
    position: Option<SyncPositionRow<'a>>,
}

/// How far a sync has come.
#[derive(Serialize, Deserialize)]
struct SyncPositionRow<'a> {
    choice: Cow<'a, str>,
    page: Option<Cow<'a, str>>,
    after: Option<Cow<'a, str>>,
}
