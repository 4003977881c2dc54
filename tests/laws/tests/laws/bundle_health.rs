//! The health of a release bundle: what registries tell of its images, and in which order.

use proptest::prelude::*;
use slipway_composition::{
    BundleComponent, BundleDescription, BundleHealth, BundleStatus, ComponentId, ImageCheck,
    ReleaseBundle, ReleaseBundleId,
};
use slipway_domain::{GenerateId, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// How many components the bundle has.
const COMPONENTS: usize = 3;

fn component(number: usize) -> BundleComponent {
    BundleComponent {
        component_id: ComponentId::generate(NOW, [u8::try_from(number).unwrap(); 10]),
        component_name: format!("component-{number}").parse().unwrap(),
        repository: "myorg/api".parse().unwrap(),
        registry: None,
        version: None,
        tag: "latest".parse().unwrap(),
        channel: None,
        digest: format!("sha256:{number:064x}").parse().unwrap(),
    }
}

fn draft() -> ReleaseBundle {
    let name = "myapp".parse().unwrap();
    let description = BundleDescription { name, display_name: None, source_ref: None };
    let id = ReleaseBundleId::generate(NOW, [0; 10]);
    description.create((0..COMPONENTS).map(component).collect(), "tester", (id, NOW)).unwrap()
}

/// What the registries tell of each component in one run.
type Run = Vec<ImageCheck>;

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let digest = format!("sha256:{}", "f".repeat(64)).parse().unwrap();
    let gone = ImageCheck::Missing { digest, platform: None };
    let checks = vec![ImageCheck::Whole, gone, ImageCheck::Undetermined];
    let run = proptest::collection::vec(proptest::sample::select(checks), COMPONENTS);
    proptest::collection::vec(run, 0..8)
}

/// The bundle after a run; whether that has told something new.
fn after(bundle: &ReleaseBundle, run: &Run) -> (ReleaseBundle, bool) {
    let place = |component: &BundleComponent| {
        bundle.components.iter().position(|it| it == component).unwrap()
    };
    match bundle.checked(|component| run[place(component)].clone()) {
        Some(new) => (new, true),
        None => (bundle.clone(), false),
    }
}

proptest! {
    #[test]
    fn a_check_changes_health_alone_and_tells_the_same_once(runs in runs()) {
        let mut bundle = draft();
        for run in &runs {
            let (new, _) = after(&bundle, run);
            prop_assert!(!after(&new, run).1, "what is known is news");
            let restored = ReleaseBundle {
                health: bundle.health,
                broken_components: bundle.broken_components.clone(),
                ..new.clone()
            };
            prop_assert_eq!(&restored, &bundle);
            let is_broken = new.health == BundleHealth::Broken;
            prop_assert_eq!(is_broken, !new.broken_components.is_empty());
            bundle = new;
        }
    }

    #[test]
    fn each_component_is_as_the_registry_has_told_last(runs in runs()) {
        let (mut bundle, mut last) = (draft(), vec![ImageCheck::Undetermined; COMPONENTS]);
        for run in &runs {
            bundle = after(&bundle, run).0;
            for (known, told) in last.iter_mut().zip(run) {
                if *told != ImageCheck::Undetermined {
                    *known = told.clone();
                }
            }
            let gone = |it: &ImageCheck| matches!(it, ImageCheck::Missing { .. });
            let expected: Vec<_> = (0..COMPONENTS)
                .filter(|place| gone(&last[*place]))
                .map(|place| component(place).component_id)
                .collect();
            let broken: Vec<_> =
                bundle.broken_components.iter().map(|it| it.component_id.clone()).collect();
            prop_assert_eq!(broken, expected);
            let all_found = last.iter().all(|it| *it == ImageCheck::Whole);
            prop_assert!(all_found || bundle.health != BundleHealth::Ok);
        }
    }

    #[test]
    fn a_registry_that_tells_nothing_changes_nothing_and_one_that_has_all_makes_it_ok(runs in runs()) {
        let bundle = runs.iter().fold(draft(), |bundle, run| after(&bundle, run).0);
        prop_assert!(!after(&bundle, &vec![ImageCheck::Undetermined; COMPONENTS]).1);
        let (whole, _) = after(&bundle, &vec![ImageCheck::Whole; COMPONENTS]);
        prop_assert_eq!(whole.health, BundleHealth::Ok);
        let retired = ReleaseBundle { status: BundleStatus::Deprecated, ..bundle };
        prop_assert!(runs.iter().all(|run| !after(&retired, run).1));
    }
}
