//! A snapshot of which an artifact can't be had: the others come, and the report says what is
//! missing.

use slipway_test_support::{Value, World, json};

use crate::mirror::{CommandResult, Mirror};
use crate::server::{Curl, Server};
use crate::tampering_proxy::Tampering;
use crate::vendor::{TENANT, Uploaded, Vendor};

const LENGTH: usize = 10_000;

/// A mirror that serves a snapshot of two products, and a newer one at its vendor with a new
/// version of both, of which the storage has spoilt the one of `prod_p0`.
struct IncompleteFixture {
    vendor: Vendor,
    mirror: Mirror,
    spoilt: Uploaded,
    good: Uploaded,
}

impl IncompleteFixture {
    async fn set() -> Self {
        let (vendor, _) = Vendor::with_files(0..2, LENGTH).await;
        let mirror = Mirror::of(&vendor);
        mirror.synced().await;
        let spoilt = vendor.publish("prod_p0", "2.0.0", 10, LENGTH).await;
        let good = vendor.publish("prod_p1", "2.0.0", 11, LENGTH).await;
        vendor.snapshot().await;
        vendor.proxy.tamper_with(&spoilt.sha256, Tampering::Bytes(vec![0; LENGTH]));
        Self { vendor, mirror, spoilt, good }
    }

    /// Makes sure that `ran` says which artifact is missing, of which product, and why.
    fn says_what_is_missing(&self, ran: &CommandResult) {
        let missing = &ran.json["missing"];
        assert_eq!(missing.as_array().map(Vec::len), Some(1), "{ran:?}");
        assert_eq!(
            (&missing[0]["sha256"], &missing[0]["products"], &missing[0]["code"]),
            (&json!(self.spoilt.sha256), &json!(["prod_p0"]), &json!("wrong_hash"))
        );
        let message = ran.json["error"]["message"].as_str().unwrap();
        assert!(message.contains("1 of 2 artifacts can't be fetched: art_"), "{message}");
        assert!(message.contains(" of prod_p0: wrong hash"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_what_is_served_stays_and_what_came_is_kept_for_the_next_sync() {
    let scene = IncompleteFixture::set().await;
    let server = Server::start(&scene.mirror, &[]).await;
    let curl = Curl::of(&scene.mirror);
    let latest = format!("{}/v1/snapshots/latest", server.url);
    let ran = scene.mirror.sync(&[]).await;
    ran.refused(17, "wrong_hash", "what is served stays");
    scene.says_what_is_missing(&ran);
    assert_eq!(curl.get(&latest, &[]).await.json(200)["sequence"], 1);
    scene.mirror.status(&["--deep"]).await.good();
    // Whoever has the vendor's manifest gets by digest what was verified.
    let good = curl.get(&format!("{}/artifacts/{}", server.url, scene.good.sha256), &[]).await;
    assert_eq!((good.status, good.body), (200, scene.good.bytes.clone()));
    scene.vendor.proxy.stop_tampering();
    let synced = scene.mirror.synced().await;
    assert_eq!((&synced["sequence"], &synced["artifacts_fetched"]), (&json!(2), &json!(1)));
    scene.vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_partial_the_other_products_are_served_and_everybody_learns_what_is_missing() {
    let scene = IncompleteFixture::set().await;
    let (world, mirror) = (&scene.vendor.world, &scene.mirror);
    let created = world.post("/v1/mirrors", json!({ "tenant_id": TENANT, "name": "Berlin" })).await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let before = mirror.status(&[]).await.good();
    let flags = ["--partial", "--mirror-id", &id];
    let ran = mirror.sync(&flags).await;
    assert_eq!((ran.code, &ran.json["outcome"]), (Some(36), &json!("partial")), "{ran:?}");
    assert_eq!(ran.json["error"]["code"], "incomplete");
    assert_eq!((&ran.json["sequence"], &ran.json["artifacts_fetched"]), (&json!(2), &json!(1)));
    scene.says_what_is_missing(&ran);

    let server = Server::start(mirror, &[]).await;
    let curl = Curl::of(mirror);
    let latest = curl.get(&format!("{}/v1/snapshots/latest", server.url), &[]).await.json(200);
    assert_eq!(latest["sequence"], 2);
    let artifact = |file: &Uploaded| format!("{}/artifacts/{}", server.url, file.sha256);
    assert_eq!(curl.get(&artifact(&scene.good), &[]).await.body, scene.good.bytes);
    assert_eq!(curl.get(&artifact(&scene.spoilt), &[]).await.status, 404, "nothing unverified");

    let status = mirror.status(&[]).await;
    status.damaged(&[&scene.spoilt.sha256]);
    assert_eq!(status.json["synced_at"], before["synced_at"], "no sync has ended well since");
    assert_eq!(status.json["last_error"], ran.json["error"]["message"]);
    let reported = world.get(&format!("/v1/mirrors/{id}/status")).await.expect(200);
    assert_eq!(
        (&reported["status"], &reported["sequence"], &reported["last_error"]),
        (&json!("ERROR"), &json!(2), &ran.json["error"]["message"])
    );
    // It stays so until the artifact comes.
    assert_eq!(mirror.sync(&flags).await.code, Some(36));
    scene.vendor.proxy.stop_tampering();
    assert_eq!(mirror.sync(&flags).await.good()["artifacts_fetched"], 1);
    assert_ne!(mirror.status(&["--deep"]).await.good()["synced_at"], before["synced_at"]);
    let reported = world.get(&format!("/v1/mirrors/{id}/status")).await.expect(200);
    assert_eq!((&reported["status"], &reported["last_error"]), (&json!("ACTIVE"), &Value::Null));
    scene.vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_that_is_partial_was_never_whole() {
    let (vendor, files) = Vendor::with_files(0..1, LENGTH).await;
    // Somebody else's host, which is down.
    let external = vendor.world.external(77).await;
    vendor.world.product("prod_external").await;
    let release = World::release_of("prod_external", "1.0.0", "stable", &external);
    vendor.world.post("/v1/releases", release).await.expect(201);
    vendor.snapshot().await;
    let mirror = Mirror::of(&vendor);
    let ran = mirror.sync(&["--partial", "--timeout", "1s"]).await;
    assert_eq!((ran.code, &ran.json["outcome"]), (Some(36), &json!("partial")), "{ran:?}");
    assert_eq!(ran.json["missing"][0]["products"], json!(["prod_external"]));
    assert_eq!(ran.json["missing"][0]["code"], "unreachable");
    assert!(mirror.blob(&files[0].sha256).exists());
    let status = mirror.status(&[]).await;
    assert_eq!((status.code, &status.json["synced_at"]), (Some(35), &Value::Null));
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_come_of_a_missing_artifact_outlives_a_partial_sync() {
    let (vendor, files) = Vendor::with_files(0..2, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let half = files[0].bytes[..LENGTH / 2].to_vec();
    vendor.proxy.tamper_with(&files[0].sha256, Tampering::Cut(half));
    let ran = mirror.sync(&["--partial"]).await;
    assert_eq!((ran.code, &ran.json["missing"][0]["code"]), (Some(36), &json!("truncated")));
    vendor.proxy.stop_tampering();
    assert_eq!(mirror.synced().await["bytes_fetched"], LENGTH / 2);
    mirror.status(&["--deep"]).await.good();
    assert_eq!(std::fs::read_dir(mirror.directory().join("partial")).unwrap().count(), 0);
    vendor.leaves().await;
}
