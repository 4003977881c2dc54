//! Release bundles under changes: a digest never changes once the bundle is no draft.

use proptest::prelude::*;
use slipway_composition::{
    BundleComponent, BundleDescription, BundleStatus, ComponentId, ReleaseBundle, ReleaseBundleId,
    ReleaseBundleUpdate,
};
use slipway_domain::{Code, GenerateId, Timestamp};

/// What is asked of a bundle.
#[derive(Debug, Clone)]
enum Change {
    /// An update, with components that have these digests, if it names any.
    Update(ReleaseBundleUpdate, Option<Vec<u8>>),
    /// That it is deprecated.
    Deprecate,
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn components(digits: &[u8]) -> Vec<BundleComponent> {
    let component = |(number, digit): (usize, &u8)| BundleComponent {
        component_id: ComponentId::generate(moment(0), [u8::try_from(number).unwrap(); 10]),
        component_name: format!("component-{number}").parse().unwrap(),
        repository: "myorg/api".parse().unwrap(),
        registry: None,
        version: None,
        tag: "latest".parse().unwrap(),
        channel: None,
        digest: format!("sha256:{digit:064x}").parse().unwrap(),
    };
    digits.iter().enumerate().map(component).collect()
}

fn draft() -> ReleaseBundle {
    let name = "myapp".parse().unwrap();
    let description = BundleDescription { name, display_name: None, source_ref: None };
    let id = ReleaseBundleId::generate(moment(0), [0; 10]);
    description.create(components(&[1, 2]), "tester", (id, moment(0))).unwrap()
}

fn updates() -> impl Strategy<Value = Change> {
    let status = proptest::option::of(proptest::sample::select(BundleStatus::ALL.to_vec()));
    let name = proptest::option::of(proptest::sample::select(vec!["A", "B"]));
    let digits = proptest::option::of(proptest::collection::vec(0..3_u8, 1..3));
    (status, name, digits).prop_map(|(status, name, digits)| {
        let display_name = name.map(|name| name.parse().unwrap());
        let update = ReleaseBundleUpdate { display_name, metadata: None, status, components: None };
        Change::Update(update, digits)
    })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let one = prop_oneof![6 => updates(), 1 => Just(Change::Deprecate)];
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_components_of_what_is_no_draft_never_change(changes in changes()) {
        let mut bundle = draft();
        for (place, change) in changes.into_iter().enumerate() {
            let now = moment(i64::try_from(place).unwrap() + 1);
            let changed = match &change {
                Change::Deprecate => Ok(bundle.deprecated(now)),
                Change::Update(update, digits) => {
                    let components = digits.as_deref().map(components);
                    bundle.updated(now, update, components.as_deref())
                }
            };
            let before = bundle.clone();
            match changed {
                Ok(Some(after)) => {
                    prop_assert_ne!(&after, &before);
                    prop_assert_eq!(after.updated_at, now);
                    bundle = after;
                }
                Ok(None) => {}
                Err(error) => prop_assert_eq!(error.code(), Code::StaleState),
            }
            if before.status != BundleStatus::Draft {
                prop_assert_eq!(&bundle.components, &before.components);
                prop_assert_ne!(bundle.status, BundleStatus::Draft);
            }
            if before.status == BundleStatus::Deprecated {
                prop_assert_eq!(bundle.status, BundleStatus::Deprecated);
            }
            prop_assert_eq!((&bundle.id, &bundle.name), (&before.id, &before.name));
        }
    }
}
