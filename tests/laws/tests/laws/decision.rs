//! `UpdateCheck::decide`

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::Version;
use slipway_domain::decision::{
    Action, Decision, DecisionInputs, DecisionReason, InstalledProduct, LookupResults, UpdateCheck,
};
use slipway_domain::policy::{Policy, UpdateMode, VersionRange};
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::rollout::Rollout;

use crate::catalog::{
    Channels, MACHINES, any_product, channel, live_channel, policy, product, release, version,
};
use crate::model::{self, Rules};

pub fn installed() -> impl Strategy<Value = InstalledProduct> {
    let platform = prop::sample::select(vec!["windows", "macos", "darwin", "linux", "beos"]);
    let arch = prop::sample::select(vec!["x86_64", "arm64", "aarch64", "x86", "sparc"]);
    let texts = (
        prop::option::of(platform),
        prop::option::of(arch),
        prop::option::of("[0-5][.][0-9]"),
        prop::option::of("[a-z]{1,8}"),
    );
    (version(), texts).prop_map(|(version, (platform, arch, os_version, client_id))| {
        InstalledProduct {
            product_id: "prod_app".to_owned(),
            current_version: version.to_string(),
            channel: None,
            tenant_id: None,
            platform: platform.map(str::to_owned),
            arch: arch.map(str::to_owned),
            os_version,
            client_id,
        }
    })
}

fn at(version: &str, client_id: Option<&str>) -> InstalledProduct {
    serde_json::from_value(
        json!({ "product_id": "prod_app", "current_version": version, "client_id": client_id }),
    )
    .unwrap()
}

fn decide(channel: &Channels, policy: &Policy, asked: &InstalledProduct) -> Decision {
    let releases: Vec<Release> = channel.releases().collect();
    crate::history::decide(&channel.head(), &releases, policy, asked)
}

fn decide_of(
    product: &Product,
    channel: &Channels,
    policy: &Policy,
    asked: &InstalledProduct,
) -> Decision {
    let releases: Vec<Release> = channel.releases().collect();
    crate::history::decide_of(product, &channel.head(), &releases, policy, asked)
}

pub fn version_of(decision: &Decision) -> Option<Version> {
    decision.offer.as_ref().map(|offer| offer.version.clone())
}

fn of(releases: &[(&str, Rollout)], revoked: &[&str]) -> Channels {
    let release = |version: &str, rollout| release(&version.parse().unwrap(), rollout, &MACHINES);
    Channels {
        live: releases.iter().map(|(version, rollout)| release(version, *rollout)).collect(),
        revoked: revoked.iter().map(|version| release(version, Rollout::default())).collect(),
    }
}

