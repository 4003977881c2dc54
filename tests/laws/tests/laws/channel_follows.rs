//! Channels that follow others: a decision on them is the one that all their releases together
//! give.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::decision::{Decision, InstalledProduct};
use slipway_domain::policy::Policy;
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::{Channel, Version};
use slipway_snapshot::{ChannelSet, MAX_HISTORY, SnapshotCatalog};

use crate::catalog::{Channels, any_product, channel, live_channel, policy, product};
use crate::decision::{installed, is_told_why, version_of};
use crate::head::{event, history, version};
use crate::history::decide_on;
use crate::model::{self, Rules};
use crate::snapshot_catalog::{self, live_on, manifest_of};
use crate::stepping_stones::{journey, skips_none, update};

/// A channel with its releases, whose ids are those of no other channel.
#[derive(Debug, Clone)]
struct Place {
    channels: Channels,
    head: ChannelHead,
    all: Vec<Release>,
}

impl Place {
    fn of(name: &str, channels: Channels) -> Self {
        let place = |release: Release| Release {
            release_id: format!("{}-{name}", release.release_id).parse().unwrap(),
            channel: name.parse().unwrap(),
            ..release
        };
        let Channels { live, revoked } = channels;
        let live = live.into_iter().map(place).collect();
        let channels = Channels { live, revoked: revoked.into_iter().map(place).collect() };
        let head = channels.head_on(name.parse().unwrap());
        Self { head, all: channels.releases().collect(), channels }
    }
}

/// The client's channel, and those that it follows, in the order of their names.
const NAMES: [&str; 3] = ["beta", "internal", "stable"];

/// A client's channel, and up to two that it follows.
fn places() -> impl Strategy<Value = Vec<Place>> {
    prop::collection::vec(channel(), 1..=3).prop_map(named)
}

/// The same after long histories.
fn long_places() -> impl Strategy<Value = Vec<Place>> {
    let events = prop::collection::vec(event(), 1..300);
    let channels = events.prop_map(|events| history(events).channels());
    prop::collection::vec(channels, 1..=3).prop_map(named)
}

fn named(channels: Vec<Channels>) -> Vec<Place> {
    NAMES.into_iter().zip(channels).map(|(name, channels)| Place::of(name, channels)).collect()
}

/// All releases as if they were on one channel. What is live on one of them is not withdrawn.
fn together(places: &[Place]) -> Channels {
    let live: Vec<Release> =
        places.iter().flat_map(|place| place.channels.live.iter().cloned()).collect();
    let versions: BTreeSet<Version> = live.iter().map(|release| release.version.clone()).collect();
    let revoked = places.iter().flat_map(|place| place.channels.revoked.iter().cloned());
    let revoked = revoked.filter(|release| !versions.contains(&release.version)).collect();
    Channels { live, revoked }
}

fn decide(
    product: &Product,
    places: &[Place],
    policy: &Policy,
    asked: &InstalledProduct,
) -> Decision {
    let places: Vec<_> = places.iter().map(|place| (&place.head, &place.all[..])).collect();
    decide_on(product, &places, policy, asked)
}

/// Of the releases of one version, the one that is offered: that of the first channel, but at a
/// stepping stone that of the first on which the version is required.
fn expected_release<'a>(
    places: &'a [Place],
    version: &Version,
    policy: &Policy,
    asked: &InstalledProduct,
    product: &Product,
) -> &'a Release {
    let rules = Rules::from(policy);
    let is_it = |release: &&Release| {
        release.version == *version && model::candidate(release, &rules, asked, product)
    };
    let all = || places.iter().flat_map(|place| &place.channels.live).filter(is_it);
    let is_update = *version > asked.current_version.parse().unwrap();
    let required = all().find(|release| is_update && release.upgrade_path.required);
    required.or_else(|| all().next()).unwrap()
}

