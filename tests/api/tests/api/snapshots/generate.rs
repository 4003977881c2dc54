//! `POST /v1/snapshots/generate`

use jiff::SignedDuration;
use slipway_test_support::{Method, TestClock, World, json, text};

use super::{contents, manifest, on, world};
use crate::assertions::{created, has_members};

#[tokio::test]
async fn a_snapshot_has_the_newest_live_release_of_each_product_and_channel() {
    let world = world().await;
    for product in ["prod_a", "prod_b"] {
        world.product(product).await;
        for (version, channel) in [("1.0.0", "stable"), ("1.1.0", "stable"), ("2.0.0-rc.1", "beta")]
        {
            world.publish(product, version, channel).await;
        }
    }
    let body =
        json!({ "tenant_id": "tenant_acme", "channels": ["stable", "beta"], "force": false });
    let snapshot =
        created(world.post("/v1/snapshots/generate", body).await, "/v1/snapshots", "snapshot_id");
    assert_eq!(
        (&snapshot["tenant_id"], &snapshot["channels"]),
        (&json!("tenant_acme"), &json!(["beta", "stable"]))
    );
    assert_eq!(
        (&snapshot["release_count"], &snapshot["sequence"], &snapshot["changed"]),
        (&json!(4), &json!(1), &json!(true))
    );
    let manifest = manifest(&world, &snapshot).await;
    let expected = [
        "prod_a beta 2.0.0-rc.1",
        "prod_a stable 1.1.0",
        "prod_b beta 2.0.0-rc.1",
        "prod_b stable 1.1.0",
    ];
    assert_eq!(contents(&manifest), expected);
    for same in [
        "snapshot_id",
        "tenant_id",
        "created_at",
        "expires_at",
        "stream",
        "channels",
        "sequence",
        "content_digest",
    ] {
        assert_eq!(manifest[same], snapshot[same], "{same}");
    }
    let artifact = &manifest["releases"][0]["artifacts"][0];
    has_members(
        artifact,
        &[
            "artifact_id",
            "platform",
            "arch",
            "installer_type",
            "requires_admin",
            "sha256",
            "size_bytes",
            "download_url",
        ],
    );
}

#[tokio::test]
async fn what_was_revoked_is_in_no_later_snapshot() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let newer = world.publish("prod_a", "1.1.0", "stable").await;
    let body = json!({ "tenant_id": "tenant_acme" });
    let first = world.generate_snapshot(body.clone()).await;
    world.revoke(&newer).await;
    let second = world.generate_snapshot(body.clone()).await;
    assert_eq!(
        contents(&manifest(&world, &first).await),
        ["prod_a stable 1.1.0"],
        "a snapshot never changes"
    );
    let manifest = manifest(&world, &second).await;
    assert_eq!(contents(&manifest), ["prod_a stable 1.0.0"]);
    assert_eq!(
        (&manifest["sequence"], &manifest["previous_snapshot_id"]),
        (&json!(2), &first["snapshot_id"])
    );
}

#[tokio::test]
async fn where_nothing_has_changed_the_standing_snapshot_is_the_answer() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let first = world
        .post("/v1/snapshots/generate", json!({ "tenant_id": "tenant_acme" }))
        .await
        .expect(201);
    let mut again = world
        .post("/v1/snapshots/generate", json!({ "tenant_id": "tenant_acme", "force": false }))
        .await
        .expect(200);
    assert_eq!(again["changed"], false);
    again["changed"] = json!(true);
    assert_eq!(again, first);
}

#[tokio::test]
async fn forced_there_is_a_new_one_with_the_same_bytes_but_for_id_times_and_sequence() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let body = json!({ "tenant_id": "tenant_acme", "force": true });
    let (first, second) =
        (world.generate_snapshot(body.clone()).await, world.generate_snapshot(body).await);
    let (mut first, mut second) = (manifest(&world, &first).await, manifest(&world, &second).await);
    assert_eq!(second["previous_snapshot_id"], first["snapshot_id"]);
    for manifest in [&mut first, &mut second] {
        for own in [
            "snapshot_id",
            "created_at",
            "expires_at",
            "sequence",
            "previous_snapshot_id",
            "signature",
        ] {
            assert!(manifest.as_object_mut().unwrap().remove(own).is_some());
        }
    }
    assert_eq!(first.to_string(), second.to_string());
}

#[tokio::test]
async fn half_way_to_its_end_a_snapshot_is_renewed_unasked() {
    let test_clock = TestClock::default();
    let world = on(&test_clock).await;
    let body = json!({ "tenant_id": "tenant_acme" });
    let first = world.generate_snapshot(body.clone()).await;
    test_clock.advance(SignedDuration::from_hours(15 * 24 - 1));
    assert_eq!(world.generate_snapshot(body.clone()).await["snapshot_id"], first["snapshot_id"]);
    test_clock.advance(SignedDuration::from_hours(2));
    let renewed = world.generate_snapshot(body).await;
    assert_eq!(
        (&renewed["sequence"], &renewed["content_digest"]),
        (&json!(2), &first["content_digest"])
    );
}

#[tokio::test]
async fn older_releases_are_in_it_as_many_as_the_configuration_says() {
    let world = world().await;
    world.product("prod_a").await;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
        world.publish("prod_a", version, "stable").await;
    }
    world.put("/v1/snapshots/config", json!({ "history_limit": 2 })).await.expect(200);
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let expected = ["prod_a stable 1.3.0", "prod_a stable 1.2.0", "prod_a stable 1.1.0"];
    assert_eq!(contents(&manifest(&world, &snapshot).await), expected);
}

