//! `Policy::inherit`

use proptest::prelude::*;
use slipway_domain::policy::{Policy, VersionRange};

use crate::catalog::{policy, range, version};
use crate::model::Rules;

/// The first level that says something.
fn first<T: Clone>(levels: &[Policy], field: impl Fn(&Policy) -> Option<T>) -> Option<T> {
    levels.iter().find_map(field)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_range_includes_nothing_above_its_upper_bound(range in range(), versions in prop::collection::vec(version(), 50)) {
        let parsed = VersionRange::from_stored(&range).unwrap();
        for version in versions {
            let is_below = parsed.upper_bound().is_none_or(|bound| version <= bound);
            prop_assert!(is_below || !parsed.includes(&version), "{version} in {range}");
        }
        let has_end = range.split(", ").any(|comparator| !comparator.starts_with('>'));
        prop_assert_eq!(parsed.upper_bound().is_some(), has_end);
    }

    #[test]
    fn a_range_that_is_refused_includes_nothing(range in range(), versions in prop::collection::vec(version(), 50)) {
        let parsed = VersionRange::from_stored(&range).unwrap();
        let includes_any = versions.iter().any(|version| parsed.includes(version));
        prop_assert!(VersionRange::try_from(range.clone()).is_ok() || !includes_any, "{}", range);
    }
}

proptest! {
    #[test]
    fn each_field_is_taken_from_the_highest_level_that_has_it(levels in prop::collection::vec(policy(), 4)) {
        let merged = levels.iter().rev().cloned().fold(Policy::default(), |below, level| level.inherit(below));
        prop_assert_eq!(merged.mode, first(&levels, |policy| policy.mode));
        prop_assert_eq!(&merged.channel, &first(&levels, |policy| policy.channel.clone()));
        prop_assert_eq!(&merged.pinned_range, &first(&levels, |policy| policy.pinned_range.clone()));
        prop_assert_eq!(merged.allow_downgrade, first(&levels, |policy| policy.allow_downgrade));
    }

    #[test]
    fn what_any_level_blocks_is_blocked(levels in prop::collection::vec(policy(), 4), version in version()) {
        let merged = levels.iter().rev().cloned().fold(Policy::default(), |below, level| level.inherit(below));
        prop_assert_eq!(merged.blocks(&version), levels.iter().any(|level| Rules::from(level).block(&version)));
    }

    #[test]
    fn it_does_not_matter_which_levels_are_merged_first(a in policy(), b in policy(), c in policy()) {
        prop_assert_eq!(a.clone().inherit(b.clone()).inherit(c.clone()), a.inherit(b.inherit(c)));
    }

    #[test]
    fn a_policy_that_says_nothing_changes_nothing(policy in policy()) {
        prop_assert_eq!(&policy.clone().inherit(Policy::default()), &policy);
        prop_assert_eq!(&Policy::default().inherit(policy.clone()), &policy);
    }

    #[test]
    fn a_version_is_allowed_unless_blocked_or_out_of_range(policy in policy(), version in version()) {
        prop_assert_eq!(policy.allows(&version), Rules::from(&policy).allow(&version));
    }
}
