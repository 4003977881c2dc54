//! `GET /v1/releases/{release_id}`

use slipway_test_support::{World, json};

#[tokio::test]
async fn unknown_releases_are_404_whatever_is_asked_of_them() {
    let world = World::start().await;
    for path in ["", "/artifacts"] {
        world.get(&format!("/v1/releases/rel_none{path}")).await.refused(404, "not_found", None);
    }
    world.delete("/v1/releases/rel_none").await.refused(404, "not_found", None);
    world.put("/v1/releases/rel_none/rollout", json!({ "basis_points": 1 })).await.refused(
        404,
        "not_found",
        None,
    );
    for (verb, body) in [
        ("publish", json!({})),
        ("revoke", json!({ "reason": "x" })),
        ("promote", json!({ "channel": "beta" })),
    ] {
        world.post(&format!("/v1/releases/rel_none/{verb}"), body).await.refused(
            404,
            "not_found",
            None,
        );
    }
}
