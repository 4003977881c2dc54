//! The choice of a release among those of the client's channel and of the channels that it follows.

use std::borrow::Cow;
use std::ops::Bound;

use super::lookup::VersionSpan;
use super::search::{Known, Search};
use super::stepping_stone::SteppingStone;
use super::{ConsideredRule, DecisionInputs, DecisionReason, Rule, RuleResult, UpdateCheck};
use crate::channel_head::LiveRelease;
use crate::{Channel, Version};

/// A reason, and the release that is offered.
pub(super) type Choice<'a> = (DecisionReason, Option<Cow<'a, LiveRelease>>);

/// The searches on the channels of a check: first the client's own, which of equal versions goes
/// before the others.
struct SearchAll<'a, 'c>(Vec<Search<'a, 'c>>);

/// What the lowest required release above the installed version leaves to be offered.
enum Ceiling<'a> {
    /// That release alone.
    Stone(Cow<'a, LiveRelease>),
    /// What is below the upper bound of each channel; and why the required release can't be offered,
    /// if there is one.
    Below(Vec<Bound<Version>>, Option<DecisionReason>),
}

impl UpdateCheck {
    /// Chooses the release to offer, and says why it is this one or none.
    pub(super) fn choose<'a>(&self, inputs: DecisionInputs<'a>) -> Known<Choice<'a>> {
        let current = match self.validate(inputs) {
            Ok(current) => current,
            Err(reason) => return Ok((reason, None)),
        };
        let all = SearchAll::of(self, inputs);
        let (uppers, obstacle) = match all.ceiling(current)? {
            Ceiling::Stone(stone) => return Ok(offered(inputs, Rule::SteppingStone, stone)),
            Ceiling::Below(uppers, obstacle) => (uppers, obstacle),
        };
        if let Some(best) = all.newest(uppers, Some(current))? {
            return Ok(offered(inputs, Rule::NewestRelease, best));
        }
        inputs.note(|| ConsideredRule::new(Rule::NewestRelease, RuleResult::NotApplicable));
        if all.has_head() && (inputs.policy.blocks(current) || all.is_revoked(current)?) {
            inputs.note(|| {
                let obstacle = Some(DecisionReason::CurrentVersionRevoked);
                let skipped = ConsideredRule::new(Rule::InstalledVersion, RuleResult::Skipped);
                ConsideredRule { reason: obstacle, ..skipped.about(current) }
            });
            let choice = all.downgrade(current, inputs)?;
            inputs.note(|| noted(Rule::Downgrade, &choice));
            return Ok(choice);
        }
        inputs.note(|| ConsideredRule::new(Rule::InstalledVersion, RuleResult::Passed));
        let choice = (obstacle.unwrap_or_else(|| all.obstacle_above(current)), None);
        inputs.note(|| noted(Rule::NothingNewer, &choice));
        Ok(choice)
    }
}

impl UpdateCheck {
    /// The channels on which to look up the release of `version` that a decision lacks on
    /// `channel`: that one, and for the installed version the others that may have to be asked
    /// next. So one request tells whether it is revoked, however many channels its own follows.
    #[must_use]
    pub fn channels_to_look_up(
        &self,
        inputs: DecisionInputs<'_>,
        channel: &Channel,
        version: &Version,
    ) -> Vec<Channel> {
        let mut channels = vec![channel.clone()];
        if self.current.as_ref() == Some(version) {
            let mut searches = SearchAll::of(self, inputs).0;
            searches.retain(|one| one.head.channel != *channel && one.may_look_up(version));
            channels.extend(searches.into_iter().map(|one| one.head.channel.clone()));
        }
        channels
    }
}

/// The choice of a newer release by `rule`.
fn offered<'a>(
    inputs: DecisionInputs<'_>,
    rule: Rule,
    release: Cow<'a, LiveRelease>,
) -> Choice<'a> {
    let choice = (DecisionReason::UpdateAvailable, Some(release));
    inputs.note(|| noted(rule, &choice));
    choice
}

/// A rule that has made a choice, as it is recorded.
fn noted(rule: Rule, (reason, release): &Choice<'_>) -> ConsideredRule {
    let version = release.as_ref().map(|release| release.version.clone());
    ConsideredRule { version, ..ConsideredRule::decided(rule, *reason) }
}

impl<'a, 'c> SearchAll<'a, 'c> {
    fn of(check: &'c UpdateCheck, inputs: DecisionInputs<'a>) -> Self {
        Self(inputs.heads.iter().map(|head| Search { check, head, inputs }).collect())
    }

