//! Release bundles: how they come to their digests, and what differs between two.

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use slipway_composition::{
    BundleComponent, Comparison, ComponentId, ImageDigest, Selection, VersionMap, VersionMapId,
    VersionOrTag, channel_of, resolve, version_of,
};
use slipway_domain::{Channel, GenerateId, Timestamp};

const TAGS: [&str; 8] =
    ["v1.0.0", "1.0.0", "v1.10.0", "v1.9.0", "v2.0.0-rc.1", "v2.0.0-rc.2", "latest", "v2.0.0-beta"];

fn digest(number: u8) -> ImageDigest {
    format!("sha256:{number:064x}").parse().unwrap()
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The tag with this number, looked at in this second, when it stood for this digest.
fn version_map((number, (tag, second, digit)): (usize, (usize, i64, u8))) -> VersionMap {
    let (created_at, tag) = (moment(second), TAGS[tag].parse().unwrap());
    let semver = version_of(&tag);
    let entropy = u8::try_from(number).unwrap();
    VersionMap {
        id: VersionMapId::generate(created_at, [entropy; 10]),
        component_id: ComponentId::generate(moment(0), [0; 10]),
        digest: digest(digit),
        channel: semver.as_ref().and_then(|version| channel_of(version, &Channel::default())),
        semver,
        tag,
        pushed_at: None,
        created_at,
        created_by: None,
        observed_at: created_at,
    }
}

fn version_maps() -> impl Strategy<Value = Vec<VersionMap>> {
    let one = (0..TAGS.len(), 0..20_i64, 0..4_u8);
    proptest::collection::vec(one, 0..20)
        .prop_map(|maps| maps.into_iter().enumerate().map(version_map).collect())
}

fn selections() -> impl Strategy<Value = Selection> {
    let named = ["1.0.0", "v1.9.0", "latest", "2.0.0-rc.2", "3.0.0"];
    let channels = ["stable", "rc", "beta", "edge"];
    prop_oneof![
        (0..named.len()).prop_map(move |n| Selection::Version(VersionOrTag::of(named[n]).unwrap())),
        (0..4_u8).prop_map(|digit| Selection::Digest(digest(digit))),
        (0..channels.len()).prop_map(move |n| Selection::Channel(channels[n].parse().unwrap())),
    ]
}

/// The components with these numbers and digests.
fn components() -> impl Strategy<Value = Vec<BundleComponent>> {
    let numbers = subsequence((0..8_u8).collect::<Vec<_>>(), 0..=8);
    (numbers, proptest::collection::vec(0..3_u8, 8)).prop_map(|(numbers, digits)| {
        let numbers = numbers.into_iter().zip(digits);
        numbers.map(|(number, digit)| component(number, digit)).collect()
    })
}

fn component(number: u8, digit: u8) -> BundleComponent {
    BundleComponent {
        component_id: ComponentId::generate(moment(0), [number; 10]),
        // Two components may have had the same name, one after the other.
        component_name: format!("component-{}", number / 2).parse().unwrap(),
        repository: format!("myorg/{number}").parse().unwrap(),
        registry: None,
        version: None,
        tag: "latest".parse().unwrap(),
        channel: None,
        digest: digest(digit),
    }
}

/// What a model says: the rows that a selection means, from best to worst.
fn model(selection: &Selection, maps: &[VersionMap]) -> Option<ImageDigest> {
    let mut maps: Vec<_> = maps.iter().collect();
    maps.sort_by_key(|map| (map.created_at, map.id.clone()));
    let fits: Vec<&&VersionMap> = match selection {
        Selection::Version(named) => {
            let semver = |map: &&&VersionMap| {
                let same = |a: &_, b: &_| ToString::to_string(a) == ToString::to_string(b);
                map.semver.as_ref().zip(named.version.as_ref()).is_some_and(|(a, b)| same(a, b))
            };
            let by_version: Vec<_> = maps.iter().filter(semver).collect();
            let by_tag = maps.iter().filter(|map| Some(&map.tag) == named.tag.as_ref()).collect();
            if by_version.is_empty() { by_tag } else { by_version }
        }
        Selection::Digest(digest) => maps.iter().filter(|map| map.digest == *digest).collect(),
        Selection::Channel(channel) => {
            let on = |map: &&&VersionMap| map.channel.as_ref() == Some(channel);
            let mut on: Vec<_> = maps.iter().filter(on).collect();
            on.sort_by_key(|map| map.semver.clone());
            on
        }
    };
    fits.last().map(|map| map.digest.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_selection_means_what_the_model_says(maps in version_maps(), selection in selections()) {
        let resolved = resolve(&selection, &maps).map(|map| map.digest.clone());
        prop_assert_eq!(resolved, model(&selection, &maps));
    }

    #[test]
    fn the_order_in_which_version_maps_are_read_does_not_matter(
        maps in version_maps(), selection in selections(), at in any::<Index>()
    ) {
        let mut turned = maps.clone();
        if !turned.is_empty() {
            turned.rotate_left(at.index(maps.len()));
            turned.reverse();
        }
        prop_assert_eq!(resolve(&selection, &maps), resolve(&selection, &turned));
    }

    #[test]
    fn a_comparison_is_the_mirror_of_the_one_the_other_way(a in components(), b in components()) {
        let (there, back) = (Comparison::between(&a, &b), Comparison::between(&b, &a));
        prop_assert_eq!(&there.added, &back.removed);
        prop_assert_eq!(&there.removed, &back.added);
        let turned: Vec<_> = back.changed.iter().map(|(before, after)| (*after, *before)).collect();
        prop_assert_eq!(&there.changed, &turned);
    }

    #[test]
    fn a_comparison_names_each_component_that_differs_once(a in components(), b in components()) {
        let Comparison { added, removed, changed } = Comparison::between(&a, &b);
        for list in [&added, &removed] {
            prop_assert!(list.is_sorted_by_key(|one| (&one.component_name, &one.component_id)));
        }
        let of = |list: &[BundleComponent], id: &ComponentId| {
            list.iter().find(|one| one.component_id == *id).map(|one| one.digest.clone())
        };
        let same = a.iter().filter(|one| of(&b, &one.component_id).as_ref() == Some(&one.digest));
        prop_assert_eq!(a.len(), same.count() + removed.len() + changed.len());
        prop_assert!(added.iter().all(|one| of(&a, &one.component_id).is_none()));
        prop_assert!(removed.iter().all(|one| of(&b, &one.component_id).is_none()));
        for (before, after) in changed {
            prop_assert_eq!(&before.component_id, &after.component_id);
            prop_assert_ne!(&before.digest, &after.digest);
        }
        let itself = Comparison::between(&a, &a);
        prop_assert!(itself.added.is_empty() && itself.removed.is_empty() && itself.changed.is_empty());
    }
}
