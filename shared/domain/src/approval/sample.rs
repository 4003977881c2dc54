//! The clients that the effect of a change is shown for: what is installed in the field, on each
//! machine that something is built for, in and out of the rollout.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::adoption::AdoptionDay;
use crate::channel_head::{ChannelHead, Target};
use crate::decision::{InstalledProduct, UpdateCheck};
use crate::platform::{Arch, Platform};
use crate::rollout::bucket;
use crate::{Channel, ProductId, ReleaseId, Version};

/// How many channels are looked at: that of the change, and others whose clients are concerned.
pub const MAX_CHANNELS: usize = 4;
/// How many installed versions are looked at on each channel.
const MAX_VERSIONS: usize = 10;
/// How many of them are live ones.
const MAX_LIVE: usize = 4;
/// How many machines are looked at.
const MAX_MACHINES: usize = 8;
/// Ends the search for a client in a part of the rollout. One in 10,000 clients is in the smallest.
const MAX_ATTEMPTS: u32 = 400_000;
/// How many places a rollout has.
const PLACES: u16 = 10_000;

/// The clients that were looked at: each version on each machine, in each part of the rollout.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct EffectSample {
    /// Channels whose clients are offered something else by the change, first that of the change: up
    /// to 4.
    pub channels: Vec<SampledChannel>,
    /// Machines for which something is live there, or which the change brings something for: up to 8.
    pub machines: Vec<Machine>,
    /// How many such channels were not looked at.
    pub channels_left_out: usize,
    /// How many such machines were not looked at.
    pub machines_left_out: usize,
}

/// A channel, and the versions that its clients have.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SampledChannel {
    /// Name of the channel.
    pub channel: Channel,
    /// Versions that are installed, highest first, up to 10: the highest live ones, those for which
    /// most decisions were counted in seven days, and `0.0.0` for a client that is older than all.
    pub versions: Vec<SampledVersion>,
}

/// A version that clients have.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SampledVersion {
    /// The installed version.
    pub version: Version,
    /// Number of decisions for clients that have it, on this channel in seven days; null where fewer
    /// than five clients asked on each of the days, or the version is not among the most frequent.
    pub decisions: Option<u64>,
}

/// What a client runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Machine {
    /// Operating system.
    pub platform: Platform,
    /// Processor architecture; `universal` where nothing is built for a single one.
    pub arch: Arch,
}

/// A part of the clients that a rollout tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutPart {
    /// Share of clients that are in it, in basis points.
    pub basis_points: u16,
    /// Id of a client that is in it.
    pub client_id: String,
}

/// One client, for all of its kind.
#[derive(Debug, Clone)]
pub struct SampleClient<'a> {
    /// Its channel.
    pub channel: &'a Channel,
    /// The version that it has.
    pub version: &'a Version,
    /// What it runs on.
    pub machine: Machine,
    /// Its part of the rollout.
    pub part: &'a RolloutPart,
}

impl RolloutPart {
    /// The parts into which the clients of `release` fall where its share changes from `before` to
    /// `after`: those who have it anyway, those who get or lose it, and those who don't get it.
    #[must_use]
    pub fn of(release: &ReleaseId, before: u16, after: u16) -> Vec<Self> {
        let mut cuts = [0, before.min(PLACES), after.min(PLACES), PLACES];
        cuts.sort_unstable();
        let mut parts: BTreeMap<u16, (u16, Option<String>)> = BTreeMap::new();
        for (from, to) in cuts.iter().zip(cuts.iter().skip(1)).filter(|(from, to)| from < to) {
            parts.insert(*from, (*to, None));
        }
        for number in 0..MAX_ATTEMPTS {
            if parts.values().all(|(_, client)| client.is_some()) {
                break;
            }
            let client = format!("sample-{number}");
            let place = u16::try_from(bucket(release, &client)).unwrap_or(PLACES);
            if let Some((_, (_, found))) = parts.range_mut(..=place).next_back() {
                found.get_or_insert(client);
            }
        }
        let part = |(from, (to, client)): (u16, (u16, Option<String>))| {
            client.map(|client_id| Self { basis_points: to.saturating_sub(from), client_id })
        };
        parts.into_iter().filter_map(part).collect()
    }
}

