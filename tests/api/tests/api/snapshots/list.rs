//! `GET /v1/snapshots`

use slipway_test_support::{Value, json};

use super::world;

#[tokio::test]
async fn snapshots_are_listed_newest_first_by_page() {
    let world = world().await;
    world.tenant("tenant_other", json!([])).await;
    for tenant in ["tenant_acme", "tenant_other", "tenant_acme", "tenant_acme"] {
        world.generate_snapshot(json!({ "tenant_id": tenant, "force": true })).await;
    }
    let page = world.get("/v1/snapshots?tenant_id=tenant_acme&limit=2").await.expect(200);
    let sequences = |page: &Value| {
        page["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["sequence"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences(&page), [3, 2]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = world
        .get(&format!("/v1/snapshots?tenant_id=tenant_acme&limit=2&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!((sequences(&rest), &rest["next_cursor"]), (vec![1], &Value::Null));
    assert_eq!(
        world.get("/v1/snapshots").await.expect(200)["snapshots"].as_array().unwrap().len(),
        4
    );
}
