//! Sign-off: how many others have to approve what gives clients of a channel an update.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MAX_CHANNELS, Product};
use crate::release::Bounded;
use crate::{Channel, Error, Result};

/// The sign-off that a channel asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOffRule {
    /// Number of others who have to approve a change, 1 to 3.
    pub required_approvals: Bounded<1, 3>,
}

/// For each channel that asks for sign-off, its rule. It also holds on the channels that it follows,
/// since its clients are offered what is released there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("examples" = [{ "stable": { "required_approvals": 2 } }]))]
pub struct ChannelSignOff(BTreeMap<Channel, SignOffRule>);

impl ChannelSignOff {
    /// Each channel that asks for sign-off, and how many approvals it asks for.
    pub fn iter(&self) -> impl Iterator<Item = (&Channel, u32)> {
        self.0.iter().map(|(channel, rule)| (channel, rule.required_approvals.get()))
    }

    /// How many approvals `channel` itself asks for: 0 if it asks for none.
    #[must_use]
    pub fn of(&self, channel: &Channel) -> u32 {
        self.0.get(channel).map_or(0, |rule| rule.required_approvals.get())
    }

    /// Itself, if `is_known` knows all its channels.
    ///
    /// # Errors
    /// `invalid_field`, at the channel; or for more channels than a product has of its own.
    pub(super) fn checked(self, is_known: impl Fn(&Channel) -> bool) -> Result<Self> {
        if self.0.len() > MAX_CHANNELS {
            let message =
                format!("{} channels ask for sign-off; at most {MAX_CHANNELS} do", self.0.len());
            return Err(Error::invalid("channel_sign_off", message));
        }
        let Some(unknown) = self.0.keys().find(|channel| !is_known(channel)) else {
            return Ok(self);
        };
        let message = format!(
            "the product has no channel `{unknown}`; add it to `channels`, use another, or say `open_channels: true`"
        );
        Err(Error::invalid(format!("channel_sign_off.{unknown}"), message))
    }
}

impl FromIterator<(Channel, u32)> for ChannelSignOff {
    /// What was checked when it was written.
    fn from_iter<I: IntoIterator<Item = (Channel, u32)>>(rules: I) -> Self {
        let rule = |(channel, approvals)| {
            (channel, SignOffRule { required_approvals: Bounded::from_stored(approvals) })
        };
        Self(rules.into_iter().map(rule).collect())
    }
}

impl Product {
    /// How many others have to approve what gives an update to clients that are offered releases of
    /// `channel`: the most that it or a channel that follows it asks for; 0 where none does.
    #[must_use]
    pub fn required_approvals(&self, channel: &Channel) -> u32 {
        let followers = self.channel_follows.followers_of(channel);
        let all = std::iter::once(channel).chain(&followers);
        all.map(|channel| self.channel_sign_off.of(channel)).max().unwrap_or_default()
    }

    /// The channels on which `after` asks for more approvals than this: by their own rule, or by that of
    /// a channel that follows them.
    #[must_use]
    pub fn strengthened_sign_off(&self, after: &Self) -> BTreeSet<Channel> {
        let asking = after.channel_sign_off.iter().map(|(channel, _)| channel);
        let with_followed = asking
            .flat_map(|channel| std::iter::once(channel).chain(after.channel_follows.of(channel)));
        let is_stronger = |channel: &&Channel| {
            after.required_approvals(channel) > self.required_approvals(channel)
        };
        with_followed.filter(is_stronger).cloned().collect()
    }

    /// The channel whose sign-off `after` weakens, and how many approvals that needs by the rule that
    /// stands: the most of all that are weakened. `None` if none is. A lower number weakens it, no
    /// rule, and that the channel follows others: one more brings its releases, and one less no longer
    /// holds clients back with those that it requires.
    #[must_use]
    pub fn weakened_sign_off(&self, after: &Self) -> Option<(&Channel, u32)> {
        let is_weakened = |channel: &Channel, required: u32| {
            let followed = |product: &Self| -> BTreeSet<Channel> {
                product.channel_follows.of(channel).cloned().collect()
            };
            after.channel_sign_off.of(channel) < required || followed(self) != followed(after)
        };
        let weakened = self.channel_sign_off.iter();
        let weakened = weakened.filter(|(channel, required)| is_weakened(channel, *required));
        weakened.max_by_key(|(_, required)| *required)
    }
}