fn check(
    places: &[Place],
    product: &Product,
    policy: &Policy,
    asked: &InstalledProduct,
) -> Result<(), TestCaseError> {
    let (decision, together) = (decide(product, places, policy, asked), together(places));
    let expected = model::offered(&together, policy, asked, product);
    prop_assert_eq!(version_of(&decision), expected, "{:?}", decision);
    if let Some(offer) = &decision.offer {
        let release = expected_release(places, &offer.version, policy, asked, product);
        prop_assert_eq!(&offer.release_id, &release.release_id);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_offered_is_what_the_rules_say_of_all_channels_together(
        places in places(), product in any_product(), policy in policy(), asked in installed(),
    ) {
        check(&places, &product, &policy, &asked)?;
    }

    #[test]
    fn whoever_is_offered_nothing_is_told_why_on_whichever_channel_it_is(
        places in places(), policy in policy(), asked in installed(),
    ) {
        let decision = decide(&product(), &places, &policy, &asked);
        is_told_why(&decision, &together(&places), &policy, &asked)?;
    }

    // Where a channel has the same as the client's own, or nothing, following it changes nothing.
    #[test]
    fn a_followed_channel_without_anything_of_its_own_changes_no_byte(
        channel in live_channel(), policy in policy(), asked in installed(),
    ) {
        let own = Place::of("beta", channel);
        let empty = Place::of("stable", Channels { live: Vec::new(), revoked: Vec::new() });
        let same = Place { head: own.channels.head_on("stable".parse().unwrap()), ..own.clone() };
        let of = |places: &[Place]| json!(decide(&product(), places, &policy, &asked)).to_string();
        let alone = of(std::slice::from_ref(&own));
        prop_assert_eq!(of(&[own.clone(), empty]), alone.clone());
        prop_assert_eq!(of(&[own, same]), alone);
    }

    #[test]
    fn following_a_channel_never_offers_an_older_update_unless_a_required_release_of_it_comes_first(
        (own, followed) in (channel(), channel()), policy in policy(), asked in installed(),
    ) {
        let current: Version = asked.current_version.parse().unwrap();
        let places = named(vec![own, followed]);
        let offered = |places: &[Place]| update(&decide(&product(), places, &policy, &asked), &current);
        let (before, after) = (offered(&places[..1]), offered(&places));
        let stone = model::stepping_stone(&places[1].channels, &asked, &product());
        let comes_first = stone.is_some_and(|stone| Some(&stone.version) < before.as_ref());
        prop_assert!(comes_first || after >= before, "{before:?} {after:?}");
    }
}

/// The snapshot of some channels, of which the first follows the others, of those that are
/// selected.
fn snapshot(places: &[Place], selected: &ChannelSet) -> SnapshotCatalog {
    let follower = |index| if index == 0 { None } else { Some(places[0].head.channel.clone()) };
    let channels = places.iter().enumerate().map(|(index, Place { channels, head, .. })| {
        live_on(head.channel.clone(), channels, follower(index).into_iter().collect())
    });
    let manifest = manifest_of(channels.collect(), MAX_HISTORY, selected);
    SnapshotCatalog::of(manifest, |_| true).unwrap()
}

/// Channels on which nothing was revoked, which snapshots don't know, and something is live.
fn live_places() -> impl Strategy<Value = Vec<Place>> {
    let others = prop::collection::vec(channel(), 0..=2);
    (live_channel(), others).prop_map(|(own, others)| {
        let all = std::iter::once(own).chain(others);
        named(all.map(|channels| Channels { revoked: Vec::new(), ..channels }).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_snapshot_of_all_channels_decides_as_they_do(places in live_places(), asked in installed()) {
        let asked = InstalledProduct { channel: Some(NAMES[0].to_owned()), ..asked };
        let expected = decide(&product(), &places, &Policy::default(), &asked);
        let catalog = snapshot(&places, &ChannelSet::All);
        prop_assert_eq!(snapshot_catalog::decide(&catalog, &asked), expected);
    }

    // Without the own channel its required releases are not known: nothing is offered past them.
    #[test]
    fn in_a_snapshot_without_its_own_channel_a_client_is_offered_nothing(
        places in live_places(), asked in installed(),
    ) {
        let asked = InstalledProduct { channel: Some(NAMES[0].to_owned()), ..asked };
        let selected = places[1..].iter().map(|place| place.head.channel.clone()).collect();
        let catalog = snapshot(&places, &ChannelSet::Only(selected));
        prop_assert_eq!(snapshot_catalog::decide(&catalog, &asked).offer, None);
    }

    #[test]
    fn in_a_snapshot_of_its_own_channel_alone_a_client_is_offered_what_is_there(
        places in live_places(), asked in installed(),
    ) {
        let asked = InstalledProduct { channel: Some(NAMES[0].to_owned()), ..asked };
        let expected = decide(&product(), &places[..1], &Policy::default(), &asked);
        let selected = [places[0].head.channel.clone()].into();
        let catalog = snapshot(&places, &ChannelSet::Only(selected));
        prop_assert_eq!(snapshot_catalog::decide(&catalog, &asked), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_decision_after_long_histories_is_the_one_that_all_channels_give(
        places in long_places(), policies in prop::collection::vec(policy(), 4),
        clients in prop::collection::vec((version(), installed()), 30), product in any_product(),
    ) {
        for (index, (version, mut asked)) in clients.into_iter().enumerate() {
            asked.current_version = version.to_string();
            let none = Policy::default();
            check(&places, &product, policies.get(index % 8).unwrap_or(&none), &asked)?;
        }
    }

    #[test]
    fn whoever_follows_the_offers_skips_no_required_release_of_any_channel(
        places in long_places(), product in any_product(), policy in policy(),
        clients in prop::collection::vec((version(), installed()), 8),
    ) {
        let together = together(&places);
        for (version, mut asked) in clients {
            asked.current_version = version.to_string();
            let versions = journey(asked.clone(), |asked| decide(&product, &places, &policy, asked));
            skips_none(&versions, &together, &asked, &product)?;
        }
    }
}

#[test]
fn a_channel_s_followers_are_no_followers_of_what_it_follows() {
    let follows = json!({ "beta": ["stable"], "internal": ["beta"], "stable": ["beta"] });
    let product =
        Product { channel_follows: serde_json::from_value(follows).unwrap(), ..product() };
    let offered = |channel: &str| {
        let channel: Channel = channel.parse().unwrap();
        product.offered_channels(&channel).map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(offered("internal"), ["internal", "beta"]);
    assert_eq!(offered("beta"), ["beta", "stable"]);
    assert_eq!(offered("stable"), ["stable", "beta"]);
    assert_eq!(offered("nightly"), ["nightly"]);
}
