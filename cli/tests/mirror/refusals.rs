//! What a mirror refuses: each with its own message and exit code, and nothing that was served
//! before changes.

mod servers;

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, json};

use crate::certificates::Certificate;
use crate::mirror::{CommandResult, Mirror};
use crate::tampering_proxy::Tampering;
use crate::vendor::{TENANT, Uploaded, Vendor};

const LENGTH: usize = 50_000;
const LATEST: &str = "/v1/snapshots/latest";
const BUNDLE: &str = "/bundle";

/// A mirror that serves a snapshot, a newer one with a new artifact at its vendor, and somebody in
/// between.
struct RefusalFixture {
    vendor: Vendor,
    mirror: Mirror,
    /// The artifact that is new.
    new: Uploaded,
}

impl RefusalFixture {
    async fn set() -> Self {
        Self::at(Vendor::open().await).await
    }

    async fn at(vendor: Vendor) -> Self {
        vendor.publish("prod_old", "1.0.0", 1, LENGTH).await;
        vendor.snapshot().await;
        let mirror = Mirror::of(&vendor);
        mirror.synced().await;
        let new = vendor.publish("prod_new", "1.0.0", 2, LENGTH).await;
        vendor.snapshot().await;
        Self { vendor, mirror, new }
    }

    /// What a sync comes to when `part` of what the vendor says is a lie; what is served has to
    /// stay as it is.
    async fn told(&self, part: &str, lie: Tampering) -> CommandResult {
        self.told_with(part, lie, &[]).await
    }

    async fn told_with(&self, part: &str, lie: Tampering, more: &[&str]) -> CommandResult {
        self.vendor.proxy.stop_tampering();
        self.vendor.proxy.tamper_with(part, lie);
        self.refused_with(more).await
    }

    async fn refused_with(&self, more: &[&str]) -> CommandResult {
        let before = self.mirror.served();
        let ran = self.mirror.sync(more).await;
        assert_ne!(ran.code, Some(0), "{ran:?}");
        assert_eq!(self.mirror.served(), before);
        ran
    }

    /// When the truth is told again, the mirror takes it.
    async fn ends_well(self) {
        self.vendor.proxy.stop_tampering();
        let synced = self.mirror.synced().await;
        assert_eq!(synced["snapshot_id"], self.vendor.latest().await["snapshot_id"]);
        self.mirror.status(&["--deep"]).await.good();
        self.vendor.leaves().await;
    }
}

