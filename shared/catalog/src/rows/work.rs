//! The row of a piece of work, and sets of channels.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::{ChannelSet, StreamSelector, WorkItem};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for WorkItem {
    type Row<'a> = WorkItemRow<'a>;

    fn to_row(&self) -> WorkItemRow<'_> {
        self.into()
    }

    fn from_row(row: WorkItemRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// The work of making one tenant's snapshots, or every tenant's. Version 0.1.0 also wrote
/// `base_url`, which is a setting since, and always a tenant.
#[derive(Serialize, Deserialize)]
pub(crate) struct WorkItemRow<'a> {
    generation_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Cow<'a, str>>,
    selection: StreamSelectorRow<'a>,
    demand: Cow<'a, str>,
    at: Timestamp,
}

impl<'a> From<&'a WorkItem> for WorkItemRow<'a> {
    fn from(value: &'a WorkItem) -> Self {
        Self {
            generation_id: value.generation_id.to_text(),
            tenant_id: value.tenant_id.as_ref().map(StoredText::to_text),
            selection: (&value.selection).into(),
            demand: value.demand.to_text(),
            at: value.at,
        }
    }
}

impl TryFrom<WorkItemRow<'_>> for WorkItem {
    type Error = Error;

    fn try_from(row: WorkItemRow<'_>) -> Result<Self> {
        Ok(Self {
            generation_id: StoredText::from_text(row.generation_id)?,
            tenant_id: row.tenant_id.map(StoredText::from_text).transpose()?,
            selection: row.selection.try_into()?,
            demand: StoredText::from_text(row.demand)?,
            at: row.at,
        })
    }
}

/// Which streams get a snapshot.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StreamSelectorRow<'a> {
    EveryStream,
    Stream(ChannelSetRow<'a>),
}

impl<'a> From<&'a StreamSelector> for StreamSelectorRow<'a> {
    fn from(value: &'a StreamSelector) -> Self {
        match value {
            StreamSelector::EveryStream => Self::EveryStream,
            StreamSelector::Stream(channels) => Self::Stream(channels.into()),
        }
    }
}

impl TryFrom<StreamSelectorRow<'_>> for StreamSelector {
    type Error = Error;

    fn try_from(row: StreamSelectorRow<'_>) -> Result<Self> {
        match row {
            StreamSelectorRow::EveryStream => Ok(Self::EveryStream),
            StreamSelectorRow::Stream(channels) => channels.try_into().map(Self::Stream),
        }
    }
}

/// The channels of a stream.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelSetRow<'a> {
    All,
    Only(Vec<Cow<'a, str>>),
}

impl<'a> From<&'a ChannelSet> for ChannelSetRow<'a> {
    fn from(value: &'a ChannelSet) -> Self {
        match value {
            ChannelSet::All => Self::All,
            ChannelSet::Only(channels) => Self::Only(text::list(channels)),
        }
    }
}

impl TryFrom<ChannelSetRow<'_>> for ChannelSet {
    type Error = Error;

    fn try_from(row: ChannelSetRow<'_>) -> Result<Self> {
        match row {
            ChannelSetRow::All => Ok(Self::All),
            ChannelSetRow::Only(channels) => text::from_set(channels).map(Self::Only),
        }
    }
}
