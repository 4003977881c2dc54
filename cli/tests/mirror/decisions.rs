//! `POST /v1/decision` of a mirror: what clients behind it are told.

use slipway_domain::Sha256;
use slipway_signing::{
    Context, DecisionError, KeySet, RequestBinding, VerifyError, verify, verify_decision,
};
use slipway_test_support::{TestClock, Value, independently_bound, json, release_path, text};

use crate::mirror::{Mirror, run};
use crate::server::Server;
use crate::vendor::{TENANT, Vendor};

const LENGTH: usize = 10_000;
const PUBLIC_URL: &str = "https://mirror.example.com/slipway";

/// What a mirror answers to a request.
pub async fn decide(server: &Server, request: &Value) -> Value {
    let url = format!("{}/v1/decision", server.url);
    let response = reqwest::Client::new().post(url).json(request).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.json().await.unwrap()
}

/// The request of one client of `prod_app`.
fn client(version: &str, id: &str) -> Value {
    json!({ "products": [{
        "product_id": "prod_app", "current_version": version, "client_id": id, "tenant_id": TENANT, "platform": "windows", "arch": "x64",
    }] })
}

/// What there is to compare: an artifact is somewhere else at a mirror.
fn without_urls(answer: &Value) -> Value {
    let mut decision = answer["decisions"][0].clone();
    let artifacts = decision.get_mut("artifacts").and_then(Value::as_array_mut);
    for artifact in artifacts.into_iter().flatten() {
        artifact.as_object_mut().unwrap().remove("download_url");
    }
    decision
}

/// A vendor with two versions, of which half of the clients get the second one, and its snapshot.
async fn staged() -> Vendor {
    staged_at(&TestClock::default()).await
}

async fn staged_at(test_clock: &TestClock) -> Vendor {
    let vendor = Vendor::on(test_clock).await;
    vendor.world.put("/v1/snapshots/config", json!({ "history_limit": 3 })).await.expect(200);
    vendor.publish("prod_app", "1.0.0", 1, LENGTH).await;
    let (bytes, sha256) = slipway_test_support::file(2, LENGTH);
    let half = json!({ "basis_points": 5_000 });
    vendor.publish_to(half, "prod_app", "1.1.0", bytes, &sha256).await;
    vendor.snapshot().await;
    vendor
}

