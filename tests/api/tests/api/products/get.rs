//! `GET /v1/products/{product_id}`

use slipway_test_support::{World, json};

use super::MEMBERS;
use crate::assertions::has_members;

#[tokio::test]
async fn a_product_is_read_by_its_id_and_by_its_slug() {
    let world = World::start().await;
    let body = json!({ "product_id": "prod_app", "name": "App", "slug": "app" });
    let created = world.post("/v1/products", body).await.expect(201);
    for reference in ["prod_app", "app"] {
        let product = world.get(&format!("/v1/products/{reference}")).await.expect(200);
        has_members(&product, MEMBERS);
        assert_eq!(product, created, "{reference}");
    }
}

#[tokio::test]
async fn an_unknown_product_is_404() {
    let world = World::start().await;
    for reference in ["prod_unknown", "unknown"] {
        let answer = world.get(&format!("/v1/products/{reference}")).await;
        answer.refused(404, "not_found", None);
    }
}