fn edit(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Tampering {
    Tampering::Edit(Box::new(edit))
}

fn set(pointer: &'static str, value: Value) -> Tampering {
    edit(move |document| {
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
    })
}

fn document(document: &Value) -> Tampering {
    Tampering::Bytes(document.to_string().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_by_a_key_that_is_not_trusted() {
    let (scene, stranger) = (RefusalFixture::set().await, Vendor::open().await);
    stranger.publish("prod_new", "1.0.0", 2, LENGTH).await;
    stranger.snapshot().await;
    let forged = stranger.latest().await;
    scene.told(LATEST, document(&forged)).await.refused(10, "wrong_key", "none of the known keys");
    // A key for decisions signs no snapshots, whatever the key set says of the rest.
    scene
        .told(
            "/v1/keys",
            edit(|keys| {
                keys["keys"]
                    .as_array_mut()
                    .unwrap()
                    .iter_mut()
                    .for_each(|key| key["purpose"] = json!("decision"));
            }),
        )
        .await
        .refused(10, "wrong_key", "another purpose");
    // Pinned keys: what the origin publishes is not asked.
    let pinned = scene.mirror.place.path().join("pinned.json");
    std::fs::write(&pinned, stranger.world.get("/v1/keys").await.expect(200).to_string()).unwrap();
    scene.vendor.proxy.stop_tampering();
    scene.refused_with(&["--keys", "pinned.json"]).await.refused(
        10,
        "wrong_key",
        "none of the known keys",
    );
    std::fs::write(&pinned, scene.vendor.world.get("/v1/keys").await.expect(200).to_string())
        .unwrap();
    scene.vendor.proxy.tamper_with("/v1/keys", Tampering::Status(500));
    scene.mirror.sync(&["--keys", "pinned.json"]).await.good();
    stranger.leaves().await;
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_manifest() {
    let scene = RefusalFixture::set().await;
    for (pointer, value) in [
        ("/releases/0/version", json!("9.9.9")),
        ("/releases/0/artifacts/0/sha256", json!("0".repeat(64))),
        ("/releases/0/artifacts/0/download_url", json!("https://evil.example.com/x")),
        ("/releases", json!([])),
        ("/sequence", json!(99)),
        ("/expires_at", json!("2999-01-01T00:00:00Z")),
        ("/tenant_id", json!("tenant_other")),
        ("/signature", json!("AAAA")),
    ] {
        scene.told(LATEST, set(pointer, value)).await.refused(
            11,
            "edited_manifest",
            "the manifest was edited",
        );
    }
    scene.told(LATEST, edit(|manifest| manifest["more"] = json!(1))).await.refused(
        11,
        "edited_manifest",
        "the manifest was edited",
    );
    scene.told(LATEST, edit(|manifest| *manifest = json!({}))).await.refused(
        25,
        "malformed",
        "not a signed object",
    );
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_bundle() {
    let scene = RefusalFixture::set().await;
    for (pointer, value, what) in [
        ("/artifacts/0/sha256", json!("0".repeat(64)), "list of artifacts"),
        ("/artifacts/0/download_url", json!("https://evil.example.com/x"), "list of artifacts"),
        ("/artifacts/1/size_bytes", json!(1), "list of artifacts"),
        ("/artifacts", json!([]), "list of artifacts"),
        ("/manifest/releases/0/version", json!("9.9.9"), "manifest"),
        ("/snapshot_id", json!("snapshot_other"), "snapshot_id"),
        ("/signature", json!("AAAA"), "signature"),
    ] {
        scene.told(BUNDLE, set(pointer, value)).await.refused(
            12,
            "edited_bundle",
            &format!("its {what} is not what the signed manifest says"),
        );
    }
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_whose_time_is_over_or_has_not_come() {
    let (test_clock, minutes) = (TestClock::default(), SignedDuration::from_mins);
    test_clock.advance(minutes(-120));
    let vendor = Vendor::on(&test_clock).await;
    vendor
        .world
        .put(
            "/v1/snapshots/config",
            json!({ "lifetime": "1h", "scheduled": { "enabled": true, "interval": "30m" } }),
        )
        .await
        .expect(200);
    test_clock.advance(minutes(120));
    let scene = RefusalFixture::at(vendor).await;
    let force = json!({ "tenant_id": TENANT, "force": true });
    test_clock.advance(minutes(-90));
    let old = scene.vendor.snapshot_of(force.clone()).await;
    scene.refused_with(&[]).await.refused(
        13,
        "expired",
        &format!("the snapshot expired at {}", old["expires_at"].as_str().unwrap()),
    );
    test_clock.advance(minutes(100));
    scene.vendor.snapshot_of(force.clone()).await;
    scene.refused_with(&[]).await.refused(23, "not_yet_valid", "look at this machine's clock");
    test_clock.advance(minutes(-10));
    scene.vendor.snapshot_of(force).await;
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_snapshot_than_was_seen_before() {
    let scene = RefusalFixture::set().await;
    let manifest = async |snapshot: &Value| {
        scene
            .vendor
            .world
            .get(&format!("/v1/snapshots/{}", snapshot["snapshot_id"].as_str().unwrap()))
            .await
            .expect(200)
    };
    let list = scene.vendor.world.get("/v1/snapshots").await.expect(200);
    let old = manifest(&list["snapshots"][1]).await;
    assert_eq!(old["sequence"], 1);
    scene.mirror.synced().await;
    let ran = scene.told(LATEST, document(&old)).await;
    ran.refused(
        14,
        "lower_sequence",
        "the origin offers sequence 1 of the stream all, where 2 was seen before",
    );
    // Nor does it come in by way of another stream.
    scene.vendor.proxy.stop_tampering();
    scene.vendor.snapshot_of(json!({ "tenant_id": TENANT, "channels": ["stable"] })).await;
    scene.mirror.sync(&["--channels", "stable"]).await.good();
    scene.told_with(LATEST, document(&old), &["--channels", "stable"]).await.refused(
        14,
        "lower_sequence",
        "rollback",
    );
    scene.vendor.snapshot_of(json!({ "tenant_id": TENANT, "force": true })).await;
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_vendor_can_do_wrong() {
    let scene = RefusalFixture::set().await;
    scene.mirror.synced().await;
    let world = &scene.vendor.world;
    // Two snapshots with one sequence number: the vendor's table was restored from a backup, say.
    let mut twin = scene.vendor.latest().await;
    twin["snapshot_id"] = json!("snapshot_twin");
    let twin = world.sign_snapshot(twin).await;
    scene.told(LATEST, document(&twin)).await.refused(
        15,
        "equivocation",
        "another snapshot as sequence 2",
    );
    let mut odd = scene.vendor.latest().await;
    odd["sequence"] = json!(3);
    odd["content_digest"] = json!("0".repeat(64));
    let odd = world.sign_snapshot(odd).await;
    scene.told(LATEST, document(&odd)).await.refused(
        22,
        "wrong_contents",
        "do not have the digest",
    );
    let mut nameless = scene.vendor.latest().await;
    nameless.as_object_mut().unwrap().remove("sequence");
    let nameless = world.sign_snapshot(nameless).await;
    scene.told(LATEST, document(&nameless)).await.refused(
        25,
        "malformed",
        "missing field `sequence`",
    );
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_snapshot_of_another_tenant() {
    let scene = RefusalFixture::set().await;
    let world = &scene.vendor.world;
    world
        .post(
            "/v1/tenants",
            json!({ "tenant_id": "tenant_other", "name": "Other", "products": "*" }),
        )
        .await
        .expect(201);
    scene.vendor.snapshot_of(json!({ "tenant_id": "tenant_other" })).await;
    let foreign = world.get("/v1/snapshots/latest?tenant_id=tenant_other").await.expect(200);
    let ran = scene.told(LATEST, document(&foreign)).await;
    ran.refused(16, "other_tenant", "of tenant_other, not of tenant_acme");
    // And the origin hands it out to nobody else.
    scene.vendor.proxy.stop_tampering();
    let curious = Mirror::of(&scene.vendor).after("tenant_other");
    curious.sync(&[]).await.refused(32, "not_there", "tenant_other");
    assert!(curious.served().is_empty());
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_with_other_bytes_or_another_length() {
    let scene = RefusalFixture::set().await;
    let mut bytes = scene.new.bytes.clone();
    bytes[LENGTH / 3] ^= 1;
    scene.told("/s3/", Tampering::Bytes(bytes.clone())).await.refused(
        17,
        "wrong_hash",
        &scene.new.sha256,
    );
    scene.told("/s3/", Tampering::Bytes(bytes[1..].to_vec())).await.refused(
        18,
        "wrong_length",
        "the server announces 49999 bytes",
    );
    bytes.push(0);
    scene.told("/s3/", Tampering::Bytes(bytes)).await.refused(
        18,
        "wrong_length",
        "the server announces 50001 bytes",
    );
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_ends_early_or_never() {
    let scene = RefusalFixture::set().await;
    let half = scene.new.bytes[..LENGTH / 2].to_vec();
    scene.told("/s3/", Tampering::Cut(half)).await.refused(19, "truncated", "25000 of 50000 bytes");
    let before = scene.vendor.proxy.requests();
    scene.told("/s3/", Tampering::Endless).await.refused(
        20,
        "endless",
        "more than the 50000 bytes",
    );
    assert_eq!(
        scene.vendor.proxy.requests() - before,
        5,
        "keys, manifest, bundle, the artifact and where it is: once each"
    );
    let left = scene.mirror.directory().join("partial").join(&scene.new.sha256);
    assert!(!left.exists(), "bytes that can't be right are of no use");
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_again_and_again_is_borne_while_it_brings_something() {
    let scene = RefusalFixture::set().await;
    scene.vendor.proxy.tamper_with("/s3/", Tampering::BreaksAfter(LENGTH / 8));
    let synced = scene.mirror.synced().await;
    assert_eq!((&synced["bytes_fetched"], &synced["sequence"]), (&json!(LENGTH), &json!(2)));
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_http() {
    let certificate = Certificate::new();
    let vendor = Vendor::with_tls(&certificate).await;
    let (trusted, mirror) = (tempfile::tempdir().unwrap(), Mirror::of(&vendor));
    let (ca, _) = certificate.write(trusted.path());
    let ca = ca.to_str().unwrap().to_owned();
    let new = vendor.publish("prod_new", "1.0.0", 2, LENGTH).await;
    vendor.snapshot().await;
    // Not even where plain connections are allowed: this one began as https.
    for address in ["http://artifacts.example.com/x?secret", "http://127.0.0.1:9/x"] {
        vendor.proxy.tamper_with("/download", Tampering::Redirect(address.to_owned()));
        let ran = mirror.sync(&["--ca-file", &ca]).await;
        ran.refused(21, "redirect_to_http", "redirect to http refused");
        assert!(!ran.said.contains("secret"), "a query may be a credential: {}", ran.said);
    }
    vendor
        .proxy
        .tamper_with("/download", Tampering::Redirect("https://evil.example.com/x".to_owned()));
    mirror.sync(&["--ca-file", &ca, "--allow-host", "*.example.net"]).await.refused(
        24,
        "refused_url",
        "not among the allowed ones",
    );
    vendor.proxy.tamper_with("/download", Tampering::Redirect("ftp://localhost/x".to_owned()));
    mirror.sync(&["--ca-file", &ca]).await.refused(24, "refused_url", "it is not https");
    vendor.proxy.tamper_with(
        "/download",
        Tampering::Redirect(format!("{}/v1/artifacts/round/download", vendor.proxy.url)),
    );
    mirror.sync(&["--ca-file", &ca]).await.refused(24, "refused_url", "more than five redirects");
    assert!(mirror.served().is_empty());
    vendor.proxy.stop_tampering();
    mirror.sync(&["--ca-file", &ca]).await.good();
    assert!(std::fs::read(mirror.blob(&new.sha256)).unwrap() == new.bytes);
    vendor.leaves().await;
}