/// Checks that the reason of a decision on a channel is one.
pub fn is_told_why(
    decision: &Decision,
    channel: &Channels,
    policy: &Policy,
    asked: &InstalledProduct,
) -> Result<(), TestCaseError> {
    let current: Version = asked.current_version.parse().unwrap();
    let rules = Rules::from(policy);
    let above = || channel.live.iter().filter(|release| release.version > current);
    let withdrawn =
        rules.block(&current) || channel.revoked.iter().any(|release| release.version == current);
    match decision.reason {
        DecisionReason::UpdateAvailable => prop_assert!(version_of(decision) > Some(current)),
        DecisionReason::DowngradeAvailable => {
            prop_assert!(
                withdrawn
                    && rules.downgrade
                    && version_of(decision).is_some_and(|version| version < current)
            );
        }
        DecisionReason::ManagedByIt => {
            prop_assert!(policy.mode == Some(UpdateMode::ManagedByIt) && decision.offer.is_some());
        }
        DecisionReason::CurrentVersionRevoked => {
            prop_assert!(withdrawn && decision.offer.is_none());
        }
        DecisionReason::NoRelease => prop_assert!(channel.live.is_empty()),
        DecisionReason::UpToDate => prop_assert!(above().next().is_none() && !withdrawn),
        DecisionReason::BlockedByPolicy => {
            prop_assert!(above().any(|release| !rules.allow(&release.version)));
        }
        DecisionReason::NoMatchingArtifact => {
            prop_assert!(above().any(|release| !model::fits(release, asked, &product())));
        }
        DecisionReason::CurrentVersionTooOld => {
            prop_assert!(above().any(|release| !model::follows(release, asked)));
        }
        DecisionReason::UnknownPlatform => prop_assert_eq!(asked.platform.as_deref(), Some("beos")),
        DecisionReason::UnknownArch => prop_assert_eq!(asked.arch.as_deref(), Some("sparc")),
        DecisionReason::HeldBack => {
            prop_assert!(
                above().any(|release| !model::admits(release, asked.client_id.as_deref()))
            );
        }
        other => prop_assert!(false, "{other:?}"),
    }
    prop_assert_eq!(
        decision.action == Action::None,
        decision.offer.is_none() || decision.reason == DecisionReason::ManagedByIt
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn what_is_offered_is_what_the_rules_say(
        product in any_product(), channel in channel(), policy in policy(), asked in installed(),
    ) {
        let decision = decide_of(&product, &channel, &policy, &asked);
        let expected = model::offered(&channel, &policy, &asked, &product);
        prop_assert_eq!(version_of(&decision), expected, "{:?}", decision);
    }

    #[test]
    fn nothing_is_offered_that_is_revoked_blocked_out_of_range_paused_or_held_back(
        channel in channel(), policy in policy(), asked in installed(),
    ) {
        let decision = decide(&channel, &policy, &asked);
        if let Some(version) = version_of(&decision) {
            prop_assert!(channel.revoked.iter().all(|release| release.version != version));
            let live = channel.live.iter().find(|release| release.version == version).unwrap();
            prop_assert!(Rules::from(&policy).allow(&version));
            prop_assert!(model::admits(live, asked.client_id.as_deref()));
            prop_assert!(model::fits(live, &asked, &product()));
            prop_assert!(model::follows(live, &asked));
        }
    }

    #[test]
    fn whoever_is_offered_nothing_is_told_why(channel in channel(), policy in policy(), asked in installed()) {
        is_told_why(&decide(&channel, &policy, &asked), &channel, &policy, &asked)?;
    }

    #[test]
    fn raising_a_share_never_takes_an_update_away(
        channel in live_channel(), policy in policy(), asked in installed(), index in any::<prop::sample::Index>(), more in 0..=10_000_u16,
    ) {
        let before = decide(&channel, &policy, &asked);
        let mut raised = channel.clone();
        let rollout = &mut raised.live[index.index(channel.live.len())].rollout;
        rollout.current.basis_points = rollout.current.basis_points.saturating_add(more).min(10_000);
        let after = decide(&raised, &policy, &asked);
        if before.reason == DecisionReason::UpdateAvailable {
            prop_assert!(version_of(&after) >= version_of(&before));
        }
    }

    // Blocking the installed version may send a client down, where policy lets it.
    #[test]
    fn one_more_blocked_version_never_offers_more(
        channel in channel(), policy in policy(), asked in installed(), more in policy(),
    ) {
        let mut stricter = policy.clone();
        stricter.blocked_versions.extend(more.blocked_versions);
        let before = version_of(&decide(&channel, &policy, &asked));
        let after = version_of(&decide(&channel, &stricter, &asked));
        let current = asked.current_version.parse().unwrap();
        prop_assert!(after.is_none_or(|after| after <= before.unwrap_or(current)));
    }

    #[test]
    fn a_narrower_range_never_offers_more(
        channel in channel(), policy in policy(), asked in installed(), (lower, upper) in (version(), version()),
    ) {
        // A comparator with a prerelease lets prereleases in: that is no narrower range.
        let number = |version: &Version| {
            let text = version.to_string();
            text.split('-').next().unwrap().to_owned()
        };
        let pinned = policy.pinned_range.as_ref().map(|range| format!("{range}, "));
        let narrower = format!("{}>={}, <={}", pinned.unwrap_or_default(), number(&lower), number(&upper));
        let narrower = VersionRange::from_stored(&narrower).unwrap();
        let stricter = Policy { pinned_range: Some(narrower), ..policy.clone() };
        let before = version_of(&decide(&channel, &policy, &asked));
        let after = version_of(&decide(&channel, &stricter, &asked));
        let current = asked.current_version.parse().unwrap();
        prop_assert!(after.is_none_or(|after| after <= before.unwrap_or(current)));
    }

    #[test]
    fn policies_of_all_levels_together_have_an_answer_for_every_client(
        channel in channel(), levels in prop::collection::vec(policy(), 0..5), asked in installed(),
    ) {
        let policy = Policy::merged(levels.iter(), Some(&product()));
        let decision = decide(&channel, &policy, &asked);
        prop_assert_eq!(decision.mode, levels.iter().find_map(|level| level.mode).unwrap_or_default());
        prop_assert_eq!(&decision.channel, &policy.channel.clone().unwrap_or_default().to_string());
        prop_assert_eq!(version_of(&decision), model::offered(&channel, &policy, &asked, &product()), "{:?}", decision);
        if let Some(version) = version_of(&decision) {
            prop_assert!(levels.iter().all(|level| !Rules::from(level).block(&version)));
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer_whatever_order_releases_came_in(
        channel in channel(), policy in policy(), asked in installed(),
    ) {
        let mut reversed = channel.clone();
        reversed.live.reverse();
        reversed.revoked.reverse();
        prop_assert_eq!(json!(decide(&channel, &policy, &asked)).to_string(), json!(decide(&reversed, &policy, &asked)).to_string());
    }

    #[test]
    fn every_text_is_a_question_and_has_an_answer(product_id in ".{0,20}", version in ".{0,12}", channel in ".{0,8}", tenant in ".{0,8}") {
        let asked = InstalledProduct {
            product_id: product_id.clone(),
            channel: Some(channel),
            tenant_id: Some(tenant),
            ..at(&version, None)
        };
        let (policy, lookups) = (Policy::default(), LookupResults::default());
        let known = DecisionInputs { product: None, tenant: None, heads: &[], policy: &policy, lookups: &lookups, trace: None };
        let decision = UpdateCheck::from(asked).decide(known, |_| String::new()).unwrap();
        prop_assert_eq!((decision.reason, decision.action), (DecisionReason::UnknownProduct, Action::None));
        prop_assert_eq!((decision.product_id, decision.current_version), (product_id, version));
    }
}

#[test]
fn a_mode_is_an_action() {
    let channel = of(&[("1.1.0", Rollout::default())], &[]);
    for (mode, action, reason) in [
        (None, Action::Install, DecisionReason::UpdateAvailable),
        (Some(UpdateMode::AutoInstall), Action::Install, DecisionReason::UpdateAvailable),
        (Some(UpdateMode::DownloadOnly), Action::Download, DecisionReason::UpdateAvailable),
        (Some(UpdateMode::NotifyOnly), Action::Notify, DecisionReason::UpdateAvailable),
        (Some(UpdateMode::ManagedByIt), Action::None, DecisionReason::ManagedByIt),
    ] {
        let policy = Policy { mode, ..Policy::default() };
        let decision = decide(&channel, &policy, &at("1.0.0", None));
        assert_eq!(
            (decision.action, decision.reason, decision.mode),
            (action, reason, mode.unwrap_or_default())
        );
        assert!(decision.offer.is_some(), "the release is named, whoever deploys it");
        let current = decide(&channel, &policy, &at("1.1.0", None));
        assert_eq!(
            (current.action, current.reason, current.offer),
            (Action::None, DecisionReason::UpToDate, None)
        );
    }
}

#[test]
fn only_a_client_on_a_withdrawn_version_goes_down_and_only_where_policy_lets_it() {
    let channel = of(&[("1.0.0", Rollout::default()), ("0.9.0", Rollout::default())], &["1.1.0"]);
    let blocks: Policy = serde_json::from_value(json!({ "blocked_versions": ["1.2.0"] })).unwrap();
    for (current, policy, allow, reason, offered) in [
        ("1.1.0", Policy::default(), Some(true), DecisionReason::DowngradeAvailable, Some("1.0.0")),
        ("1.1.0", Policy::default(), Some(false), DecisionReason::CurrentVersionRevoked, None),
        ("1.1.0", Policy::default(), None, DecisionReason::CurrentVersionRevoked, None),
        ("1.2.0", blocks.clone(), Some(true), DecisionReason::DowngradeAvailable, Some("1.0.0")),
        ("1.2.0", blocks, None, DecisionReason::CurrentVersionRevoked, None),
        // Neither revoked nor blocked: ahead of the channel, and left alone.
        ("1.3.0", Policy::default(), Some(true), DecisionReason::UpToDate, None),
        // Something higher is there: that wins.
        ("0.9.0", Policy::default(), Some(true), DecisionReason::UpdateAvailable, Some("1.0.0")),
    ] {
        let policy = Policy { allow_downgrade: allow, ..policy };
        let decision = decide(&channel, &policy, &at(current, None));
        let expected = offered.map(|version| version.parse().unwrap());
        assert_eq!(
            (decision.reason, version_of(&decision)),
            (reason, expected),
            "{current} {allow:?}"
        );
    }
}

#[test]
fn a_rollout_reaches_a_client_at_its_bucket_and_not_one_point_before() {
    for n in 0..200 {
        let client = format!("client-{n}");
        let staged = release(&"2.0.0".parse().unwrap(), Rollout::default(), &MACHINES);
        let bucket = u16::try_from(model::bucket(&staged, &client)).unwrap();
        for (basis_points, expected) in [(bucket, "1.1.0"), (bucket + 1, "2.0.0")] {
            let staged = Rollout { basis_points, paused: false };
            let channel = of(&[("1.1.0", Rollout::default()), ("2.0.0", staged)], &[]);
            let decision = decide(&channel, &Policy::default(), &at("1.0.0", Some(&client)));
            assert_eq!(
                version_of(&decision),
                Some(expected.parse().unwrap()),
                "{client} at {basis_points}"
            );
        }
    }
}

#[test]
fn the_policys_channel_goes_before_the_clients_and_that_before_stable() {
    let beta: Policy = serde_json::from_value(json!({ "channel": "beta" })).unwrap();
    for (asked, policy, expected) in [
        (None, Policy::default(), Some("stable")),
        (Some("internal"), Policy::default(), Some("internal")),
        (Some("No Channel"), Policy::default(), None),
        (None, beta.clone(), Some("beta")),
        (Some("internal"), beta.clone(), Some("beta")),
        (Some("No Channel"), beta, Some("beta")),
    ] {
        let asked = InstalledProduct { channel: asked.map(str::to_owned), ..at("1.0.0", None) };
        let channel = UpdateCheck::from(asked).channel(&policy).map(|channel| channel.to_string());
        assert_eq!(channel.as_deref(), expected);
    }
}
