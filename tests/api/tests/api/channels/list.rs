//! `GET /v1/channels`

use slipway_test_support::{Value, World, json, release_path};

use super::overview;
use crate::assertions::{each, has_members};

const PRODUCT: &str = "prod_app";

/// Publishes a version on `stable` with a rollout.
async fn staged(world: &World, version: &str, rollout: Value) -> Value {
    let artifact = world.external(1).await;
    let mut release = World::release_of(PRODUCT, version, "stable", &artifact);
    release["rollout"] = rollout;
    world.post("/v1/releases", release).await.expect(201)
}

/// The version that a member of an overview names.
fn version<'a>(overview: &'a Value, member: &str) -> &'a Value {
    &overview[member]["version"]
}

#[tokio::test]
async fn every_channel_of_a_product_is_listed_by_name_also_without_releases() {
    let world = World::start().await;
    let product = json!({ "product_id": PRODUCT, "name": "App", "channels": ["nightly"] });
    world.post("/v1/products", product).await.expect(201);
    world.draft(PRODUCT, "1.0.0").await;
    let page = world.get("/v1/channels").await.expect(200);
    assert_eq!(each(&page["channels"], "channel"), ["beta", "internal", "nightly", "stable"]);
    for channel in page["channels"].as_array().unwrap() {
        let nothing = json!({
            "product_id": PRODUCT, "channel": channel["channel"], "follows": [], "live": 0,
            "newest": null, "rolled_out": null, "last_revoked": null,
        });
        assert_eq!(*channel, nothing);
    }
}

#[tokio::test]
async fn one_entry_says_all_that_is_live_on_a_channel() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let everybody = world.release(PRODUCT, "1.0.0").await;
    let withdrawn = world.release(PRODUCT, "1.1.0").await;
    let revocation = json!({ "reason": "loses settings" });
    world.post(&release_path(&withdrawn, "/revoke"), revocation).await.expect(200);
    let steps = json!({ "steps": [
        { "percent": 10, "after": "0s" }, { "percent": 100, "after": "24h" },
    ] });
    let newest = staged(&world, "1.2.0", steps).await;
    let halt_on = json!({ "failure_basis_points": 500, "min_reports": 100 });
    let required = json!({ "required": true, "min_current_version": "0.5.0", "halt_on": halt_on });
    let newest = world.patch(&release_path(&newest, ""), required).await.expect(200);

    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!(told["live"], 2);
    has_members(
        &told["newest"],
        &[
            "release_id",
            "version",
            "rollout",
            "required",
            "min_current_version",
            "halt_on",
            "halted",
            "published_at",
            "published_by",
            "last_change",
        ],
    );
    for member in [
        "release_id",
        "version",
        "rollout",
        "required",
        "min_current_version",
        "halt_on",
        "halted",
        "published_at",
    ] {
        assert_eq!(told["newest"][member], newest[member], "{member}");
    }
    assert_eq!(told["newest"]["halt_on"]["min_reports"], 100);
    assert_eq!(told["newest"]["rollout"]["basis_points"], 1_000);
    assert!(told["newest"]["rollout"]["next_step_at"].is_string());
    let names = ["release_id", "version", "published_at"];
    has_members(&told["rolled_out"], &names);
    for name in names {
        assert_eq!(told["rolled_out"][name], everybody[name], "{name}");
    }
    let withdrawn = world.get(&release_path(&withdrawn, "")).await.expect(200);
    let names = ["release_id", "version", "revoked_at", "revoked_by", "reason"];
    has_members(&told["last_revoked"], &names);
    for name in names {
        assert_eq!(told["last_revoked"][name], withdrawn[name], "{name}");
    }
    assert_eq!(told["last_revoked"]["reason"], "loses settings");
}

#[tokio::test]
async fn what_all_clients_get_is_the_newest_itself_once_they_get_it() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let release = staged(&world, "1.0.0", json!({ "percent": 50 })).await;
    let shown = async || overview(&world, PRODUCT, "stable").await;
    assert_eq!(shown().await["rolled_out"], Value::Null);
    let path = release_path(&release, "/rollout");
    world.put(&path, json!({ "percent": 100 })).await.expect(200);
    assert_eq!(version(&shown().await, "rolled_out"), "1.0.0");
    world.put(&path, json!({ "paused": true })).await.expect(200);
    let paused = shown().await;
    assert_eq!(
        (&paused["newest"]["rollout"]["paused"], &paused["rolled_out"]),
        (&json!(true), &Value::Null)
    );
    world.revoke(&release).await;
    let revoked = shown().await;
    assert_eq!((&revoked["live"], &revoked["newest"]), (&json!(0), &Value::Null));
    assert_eq!(version(&revoked, "last_revoked"), "1.0.0");
}

