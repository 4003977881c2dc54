//! Artifacts in stores that are not Amazon S3: what Slipway promises of uploads, downloads and
//! snapshots holds in each of them.

use jiff::SignedDuration;
use slipway_local::Stack;
use slipway_storage::{incoming, served};
use slipway_test_support::{
    EventDelivery, ExternalStoreServer, Options, TestClock, Value, World, file, json, perform,
};

const LENGTH: usize = 300_000;
/// More than S3 takes as the least part.
const SIX_MIB: usize = 6 << 20;

/// A stack whose artifacts are in `server`.
async fn stack_over(server: &ExternalStoreServer) -> World {
    World::with(options_over(server)).await
}

fn options_over(server: &ExternalStoreServer) -> Options {
    let external_store = Some(server.store.clone());
    Options { external_store, decision_cache: SignedDuration::ZERO, ..Options::ephemeral() }
}

/// The stores, one of which needs ministack.
async fn stores() -> Vec<(&'static str, ExternalStoreServer)> {
    let ministack = ExternalStoreServer::ministack().await.map(|server| ("ministack", server));
    ministack.into_iter().chain([("gcs", ExternalStoreServer::gcs().await)]).collect()
}

/// The status of an object in `server`.
async fn is_there(server: &ExternalStoreServer, key: &str) -> bool {
    server.client.head_object().bucket(&server.store.bucket).key(key).send().await.is_ok()
}

fn id(upload: &Value) -> slipway_domain::UploadId {
    upload["upload_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_is_verified_served_and_decided_on() {
    for (name, server) in stores().await {
        let world = stack_over(&server).await;
        world.product("prod_app").await;
        let checked = world.arrived_checked(2, LENGTH).await;
        assert_eq!(world.complete(&checked).await.expect(200)["status"], "available", "{name}");
        let done = world.complete(&world.arrived(1, LENGTH).await).await.expect(200);
        let (bytes, sha256) = file(1, LENGTH);
        assert_eq!(world.download(&done["artifact_id"]).await, bytes, "{name}");
        assert!(is_there(&server, &served(&sha256.parse().unwrap())).await, "{name}");
        let artifact = done["artifact_id"].as_str().unwrap();
        let release = World::release_of("prod_app", "1.0.0", "stable", artifact);
        world.post("/v1/releases", release).await.expect(201);
        let decision = world.decide("prod_app", "0.9.0").await;
        assert_eq!(decision["artifacts"][0]["sha256"], sha256, "{name}: {decision}");
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_for_a_release_is_verified_by_its_bytes() {
    for (name, server) in stores().await {
        let world = stack_over(&server).await;
        world.product("prod_app").await;
        let draft = world.draft("prod_app", "1.0.0").await;
        let (presigned, registration) = world.sent(&draft, 1, LENGTH).await;
        let mut wrong = registration.clone();
        wrong["checksum"] = json!(file(2, LENGTH).1);
        let refused = world.register(&draft, &wrong).await;
        refused.refused(409, "checksum_mismatch", None);
        world.register(&draft, &registration).await.expect(200);
        let id = slipway_test_support::artifact_of(&presigned["artifact_id"]);
        assert_eq!(world.download(&id).await, file(1, LENGTH).0, "{name}");
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_parts_becomes_an_artifact() {
    for (name, server) in stores().await {
        let world = stack_over(&server).await;
        let upload = world.arrived_in_parts(3, SIX_MIB).await;
        let done = world.complete(&upload).await.expect(200);
        assert_eq!(done["status"], "available", "{name}: {done}");
        assert_eq!(world.download(&done["artifact_id"]).await, file(3, SIX_MIB).0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_are_found_although_the_store_checks_no_digest() {
    for (name, server) in stores().await {
        let world = stack_over(&server).await;
        let (bytes, sha256) = file(4, LENGTH);
        for other in [file(5, LENGTH).0, bytes[1..].to_vec()] {
            let upload = world.initiate(bytes.len(), &sha256).await;
            assert_eq!(world.send(&upload["upload_url"], other).await, 200, "{name}");
            let refused = world.complete(&upload).await.expect(409);
            assert_eq!(refused["error"]["code"], "checksum_mismatch", "{name}");
            assert_eq!(world.upload(&upload).await["status"], "failed", "{name}");
            assert!(!is_there(&server, &incoming(&id(&upload))).await, "{name}");
        }
        assert!(!is_there(&server, &served(&sha256.parse().unwrap())).await, "{name}");
    }
}

/// The keys of everything stored of snapshots.
async fn stored(server: &ExternalStoreServer) -> usize {
    let list = server.client.list_objects_v2().bucket(&server.store.bucket).prefix("snapshots/");
    list.send().await.unwrap().contents().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_stored_read_and_deleted() {
    for (name, server) in stores().await {
        let test_clock = TestClock::default();
        let (clock, events) = (test_clock.clock(), EventDelivery::Disabled);
        let world = World::with(Options { clock, events, ..options_over(&server) }).await;
        world.tenant("tenant_acme", json!("*")).await;
        world.product("prod_app").await;
        world.release("prod_app", "1.0.0").await;
        let config = json!({ "scheduled": { "enabled": false }, "retention": { "keep_snapshots": 1, "cleanup_older_than": "0s" } });
        world.put("/v1/snapshots/config", config).await.expect(200);
        // The first look at the clock only notes the time.
        perform(&world.stack.services, "retention", json!({})).await.0.unwrap();
        let mut latest = Value::Null;
        for _ in 0..3 {
            let wanted = json!({ "tenant_id": "tenant_acme", "force": true });
            latest = world.generate_snapshot(wanted).await;
        }
        let path = format!("/v1/snapshots/{}/bundle", latest["snapshot_id"].as_str().unwrap());
        let bundle = world.get(&path).await.expect(200);
        assert_eq!(bundle["manifest"]["snapshot_id"], latest["snapshot_id"], "{name}");
        assert_eq!(stored(&server).await, 3, "{name}");
        test_clock.advance(SignedDuration::from_hours(48));
        perform(&world.stack.services, "retention", json!({})).await.0.unwrap();
        assert_eq!(stored(&server).await, 1, "{name}");
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_ends_the_start_with_its_name() {
    let mut server = ExternalStoreServer::gcs().await;
    server.store.bucket = "no-such-bucket".to_owned();
    let options = Options { external_store: Some(server.store.clone()), ..Options::ephemeral() };
    let Err(error) = Stack::start(options).await else { panic!("it starts") };
    let error = error.to_string();
    assert!(error.contains("no-such-bucket") && error.contains("404"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}
