//! Channel sets: which channels a stream of snapshots covers.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use slipway_domain::{Channel, Error, Result, Sha256};
use slipway_domain::{string_newtype, text::TextError};

/// Limit of channels in a channel set.
const MAX_CHANNELS: usize = 16;

string_newtype! {
    /// Id of a snapshot stream of a tenant: `all`, or 32 hexadecimal digits derived from its set of
    /// channels.
    StreamId, what = "a stream of snapshots", rule = "`all`, or 32 hexadecimal digits, as a snapshot's `stream` shows",
    pattern = "^(all|[0-9a-f]{32})$",
    check = |text| text == "all" || (text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// Channels in a query string: separated by commas, or as repeated parameters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[a-z0-9][a-z0-9-]{0,31}(,[a-z0-9][a-z0-9-]{0,31})*$", "x-slipway-separator" = ","))]
pub struct ChannelList(BTreeSet<Channel>);

impl TryFrom<String> for ChannelList {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl From<ChannelList> for BTreeSet<Channel> {
    fn from(ChannelList(channels): ChannelList) -> Self {
        channels
    }
}

/// The channels that a snapshot stream covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelSet {
    /// All channels, including future ones.
    #[default]
    All,
    /// The listed channels, at least one.
    Only(BTreeSet<Channel>),
}

impl ChannelSet {
    /// The set that a request names; all channels if it names none.
    ///
    /// # Errors
    /// `invalid_field` for an empty list, or one of more than 16 channels.
    pub fn of(channels: Option<BTreeSet<Channel>>) -> Result<Self> {
        let Some(channels) = channels else { return Ok(Self::All) };
        if (1..=MAX_CHANNELS).contains(&channels.len()) {
            return Ok(Self::Only(channels));
        }
        let message = format!(
            "name 1 to {MAX_CHANNELS} channels, not {}; leave `channels` out for all of them",
            channels.len()
        );
        Err(Error::invalid("channels", message))
    }

    /// Whether the set includes `channel`.
    #[must_use]
    pub fn includes(&self, channel: &Channel) -> bool {
        match self {
            Self::All => true,
            Self::Only(channels) => channels.contains(channel),
        }
    }

    /// Whether this set is a superset of `other`.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(channels), Self::Only(others)) => channels.is_superset(others),
        }
    }

    /// Id of the stream for this set. Channel names have no commas, so that different sets have
    /// different ids.
    #[must_use]
    pub fn stream_id(&self) -> StreamId {
        match self {
            Self::All => StreamId("all".to_owned()),
            Self::Only(channels) => {
                let names: Vec<_> = channels.iter().map(Channel::as_str).collect();
                let mut digest = Sha256::of(names.join(",").as_bytes()).to_string();
                digest.truncate(32);
                StreamId(digest)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(names: &[&str]) -> ChannelSet {
        ChannelSet::Only(names.iter().map(|name| name.parse().unwrap()).collect())
    }

    #[test]
    fn a_set_covers_its_subsets_and_all_covers_everything() {
        assert!(
            ChannelSet::All.covers(&ChannelSet::All) && ChannelSet::All.covers(&only(&["beta"]))
        );
        assert!(only(&["beta", "stable"]).covers(&only(&["beta"])));
        assert!(
            !only(&["beta"]).covers(&only(&["beta", "stable"]))
                && !only(&["beta"]).covers(&ChannelSet::All)
        );
    }

    #[test]
    fn a_stream_is_named_after_its_set_whatever_the_order() {
        assert_eq!(only(&["stable", "beta"]).stream_id(), only(&["beta", "stable"]).stream_id());
        assert_ne!(only(&["stable"]).stream_id(), only(&["beta"]).stream_id());
        assert_eq!(ChannelSet::All.stream_id().as_str(), "all");
        assert_ne!(
            only(&["all"]).stream_id().as_str(),
            "all",
            "a channel of that name is another stream"
        );
    }

    #[test]
    fn no_channel_at_all_is_refused() {
        assert!(ChannelSet::of(Some(BTreeSet::new())).is_err());
        assert_eq!(ChannelSet::of(None).unwrap(), ChannelSet::All);
    }
}
