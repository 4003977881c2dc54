//! Channels that follow others: their clients are offered what is newer there as well.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{MAX_CHANNELS, Product};
use crate::json::sets::Distinct;
use crate::{Channel, Code, Error, Result};

/// How many channels one channel follows at the most. A decision reads the head of each.
pub const MAX_FOLLOWED: usize = 4;

/// For each channel that follows others, those others: a client is offered the highest version on
/// all of them. Of equal versions its own channel's goes first, then that of the channel whose name
/// comes first. Following is not transitive: what a followed channel follows does not count, so that
/// two channels may follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("examples" = [{ "beta": ["stable"] }]))]
pub struct ChannelFollows(
    #[serde(deserialize_with = "distinct")] BTreeMap<Channel, BTreeSet<Channel>>,
);

fn distinct<'de, D: Deserializer<'de>>(
    follows: D,
) -> Result<BTreeMap<Channel, BTreeSet<Channel>>, D::Error> {
    let follows = BTreeMap::<Channel, Distinct<Channel>>::deserialize(follows)?;
    Ok(follows.into_iter().map(|(channel, Distinct(followed))| (channel, followed)).collect())
}

impl ChannelFollows {
    /// The channels that clients on `channel` are offered releases of, besides its own.
    pub fn of(&self, channel: &Channel) -> impl Iterator<Item = &Channel> {
        self.0.get(channel).into_iter().flatten()
    }

    /// Whether no channel follows another.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each channel that follows others, and those others.
    pub fn iter(&self) -> impl Iterator<Item = (&Channel, &BTreeSet<Channel>)> {
        self.0.iter()
    }

    /// The channels that follow `channel`.
    #[must_use]
    pub fn followers_of(&self, channel: &Channel) -> BTreeSet<Channel> {
        let followers = self.0.iter().filter(|(_, followed)| followed.contains(channel));
        followers.map(|(follower, _)| follower.clone()).collect()
    }

    /// Adds that `channel` follows `other`.
    pub fn insert(&mut self, channel: Channel, other: Channel) {
        self.0.entry(channel).or_default().insert(other);
    }

    /// A channel that does not follow the same channels in `other`.
    #[must_use]
    pub fn first_changed<'a>(&'a self, other: &'a Self) -> Option<&'a Channel> {
        let mut all = self.0.keys().chain(other.0.keys());
        all.find(|channel| self.0.get(channel) != other.0.get(channel))
    }

    /// Whether `channel` follows others, or is followed.
    fn names(&self, channel: &Channel) -> bool {
        self.0.contains_key(channel) || self.0.values().any(|followed| followed.contains(channel))
    }

    /// Itself, if each channel follows one to [`MAX_FOLLOWED`] others, all of which `is_known` knows.
    ///
    /// # Errors
    /// `invalid_field`, at the channel that follows; or for more than a product has of its own.
    pub(super) fn checked(self, is_known: impl Fn(&Channel) -> bool) -> Result<Self> {
        self.check(is_known)?;
        Ok(self)
    }

    fn check(&self, is_known: impl Fn(&Channel) -> bool) -> Result<()> {
        if self.0.len() > MAX_CHANNELS {
            let message =
                format!("{} channels follow others; at most {MAX_CHANNELS} do", self.0.len());
            return Err(Error::invalid("channel_follows", message));
        }
        for (channel, followed) in &self.0 {
            if let Some(problem) = problem_of(channel, followed, &is_known) {
                return Err(Error::invalid(format!("channel_follows.{channel}"), problem));
            }
        }
        Ok(())
    }
}

fn problem_of(
    channel: &Channel,
    followed: &BTreeSet<Channel>,
    is_known: impl Fn(&Channel) -> bool,
) -> Option<String> {
    if followed.is_empty() || followed.len() > MAX_FOLLOWED {
        let count = followed.len();
        return Some(format!(
            "`{channel}` follows {count} channels; name 1 to {MAX_FOLLOWED}, or leave the channel out if it follows none"
        ));
    }
    if followed.contains(channel) {
        return Some(format!("`{channel}` can't follow itself; name other channels"));
    }
    let mut named = std::iter::once(channel).chain(followed);
    named.find(|channel| !is_known(channel)).map(|unknown| {
        format!(
            "`channel_follows` names `{unknown}`, and the product has no such channel; add it to `channels`, use another, or say `open_channels: true`"
        )
    })
}

impl FromIterator<(Channel, BTreeSet<Channel>)> for ChannelFollows {
    /// What was checked when it was written.
    fn from_iter<I: IntoIterator<Item = (Channel, BTreeSet<Channel>)>>(follows: I) -> Self {
        Self(follows.into_iter().collect())
    }
}

impl Product {
    /// The channels whose releases a client on `channel` is offered: `channel` itself, then those
    /// that it follows.
    pub fn offered_channels<'a>(
        &'a self,
        channel: &'a Channel,
    ) -> impl Iterator<Item = &'a Channel> {
        std::iter::once(channel).chain(self.channel_follows.of(channel))
    }

    /// Checks `channel_follows` of a product that had the channels `before`; `is_new` where the map
    /// comes with the change.
    ///
    /// # Errors
    /// `invalid_field` for a map that is illegal; `stale_state` with the `channels` for one that
    /// stays, and names channels that are removed.
    pub(super) fn require_known_follows(
        &self,
        before: &BTreeSet<Channel>,
        is_new: bool,
    ) -> Result<()> {
        let is_known = |channel: &Channel| self.open_channels || self.channels.contains(channel);
        if is_new {
            self.channel_follows.check(is_known)?;
        }
        self.require_no_removed_follows(before)?;
        self.channel_follows.check(is_known)
    }

    /// Checks that none of the channels that `before` had, and that this product has no longer,
    /// follows others or is followed.
    ///
    /// # Errors
    /// `stale_state` with the `channels`.
    fn require_no_removed_follows(&self, before: &BTreeSet<Channel>) -> Result<()> {
        let removed = before.difference(&self.channels);
        let named: Vec<&Channel> =
            removed.filter(|channel| self.channel_follows.names(channel)).collect();
        if named.is_empty() {
            return Ok(());
        }
        let message = format!(
            "{named:?} of {} are in `channel_follows`; change that in the same request or before, or keep the channels",
            self.product_id
        );
        let error = Error::new(Code::StaleState, message).at("channels");
        Err(error.with(serde_json::json!({ "channels": named })))
    }
}