#[tokio::test]
async fn what_all_clients_get_is_found_however_many_staged_releases_are_above_it() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let everybody = world.release(PRODUCT, "1.0.0").await;
    for minor in 1..8 {
        staged(&world, &format!("1.{minor}.0"), json!({ "percent": 1 })).await;
    }
    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!((&told["live"], version(&told, "newest")), (&json!(8), &json!("1.7.0")));
    assert_eq!(told["rolled_out"]["release_id"], everybody["release_id"]);
}

#[tokio::test]
async fn the_last_revocation_is_the_last_one_and_not_that_of_the_highest_version() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let (low, high) =
        (world.release(PRODUCT, "1.0.0").await, world.release(PRODUCT, "2.0.0").await);
    world.revoke(&high).await;
    world.revoke(&low).await;
    world.revoke(&high).await;
    let last = async |channel| overview(&world, PRODUCT, channel).await["last_revoked"].clone();
    assert_eq!(last("stable").await["version"], "1.0.0");
    // What is published after it does not hide it.
    let release = world.release(PRODUCT, "3.0.0").await;
    assert_eq!(last("stable").await["version"], "1.0.0");
    world.post(&release_path(&release, "/promote"), json!({ "channel": "beta" })).await.expect(201);
    let everywhere = json!({ "reason": "crashes", "all_channels": true });
    world.post(&release_path(&release, "/revoke"), everywhere).await.expect(200);
    for channel in ["stable", "beta"] {
        assert_eq!(last(channel).await["version"], "3.0.0", "{channel}");
    }
}

#[tokio::test]
async fn a_channel_that_publishing_has_made_is_listed_and_one_that_was_removed_is_not() {
    let world = World::start().await;
    let product = json!({ "product_id": PRODUCT, "name": "App", "open_channels": true });
    world.post("/v1/products", product).await.expect(201);
    let release = world.publish(PRODUCT, "1.0.0", "pr-17").await;
    assert_eq!(version(&overview(&world, PRODUCT, "pr-17").await, "newest"), "1.0.0");
    world.revoke(&release).await;
    let path = format!("/v1/products/{PRODUCT}");
    world.patch(&path, json!({ "channels": [] })).await.expect(200);
    let page = world.get("/v1/channels").await.expect(200);
    assert_eq!(each(&page["channels"], "channel"), ["beta", "internal", "stable"]);
}

#[tokio::test]
async fn a_release_that_is_too_large_for_the_head_is_shown_like_any_other() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    world.release(PRODUCT, "1.0.0").await;
    let mut large = World::release_of(PRODUCT, "1.1.0", "stable", &world.external(2).await);
    large["metadata"] = json!({ "release_notes": "x".repeat(15_000) });
    let large = world.post("/v1/releases", large).await.expect(201);
    let page = world.get("/v1/channels").await.expect(200);
    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!(told["newest"]["published_at"], large["published_at"]);
    assert_eq!(version(&told, "rolled_out"), "1.1.0");
    assert!(page.to_string().len() < 4_000, "no overview shows notes");
}

#[tokio::test]
async fn heads_of_version_0_1_0_are_shown_and_know_of_no_revocation() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    world.release(PRODUCT, "1.0.0").await;
    let release = world.release(PRODUCT, "1.1.0").await;
    world.revoke(&world.release(PRODUCT, "1.2.0").await).await;
    let staged = staged(&world, "1.3.0", json!({ "percent": 1 })).await;
    world.write_legacy_head(PRODUCT, "stable", 3).await;
    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!((&told["live"], &told["last_revoked"]), (&json!(3), &Value::Null));
    assert_eq!(told["newest"]["release_id"], staged["release_id"]);
    assert_eq!(told["rolled_out"]["release_id"], release["release_id"]);
    world.revoke(&staged).await;
    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!(
        (version(&told, "newest"), version(&told, "last_revoked")),
        (&json!("1.1.0"), &json!("1.3.0"))
    );
}

#[tokio::test]
async fn an_entry_names_the_channels_that_it_follows_and_tells_of_its_own_releases() {
    let world = World::start().await;
    let product = json!({
        "product_id": PRODUCT, "name": "App", "channel_follows": { "beta": ["stable", "internal"] },
    });
    world.post("/v1/products", product).await.expect(201);
    world.publish(PRODUCT, "1.2.0", "beta").await;
    world.publish(PRODUCT, "1.3.0", "stable").await;
    let told = overview(&world, PRODUCT, "beta").await;
    assert_eq!(told["follows"], json!(["internal", "stable"]));
    assert_eq!(told["live"], 1);
    for member in ["newest", "rolled_out"] {
        assert_eq!(version(&told, member), "1.2.0");
    }
    assert_eq!(overview(&world, PRODUCT, "stable").await["follows"], json!([]));
    world.stack.stop().await;
}
