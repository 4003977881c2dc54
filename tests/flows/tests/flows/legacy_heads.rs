//! Heads that version 0.1.0 wrote: decisions on them are right at once, for what they have left out
//! too, and the next change brings them into the form of today.

use slipway_test_support::{Value, World, json, release_path, text};

use crate::rows::Rows;

const PRODUCT: &str = "prod_legacy";

/// A channel with a release for each platform, a draft and a revoked one in between, and six more
/// for Windows, of which the newest is staged.
async fn world() -> (World, Vec<Value>) {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let mut releases = Vec::new();
    for (minor, platform) in ["macos", "linux"].into_iter().chain(["windows"; 6]).enumerate() {
        let artifact = world.external(minor as u64).await;
        let mut release = World::release_of(PRODUCT, &format!("1.{minor}.0"), "stable", &artifact);
        release["artifacts"][0]["platform"] = json!(platform);
        if minor == 7 {
            release["rollout"] = json!({ "basis_points": 0 });
        }
        releases.push(world.post("/v1/releases", release).await.expect(201));
    }
    world.draft(PRODUCT, "1.1.1").await;
    world.revoke(&world.release(PRODUCT, "1.1.2").await).await;
    (world, releases)
}

async fn offered(world: &World, platform: &str) -> Value {
    let client = json!({ "product_id": PRODUCT, "current_version": "0.1.0", "platform": platform });
    let answer = world.post("/v1/decision", json!({ "products": [client] })).await.expect(200);
    answer["decisions"][0]["version"].clone()
}

async fn decisions_are_right(world: &World) {
    for (platform, version) in [("macos", "1.0.0"), ("linux", "1.1.0"), ("windows", "1.6.0")] {
        assert_eq!(offered(world, platform).await, version, "{platform}");
    }
    assert_eq!(world.decide(PRODUCT, "1.1.2").await["version"], "1.6.0");
    let ahead = world.decide(PRODUCT, "2.0.0").await;
    assert_eq!(ahead["reason"], "up_to_date");
}

/// How many of the live releases the head of version 0.1.0 has: all, some, and the newest.
const ROOM: [usize; 3] = [8, 3, 1];

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_right_at_once_and_snapshots_too() {
    let (world, _) = world().await;
    world.tenant("tenant_1", json!("*")).await;
    for (number, room) in ROOM.into_iter().enumerate() {
        world.write_legacy_head(PRODUCT, "stable", room).await;
        decisions_are_right(&world).await;
        world.put("/v1/snapshots/config", json!({ "history_limit": number * 3 })).await.expect(200);
        let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_1", "force": true }));
        assert_eq!(snapshot.await["release_count"], number * 3 + 1);
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_change_brings_a_head_into_the_form_of_today() {
    let (world, mut releases) = world().await;
    for room in ROOM {
        world.write_legacy_head(PRODUCT, "stable", room).await;
        let nobody = json!({ "basis_points": room });
        world.put(&release_path(&releases[7], "/rollout"), nobody).await.expect(200);
        Rows::of(&world).await.agree();

        world.write_legacy_head(PRODUCT, "stable", room).await;
        let version = format!("1.3.{room}");
        releases.push(world.release(PRODUCT, &version).await);
        Rows::of(&world).await.agree();

        world.write_legacy_head(PRODUCT, "stable", room).await;
        let newest = releases.pop().unwrap();
        assert_eq!(text(&world.revoke(&newest).await, "status"), "revoked");
        Rows::of(&world).await.agree();

        world.write_legacy_head(PRODUCT, "stable", room).await;
        for channels in [json!(["nightly"]), json!([])] {
            let path = format!("/v1/products/{PRODUCT}");
            world.patch(&path, json!({ "channels": channels })).await.expect(200);
        }
        decisions_are_right(&world).await;
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_closed_and_reopened_in_the_form_of_today() {
    let world = World::start().await;
    let path = format!("/v1/products/{PRODUCT}");
    let product = json!({ "product_id": PRODUCT, "name": PRODUCT, "channels": ["nightly"] });
    world.post("/v1/products", product).await.expect(201);
    for minor in 0..5 {
        let release = world.publish(PRODUCT, &format!("1.{minor}.0"), "nightly").await;
        // A channel with live releases can't be removed.
        world.revoke(&release).await;
    }
    for channels in [json!([]), json!(["nightly"])] {
        world.write_legacy_head(PRODUCT, "nightly", 2).await;
        world.patch(&path, json!({ "channels": channels })).await.expect(200);
        Rows::of(&world).await.agree();
    }
    world.publish(PRODUCT, "2.0.0", "nightly").await;
    Rows::of(&world).await.agree();
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn required_releases_are_back_once_the_head_is_counted_and_rows_left_behind_are_passed_over()
{
    let world = World::start().await;
    world.product(PRODUCT).await;
    let mut releases = Vec::new();
    for minor in 1..9 {
        let release = world.release(PRODUCT, &format!("1.{minor}.0")).await;
        let required = json!({ "required": true });
        releases.push(world.patch(&release_path(&release, ""), required).await.expect(200));
    }
    let offered = async || world.decide(PRODUCT, "1.0.0").await["version"].clone();
    assert_eq!(offered().await, "1.1.0");
    world.write_legacy_head(PRODUCT, "stable", 3).await;
    assert_eq!(offered().await, "1.8.0", "version 0.1.0 has written the head, and knows none");
    let half = json!({ "basis_points": 5_000 });
    world.put(&release_path(&releases[7], "/rollout"), half).await.expect(200);
    Rows::of(&world).await.agree();
    assert_eq!(offered().await, "1.1.0");
    for left_behind in ["1.0.1", "1.0.2", "1.0.3"] {
        world.leave_required_row(PRODUCT, left_behind).await;
    }
    assert_eq!(offered().await, "1.1.0");
    world.revoke(&releases[0]).await;
    assert_eq!(offered().await, "1.2.0");
    world.stack.stop().await;
}
