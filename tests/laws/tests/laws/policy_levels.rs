//! Which level's policy counts: `Policy::merged` and `PolicyLevel::by_precedence`.

use std::collections::BTreeSet;

use slipway_domain::policy::{Policy, PolicyLevel, VersionRange};
use slipway_domain::product::Product;
use slipway_domain::{Channel, ProductId, TenantId};

use crate::catalog::{MODES, product};

/// Each combination of levels that have a policy, from the one that goes before all others: `x` for
/// a product at a tenant, `p` for the product, `t` for the tenant, `d` for the deployment; and the
/// one whose fields count.
const TABLE: [(&str, Option<char>); 16] = [
    ("    ", None),
    ("   d", Some('d')),
    ("  t ", Some('t')),
    ("  td", Some('t')),
    (" p  ", Some('p')),
    (" p d", Some('p')),
    (" pt ", Some('p')),
    (" ptd", Some('p')),
    ("x   ", Some('x')),
    ("x  d", Some('x')),
    ("x t ", Some('x')),
    ("x td", Some('x')),
    ("xp  ", Some('x')),
    ("xp d", Some('x')),
    ("xpt ", Some('x')),
    ("xptd", Some('x')),
];

/// The levels, as [`TABLE`] has them.
const LETTERS: &str = "xptd";

/// What each level has of `values`.
fn of<T: Copy>(values: [T; 4], letter: char) -> T {
    values[LETTERS.find(letter).unwrap()]
}

/// The levels that are there, merged for a product.
fn merged(levels: &str, product: &Product, policy: impl Fn(char) -> Policy) -> Policy {
    let policies: Vec<Policy> = levels.chars().filter(|one| *one != ' ').map(policy).collect();
    Policy::merged(policies.iter(), Some(product))
}

fn with_channels(channels: &[&str]) -> Product {
    let channels = channels.iter().map(|name| name.parse().unwrap());
    Product { channels: channels.collect(), ..product() }
}

#[test]
fn the_mode_is_that_of_the_first_level_that_has_one() {
    for (levels, winner) in TABLE {
        let policy = |level| Policy { mode: Some(of(MODES, level)), ..Policy::default() };
        let expected = winner.map(|level| of(MODES, level));
        assert_eq!(merged(levels, &product(), policy).mode, expected, "`{levels}`");
    }
}

#[test]
fn the_pinned_range_is_that_of_the_first_level_that_has_one() {
    let ranges = ["=1.0.0", "=2.0.0", "=3.0.0", "=4.0.0"];
    let range = |level| VersionRange::from_stored(of(ranges, level)).unwrap();
    for (levels, winner) in TABLE {
        let policy = |level| Policy { pinned_range: Some(range(level)), ..Policy::default() };
        let found = merged(levels, &product(), policy).pinned_range;
        assert_eq!(found, winner.map(range), "`{levels}`");
    }
}

#[test]
fn whether_downgrades_are_allowed_is_said_by_the_first_level_that_says_it() {
    for (levels, winner) in TABLE {
        for (allowing, _) in TABLE {
            let says = |level| allowing.contains(level);
            let policy = |level| Policy { allow_downgrade: Some(says(level)), ..Policy::default() };
            let found = merged(levels, &product(), policy).allow_downgrade;
            assert_eq!(found, winner.map(says), "`{levels}`, allowed by `{allowing}`");
        }
    }
}

#[test]
fn blocked_versions_of_all_levels_add_up() {
    let versions = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];
    for (levels, _) in TABLE {
        let policy = |level| {
            let policy = serde_json::json!({ "blocked_versions": [of(versions, level)] });
            serde_json::from_value(policy).unwrap()
        };
        let found = merged(levels, &product(), policy);
        for level in LETTERS.chars() {
            let is_blocked = found.blocks(&of(versions, level).parse().unwrap());
            assert_eq!(is_blocked, levels.contains(level), "`{levels}`: {level}");
        }
        assert_eq!(found.blocked_versions.len(), levels.trim().replace(' ', "").len());
    }
}

#[test]
fn the_channel_is_that_of_the_first_level_whose_channel_the_product_has() {
    let channels = ["stable", "beta", "internal", "nightly"];
    let policy = |level| {
        let channel: Channel = of(channels, level).parse().unwrap();
        Policy { channel: Some(channel), ..Policy::default() }
    };
    for (levels, _) in TABLE {
        for (existing, _) in TABLE {
            let names: Vec<&str> =
                existing.chars().filter(|one| *one != ' ').map(|one| of(channels, one)).collect();
            // Only levels whose channels there are: the table says which of them counts.
            let both: String =
                levels.chars().map(|one| if existing.contains(one) { one } else { ' ' }).collect();
            let (_, winner) = TABLE.into_iter().find(|(levels, _)| *levels == both).unwrap();
            let found = merged(levels, &with_channels(&names), policy).channel;
            let expected = winner.map(|level| of(channels, level).to_owned());
            assert_eq!(found.map(String::from), expected, "`{levels}` of `{existing}`");
        }
        let policies: Vec<Policy> =
            levels.trim().chars().filter(|one| *one != ' ').map(policy).collect();
        assert_eq!(Policy::merged(policies.iter(), None).channel, None, "there is no product");
    }
}

#[test]
fn the_levels_of_a_check_are_in_the_order_of_their_precedence() {
    let (product, tenant): (ProductId, TenantId) =
        ("prod_app".parse().unwrap(), "tenant_acme".parse().unwrap());
    for (of_product, of_tenant, expected) in [
        (true, true, vec!["prod_app at tenant_acme", "prod_app", "tenant_acme", "the deployment"]),
        (true, false, vec!["prod_app", "the deployment"]),
        (false, true, vec!["tenant_acme", "the deployment"]),
        (false, false, vec!["the deployment"]),
    ] {
        let (product, tenant) = (of_product.then_some(&product), of_tenant.then_some(&tenant));
        let levels = PolicyLevel::by_precedence(product, tenant);
        let names: Vec<String> = levels.iter().map(ToString::to_string).collect();
        assert_eq!(names, expected);
        assert_eq!(levels.into_iter().collect::<BTreeSet<_>>().len(), expected.len());
    }
}
