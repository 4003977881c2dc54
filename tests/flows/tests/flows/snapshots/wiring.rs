//! Snapshots that nobody asked for: the table's stream and the clock start the jobs, as on AWS.

use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use slipway_test_support::{Options, TestClock, Value, World, json, release_path};
use tokio::time::sleep;

use super::snapshots;

/// How long changes are collected here.
const WINDOW: SignedDuration = SignedDuration::from_secs(1);

/// A stack whose jobs run by themselves, with a product and a tenant that may have everything.
async fn world(test_clock: &TestClock, options: Options) -> World {
    let world =
        World::with(Options { clock: test_clock.clock(), batch_window: WINDOW, ..options }).await;
    if world.get("/v1/tenants/tenant_acme").await.status == 404 {
        world.tenant("tenant_acme", json!("*")).await;
        world.product("prod_app").await;
    }
    world
}

async fn configure(world: &World, config: Value) {
    world.put("/v1/snapshots/config", config).await.expect(200);
}

/// The snapshots of a tenant, once there are `count`.
async fn wait_for(world: &World, tenant: &str, count: usize) -> Vec<Value> {
    for _ in 0..300 {
        let made = snapshots(world, tenant).await;
        if made.len() >= count {
            return made;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{tenant} has {:?}, not {count}", snapshots(world, tenant).await);
}

/// Long enough for whatever is under way to end.
async fn settle() {
    sleep(WINDOW.unsigned_abs() * 2 + Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_channel_follows_another_makes_a_snapshot_and_another_name_of_the_product_none() {
    let world = world(&TestClock::default(), Options::ephemeral()).await;
    world.release("prod_app", "1.0.0").await;
    wait_for(&world, "tenant_acme", 1).await;
    let update = async |body| world.patch("/v1/products/prod_app", body).await.expect(200);
    update(json!({ "channel_follows": { "beta": ["stable"] } })).await;
    wait_for(&world, "tenant_acme", 2).await;
    update(json!({ "name": "New" })).await;
    update(json!({ "channel_follows": { "beta": ["stable"] } })).await;
    settle().await;
    let made = snapshots(&world, "tenant_acme").await;
    assert_eq!(made.len(), 2);
    let path = format!("/v1/snapshots/{}", made[1]["snapshot_id"].as_str().unwrap());
    let manifest = world.get(&path).await.expect(200);
    assert_eq!(manifest["releases"][0]["followed_by"], json!(["beta"]));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_changes_makes_one_snapshot_for_each_tenant_whom_it_concerns() {
    let world = world(&TestClock::default(), Options::ephemeral()).await;
    world.product("prod_other").await;
    for (id, products) in [
        ("tenant_app", json!(["prod_app"])),
        ("tenant_none", json!([])),
        ("tenant_gone", json!("*")),
    ] {
        world.tenant(id, json!(products)).await;
    }
    world.patch("/v1/tenants/tenant_gone", json!({ "suspended": true })).await.expect(200);

    let versions: Vec<String> = (0..20).map(|minor| format!("1.{minor}.0")).collect();
    join_all(versions.iter().map(|version| world.release("prod_app", version))).await;
    let made = wait_for(&world, "tenant_acme", 1).await;
    settle().await;
    for (tenant, count) in
        [("tenant_acme", 1), ("tenant_app", 1), ("tenant_none", 0), ("tenant_gone", 0)]
    {
        assert_eq!(snapshots(&world, tenant).await.len(), count, "{tenant}");
    }
    let manifest = world
        .get(&format!("/v1/snapshots/{}", made[0]["snapshot_id"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!(manifest["releases"][0]["version"], "1.19.0", "all of the burst is in it");

    // What concerns one of them only.
    world.release("prod_other", "1.0.0").await;
    wait_for(&world, "tenant_acme", 2).await;
    settle().await;
    assert_eq!(
        [snapshots(&world, "tenant_acme").await.len(), snapshots(&world, "tenant_app").await.len()],
        [2, 1]
    );
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_release_makes_a_snapshot_that_has_it() {
    let world = world(&TestClock::default(), Options::ephemeral()).await;
    let release = world.release("prod_app", "1.0.0").await;
    wait_for(&world, "tenant_acme", 1).await;
    settle().await;
    let metadata = json!({ "release_notes": "Faster." });
    let patch = json!({ "metadata": metadata, "required": true, "min_current_version": "0.9.0" });
    world.patch(&release_path(&release, ""), patch).await.expect(200);
    wait_for(&world, "tenant_acme", 2).await;
    let latest = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
    let snapshot = &latest["releases"][0];
    assert_eq!(
        (&snapshot["metadata"], &snapshot["required"], &snapshot["min_current_version"]),
        (&metadata, &json!(true), &json!("0.9.0"))
    );
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_a_changed_rollout_and_revoking_make_snapshots_of_every_stream() {
    let world = world(&TestClock::default(), Options::ephemeral()).await;
    world.release("prod_app", "1.0.0").await;
    wait_for(&world, "tenant_acme", 1).await;
    world
        .post(
            "/v1/snapshots/generate",
            json!({ "tenant_id": "tenant_acme", "channels": ["stable"] }),
        )
        .await
        .expect(201);
    let new = world.release("prod_app", "2.0.0").await;
    let made = wait_for(&world, "tenant_acme", 4).await;
    let streams: std::collections::BTreeSet<_> =
        made[2..].iter().map(|snapshot| snapshot["stream"].as_str().unwrap()).collect();
    assert_eq!(streams.len(), 2, "the stream of all channels, and that of `stable`");

    let release = |release: &Value, verb: &str| {
        format!("/v1/releases/{}/{verb}", release["release_id"].as_str().unwrap())
    };
    let latest = async || world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
    assert_eq!(latest().await["releases"][0].get("rollout"), None, "for all clients");
    let held = json!({ "basis_points": 100, "paused": true });
    world.put(&release(&new, "rollout"), held.clone()).await.expect(200);
    wait_for(&world, "tenant_acme", 6).await;
    assert_eq!(latest().await["releases"][0]["rollout"], held);
    world.post(&release(&new, "revoke"), json!({ "reason": "it crashes" })).await.expect(200);
    wait_for(&world, "tenant_acme", 8).await;
    assert_eq!(latest().await["releases"][0]["version"], "1.0.0");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_switched_off_the_clock_makes_the_snapshot() {
    let test_clock = TestClock::default();
    let world = world(&test_clock, Options::ephemeral()).await;
    configure(
        &world,
        json!({ "auto_on_publish": false, "scheduled": { "enabled": true, "interval": "10m" } }),
    )
    .await;
    world.release("prod_app", "1.0.0").await;
    settle().await;
    assert_eq!(snapshots(&world, "tenant_acme").await.len(), 0);
    test_clock.advance(SignedDuration::from_mins(11));
    let made = wait_for(&world, "tenant_acme", 1).await;
    let manifest = world
        .get(&format!("/v1/snapshots/{}", made[0]["snapshot_id"].as_str().unwrap()))
        .await
        .expect(200);
    let url = manifest["releases"][0]["artifacts"][0]["download_url"].as_str().unwrap();
    assert!(url.starts_with("https://artifacts.example.com/"), "{url}");
    // Nothing has changed: the next time makes none.
    test_clock.advance(SignedDuration::from_mins(11));
    settle().await;
    assert_eq!(snapshots(&world, "tenant_acme").await.len(), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_expression_makes_the_snapshot_at_its_minute_and_not_before() {
    let test_clock = TestClock::default();
    let world = world(&test_clock, Options::ephemeral()).await;
    let now = test_clock.clock().now();
    let due = now + SignedDuration::from_mins(10)
        - SignedDuration::from_millis(now.as_millisecond() % 60_000);
    let cron = due.strftime("%-M %-H * * *").to_string();
    configure(
        &world,
        json!({ "auto_on_publish": false, "scheduled": { "enabled": true, "cron": cron } }),
    )
    .await;
    world.release("prod_app", "1.0.0").await;
    test_clock
        .advance(due.duration_since(test_clock.clock().now()) - SignedDuration::from_secs(20));
    settle().await;
    assert_eq!(
        snapshots(&world, "tenant_acme").await.len(),
        0,
        "{cron} at {}",
        test_clock.clock().now()
    );
    test_clock.advance(SignedDuration::from_secs(20));
    let made = wait_for(&world, "tenant_acme", 1).await;
    assert!(made[0]["created_at"].as_str().unwrap() >= &*due.to_string(), "{made:?}");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_being_collected_when_the_stack_ended_makes_its_snapshot_after_the_next_start()
 {
    let directory = tempfile::tempdir().unwrap();
    let kept = || Options { data: Some(directory.path().to_owned()), ..Options::ephemeral() };
    let world = world(&TestClock::default(), kept()).await;
    world.release("prod_app", "1.0.0").await;
    world.stack.stop().await;
    let world = self::world(&TestClock::default(), kept()).await;
    wait_for(&world, "tenant_acme", 1).await;
    settle().await;
    assert_eq!(snapshots(&world, "tenant_acme").await.len(), 1);
    world.stack.stop().await;
}
