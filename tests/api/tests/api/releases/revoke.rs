//! `POST /v1/releases/{release_id}/revoke`

use slipway_test_support::{World, json, release_path};

use crate::assertions::has_members;
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
    has_members(&revoked, &["release_id", "status", "revoked_at", "revoked_by", "reason"]);
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
