//! `POST /v1/releases/{release_id}/revoke`

use slipway_test_support::{TestResponse, Value, World, json, release_path, text};

use crate::assertions::{has_members, versions};
use crate::releases::MEMBERS;

#[tokio::test]
async fn a_revoked_release_says_when_by_whom_and_why() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let revoked = world
        .post(&release_path(&release, "/revoke"), json!({ "reason": "crashes at start" }))
        .await
        .expect(200);
    has_members(
        &revoked,
        &["release_id", "status", "revoked_at", "revoked_by", "reason", "still_live_on"],
    );
    assert_eq!(revoked["release_id"], release["release_id"]);
    assert_eq!(
        (&revoked["status"], &revoked["revoked_by"]),
        (&json!("revoked"), &json!("bootstrap"))
    );

    let shown = world.get(&release_path(&release, "")).await.expect(200);
    has_members(&shown, &[MEMBERS, &["revoked_at", "revoked_by", "reason"]].concat());
    assert_eq!(shown["reason"], "crashes at start");
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "no_release");
}

#[tokio::test]
async fn the_first_revocation_stands() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let first = world
        .post(&release_path(&release, "/revoke"), json!({ "reason": "one" }))
        .await
        .expect(200);
    assert_eq!(
        world
            .post(&release_path(&release, "/revoke"), json!({ "reason": "two" }))
            .await
            .expect(200),
        first
    );
}

#[tokio::test]
async fn a_draft_is_not_revoked_and_a_revocation_needs_a_reason() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let refused = world.post(&release_path(&draft, "/revoke"), json!({ "reason": "x" })).await;
    refused.refused(409, "stale_state", None);
    let release = world.release("prod_app", "2.0.0").await;
    for (body, field) in [
        (json!({}), "reason"),
        (json!({ "reason": "" }), "reason"),
        (json!({ "reason": " " }), "reason"),
    ] {
        world.post(&release_path(&release, "/revoke"), body).await.refused(
            400,
            "invalid_field",
            Some(field),
        );
    }
    let long = json!({ "reason": "x".repeat(1001) });
    world.post(&release_path(&release, "/revoke"), long).await.refused(
        400,
        "invalid_field",
        Some("reason"),
    );
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
}

/// The same version on `stable` and, promoted, on `beta` and `internal`.
async fn on_three_channels(world: &World) -> [Value; 3] {
    world.product("prod_app").await;
    let stable = world.release("prod_app", "1.0.0").await;
    let promote = async |channel: &str| {
        let to = json!({ "channel": channel });
        world.post(&release_path(&stable, "/promote"), to).await.expect(201)
    };
    let (beta, internal) = (promote("beta").await, promote("internal").await);
    [stable, beta, internal]
}

async fn revoke_everywhere(world: &World, release: &Value) -> TestResponse {
    let request = json!({ "reason": "crashes at start", "all_channels": true });
    world.post(&release_path(release, "/revoke"), request).await
}

#[tokio::test]
async fn a_revocation_tells_where_the_version_is_still_live() {
    let world = World::start().await;
    let [stable, beta, internal] = on_three_channels(&world).await;
    assert_eq!(world.revoke(&stable).await["still_live_on"], json!(["beta", "internal"]));
    assert_eq!(world.revoke(&internal).await["still_live_on"], json!(["beta"]));
    assert_eq!(world.revoke(&stable).await["still_live_on"], json!(["beta"]));
    assert_eq!(world.revoke(&beta).await["still_live_on"], json!([]));
}

#[tokio::test]
async fn a_version_is_revoked_on_every_channel_at_once_and_no_other_version_is() {
    let world = World::start().await;
    let [stable, beta, internal] = on_three_channels(&world).await;
    world.publish("prod_app", "0.9.0", "beta").await;
    // Neither another version nor a draft is revoked.
    world.publish("prod_app", "1.1.0", "internal").await;
    let draft = json!({ "product_id": "prod_app", "version": "1.1.0" });
    let draft = world.post("/v1/releases", draft).await.expect(201);

    let revoked = revoke_everywhere(&world, &beta).await.expect(200);
    assert_eq!(
        (&revoked["release_id"], &revoked["still_live_on"]),
        (&beta["release_id"], &json!([]))
    );
    for release in [&stable, &beta, &internal] {
        let shown = world.get(&release_path(release, "")).await.expect(200);
        for same in ["status", "revoked_at", "revoked_by", "reason"] {
            assert_eq!(shown[same], revoked[same], "{same} of {shown:#}");
        }
    }
    let live = versions(&world, "/v1/releases?status=published").await;
    assert_eq!(live, ["1.1.0", "0.9.0"]);
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200), draft);
    assert_eq!(world.decide("prod_app", "0.1.0").await["reason"], "no_release");
    assert_eq!(world.decide("prod_app", "1.0.0").await["reason"], "current_version_revoked");
}

#[tokio::test]
async fn revoking_everywhere_again_takes_what_came_since_and_keeps_the_first_revocation() {
    let world = World::start().await;
    let [stable, beta, internal] = on_three_channels(&world).await;
    let first = world.revoke(&stable).await;
    let second = revoke_everywhere(&world, &stable).await.expect(200);
    assert_eq!(second["revoked_at"], first["revoked_at"]);
    assert_eq!(second["still_live_on"], json!([]));
    assert_eq!(revoke_everywhere(&world, &stable).await.expect(200), second);
    for release in [&beta, &internal] {
        assert_eq!(world.get(&release_path(release, "")).await.expect(200)["status"], "revoked");
    }
    let draft = world.draft("prod_app", "2.0.0").await;
    revoke_everywhere(&world, &draft).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn a_credential_that_is_bound_to_a_channel_revokes_nothing_on_another() {
    let world = World::start().await;
    let [_, beta, _] = on_three_channels(&world).await;
    let token = json!({ "name": "beta", "scopes": ["ci:write", "releases:read"], "product_ids": ["prod_app"], "channels": ["beta"] });
    let token = world.post("/v1/tokens", token).await.expect(201);
    let request = json!({ "reason": "x", "all_channels": true });
    let request = world
        .request(slipway_test_support::Method::POST, &release_path(&beta, "/revoke"))
        .bearer_auth(text(&token, "secret"))
        .json(&request);
    TestResponse::to(request).await.refused(403, "forbidden", None);
    assert_eq!(versions(&world, "/v1/releases?status=published").await.len(), 3);
}

#[tokio::test]
async fn what_one_transaction_does_not_take_is_refused_whole_with_the_releases() {
    let world = World::start().await;
    let channels: Vec<String> = (0..6).map(|n| format!("c{n}")).collect();
    let product = json!({ "product_id": "prod_app", "name": "App", "channels": channels });
    world.post("/v1/products", product).await.expect(201);
    let stable = world.release("prod_app", "1.0.0").await;
    for channel in channels.iter().map(String::as_str).chain(["beta", "internal"]) {
        let to = json!({ "channel": channel });
        world.post(&release_path(&stable, "/promote"), to).await.expect(201);
    }
    let refused = revoke_everywhere(&world, &stable).await;
    refused.refused(400, "invalid_field", Some("all_channels"));
    let releases = refused.body["error"]["details"]["releases"].as_array().unwrap().clone();
    assert_eq!(releases.len(), 9);
    assert_eq!(versions(&world, "/v1/releases?status=published").await.len(), 9);
    world.revoke(&releases[0]).await;
    revoke_everywhere(&world, &stable).await.expect(200);
    assert_eq!(versions(&world, "/v1/releases?status=published").await.len(), 0);
}
