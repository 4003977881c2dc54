//! Syncs that are interrupted anywhere, of a registry that changes in between.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use slipway_composition::{
    Component, ImageDigest, ImageTag, NewComponent, SyncState, TagChoice, VersionMap, VersionMapId,
};
use slipway_domain::{GenerateId, Timestamp};

/// How many tags there can be.
const TAGS: usize = 12;

/// One sync: what has changed in the registry before it, which tags it asks about, at what time,
/// and how many answers it gets before it has to end.
#[derive(Debug, Clone)]
struct Step {
    moved: Vec<(usize, u64)>,
    choice: TagChoice,
    second: i64,
    answers: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let moved = proptest::collection::vec((0..TAGS, 0..4_u64), 0..6);
    let choice = prop_oneof![Just(TagChoice::New), Just(TagChoice::All)];
    let step = (moved, choice, 0..20_i64, 0..2 * TAGS)
        .prop_map(|(moved, choice, second, answers)| Step { moved, choice, second, answers });
    proptest::collection::vec(step, 1..12)
}

/// What there is after some syncs.
struct Model {
    component: Component,
    registry: BTreeMap<ImageTag, ImageDigest>,
    state: SyncState,
    maps: Vec<VersionMap>,
}

impl Model {
    fn new() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let new = NewComponent {
            name: "api".parse().unwrap(),
            display_name: None,
            image_repository: "myorg/api".parse().unwrap(),
            registry_integration_id: GenerateId::generate(now, [0; 10]),
            versioning_strategy: None,
            default_channel: None,
        };
        let component = new.create(now, GenerateId::generate(now, [1; 10]), "tester").unwrap();
        let (registry, state) = (BTreeMap::new(), SyncState::default());
        Self { component, registry, state, maps: Vec::new() }
    }

    /// What each tag stands for, as far as is known.
    fn known(&self) -> BTreeMap<ImageTag, ImageDigest> {
        let mut newest: BTreeMap<&ImageTag, &VersionMap> = BTreeMap::new();
        for map in &self.maps {
            let first = newest.entry(&map.tag).or_insert(map);
            if map.is_newer_than(first) {
                *first = map;
            }
        }
        newest.into_iter().map(|(tag, map)| (tag.clone(), map.digest.clone())).collect()
    }

    /// One sync, by pages of five tags. The tags that it has asked about, and whether it has come
    /// to the end.
    fn sync(&mut self, step: &Step) -> (Vec<ImageTag>, bool) {
        let tags: Vec<_> = self.registry.keys().cloned().collect();
        let mut position = self.state.start(step.choice);
        let (mut asked, mut found) = (Vec::new(), Vec::new());
        let is_complete = 'pages: loop {
            let from = position.page.as_ref().map_or(0, |page| page.parse().unwrap());
            let page: Vec<_> = tags.iter().skip(from).take(5).rev().cloned().collect();
            for tag in position.tags_to_ask(page, &self.known()) {
                if asked.len() == step.answers {
                    break 'pages false;
                }
                let digest = self.registry[&tag].clone();
                if self.known().get(&tag) != Some(&digest) {
                    found.push((tag.clone(), digest));
                }
                position = position.beyond(tag.clone());
                asked.push(tag);
            }
            if from + 5 >= tags.len() {
                break true;
            }
            position = position.at_page((from + 5).to_string());
        };
        self.add(found, Timestamp::from_second(step.second).unwrap());
        self.state.position = (!is_complete).then_some(position);
        (asked, is_complete)
    }

    fn add(&mut self, found: Vec<(ImageTag, ImageDigest)>, now: Timestamp) {
        let id = |n: usize| VersionMapId::generate(now, [u8::try_from(n % 256).unwrap(); 10]);
        let new = found.into_iter().enumerate();
        let mut new: Vec<_> = new
            .map(|(n, found)| {
                VersionMap::observed(
                    &self.component,
                    found,
                    (id(self.maps.len() + n), now),
                    "tester",
                )
            })
            .collect();
        let last = self.state.last_added_at;
        self.state = self.state.clone().added(&mut new);
        assert!(new.iter().all(|map| last.is_none_or(|last| map.created_at > last)));
        self.maps.extend(new);
    }
}

fn tag(number: usize) -> ImageTag {
    format!("v1.{number}.0").parse().unwrap()
}

fn digest(number: u64) -> ImageDigest {
    format!("sha256:{number:064x}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_sync_to_the_end_knows_every_tag_and_none_changes_what_was_added(steps in steps()) {
        let mut model = Model::new();
        for step in steps {
            for (number, digit) in &step.moved {
                model.registry.insert(tag(*number), digest(*digit));
            }
            let (before, known) = (model.maps.clone(), model.known());
            let begins_anew = model.state.start(step.choice).page.is_none()
                && model.state.start(step.choice).after.is_none();
            let (asked, is_complete) = model.sync(&step);
            prop_assert_eq!(&model.maps[..before.len()], &before[..]);
            prop_assert_eq!(model.state.version_maps, model.maps.len() as u64);
            prop_assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
            if step.choice == TagChoice::New {
                prop_assert!(asked.iter().all(|tag| !known.contains_key(tag)));
            }
            if is_complete && begins_anew {
                let now = model.known();
                prop_assert!(model.registry.keys().all(|tag| now.contains_key(tag)));
                if step.choice == TagChoice::All {
                    prop_assert_eq!(&now, &model.registry);
                }
            }
        }
    }

    #[test]
    fn syncs_of_a_registry_that_rests_come_to_the_end_and_add_each_tag_once(
        tags in proptest::collection::btree_set(0..TAGS, 0..TAGS), answers in 1..6_usize
    ) {
        let mut model = Model::new();
        model.registry.extend(tags.iter().map(|number| (tag(*number), digest(1))));
        let step = Step { moved: Vec::new(), choice: TagChoice::All, second: 1, answers };
        let mut asked = Vec::new();
        for _ in 0..=TAGS {
            let (some, is_complete) = model.sync(&step);
            asked.extend(some);
            if is_complete {
                break;
            }
        }
        prop_assert_eq!(model.state.position.clone(), None);
        let expected: Vec<_> = model.registry.keys().cloned().collect();
        prop_assert_eq!(&asked, &expected, "each once, in the order of tags");
        prop_assert_eq!(model.known(), model.registry);
    }
}
