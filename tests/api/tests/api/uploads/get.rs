//! `GET /v1/artifacts/uploads/{upload_id}`

use jiff::SignedDuration;
use slipway_test_support::{TestClock, World, file, json, upload_path};

use super::{UPLOADS, initiate};

#[tokio::test]
async fn an_upload_expires_with_its_urls() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let (upload, _) = initiate(&world).await;
    test_clock.advance(SignedDuration::from_mins(61));
    assert_eq!(world.get(&upload_path(&upload, "")).await.expect(200)["status"], "expired");
    world.post(&upload_path(&upload, "/complete"), json!({})).await.refused(
        409,
        "upload_expired",
        None,
    );
}

#[tokio::test]
async fn a_bound_token_touches_its_own_uploads_only() {
    let world = World::start().await;
    world.product("prod_app").await;
    let bound = json!({ "scopes": ["artifacts:write"], "product_ids": ["prod_app"] });
    let (one, two) = (world.secret(bound.clone()).await, world.secret(bound).await);
    let (_, sha256) = file(1, 64);
    let upload = world
        .post_as(&one, UPLOADS, json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    world.get_as(&one, &upload_path(&upload, "")).await.expect(200);
    world.get_as(&two, &upload_path(&upload, "")).await.refused(404, "not_found", None);
    world.post_as(&two, &upload_path(&upload, "/complete"), json!({})).await.refused(
        404,
        "not_found",
        None,
    );
}

#[tokio::test]
async fn unknown_uploads_are_404() {
    let world = World::start().await;
    world.get("/v1/artifacts/uploads/upl_none").await.refused(404, "not_found", None);
    world.delete("/v1/artifacts/uploads/upl_none").await.refused(404, "not_found", None);
    for verb in ["parts", "complete"] {
        world.post(&format!("/v1/artifacts/uploads/upl_none/{verb}"), json!({})).await.refused(
            404,
            "not_found",
            None,
        );
    }
}
