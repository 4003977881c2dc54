//! `DecisionList`: a response has room for every decision, and none is longer than 5 MiB.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use slipway_domain::decision::{
    Action, Decision, DecisionList, DecisionReason, DecisionRequest, DecisionResponse,
    InstalledProduct, MAX_OFFER_BYTES, Offer, OfferedArtifact, UpdateCheck,
};
use slipway_domain::metadata::MAX_METADATA_BYTES;
use slipway_domain::policy::{Policy, UpdateMode};
use slipway_domain::{Metadata, Sha256};
use slipway_signing::{Context, SeedSigner};

const MAX_ANSWER: usize = 5 << 20;
/// The longest body that is taken.
const MAX_BODY: usize = 1 << 20;

/// Members of one kind, about `size` bytes of them.
fn members(kind: u8, size: usize) -> Value {
    let many = |value: Value| -> Value {
        let each = value.to_string().len() + 10;
        (0..size / each).map(|n| (format!("m{n:05}"), value.clone())).collect()
    };
    match kind {
        0 => json!({ "release_notes": "x".repeat(size) }),
        1 => json!({ "release_notes": { "en": "\"".repeat(size / 2) }, "build": 7 }),
        2 => json!({ "changelog": "\u{1}".repeat(size / 6) }),
        3 => many(json!("é\u{1F680}".repeat(4))),
        4 => many(json!(1e15)),
        5 => many(json!({ "a": [true, null] })),
        _ => json!({ "numbers": vec![json!(9e15); size / 20] }),
    }
}

fn metadata() -> impl Strategy<Value = Option<Metadata>> {
    let size = prop_oneof![3 => 0..15_900_usize, 2 => 15_000..15_900_usize, 1 => 0..400_usize];
    let acted_on = prop_oneof![
        Just(json!({})),
        Just(
            json!({ "critical": true, "min_os_version": { "windows": "10.0.19041", "macos": "12" }, "support_until": "2028-02-29" })
        ),
    ];
    let some = (0..7_u8, size, acted_on).prop_map(|(kind, size, acted_on)| {
        let mut all = acted_on;
        let members = members(kind, size).as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(members);
        let metadata: Metadata = serde_json::from_value(all).unwrap();
        assert!(metadata.as_json().get().len() <= MAX_METADATA_BYTES);
        metadata
    });
    prop::option::weighted(0.9, some)
}

fn artifacts(count: usize, url_length: usize) -> Vec<OfferedArtifact> {
    let artifact = json!({
        "artifact_id": format!("art_{}", "a".repeat(32)), "platform": "windows", "arch": "universal", "installer_type": "tar.gz",
        "requires_admin": false, "sha256": Sha256::of(b""), "size_bytes": 5_497_558_138_880_u64,
        "download_url": format!("https://cdn.example.com/{}", "a".repeat(url_length)),
    });
    vec![serde_json::from_value(artifact).unwrap(); count]
}

fn decision(metadata: Option<Metadata>, artifacts: Vec<OfferedArtifact>) -> Decision {
    Decision {
        product_id: format!("prod_{}", "p".repeat(63)),
        channel: "c".repeat(32),
        current_version: "1.0.0".to_owned(),
        action: Action::Download,
        reason: DecisionReason::DowngradeAvailable,
        mode: UpdateMode::DownloadOnly,
        offer: Some(Offer {
            version: format!("1.0.0-{}", "v".repeat(120)).parse().unwrap(),
            release_id: format!("rel_{}", "r".repeat(32)).parse().unwrap(),
            published_at: Some(Timestamp::MAX),
            metadata,
            metadata_truncated: false,
            artifacts,
        }),
    }
}

fn decisions() -> impl Strategy<Value = Vec<Decision>> {
    // Either all have few artifacts, or some have as many as there can be.
    let artifacts = prop_oneof![
        Just((1..=1_usize, 100..101_usize)),
        Just((1..=6, 60..200)),
        Just((1..=50, 20..2_000)),
    ];
    artifacts.prop_flat_map(
        |(count, url): (std::ops::RangeInclusive<usize>, std::ops::Range<usize>)| {
            let one = (metadata(), count, url);
            let one = one
                .prop_map(|(metadata, count, url)| decision(metadata, self::artifacts(count, url)));
            prop::collection::vec(one, 1..=100)
        },
    )
}

/// What an offer takes without what may be left out of it.
fn least(decision: &Decision) -> usize {
    let offer = decision.offer.clone().unwrap();
    let metadata = offer.metadata.as_ref().and_then(Metadata::without_large_members);
    Offer { metadata, ..offer }.max_bytes()
}

