//! `GET /v1/approvals`

use slipway_test_support::{Value, World, json, release_path, text};

use super::{PRODUCT, draft, gated};

/// The ids of the approvals that `path` lists.
async fn ids(world: &World, path: &str) -> Vec<String> {
    let page = world.get(path).await.expect(200);
    let approvals = page["approvals"].as_array().unwrap().iter();
    approvals.map(|one| text(one, "approval_id").to_owned()).collect()
}

#[tokio::test]
async fn approvals_are_listed_newest_first_by_product_channel_and_status() {
    let world = World::start().await;
    gated(&world, 1).await;
    let mut asked: Vec<Value> = Vec::new();
    for version in ["1.0.0", "1.1.0"] {
        let draft = draft(&world, version).await;
        asked.push(world.post(&release_path(&draft, "/publish"), json!({})).await.expect(202));
    }
    let [first, second] = [&asked[0], &asked[1]].map(|one| text(one, "approval_id").to_owned());
    super::approve(&world, &asked[0]).await;
    assert_eq!(ids(&world, "/v1/approvals").await, [second.clone(), first.clone()]);
    let of_product = format!("/v1/approvals?product_id={PRODUCT}&channel=stable");
    assert_eq!(ids(&world, &of_product).await, [second.clone(), first.clone()]);
    assert_eq!(ids(&world, "/v1/approvals?status=pending").await, [second]);
    assert_eq!(ids(&world, "/v1/approvals?status=approved").await, [first]);
    assert_eq!(ids(&world, "/v1/approvals?channel=beta").await, [""; 0]);
}

#[tokio::test]
async fn customers_see_none_and_who_is_bound_to_products_sees_theirs() {
    let world = World::start().await;
    gated(&world, 1).await;
    let draft = draft(&world, "1.0.0").await;
    let asked = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(202);
    world.product("prod_other").await;
    world.tenant("tenant_abc", json!([PRODUCT])).await;
    for (binding, count) in [
        (json!({ "product_ids": [PRODUCT] }), 1),
        (json!({ "product_ids": ["prod_other"] }), 0),
        (json!({ "tenant_id": "tenant_abc" }), 0),
    ] {
        let mut wanted = json!({ "scopes": ["releases:read"] });
        wanted.as_object_mut().unwrap().extend(binding.as_object().unwrap().clone());
        let secret = world.secret(wanted).await;
        let page = world.get_as(&secret, "/v1/approvals").await.expect(200);
        assert_eq!(page["approvals"].as_array().unwrap().len(), count, "{binding}");
        let one = world.get_as(&secret, &super::approval_path(&asked, "")).await;
        assert_eq!(one.status, if count == 1 { 200 } else { 404 }, "{binding}");
    }
}
