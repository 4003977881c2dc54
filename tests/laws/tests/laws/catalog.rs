//! Made-up catalogs: products, releases and what clients ask.

use jiff::Timestamp;
use proptest::prelude::*;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::platform::{Arch, InstallerType, Platform};
use slipway_domain::policy::{BlockedVersion, Policy, UpdateMode, VersionRange};
use slipway_domain::product::{ArtifactAccess, ChannelFollows, ChannelSignOff, Product};
use slipway_domain::release::{Halting, Release, ReleaseArtifact, ReleaseStatus, UpgradePath};
use slipway_domain::rollout::Rollout;
use slipway_domain::{Channel, Sha256, Version};

use crate::history::History;

/// Few versions, so that they meet: with prereleases, and in and out of [`RANGES`].
pub fn version() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![3 => Just(""), 1 => Just("-rc.1"), 1 => Just("-rc.2")];
    (1..4_u8, 0..3_u8, 0..2_u8, pre).prop_map(|(major, minor, patch, pre)| {
        format!("{major}.{minor}.{patch}{pre}").parse().unwrap()
    })
}

/// Every mode.
pub const MODES: [UpdateMode; 4] = [
    UpdateMode::AutoInstall,
    UpdateMode::DownloadOnly,
    UpdateMode::NotifyOnly,
    UpdateMode::ManagedByIt,
];

pub const RANGES: [&str; 6] =
    ["*", ">=1.1.0, <2.0.0", "^2", "~1.2.0", "<=2.1.0", ">=3.0.0-rc.1, <3.1.0"];

pub fn rollout() -> impl Strategy<Value = Rollout> {
    let share = prop_oneof![3 => Just(10_000), 1 => Just(0), 3 => 0..=10_000_u16];
    (share, prop::bool::weighted(0.15))
        .prop_map(|(basis_points, paused)| Rollout { basis_points, paused })
}

pub const MACHINES: [(Platform, Arch); 7] = [
    (Platform::Windows, Arch::X86_64),
    (Platform::Windows, Arch::X86),
    (Platform::Macos, Arch::X86_64),
    (Platform::Windows, Arch::Arm64),
    (Platform::Macos, Arch::Universal),
    (Platform::Linux, Arch::X86_64),
    (Platform::Linux, Arch::Arm64),
];

fn artifact((platform, arch): (Platform, Arch)) -> ReleaseArtifact {
    ReleaseArtifact {
        artifact_id: "art_1".parse().unwrap(),
        platform,
        arch,
        installer_type: InstallerType::Zip,
        requires_admin: false,
        sha256: Sha256::of(b""),
        size_bytes: 1,
        external_url: None,
        verified: true,
    }
}

/// A published release. Its id is made of its version.
pub fn release(version: &Version, rollout: Rollout, machines: &[(Platform, Arch)]) -> Release {
    Release {
        release_id: format!("rel_{}", version.to_string().replace(['.', '+'], "-"))
            .parse()
            .unwrap(),
        product_id: "prod_app".parse().unwrap(),
        version: version.clone(),
        channel: Channel::default(),
        status: ReleaseStatus::Published,
        artifacts: machines.iter().copied().map(artifact).collect(),
        metadata: None,
        rollout: rollout.into(),
        upgrade_path: UpgradePath::default(),
        halting: Halting::default(),
        created_at: Timestamp::UNIX_EPOCH,
        created_by: "test".to_owned(),
        published_at: Some(Timestamp::UNIX_EPOCH),
        published_by: None,
        promoted_from: None,
        revocation: None,
    }
}

