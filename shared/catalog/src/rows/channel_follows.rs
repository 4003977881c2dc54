//! Rows of the release index: channels, and which of a product's channels follow others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_domain::Result;
use slipway_domain::product::ChannelFollows;
use slipway_snapshot::IndexEntry;

use super::StoredEntity;
use super::channel_head::IN_HEAD;
use super::text::{self, StoredText};
use crate::channel_follows::IndexRow;

/// Channels by the channel that follows them.
pub(super) type FollowsRow<'a> = BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>;

pub(super) fn to_row(follows: &ChannelFollows) -> FollowsRow<'_> {
    follows.iter().map(|(channel, followed)| (channel.to_text(), text::list(followed))).collect()
}

pub(super) fn from_row(row: FollowsRow<'_>) -> Result<ChannelFollows> {
    let follow =
        |(channel, followed)| Ok((StoredText::from_text(channel)?, text::from_set(followed)?));
    row.into_iter().map(follow).collect()
}

impl StoredEntity for IndexRow {
    const FORM: u64 = IndexEntry::FORM;

    type Row<'a> = IndexRowRow<'a>;

    fn to_row(&self) -> IndexRowRow<'_> {
        match self {
            Self::Channel(IndexEntry { product_id, channel }) => IndexRowRow {
                product_id: product_id.to_text(),
                channel: Some(channel.to_text()),
                newest: Some(IN_HEAD.into()),
                channel_follows: FollowsRow::new(),
            },
            Self::Follows(product_id, follows) => IndexRowRow {
                product_id: product_id.to_text(),
                channel: None,
                newest: None,
                channel_follows: to_row(follows),
            },
        }
    }

    fn from_row(row: IndexRowRow<'_>) -> Result<Self> {
        let product_id = StoredText::from_text(row.product_id)?;
        Ok(match text::from_optional(row.channel)? {
            Some(channel) => Self::Channel(IndexEntry { product_id, channel }),
            None => Self::Follows(product_id, from_row(row.channel_follows)?),
        })
    }

    fn from_older(form: u64, doc: &str) -> Result<Self> {
        IndexEntry::from_older(form, doc).map(Self::Channel)
    }
}

/// A channel, or which channels of a product follow others.
#[derive(Serialize, Deserialize)]
pub(crate) struct IndexRowRow<'a> {
    product_id: Cow<'a, str>,
    /// Absent where the row tells what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    channel_follows: FollowsRow<'a>,
}