    /// Whether anything was ever published on one of the channels.
    fn has_head(&self) -> bool {
        !self.0.is_empty()
    }

    /// No client skips the lowest required release, on whichever of the channels it is. On a channel
    /// where it is not required, or is none, its version may be offered all the same.
    fn ceiling(&self, current: &Version) -> Known<Ceiling<'a>> {
        let stones = self.0.iter().map(|search| search.stepping_stone(current));
        let stones: Vec<Option<SteppingStone<'a>>> = stones.collect::<Known<_>>()?;
        self.note(&stones);
        let lowest = stones.iter().flatten().map(|stone| &stone.version).min().cloned();
        let Some(lowest) = lowest else {
            return Ok(Ceiling::Below(vec![Bound::Unbounded; stones.len()], None));
        };
        let (mut uppers, mut obstacle) = (Vec::with_capacity(stones.len()), None);
        for stone in stones {
            match stone.filter(|stone| stone.version == lowest).map(|stone| stone.offer) {
                Some(Ok(stone)) => return Ok(Ceiling::Stone(stone)),
                Some(Err(reason)) => {
                    obstacle = obstacle.or(Some(reason));
                    uppers.push(Bound::Excluded(lowest.clone()));
                }
                None => uppers.push(Bound::Included(lowest.clone())),
            }
        }
        Ok(Ceiling::Below(uppers, obstacle))
    }

    /// Records the stepping stones of the channels.
    fn note(&self, stones: &[Option<SteppingStone<'a>>]) {
        for (Search { head, inputs, .. }, stone) in self.0.iter().zip(stones) {
            inputs.note(|| match stone {
                Some(SteppingStone { version, offer }) => {
                    let obstacle = offer.as_ref().err().copied();
                    ConsideredRule::of_release(
                        Rule::SteppingStone,
                        obstacle,
                        &head.channel,
                        version,
                    )
                }
                None => ConsideredRule {
                    channel: Some(head.channel.clone()),
                    ..ConsideredRule::new(Rule::SteppingStone, RuleResult::NotApplicable)
                },
            });
        }
    }

    /// The newest live release of all channels, each below its upper bound, that may be offered to
    /// the client. On the later ones only what is newer counts.
    fn newest(
        &self,
        uppers: impl IntoIterator<Item = Bound<Version>>,
        above: Option<&Version>,
    ) -> Known<Option<Cow<'a, LiveRelease>>> {
        let mut best: Option<Cow<'a, LiveRelease>> = None;
        for (search, upper) in self.0.iter().zip(uppers) {
            let above = best.as_ref().map(|best| &best.version).or(above).cloned();
            if let Some(newer) = search.newest(VersionSpan { upper, above })? {
                best = Some(newer);
            }
        }
        Ok(best)
    }

    /// Whether the installed version is revoked on one of the channels, and live on none: nobody
    /// knows which one it came from, and what others are offered is no reason to leave it.
    fn is_revoked(&self, current: &Version) -> Known<bool> {
        let mut others = Vec::new();
        for search in &self.0 {
            if !search.is_revoked(current)? {
                others.push(search);
            }
        }
        if others.len() == self.0.len() {
            return Ok(false);
        }
        for search in others {
            if search.is_live(current)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// For a client whose version is revoked or blocked, and that has nothing higher to go to.
    fn downgrade(&self, current: &Version, inputs: DecisionInputs<'a>) -> Known<Choice<'a>> {
        let nothing = (DecisionReason::CurrentVersionRevoked, None);
        if !inputs.policy.allow_downgrade.unwrap_or(false) {
            return Ok(nothing);
        }
        let below = self.newest(std::iter::repeat(Bound::Excluded(current.clone())), None)?;
        Ok(below.map_or(nothing, |live| (DecisionReason::DowngradeAvailable, Some(live))))
    }

    /// Why the client is not offered the newest release of all channels, if that is above the
    /// installed version.
    fn obstacle_above(&self, current: &Version) -> DecisionReason {
        let newest_of = |search: &Search<'a, 'c>| Some((*search, search.head.recent.first()?));
        // The last of equal ones is the maximum.
        let newest = self.0.iter().rev().filter_map(newest_of).max_by_key(|(_, one)| &one.version);
        let Some((search, newest)) = newest else { return DecisionReason::NoRelease };
        let obstacle = Some(newest).filter(|newest| newest.version > *current);
        let obstacle =
            obstacle.and_then(|newest| search.check.obstacle(newest.into(), search.inputs));
        obstacle.unwrap_or(DecisionReason::UpToDate)
    }
}
