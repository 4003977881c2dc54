//! The rows of the head of a channel and of its entry in the release index.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use slipway_domain::channel_head::{ChannelHead, HeadCoverage, LiveRelease};
use slipway_domain::{Error, Metadata, Result, Timestamp};
use slipway_snapshot::IndexEntry;

use super::StoredEntity;
use super::head_summary::HeadSummaryRow;
use super::release::{ReleaseArtifactRow, RolloutRow, upgrade_path};
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

/// The head of a channel. `live`, `revoked` and `truncated` are those of version 0.1.0, which reads
/// the row as one that had room for its newest release only.
#[derive(Serialize, Deserialize)]
pub(crate) struct ChannelHeadRow<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    revision: u64,
    /// The newest live release; none if it is too large. Version 0.1.0 wrote as many as had room.
    live: Vec<LiveReleaseRow<'a>>,
    /// The highest revoked version. Version 0.1.0 wrote up to 500, highest first.
    revoked: Vec<Cow<'a, str>>,
    /// The version that was revoked last. Since the version after 0.1.0. Absent means that it is
    /// not known.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    last_revoked: Option<Cow<'a, str>>,
    /// Whether there are live releases that `live` does not have.
    truncated: bool,
    /// Since the version after 0.1.0. Absent means that the channel is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    /// Since the version after 0.1.0. Absent in what that version wrote last.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    summary: Option<HeadSummaryRow<'a>>,
}

impl<'a> From<&'a ChannelHead> for ChannelHeadRow<'a> {
    fn from(value: &'a ChannelHead) -> Self {
        let whole = usize::from(value.newest.is_some());
        Self {
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            revision: value.revision,
            live: value.newest.iter().map(Into::into).collect(),
            revoked: text::list(&value.highest_revoked),
            last_revoked: text::optional(value.last_revoked.as_ref()),
            truncated: value.live > whole as u64,
            closed: value.closed,
            summary: (value.coverage == HeadCoverage::Complete).then(|| value.into()),
        }
    }
}

impl TryFrom<ChannelHeadRow<'_>> for ChannelHead {
    type Error = Error;

    fn try_from(row: ChannelHeadRow<'_>) -> Result<Self> {
        let empty = Self::empty(
            StoredText::from_text(row.product_id)?,
            StoredText::from_text(row.channel)?,
        );
        let last_revoked = text::from_optional(row.last_revoked)?;
        let head = Self { revision: row.revision, closed: row.closed, last_revoked, ..empty };
        let live: Vec<LiveRelease> =
            row.live.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        let revoked = text::from_list(row.revoked)?;
        match row.summary {
            None => Ok(Self::from_legacy(head, live, revoked, row.truncated)),
            Some(summary) => Ok(Self {
                newest: live.into_iter().next(),
                highest_revoked: revoked.into_iter().next(),
                ..summary.into_head(head)?
            }),
        }
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
    /// Since the version after 0.1.0. Absent means that any client may skip it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    /// Since the version after 0.1.0. Absent means any.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    min_current_version: Option<Cow<'a, str>>,
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
            required: value.upgrade_path.required,
            min_current_version: text::optional(value.upgrade_path.min_current_version.as_ref()),
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
            upgrade_path: upgrade_path(row.required, row.min_current_version)?,
            artifacts: row.artifacts.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
        })
    }
}

impl StoredEntity for IndexEntry {
    /// The second form has no release.
    const FORM: u64 = 2;

    type Row<'a> = IndexEntryRow<'a>;

    fn to_row(&self) -> IndexEntryRow<'_> {
        self.into()
    }

    fn from_row(row: IndexEntryRow<'_>) -> Result<Self> {
        row.try_into()
    }

    fn from_older(_: u64, doc: &str) -> Result<Self> {
        let FirstIndexEntryRow { product_id, channel } =
            serde_json::from_str(doc).map_err(Error::internal)?;
        Self::from_row(IndexEntryRow { product_id, channel, newest: IN_HEAD.into() })
    }
}

/// A channel in the release index.
#[derive(Serialize, Deserialize)]
pub(crate) struct IndexEntryRow<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
    /// Where the newest release is: always [`IN_HEAD`].
    #[serde(borrow)]
    newest: Cow<'a, str>,
}

/// The newest release is in the channel's head. Version 0.1.0, which knows no forms, would take the
/// absence of a release for a channel without any; on a text it fails.
pub(super) const IN_HEAD: &str = "in_head";

/// The first form, in which `newest` is a release or null.
#[derive(Deserialize)]
struct FirstIndexEntryRow<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    channel: Cow<'a, str>,
}

impl<'a> From<&'a IndexEntry> for IndexEntryRow<'a> {
    fn from(value: &'a IndexEntry) -> Self {
        Self {
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            newest: IN_HEAD.into(),
        }
    }
}

impl TryFrom<IndexEntryRow<'_>> for IndexEntry {
    type Error = Error;

    fn try_from(row: IndexEntryRow<'_>) -> Result<Self> {
        Ok(Self {
            product_id: StoredText::from_text(row.product_id)?,
            channel: StoredText::from_text(row.channel)?,
        })
    }
}