impl SampledChannel {
    /// The versions of `channel`'s clients: some of the `live` ones, which are the highest of it and of
    /// those that it follows, and some of those that were counted on the `days` of any channel.
    #[must_use]
    pub fn new(channel: Channel, live: &BTreeSet<Version>, days: &[AdoptionDay]) -> Self {
        let mut counted: BTreeMap<&Version, u64> = BTreeMap::new();
        let own = days.iter().filter(|day| day.channel == channel);
        for version in own.flat_map(|day| &day.versions) {
            let sum = counted.entry(&version.version).or_default();
            *sum = sum.saturating_add(version.decisions);
        }
        let mut by_count: Vec<_> = counted.iter().collect();
        by_count.sort_by(|a, b| b.1.cmp(a.1));
        let oldest = Version::from_semver(semver::Version::new(0, 0, 0));
        let highest = live.iter().rev().take(MAX_LIVE);
        let mut versions: BTreeSet<&Version> = highest.chain([&oldest]).collect();
        for (version, _) in by_count {
            if versions.len() >= MAX_VERSIONS {
                break;
            }
            versions.insert(version);
        }
        let versions = versions.into_iter().rev().map(|version| SampledVersion {
            version: version.clone(),
            decisions: counted.get(version).copied(),
        });
        Self { versions: versions.collect(), channel }
    }
}

impl EffectSample {
    /// The sample of `channels`, of which `channels_left_out` others were not looked at, and of the
    /// machines that `targets` run on.
    #[must_use]
    pub fn new(
        (channels, channels_left_out): (Vec<SampledChannel>, usize),
        targets: &BTreeSet<Target>,
    ) -> Self {
        let is_single = |target: &&Target| target.arch != Arch::Universal;
        let single: BTreeSet<_> =
            targets.iter().filter(is_single).map(|target| target.platform).collect();
        let needed = |target: &&Target| is_single(target) || !single.contains(&target.platform);
        let machines = targets.iter().filter(needed);
        let mut machines: Vec<_> =
            machines.map(|&Target { platform, arch }| Machine { platform, arch }).collect();
        let machines_left_out = machines.len().saturating_sub(MAX_MACHINES);
        machines.truncate(MAX_MACHINES);
        Self { channels, machines, channels_left_out, machines_left_out }
    }

    /// Each of its clients, in each of `parts`.
    #[must_use]
    pub fn clients<'a>(&'a self, parts: &'a [RolloutPart]) -> Vec<SampleClient<'a>> {
        let mut clients = Vec::new();
        for SampledChannel { channel, versions } in &self.channels {
            for SampledVersion { version, .. } in versions {
                for &machine in &self.machines {
                    let of = |part| SampleClient { channel, version, machine, part };
                    clients.extend(parts.iter().map(of));
                }
            }
        }
        clients
    }
}

impl SampleClient<'_> {
    /// What it asks, having `product`.
    #[must_use]
    pub fn check(&self, product: &ProductId) -> UpdateCheck {
        let Machine { platform, arch } = self.machine;
        let name = |value: serde_json::Value| value.as_str().map(str::to_owned);
        InstalledProduct {
            product_id: product.to_string(),
            current_version: self.version.to_string(),
            channel: Some(self.channel.to_string()),
            tenant_id: None,
            platform: name(json!(platform)),
            arch: name(json!(arch)),
            os_version: None,
            client_id: Some(self.part.client_id.clone()),
        }
        .into()
    }
}

/// The highest live versions that `heads` tell of.
#[must_use]
pub fn live_versions<'a>(heads: impl IntoIterator<Item = &'a ChannelHead>) -> BTreeSet<Version> {
    let recent = heads.into_iter().flat_map(|head| &head.recent);
    recent.map(|release| release.version.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rollout::Rollout;

    proptest! {
        #[test]
        fn the_parts_are_all_clients_and_a_client_of_each_is_offered_what_its_part_is(before in 0..=PLACES, after in 0..=PLACES) {
            let release: ReleaseId = "rel_1".parse().unwrap();
            let parts = RolloutPart::of(&release, before, after);
            let sum: u32 = parts.iter().map(|part| u32::from(part.basis_points)).sum();
            prop_assert_eq!(sum, u32::from(PLACES));
            let share = |reach: u16| -> u32 {
                let offered = parts.iter().filter(|part| {
                    let rollout = Rollout { basis_points: reach, paused: false };
                    rollout.includes(&release, Some(&part.client_id))
                });
                offered.map(|part| u32::from(part.basis_points)).sum()
            };
            prop_assert_eq!((share(before), share(after)), (u32::from(before), u32::from(after)));
        }
    }

    #[test]
    fn a_universal_artifact_stands_for_a_machine_where_nothing_else_is_built_for_the_platform() {
        let target = |platform, arch| Target { platform, arch };
        let targets = BTreeSet::from([
            target(Platform::Macos, Arch::Universal),
            target(Platform::Windows, Arch::Universal),
            target(Platform::Windows, Arch::Arm64),
        ]);
        let sample = EffectSample::new((Vec::new(), 3), &targets);
        let machine = |platform, arch| Machine { platform, arch };
        let expected =
            [machine(Platform::Windows, Arch::Arm64), machine(Platform::Macos, Arch::Universal)];
        assert_eq!(sample.machines, expected);
        assert_eq!((sample.channels_left_out, sample.machines_left_out), (3, 0));
    }
}