/// Asks both about 200 clients; how many are offered the version that is rolled out.
async fn compare(vendor: &Vendor, server: &Server) -> usize {
    let mut updated = 0;
    for number in 0..200 {
        let version = ["1.0.0", "0.9.0", "v1.1.0-rc.1"][number % 3];
        let request = client(version, &format!("client-{number}"));
        let told = decide(server, &request).await;
        let expected = vendor.world.post("/v1/decision", request).await.expect(200);
        let (told, expected) = (without_urls(&told), without_urls(&expected));
        assert_eq!(told, expected, "client-{number}");
        updated += usize::from(told["version"] == "1.1.0");
    }
    updated
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_are_told_by_the_mirror_what_the_api_tells_them() {
    let test_clock = TestClock::default();
    let vendor = staged_at(&test_clock).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let updated = compare(&vendor, &server).await;
    assert!((60..140).contains(&updated), "{updated}");

    // What was offered is at the mirror itself, and rests on what the vendor has signed.
    let request = client("0.9.0", "client-0");
    let answer = decide(&server, &request).await;
    assert_eq!((&answer["signed"], answer.get("signature")), (&json!(false), None));
    assert_eq!(answer["request_sha256"], json!(Sha256::of(request.to_string().as_bytes())));
    let evidence = &answer["evidence"];
    let manifest = reqwest::get(text(evidence, "manifest_url")).await.unwrap();
    let manifest = manifest.bytes().await.unwrap();
    assert_eq!(evidence["manifest_sha256"], json!(Sha256::of(&manifest)));
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for member in ["snapshot_id", "sequence", "key_id"] {
        assert_eq!(evidence[member], manifest[member], "{member}");
    }
    let now = slipway_domain::Timestamp::now();
    assert_eq!(verify(Context::Snapshot, &manifest, &vendor.keys().await, now), Ok(()));
    let artifact = &answer["decisions"][0]["artifacts"][0];
    let bytes = reqwest::get(text(artifact, "download_url")).await.unwrap().bytes().await.unwrap();
    assert_eq!(artifact["sha256"], json!(Sha256::of(&bytes)));

    // A newer snapshot counts from the next answer on.
    vendor.publish("prod_app", "1.2.0", 3, LENGTH).await;
    vendor.snapshot().await;
    assert_eq!(decide(&server, &request).await["evidence"]["sequence"], 1);
    mirror.synced().await;
    let newer = decide(&server, &request).await;
    assert_eq!(
        (&newer["evidence"]["sequence"], &newer["decisions"][0]["version"]),
        (&json!(2), &json!("1.2.0"))
    );
    // The API answers from what it has read within five seconds.
    test_clock.advance(jiff::SignedDuration::from_secs(6));
    assert_eq!(compare(&vendor, &server).await, 0);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_on_a_channel_that_follows_another_are_told_what_the_api_tells_them() {
    let vendor = staged().await;
    let follows = json!({ "channel_follows": { "beta": ["stable"] } });
    vendor.world.patch("/v1/products/prod_app", follows).await.expect(200);
    let releases = vendor.world.get("/v1/products/prod_app/releases?version=1.0.0").await;
    let path = release_path(&releases.expect(200)["releases"][0], "/promote");
    let own = vendor.world.post(&path, json!({ "channel": "beta" })).await.expect(201);
    vendor.snapshot().await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let mut updated = 0;
    for number in 0..40 {
        let mut request = client("0.9.0", &format!("client-{number}"));
        request["products"][0]["channel"] = json!("beta");
        let told = without_urls(&decide(&server, &request).await);
        let expected = vendor.world.post("/v1/decision", request).await.expect(200);
        assert_eq!(told, without_urls(&expected), "client-{number}");
        let is_updated = told["version"] == "1.1.0";
        assert!(is_updated || told["release_id"] == own["release_id"], "{told}");
        updated += usize::from(is_updated);
    }
    assert!((8..32).contains(&updated), "{updated}");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_with_a_key_of_its_own_signs_what_clients_verify_with_it_and_with_no_other() {
    let vendor = staged().await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let command = ["mirror", "--json", "make-decision-key", "decision.key"];
    let made = run(crate::mirror::bare(mirror.place.path()).args(command)).await.good();
    assert_eq!(made["outcome"], "key_made");
    let again = run(crate::mirror::bare(mirror.place.path()).args(command)).await;
    again.refused(34, "disk", "decision.key");

    let flags = ["--http", "--decision-key", "decision.key", "--public-url", PUBLIC_URL];
    let server = Server::start(&mirror, &flags).await;
    let jwks: Value = reqwest::get(format!("{}/v1/decision-keys", server.url))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(jwks, made["keys"]);
    let keys: KeySet = serde_json::from_value(jwks.clone()).unwrap();

    let request = client("1.0.0", "client-0");
    let answer = decide(&server, &request).await;
    assert_eq!((&answer["key_id"], answer.get("signed")), (&made["key_id"], None));
    let url = format!("{PUBLIC_URL}/v1/snapshots/{}", text(&answer["evidence"], "snapshot_id"));
    assert_eq!(answer["evidence"]["manifest_url"], url);
    let (body, now) = (request.to_string(), slipway_domain::Timestamp::now());
    let judged = |answer: &Value, body: &str, keys: &KeySet| {
        verify_decision(answer, Some(body.as_bytes()), keys, now)
    };
    assert_eq!(judged(&answer, &body, &keys), Ok(RequestBinding::Verified));
    assert_eq!(judged(&answer, "{}", &keys), Err(DecisionError::OtherRequest));
    independently_bound(&answer, body.as_bytes(), b"{}", &jwks).await;
    let refused = judged(&answer, &body, &vendor.keys().await);
    assert!(
        matches!(refused, Err(DecisionError::NotVerified(VerifyError::UnknownKey(_)))),
        "{refused:?}"
    );
    let mut forged = answer;
    forged["evidence"]["sequence"] = json!(2);
    assert_eq!(judged(&forged, &body, &keys), Err(VerifyError::WrongSignature.into()));
    vendor.leaves().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_its_owner_alone_and_anything_else_is_none() {
    use std::os::unix::fs::PermissionsExt;
    let vendor = Vendor::open().await;
    let mirror = Mirror::of(&vendor);
    let place = mirror.place.path();
    run(crate::mirror::bare(place).args(["mirror", "make-decision-key", "decision.key"])).await;
    let mode = std::fs::metadata(place.join("decision.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::write(place.join("no.key"), "00".repeat(31)).unwrap();
    for (flags, exit, code, part) in [
        (&["--decision-key", "decision.key"][..], 2, "usage", "needs `serve.public_url`"),
        (
            &["--public-url", PUBLIC_URL, "--decision-key", "no.key"],
            2,
            "usage",
            "64 hexadecimal digits",
        ),
        (&["--public-url", PUBLIC_URL, "--decision-key", "none.key"], 34, "disk", "none.key"),
        (&["--public-url", "mirror.example.com"], 2, "usage", "`public_url`"),
    ] {
        let flags = [&["--http", "--listen", "127.0.0.1:0"], flags].concat();
        run(&mut mirror.command("serve", &flags)).await.refused(exit, code, part);
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_knows_its_own_tenant_and_the_products_of_its_snapshot() {
    let vendor = staged().await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    for (member, value, reason) in [
        ("tenant_id", json!(TENANT), "update_available"),
        ("tenant_id", json!("tenant_other"), "unknown_tenant"),
        ("product_id", json!("prod_none"), "unknown_product"),
        ("channel", json!("beta"), "no_release"),
        ("channel", json!("No Channel"), "invalid_channel"),
        ("platform", json!("beos"), "unknown_platform"),
        ("platform", json!("linux"), "no_matching_artifact"),
        ("current_version", json!("one"), "invalid_version"),
        ("current_version", json!("1.1.0"), "up_to_date"),
    ] {
        let mut request = client("0.9.0", "client-0");
        request["products"][0][member] = value;
        let answer = decide(&server, &request).await;
        assert_eq!(answer["decisions"][0]["reason"], reason, "{request}");
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_is_not_here_is_not_offered_until_it_has_come() {
    let vendor = staged().await;
    let mirror = Mirror::of(&vendor);
    let spoilt = vendor.publish("prod_app", "1.2.0", 9, LENGTH).await;
    vendor.snapshot().await;
    let tampering = crate::tampering_proxy::Tampering::Bytes(vec![0; LENGTH]);
    vendor.proxy.tamper_with(&spoilt.sha256, tampering);
    assert_eq!(mirror.sync(&["--partial"]).await.code, Some(36));
    let server = Server::start(&mirror, &["--http"]).await;
    let version = async || {
        let answer = decide(&server, &client("0.9.0", "")).await;
        assert_eq!(answer["evidence"]["sequence"], 2);
        answer["decisions"][0]["version"].clone()
    };
    assert_eq!(version().await, "1.0.0");
    vendor.proxy.stop_tampering();
    mirror.synced().await;
    for _ in 0..100 {
        if version().await == "1.2.0" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(version().await, "1.2.0");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_outlive_its_snapshot() {
    let vendor = staged().await;
    let mirror = Mirror::of(&vendor);
    let synced = mirror.synced().await;
    let path = mirror.document(&synced, "manifest.json");
    let manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let now = slipway_domain::Timestamp::now();
    let soon = now + std::time::Duration::from_mins(2);
    let long = now + std::time::Duration::from_hours(48);
    // One that has expired is served on, and clients that look at the time refuse it.
    for (end, is_shorter) in
        [(long, false), (soon, true), ("2026-01-01T00:00:00Z".parse().unwrap(), true)]
    {
        let mut short = manifest.clone();
        short["expires_at"] = json!(end);
        std::fs::write(&path, short.to_string()).unwrap();
        let server = Server::start(&mirror, &["--http"]).await;
        let answer = decide(&server, &client("0.9.0", "")).await;
        let [issued, expires]: [slipway_domain::Timestamp; 2] =
            ["issued_at", "expires_at"].map(|time| text(&answer, time).parse().unwrap());
        assert!(issued >= now - std::time::Duration::from_millis(1));
        if is_shorter {
            assert_eq!(expires, end);
        } else {
            assert_eq!(expires.duration_since(issued), jiff::SignedDuration::from_mins(15));
        }
    }
    vendor.leaves().await;
}