pub fn product() -> Product {
    Product {
        product_id: "prod_app".parse().unwrap(),
        name: "App".parse().unwrap(),
        slug: None,
        description: None,
        channels: Channel::standard().into(),
        allow_prerelease_on: std::collections::BTreeSet::new(),
        channel_follows: ChannelFollows::default(),
        channel_sign_off: ChannelSignOff::default(),
        artifact_access: ArtifactAccess::Public,
        allow_emulation: false,
        open_channels: false,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

/// The product, with or without emulation.
pub fn any_product() -> impl Strategy<Value = Product> {
    any::<bool>().prop_map(|allow_emulation| Product { allow_emulation, ..product() })
}

/// How clients come to a release: required now and then, from a major version of their own.
pub fn upgrade_path() -> impl Strategy<Value = UpgradePath> {
    let minimum = prop::option::weighted(0.2, 0..4_u8);
    (prop::bool::weighted(0.2), minimum).prop_map(|(required, minimum)| UpgradePath {
        required,
        min_current_version: minimum.map(|major| format!("{major}.1.0").parse().unwrap()),
    })
}

/// What has happened on a channel: every release once, and which of them were revoked.
#[derive(Debug, Clone)]
pub struct Channels {
    pub live: Vec<Release>,
    pub revoked: Vec<Release>,
}

/// A channel on which something may be live.
pub fn channel() -> impl Strategy<Value = Channels> {
    channel_with(0)
}

/// A channel on which something is live.
pub fn live_channel() -> impl Strategy<Value = Channels> {
    channel_with(1)
}

/// A channel whose first `live` releases, of up to ten, are not revoked.
fn channel_with(live: usize) -> impl Strategy<Value = Channels> {
    let machines = prop::sample::subsequence(MACHINES.to_vec(), 1..=MACHINES.len());
    let release = (version(), rollout(), machines, upgrade_path(), prop::bool::weighted(0.25));
    prop::collection::vec(release, live..10).prop_map(move |releases| {
        let mut channel = Channels { live: Vec::new(), revoked: Vec::new() };
        for (index, (version, rollout, machines, upgrade_path, revoked)) in
            releases.into_iter().enumerate()
        {
            let taken = |known: &&Release| known.version == version;
            if channel.live.iter().chain(&channel.revoked).find(taken).is_none() {
                let is_revoked = revoked && index >= live;
                let list = if is_revoked { &mut channel.revoked } else { &mut channel.live };
                let release = self::release(&version, rollout, &machines);
                list.push(Release { upgrade_path, ..release });
            }
        }
        channel
    })
}

impl Channels {
    /// The head that these releases make, in whatever order they came.
    pub fn head(&self) -> ChannelHead {
        self.head_on(Channel::default())
    }

    /// The same on a channel of another name.
    pub fn head_on(&self, channel: Channel) -> ChannelHead {
        let mut history = History::on(channel);
        for release in self.revoked.iter().chain(&self.live) {
            history.change(release.clone());
        }
        for release in &self.revoked {
            history.change(Release { status: ReleaseStatus::Revoked, ..release.clone() });
        }
        history.head
    }

    /// Every release, those that were revoked as they are now.
    pub fn releases(&self) -> impl Iterator<Item = Release> {
        let revoked =
            |release: &Release| Release { status: ReleaseStatus::Revoked, ..release.clone() };
        self.live.iter().cloned().chain(self.revoked.iter().map(revoked))
    }
}

/// A range of up to three comparators of any kind, which may exclude each other.
pub fn range() -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec!["", "=", "<", "<=", ">", ">=", "~", "^"]);
    let number = || 0..4_u8;
    let numbers = prop_oneof![
        number().prop_map(|major| major.to_string()),
        (number(), number()).prop_map(|(major, minor)| format!("{major}.{minor}")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}-rc.1")),
    ];
    let wildcard = (number(), number()).prop_map(|(major, minor)| format!("{major}.{minor}.*"));
    let comparator = (op, numbers).prop_map(|(op, numbers)| format!("{op}{numbers}"));
    let comparator = prop_oneof![8 => comparator, 1 => wildcard, 1 => Just("1.*".to_owned())];
    prop::collection::vec(comparator, 1..4).prop_map(|comparators| comparators.join(", "))
}

/// A policy of any kind.
pub fn policy() -> impl Strategy<Value = Policy> {
    let mode = prop::option::weighted(0.3, prop::sample::select(MODES.to_vec()));
    let known = || prop::sample::select(RANGES[1..].to_vec()).prop_map(str::to_owned);
    let range = || prop_oneof![2 => known(), 1 => range()];
    let pinned = range().prop_map(|range| VersionRange::from_stored(&range).unwrap());
    let blocked = prop_oneof![version().prop_map(|version| version.to_string()), range()];
    let blocked = blocked.prop_map(|text| BlockedVersion::from_stored(&text).unwrap());
    let channel = prop::sample::select(vec!["stable", "beta"]).prop_map(|it| it.parse().unwrap());
    let fields = (
        mode,
        prop::option::weighted(0.3, channel),
        prop::option::weighted(0.3, pinned),
        prop::collection::vec(blocked, 0..4),
        prop::option::of(any::<bool>()),
    );
    fields.prop_map(|(mode, channel, pinned_range, blocked_versions, allow_downgrade)| Policy {
        mode,
        channel,
        pinned_range,
        blocked_versions,
        allow_downgrade,
    })
}
