//! `POST /v1/artifacts/{artifact_id}/verify`

use std::time::Duration;

use slipway_test_support::{ExternalHost, Options, Value, World, file, json, text};

/// A world that may fetch from `hosts`, in which `host` is every one of them.
async fn world(host: &ExternalHost, hosts: &[&str]) -> World {
    World::with(Options { external: host.access(hosts), ..Options::ephemeral() }).await
}

/// The artifact at `url`, registered with the size and digest of the file of `seed`.
async fn registered(world: &World, url: &str, seed: u64) -> Value {
    let (bytes, sha256) = file(seed, 1000);
    let body = json!({
        "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": bytes.len(), "external_url": url,
    });
    world.post("/v1/artifacts", body).await.expect(201)
}

fn path(artifact: &Value) -> String {
    format!("/v1/artifacts/{}", text(artifact, "artifact_id"))
}

/// The artifact after a check, once that is done.
async fn checked(world: &World, artifact: &Value) -> Value {
    let before = world.get(&path(artifact)).await.expect(200)["check"].clone();
    let accepted = world.post(&format!("{}/verify", path(artifact)), json!({})).await.expect(202);
    assert_eq!(accepted["artifact_id"], artifact["artifact_id"]);
    for _ in 0..200 {
        let now = world.get(&path(artifact)).await.expect(200);
        if now["check"] != before {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{artifact:#} is not checked");
}

fn outcome(artifact: &Value) -> (Option<bool>, Option<&str>) {
    (artifact["verified"].as_bool(), artifact["check"]["outcome"].as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_the_url_is_compared_with_what_was_registered() {
    let host = ExternalHost::start().await;
    let world = world(&host, &["*.example.com"]).await;
    let artifact = registered(&world, &host.url("/app.msi"), 1).await;
    assert_eq!(artifact["verified"], false);

    let gone = checked(&world, &artifact).await;
    assert_eq!(outcome(&gone), (Some(false), Some("unreachable")));
    assert_eq!(gone["check"]["detail"], "the host answers 404 Not Found");
    host.serve("/app.msi", Some(file(1, 1000).0));
    let good = checked(&world, &artifact).await;
    assert_eq!(outcome(&good), (Some(true), Some("match")));
    assert_eq!(good["check"]["detail"], json!(null));
    host.serve("/app.msi", Some(file(2, 1000).0));
    let other = checked(&world, &artifact).await;
    assert_eq!(outcome(&other), (Some(false), Some("checksum_mismatch")));
    assert!(text(&other["check"], "detail").contains(&file(2, 1000).1));
    for length in [999, 1001] {
        host.serve("/app.msi", Some(file(1, length).0));
        let wrong = checked(&world, &artifact).await;
        assert_eq!(outcome(&wrong), (Some(false), Some("size_mismatch")), "{length}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_and_its_snapshot_say_what_was_verified() {
    let host = ExternalHost::start().await;
    let world = world(&host, &["*"]).await;
    world.product("prod_v").await;
    let artifact = registered(&world, &host.url("/app.msi"), 1).await;
    let release =
        |version| World::release_of("prod_v", version, "stable", text(&artifact, "artifact_id"));
    let claimed = world.post("/v1/releases", release("1.0.0")).await.expect(201);
    assert_eq!(claimed["artifacts"][0]["verified"], false);
    host.serve("/app.msi", Some(file(1, 1000).0));
    assert_eq!(checked(&world, &artifact).await["verified"], true);
    // CI that runs again finds the release that is there: a check makes it no other one.
    let again = world.post("/v1/releases", release("1.0.0")).await.expect(200);
    assert_eq!(again["release_id"], claimed["release_id"]);
    let verified = world.post("/v1/releases", release("1.1.0")).await.expect(201);
    assert_eq!(verified["artifacts"][0]["verified"], true);
    let read = world.get(&format!("/v1/releases/{}", text(&verified, "release_id"))).await;
    assert_eq!(read.expect(200)["artifacts"][0]["verified"], true);
    world.stack.stop().await;
}

#[tokio::test]
async fn what_slipway_stores_is_verified() {
    let world = World::start().await;
    let upload = world.arrived(1, 1000).await;
    let stored = world.complete(&upload).await.expect(200)["artifact_id"].clone();
    let path = format!("/v1/artifacts/{}", stored.as_str().unwrap());
    let verified = world.post(&format!("{path}/verify"), json!({})).await.expect(200);
    assert_eq!((&verified["verified"], &verified["check"]), (&json!(true), &json!(null)));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_fetched_from_hosts_that_the_deployment_does_not_name() {
    let host = ExternalHost::start().await;
    for hosts in [&[][..], &["cdn.example.net"], &["example.com"]] {
        let world = world(&host, hosts).await;
        let artifact = registered(&world, &host.url("/app.msi"), 1).await;
        let refused = world.post(&format!("{}/verify", path(&artifact)), json!({})).await;
        refused.refused(403, "forbidden", None);
        assert!(text(&refused.body["error"], "message").contains("CheckedHosts"));
        assert_eq!(world.get(&path(&artifact)).await.expect(200)["check"], json!(null));
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_resolves_to_an_internal_address_is_not_fetched() {
    let host = ExternalHost::start().await;
    host.serve("/app.msi", Some(file(1, 1000).0));
    let external = host.public_access(&["*"]);
    let world = World::with(Options { external, ..Options::ephemeral() }).await;
    let artifact = registered(&world, &host.url("/app.msi"), 1).await;
    let checked = checked(&world, &artifact).await;
    assert_eq!(outcome(&checked), (Some(false), Some("unreachable")));
    let detail = text(&checked["check"], "detail");
    assert!(detail.contains("loopback address; a public one is needed"), "{detail}");
    world.stack.stop().await;
}
