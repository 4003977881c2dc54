//! Keys in KMS, and in envelopes that KMS opens.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use slipway_aws::{Clients, Meter};
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_edge::clock::entropy;
use slipway_edge::{Services, Settings};
use slipway_signing::{Context, verify};
use slipway_signing_kms::{KeyStore, envelope, kms};
use slipway_test_support::{Call, Kms, TestClock, World, independently, json, text};

use super::{judged, keys, world};

const GRACE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A function instance on AWS: its private keys are in KMS, not in files.
fn instance(world: &World, kms: &Kms, test_clock: &TestClock) -> Arc<Services> {
    let settings = Settings { key_directory: None, ..world.stack.settings.clone() };
    Services::new(
        &settings,
        &Clients { kms: kms.client.clone().into(), ..Clients::local(&world.stack.local) },
        test_clock.clock(),
    )
}

fn generate(world: &World) -> Call {
    world
        .call("snapshot-generate", "/v1/snapshots/generate")
        .json(&json!({ "tenant_id": "tenant_acme", "force": true }))
}

/// A KMS key that seals envelopes.
async fn envelope_key(kms: &Kms) -> String {
    kms.client.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap()
}

/// The key's id in KMS.
fn in_kms(key: &SigningKey) -> &str {
    match &key.custody {
        KeyCustody::Kms { kms_key_id } => kms_key_id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kms_signs_a_snapshot_with_one_call_and_anybody_can_verify_it() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let key = kms::create(&kms.client, "stack", Context::Snapshot, Timestamp::now()).await.unwrap();
    world.join_key(&key, GRACE).await;
    let (answer, cost) = generate(&world).on(&instance(&world, &kms, &test_clock)).await;
    assert_eq!(answer.expect(201)["key_id"], json!(key.kid));
    assert_eq!(cost.kms_requests, 1);
    let manifest = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
    let set = keys(&world).await;
    assert_eq!(verify(Context::Snapshot, &manifest, &set, test_clock.clock().now()), Ok(()));
    let mut forged = manifest.clone();
    forged["releases"][0]["version"] = json!("6.6.6");
    independently("snapshot", &manifest, &forged, &json!(set)).await;
    // The roles of the functions may sign with keys that bear these tags, and with no others.
    let tags = kms.client.list_resource_tags().key_id(in_kms(&key)).send().await.unwrap();
    let mut tags: Vec<_> = tags
        .tags()
        .iter()
        .map(|tag| (tag.tag_key().to_owned(), tag.tag_value().to_owned()))
        .collect();
    tags.sort();
    assert_eq!(
        tags,
        [("slipway:purpose", "snapshot"), ("slipway:stack", "stack")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kms_signs_the_manifest_of_a_release_bundle_with_one_call_and_its_other_forms_with_none() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let key = kms::create(&kms.client, "stack", Context::Snapshot, Timestamp::now()).await.unwrap();
    world.join_key(&key, GRACE).await;
    let selection =
        json!([{ "componentId": world.component("api").await["id"], "version": "1.0.0" }]);
    let new = json!({ "name": "a", "components": selection });
    let release = world.post("/api/v1/releases", new).await.expect(201);
    let path = format!("/api/v1/releases/{}", text(&release, "id"));
    world.put(&path, json!({ "status": "ready" })).await.expect(200);
    let instance = instance(&world, &kms, &test_clock);
    let manifest = async |query: &str| {
        let call = world.call("bundle-manifest", format!("{path}/manifest{query}"));
        let (answer, cost) = call.on(&instance).await;
        (answer.expect(200), cost.kms_requests)
    };
    let (signed, requests) = manifest("").await;
    assert_eq!((requests, &signed["key_id"]), (1, &json!(key.kid)));
    assert_eq!(manifest("").await, (signed.clone(), 1), "one key makes one signature");
    assert_eq!(manifest("?format=compose").await.1, 0);
    let set = keys(&world).await;
    assert_eq!(verify(Context::ReleaseBundle, &signed, &set, test_clock.clock().now()), Ok(()));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_kms_does_not_sign_or_signs_with_another_key_nothing_is_stored() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let create = async || {
        kms::create(&kms.client, "stack", Context::Snapshot, Timestamp::now()).await.unwrap()
    };
    let (key, other) = (create().await, create().await);
    // The ring says of `key` that its private half is where that of `other` is.
    world.join_key(&SigningKey { custody: other.custody.clone(), ..key.clone() }, GRACE).await;
    let services = instance(&world, &kms, &test_clock);
    generate(&world).on(&services).await.0.refused(500, "internal", None);
    kms.client.disable_key().key_id(in_kms(&other)).send().await.unwrap();
    generate(&world).on(&services).await.0.refused(500, "internal", None);
    assert_eq!(world.get("/v1/snapshots").await.expect(200)["snapshots"], json!([]));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_opened_once_and_then_decisions_take_no_call() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let sealing = envelope_key(&kms).await;
    let key = envelope::create(
        &kms.client,
        &sealing,
        entropy().unwrap(),
        Context::Decision,
        Timestamp::now(),
    )
    .await
    .unwrap();
    world.join_key(&key, GRACE).await;
    let services = instance(&world, &kms, &test_clock);
    let request = json!({ "products": [{ "product_id": "prod_app", "current_version": "0.1.0" }] });
    let decide = async || Call::new("decision", "/v1/decision").json(&request).on(&services).await;
    let first = decide().await.0.expect(200);
    assert_eq!(first["key_id"], json!(key.kid));
    assert_eq!(judged(&first, &keys(&world).await, test_clock.clock().now()), Ok(()));
    drop(kms);
    let (second, cost) = decide().await;
    assert_eq!((second.status, cost.kms_requests), (200, 0), "KMS is gone, and nobody asks for it");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_opens_for_its_own_key_and_purpose_alone() {
    let world = world(&TestClock::default()).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let (key_store, meter) = (KeyStore::Kms(kms.client.clone().into()), Meter::default());
    let sealing = envelope_key(&kms).await;
    let create = async |context| {
        envelope::create(&kms.client, &sealing, entropy().unwrap(), context, Timestamp::now())
            .await
            .unwrap()
    };
    let (decision, snapshot) = (create(Context::Decision).await, create(Context::Snapshot).await);
    assert_eq!(
        key_store.open(&decision, Context::Decision, &meter).await.unwrap().kid(),
        decision.kid
    );
    for (custody, context) in
        [(&decision.custody, Context::Snapshot), (&snapshot.custody, Context::Decision)]
    {
        let key = SigningKey { custody: custody.clone(), ..decision.clone() };
        assert!(key_store.open(&key, context, &meter).await.is_err(), "{custody:?} {context:?}");
    }
    let spoilt = SigningKey { custody: spoilt(&decision.custody), ..decision.clone() };
    assert!(key_store.open(&spoilt, Context::Decision, &meter).await.is_err());
    world.stack.stop().await;
}

/// The envelope with another last byte.
fn spoilt(custody: &KeyCustody) -> KeyCustody {
    let KeyCustody::Envelope { kms_key_id, ciphertext } = custody else {
        panic!("no envelope: {custody:?}")
    };
    let mut bytes = data_encoding::BASE64.decode(ciphertext.as_bytes()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    KeyCustody::Envelope {
        kms_key_id: kms_key_id.clone(),
        ciphertext: data_encoding::BASE64.encode(&bytes),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_never_signed_in_kms() {
    let world = world(&TestClock::default()).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let key = kms::create(&kms.client, "stack", Context::Decision, Timestamp::now()).await.unwrap();
    assert!(
        KeyStore::Kms(kms.client.clone().into())
            .open(&key, Context::Decision, &Meter::default())
            .await
            .is_err()
    );
    world.stack.stop().await;
}
