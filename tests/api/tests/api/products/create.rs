//! `POST /v1/products`

use slipway_test_support::{Value, World, json, text};

use super::MEMBERS;
use crate::assertions::{created, has_members};

#[tokio::test]
async fn a_product_is_created_as_asked_and_found_at_its_place() {
    let world = World::start().await;
    let body = json!({
        "product_id": "prod_app", "name": "App", "slug": "app", "description": "An app.\nIt works.",
        "channels": ["nightly"], "artifact_access": "token",
    });
    let product = created(world.post("/v1/products", body).await, "/v1/products", "product_id");
    has_members(&product, MEMBERS);
    assert_eq!(product["channels"], json!(["beta", "internal", "nightly", "stable"]));
    assert_eq!(product["artifact_access"], "token");
    assert_eq!(product["created_at"], product["updated_at"]);
    assert!(text(&product, "created_at").ends_with('Z'));
    for name in ["prod_app", "app"] {
        assert_eq!(world.get(&format!("/v1/products/{name}")).await.expect(200), product);
    }
}

#[tokio::test]
async fn what_is_left_out_has_defaults_and_an_id_is_made() {
    let world = World::start().await;
    let product = created(
        world.post("/v1/products", json!({ "name": "App" })).await,
        "/v1/products",
        "product_id",
    );
    let id = text(&product, "product_id").strip_prefix("prod_").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!((&product["slug"], &product["description"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&product["channels"], &product["artifact_access"]),
        (&json!(["beta", "internal", "stable"]), &json!("public"))
    );
}

#[tokio::test]
async fn an_id_and_a_slug_belong_to_one_product() {
    let world = World::start().await;
    let first = world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    let by_id =
        world.post("/v1/products", json!({ "product_id": "prod_app", "name": "Other" })).await;
    by_id.refused(409, "product_exists", Some("product_id"));
    let by_slug = world
        .post("/v1/products", json!({ "product_id": "prod_other", "name": "Other", "slug": "app" }))
        .await;
    by_slug.refused(409, "product_exists", Some("slug"));
    assert_eq!(world.get("/v1/products/app").await.expect(200), first);
    world.get("/v1/products/prod_other").await.refused(404, "not_found", None);
}