fn response(decisions: Vec<Decision>) -> String {
    let nonce = Some("\u{1}".repeat(128));
    let response = DecisionResponse::new(decisions, nonce, Sha256::of(b""), Timestamp::UNIX_EPOCH);
    let signer = SeedSigner::new(&slipway_signing::seed::seed(&[7; 32]).unwrap());
    serde_json::to_string(&signer.sign(Context::Decision, response).unwrap()).unwrap()
}

fn answered(decisions: impl IntoIterator<Item = Decision>) -> Vec<Decision> {
    let mut list = DecisionList::default();
    for decision in decisions {
        list.push(decision);
    }
    list.finish()
}

/// Of an offer that was given, what is missing, and whether that is said.
fn check_given(given: &Offer, whole: &Offer) -> Result<(), TestCaseError> {
    prop_assert!(json!(given).to_string().len() <= given.max_bytes());
    prop_assert_eq!(&given.artifacts, &whole.artifacts);
    let (given_json, whole_json) = (json!(given.metadata), json!(whole.metadata));
    prop_assert_eq!(given.metadata_truncated, given_json != whole_json);
    for member in ["critical", "min_os_version", "support_until"] {
        prop_assert_eq!(given_json.get(member), whole_json.get(member));
    }
    if let Some(small) = given_json.as_object() {
        prop_assert!(small.iter().all(|(name, value)| whole_json.get(name) == Some(value)));
        prop_assert!(!given.metadata_truncated || given_json.to_string().len() <= 1_280);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_decision_has_its_artifacts_as_long_as_they_have_room_and_none_is_lost(asked in decisions()) {
        let given = answered(asked.clone());
        prop_assert_eq!(given.len(), asked.len());
        let mut taken = 0;
        for (given, whole) in given.iter().zip(&asked) {
            prop_assert_eq!(&given.product_id, &whole.product_id);
            // The one thing that defers: artifacts, with what is small, of those before and its
            // own.
            let has_room = taken + least(whole) <= MAX_OFFER_BYTES;
            prop_assert_eq!(given.offer.is_some(), has_room);
            let Some(offer) = &given.offer else {
                prop_assert_eq!((given.action, given.reason), (Action::None, DecisionReason::Deferred));
                continue;
            };
            prop_assert_eq!((given.action, given.reason), (whole.action, whole.reason));
            check_given(offer, whole.offer.as_ref().unwrap())?;
            taken += least(whole);
        }
        let offers: usize = given.iter().filter_map(|one| one.offer.as_ref()).map(Offer::max_bytes).sum();
        prop_assert!(offers <= MAX_OFFER_BYTES);
        prop_assert!(response(given).len() < MAX_ANSWER);
    }
}

#[test]
fn a_hundred_products_with_the_largest_metadata_are_all_offered_and_the_first_ones_whole() {
    let notes = json!({ "release_notes": "x".repeat(MAX_METADATA_BYTES - 40), "critical": true });
    let metadata: Metadata = serde_json::from_value(notes).unwrap();
    assert!(metadata.check().is_ok());
    let given = answered(vec![decision(Some(metadata.clone()), artifacts(2, 200)); 100]);
    let offers: Vec<&Offer> = given.iter().filter_map(|decision| decision.offer.as_ref()).collect();
    assert_eq!(offers.len(), 100);
    let whole = offers.iter().take_while(|offer| offer.metadata.as_ref() == Some(&metadata));
    let whole = whole.count();
    assert!((50..64).contains(&whole), "{whole}");
    for offer in &offers[whole..] {
        assert_eq!(json!(offer.metadata), json!({ "critical": true }));
        assert!(offer.metadata_truncated);
    }
    assert!(response(given).len() < MAX_ANSWER);
}

#[test]
fn what_is_repeated_of_the_longest_request_leaves_room_for_the_longest_offers() {
    // The value that grows most: numbers are written out.
    let numbers = "9e15,".repeat(MAX_BODY / 5 - 40);
    let body =
        format!(r#"{{"products":[{{"product_id":"prod_app","current_version":[{numbers}0]}}]}}"#);
    assert!(((MAX_BODY - 200)..=MAX_BODY).contains(&body.len()), "{}", body.len());
    let request: DecisionRequest = serde_json::from_str(&body).unwrap();
    let repeated = request
        .products
        .into_iter()
        .map(|product: InstalledProduct| UpdateCheck::from(product).deferred(&Policy::default()));
    // As many bytes of offers as there can be: the last ones are deferred.
    let offers = (0..99).map(|_| decision(None, artifacts(6, 1_900)));
    let given = answered(repeated.chain(offers));
    assert!(given.iter().any(|one| one.offer.is_none() && one.product_id != "prod_app"));
    let answer = response(given);
    assert!((4 << 20..MAX_ANSWER).contains(&answer.len()), "{}", answer.len());
    // As Lambda takes it: escaped once more.
    assert!(json!(answer).to_string().len() < 6_291_556);
}