#[tokio::test]
async fn required_releases_are_in_it_however_old_they_are() {
    let world = world().await;
    world.product("prod_a").await;
    let mut stones = Vec::new();
    for minor in 0..5 {
        let version = format!("1.{minor}.0");
        let mut release = World::release_of("prod_a", &version, "stable", &world.external(1).await);
        release["required"] = json!(minor % 2 == 0);
        stones.push(world.post("/v1/releases", release).await.expect(201));
        world.publish("prod_a", &format!("1.{minor}.1"), "stable").await;
    }
    world.revoke(&stones[2]).await;
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let expected = ["prod_a stable 1.4.1", "prod_a stable 1.4.0", "prod_a stable 1.0.0"];
    assert_eq!(contents(&manifest(&world, &snapshot).await), expected);
}

#[tokio::test]
async fn each_set_of_channels_has_its_own_sequence() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let all = json!({ "tenant_id": "tenant_acme", "force": true });
    let stable = json!({ "tenant_id": "tenant_acme", "channels": ["stable"], "force": true });
    let mut sequences = Vec::new();
    for body in [&all, &all, &stable, &all, &stable] {
        let snapshot = world.generate_snapshot(body.clone()).await;
        sequences
            .push((text(&snapshot, "stream").len() == 3, snapshot["sequence"].as_u64().unwrap()));
    }
    assert_eq!(sequences, [(true, 1), (true, 2), (false, 1), (true, 3), (false, 2)]);
}

#[tokio::test]
async fn what_can_t_be_made_is_refused_and_begins_no_stream() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let post = async |body| world.post("/v1/snapshots/generate", body).await;
    post(json!({ "tenant_id": "tenant_none" })).await.refused(404, "not_found", None);
    post(json!({ "tenant_id": "tenant_acme", "channels": [] })).await.refused(
        400,
        "invalid_field",
        Some("channels"),
    );
    post(json!({ "tenant_id": "tenant_acme", "channels": ["stabel"] })).await.refused(
        422,
        "unknown_channel",
        Some("channels"),
    );
    post(json!({ "tenant_id": "tenant_acme", "channels": "stable" })).await.refused(
        400,
        "invalid_field",
        Some("channels"),
    );
    post(json!({ "tenant": "tenant_acme" })).await.refused(400, "unknown_field", Some("tenant"));
    world.patch("/v1/tenants/tenant_acme", json!({ "suspended": true })).await.expect(200);
    post(json!({ "tenant_id": "tenant_acme" })).await.refused(409, "stale_state", None);
    let list = world.get("/v1/snapshots").await.expect(200);
    assert_eq!(list["snapshots"], json!([]));
}

#[tokio::test]
async fn a_tenant_has_sixteen_sets_of_channels_at_most() {
    let world = world().await;
    let channels: Vec<String> = (0..17).map(|n| format!("c{n}")).collect();
    world
        .post("/v1/products", json!({ "product_id": "prod_a", "name": "A", "channels": channels }))
        .await
        .expect(201);
    for channel in &channels {
        world.publish("prod_a", "1.0.0", channel).await;
    }
    for channel in &channels[..16] {
        world.generate_snapshot(json!({ "tenant_id": "tenant_acme", "channels": [channel] })).await;
    }
    let one_more = json!({ "tenant_id": "tenant_acme", "channels": [channels[16]] });
    world.post("/v1/snapshots/generate", one_more).await.refused(
        409,
        "stale_state",
        Some("channels"),
    );
    world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;

    // One that is deleted makes room.
    let streams = world.get("/v1/tenants/tenant_acme/streams").await.expect(200);
    let mut named =
        streams["streams"].as_array().unwrap().iter().filter(|one| one["stream"] != "all");
    let path = format!("/v1/tenants/tenant_acme/streams/{}", text(named.next().unwrap(), "stream"));
    world.delete(&path).await.expect(204);
    world.delete("/v1/tenants/tenant_acme/streams/all").await.refused(409, "stale_state", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sets_that_are_asked_for_at_once_sixteen_become_streams() {
    let world = world().await;
    world.product("prod_a").await;
    let extra: Vec<String> = (0..9).map(|n| format!("c{n}")).collect();
    world.patch("/v1/products/prod_a", json!({ "channels": extra })).await.expect(200);
    for channel in &extra {
        world.publish("prod_a", "1.0.0", channel).await;
    }
    // Pairs of nine channels: 36 sets.
    let pairs = (0..9).flat_map(|one| (0..one).map(move |other| (one, other)));
    let generate = |(one, other): (usize, usize)| {
        let channels = [&extra[one], &extra[other]];
        world.post(
            "/v1/snapshots/generate",
            json!({ "tenant_id": "tenant_acme", "channels": channels }),
        )
    };
    let answers = futures::future::join_all(pairs.map(generate)).await;
    assert_eq!(answers.len(), 36);
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "stale_state", Some("channels"));
    }
    let streams = world.get("/v1/tenants/tenant_acme/streams").await.expect(200);
    assert_eq!((made, streams["streams"].as_array().unwrap().len()), (16, 16));
}

#[tokio::test]
async fn without_a_tenant_the_work_is_handed_out() {
    let world = world().await;
    world.tenant("tenant_other", json!([])).await;
    world.tenant("tenant_gone", json!("*")).await;
    world.patch("/v1/tenants/tenant_gone", json!({ "suspended": true })).await.expect(200);
    let answer = world.post("/v1/snapshots/generate", json!({ "force": true })).await.expect(202);
    has_members(&answer, &["generation_id", "tenant_count"]);
    assert_eq!(answer["tenant_count"], 2);
    let bare =
        slipway_test_support::TestResponse::to(world.admin(Method::POST, "/v1/snapshots/generate"))
            .await;
    assert_eq!(bare.expect(202)["tenant_count"], 2);
}
