//! Required releases: nobody skips one, whoever follows the offers arrives, and the more is
//! forbidden, the less is offered.

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::Version;
use slipway_domain::channel_head::{ChannelHead, LiveRelease};
use slipway_domain::decision::{Decision, DecisionReason, InstalledProduct};
use slipway_domain::policy::Policy;
use slipway_domain::product::Product;
use slipway_domain::release::{Release, UpgradePath};
use slipway_domain::rollout::Rollout;

use crate::catalog::{Channels, MACHINES, any_product, policy, product, release};
use crate::decision::installed;
use crate::head::{event, history, version};
use crate::history::{History, decide_of};
use crate::model::{self, Rules};

/// The version of an update that is offered; none, where a downgrade or nothing is.
pub fn update(decision: &Decision, current: &Version) -> Option<Version> {
    let version = decision.offer.as_ref().map(|offer| offer.version.clone());
    version.filter(|version| version > current)
}

/// The versions that a client gets that installs whatever `decide` offers it.
pub fn journey(
    mut asked: InstalledProduct,
    decide: impl Fn(&InstalledProduct) -> Decision,
) -> Vec<Version> {
    let mut versions: Vec<Version> = vec![asked.current_version.parse().unwrap()];
    while let Some(next) = update(&decide(&asked), &versions[versions.len() - 1]) {
        asked.current_version = next.to_string();
        versions.push(next);
        assert!(versions.len() <= 1_000, "{versions:?}");
    }
    versions
}

/// Checks that a client that went through `versions` was at every required release of `channels`
/// that it went past.
pub fn skips_none(
    versions: &[Version],
    channels: &Channels,
    asked: &InstalledProduct,
    product: &Product,
) -> Result<(), TestCaseError> {
    prop_assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    let required = channels
        .live
        .iter()
        .filter(|release| release.upgrade_path.required && model::fits(release, asked, product));
    for stone in required.map(|release| &release.version) {
        let is_passed = versions[0] < *stone && versions[versions.len() - 1] >= *stone;
        prop_assert!(!is_passed || versions.contains(stone), "{stone} {versions:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_follows_the_offers_skips_no_required_release_and_arrives(
        events in prop::collection::vec(event(), 1..800), product in any_product(), policy in policy(),
        clients in prop::collection::vec((version(), installed()), 10),
    ) {
        let history = history(events);
        let (all, channels) = (history.all(), history.channels());
        for (index, (version, mut asked)) in clients.into_iter().enumerate() {
            asked.current_version = version.to_string();
            let policy = if index % 2 == 0 { Policy::default() } else { policy.clone() };
            let decide = |asked: &_| decide_of(&product, &history.head, &all, &policy, asked);
            skips_none(&journey(asked.clone(), decide), &channels, &asked, &product)?;
        }
    }

    #[test]
    fn the_more_is_forbidden_the_less_is_offered(
        events in prop::collection::vec(event(), 1..400), product in any_product(), one in policy(), more in policy(),
        clients in prop::collection::vec((version(), installed()), 20),
    ) {
        let history = history(events);
        let all = history.all();
        let pinned_range = one.pinned_range.clone().or_else(|| more.pinned_range.clone());
        let narrower = Policy { pinned_range, ..more.inherit(one.clone()) };
        for (version, mut asked) in clients {
            asked.current_version = version.to_string();
            let offered = |policy| update(&decide_of(&product, &history.head, &all, policy, &asked), &version);
            for (narrower, wider) in [(&narrower, &one), (&one, &Policy::default())] {
                let (less, more) = (offered(narrower), offered(wider));
                prop_assert!(less <= more, "{less:?} {more:?} {narrower:?}");
            }
        }
    }

    #[test]
    fn whoever_is_held_back_at_a_required_release_is_told_why(
        events in prop::collection::vec(event(), 1..400), product in any_product(), policy in policy(),
        clients in prop::collection::vec((version(), installed()), 20),
    ) {
        let history = history(events);
        let (all, channels, rules) = (history.all(), history.channels(), Rules::from(&policy));
        for (version, mut asked) in clients {
            asked.current_version = version.to_string();
            let decision = decide_of(&product, &history.head, &all, &policy, &asked);
            let Some(stone) = model::stepping_stone(&channels, &asked, &product) else { continue };
            match decision.reason {
                _ if decision.offer.is_some() => {}
                DecisionReason::BlockedByPolicy => prop_assert!(!rules.allow(&stone.version)),
                DecisionReason::OsTooOld => prop_assert!(!model::runs(stone, &asked)),
                DecisionReason::CurrentVersionTooOld => prop_assert!(!model::follows(stone, &asked)),
                DecisionReason::HeldBack => prop_assert!(!model::admits(stone, asked.client_id.as_deref())),
                DecisionReason::CurrentVersionRevoked => prop_assert!(model::is_withdrawn(&channels, &policy, &version)),
                DecisionReason::UnknownPlatform | DecisionReason::UnknownArch => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    // What is counted anew, because version 0.1.0 has written the head, need not list the same.
    #[test]
    fn a_head_that_is_counted_anew_gives_the_same_decisions(
        events in prop::collection::vec(event(), 1..400), product in any_product(), policy in policy(),
        clients in prop::collection::vec((version(), installed()), 20),
    ) {
        let history = history(events);
        let (all, mut counted) = (history.all(), history.head.before_counting());
        history.published().for_each(|live| counted.count(&live));
        prop_assert_eq!(counted.required.live, history.head.required.live);
        for (version, mut asked) in clients {
            asked.current_version = version.to_string();
            let of = |head| decide_of(&product, head, &all, &policy, &asked);
            prop_assert_eq!(of(&counted), of(&history.head));
        }
    }
}

fn numbered(minor: usize, required: bool) -> Release {
    let version = format!("1.{minor}.0").parse().unwrap();
    let upgrade_path = UpgradePath { required, min_current_version: None };
    Release { upgrade_path, ..release(&version, Rollout::default(), &MACHINES) }
}

#[test]
fn a_head_is_as_large_with_a_thousand_required_releases_as_with_ten() {
    let head = |count| {
        let mut history = History::new();
        (0..count).for_each(|minor| history.change(numbered(minor, true)));
        history.head
    };
    let (few, many): (ChannelHead, ChannelHead) = (head(10), head(1_000));
    assert_eq!((few.required.live, many.required.live), (10, 1_000));
    assert_eq!(few.required.listed.len(), many.required.listed.len());
}

#[test]
fn each_of_a_hundred_required_releases_is_a_step() {
    let mut history = History::new();
    (0..300).for_each(|minor| history.change(numbered(minor, minor % 3 == 0)));
    let asked = json!({ "product_id": "prod_app", "current_version": "0.9.0" });
    let asked = serde_json::from_value(asked).unwrap();
    let all = history.all();
    let decide = |asked: &_| decide_of(&product(), &history.head, &all, &Policy::default(), asked);
    let versions = journey(asked, decide);
    let mut expected: Vec<Version> =
        (0..300).step_by(3).map(|minor| numbered(minor, true).version).collect();
    expected.insert(0, "0.9.0".parse().unwrap());
    expected.push(numbered(299, false).version);
    assert_eq!(versions, expected);
    assert_eq!(
        history.published().map(|live: LiveRelease| live.version).max(),
        versions.last().cloned()
    );
}
