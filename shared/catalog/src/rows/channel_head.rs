//! The rows of the head of a channel and of its entry in the release index.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use slipway_domain::channel_head::{ChannelHead, LiveRelease};
use slipway_domain::{Error, Metadata, Result, Timestamp};
use slipway_snapshot::IndexEntry;

use super::StoredEntity;
use super::release::{ReleaseArtifactRow, RolloutRow};
use super::text::{self, StoredText};

impl StoredEntity for ChannelHead {
    type Row<'a> = ChannelHeadRow<'a>;

    fn to_row(&self) -> ChannelHeadRow<'_> {
        self.into()
    }

    fn from_row(row: ChannelHeadRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// The head of a channel.
#[derive(Serialize, Deserialize)]
pub(crate) struct ChannelHeadRow<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    revision: u64,
    live: Vec<LiveReleaseRow<'a>>,
    revoked: Vec<Cow<'a, str>>,
    truncated: bool,
    /// Since the version after 0.1.0. Absent means that the channel is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
}

impl<'a> From<&'a ChannelHead> for ChannelHeadRow<'a> {
    fn from(value: &'a ChannelHead) -> Self {
        Self {
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            revision: value.revision,
            live: value.live.iter().map(Into::into).collect(),
            revoked: text::list(&value.revoked),
            truncated: value.truncated,
            closed: value.closed,
        }
    }
}

impl TryFrom<ChannelHeadRow<'_>> for ChannelHead {
    type Error = Error;

    fn try_from(row: ChannelHeadRow<'_>) -> Result<Self> {
        Ok(Self {
            product_id: StoredText::from_text(row.product_id)?,
            channel: StoredText::from_text(row.channel)?,
            revision: row.revision,
            live: row.live.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            revoked: text::from_list(row.revoked)?,
            truncated: row.truncated,
            closed: row.closed,
        })
    }
}

/// A live release in the head of its channel.
#[derive(Serialize, Deserialize)]
pub(crate) struct LiveReleaseRow<'a> {
    #[serde(borrow)]
    release_id: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    published_at: Option<Timestamp>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    rollout: RolloutRow,
    artifacts: Vec<ReleaseArtifactRow<'a>>,
}

impl<'a> From<&'a LiveRelease> for LiveReleaseRow<'a> {
    fn from(value: &'a LiveRelease) -> Self {
        Self {
            release_id: value.release_id.to_text(),
            version: value.version.to_text(),
            published_at: value.published_at,
            metadata: value.metadata.as_ref().map(Metadata::as_json),
            rollout: value.rollout.into(),
            artifacts: value.artifacts.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<LiveReleaseRow<'_>> for LiveRelease {
    type Error = Error;

    fn try_from(row: LiveReleaseRow<'_>) -> Result<Self> {
        Ok(Self {
            release_id: StoredText::from_text(row.release_id)?,
            version: StoredText::from_text(row.version)?,
            published_at: row.published_at,
            metadata: row.metadata.map(Metadata::from_stored),
            rollout: row.rollout.into(),
            artifacts: row.artifacts.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
        })
    }
}

impl StoredEntity for IndexEntry {
    type Row<'a> = IndexEntryRow<'a>;

    fn to_row(&self) -> IndexEntryRow<'_> {
        self.into()
    }

    fn from_row(row: IndexEntryRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A channel in the release index.
#[derive(Serialize, Deserialize)]
pub(crate) struct IndexEntryRow<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    newest: Option<LiveReleaseRow<'a>>,
}

impl<'a> From<&'a IndexEntry> for IndexEntryRow<'a> {
    fn from(value: &'a IndexEntry) -> Self {
        Self {
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            newest: value.newest.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<IndexEntryRow<'_>> for IndexEntry {
    type Error = Error;

    fn try_from(row: IndexEntryRow<'_>) -> Result<Self> {
        Ok(Self {
            product_id: StoredText::from_text(row.product_id)?,
            channel: StoredText::from_text(row.channel)?,
            newest: row.newest.map(TryInto::try_into).transpose()?,
        })
    }
}
