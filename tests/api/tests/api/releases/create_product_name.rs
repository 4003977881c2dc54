//! `POST /v1/releases` for a product by its display name.

use slipway_test_support::{Method, TestResponse, Value, World, json};

async fn product(world: &World, id: &str, name: &str, slug: Option<&str>) {
    let product = json!({ "product_id": id, "name": name, "slug": slug });
    world.post("/v1/products", product).await.expect(201);
}

async fn create(world: &World, product: &str, version: &str) -> TestResponse {
    world.post("/v1/releases", json!({ "product": product, "version": version })).await
}

#[tokio::test]
async fn a_name_is_enough_and_a_slug_comes_first() {
    let world = World::start().await;
    product(&world, "prod_1", "Releasy Desktop", None).await;
    product(&world, "prod_2", "releasy", None).await;
    product(&world, "prod_3", "The other", Some("releasy")).await;
    for (name, version, expected) in [
        ("Releasy Desktop", "1.0.0", "prod_1"),
        ("releasy", "1.0.0", "prod_3"),
        ("prod_2", "1.0.0", "prod_2"),
        ("The other", "2.0.0", "prod_3"),
    ] {
        let release = create(&world, name, version).await.expect(201);
        assert_eq!(release["product_id"], expected, "{name}");
    }
}

#[tokio::test]
async fn a_name_of_none_or_of_several_is_refused() {
    let world = World::start().await;
    product(&world, "prod_1", "App", None).await;
    product(&world, "prod_2", "App", None).await;
    let rows = world.rows().await;
    create(&world, "App", "1.0.0").await.refused(400, "invalid_field", Some("product"));
    // Names are compared as they are.
    for name in ["app", "App ", "prod_9", "日本"] {
        let refused = create(&world, name, "1.0.0").await;
        assert!(matches!(refused.status, 400 | 404), "{name}: {:#}", refused.body);
    }
    create(&world, "app", "1.0.0").await.refused(404, "not_found", None);
    create(&world, "", "1.0.0").await.refused(400, "invalid_field", Some("product"));
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn a_bound_token_finds_its_own_products_alone() {
    let world = World::start().await;
    product(&world, "prod_mine", "App", None).await;
    product(&world, "prod_theirs", "App", None).await;
    product(&world, "prod_other", "Other", None).await;
    let bound = json!({ "scopes": ["ci:write"], "product_ids": ["prod_mine"] });
    let secret = world.secret(bound).await;
    let create = async |name: &str| -> Value {
        let request = world.request(Method::POST, "/v1/releases").bearer_auth(&secret);
        TestResponse::to(request.json(&json!({ "product": name, "version": "1.0.0" }))).await.body
    };
    assert_eq!(create("App").await["product_id"], "prod_mine");
    assert_eq!(create("Other").await["error"]["code"], "not_found");
}
