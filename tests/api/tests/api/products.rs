//! `/v1/products`

use slipway_test_support::{Value, World, json};

use crate::assertions::{created, each, has_members, publish, revoke, text, versions};

pub const OPS: &[&str] = &[
    "product-create",
    "product-list",
    "product-get",
    "product-update",
    "product-releases",
    "product-release-latest",
];

const MEMBERS: &[&str] = &[
    "product_id",
    "name",
    "slug",
    "description",
    "channels",
    "artifact_access",
    "created_at",
    "updated_at",
];

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

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    let patch = json!({ "name": "New name", "channels": ["nightly"] });
    let after = world.patch("/v1/products/app", patch).await.expect(200);
    assert_eq!(
        (&after["name"], &after["channels"]),
        (&json!("New name"), &json!(["beta", "internal", "nightly", "stable"]))
    );
    for same in ["product_id", "slug", "description", "artifact_access", "created_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), after);
    world.patch("/v1/products/prod_none", json!({ "name": "x" })).await.refused(
        404,
        "not_found",
        None,
    );
}

#[tokio::test]
async fn products_are_listed_newest_first() {
    let world = World::start().await;
    for id in ["prod_one", "prod_two", "prod_three"] {
        world.product(id).await;
    }
    let answer = world.get("/v1/products").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let list = answer.expect(200);
    has_members(&list, &["products", "next_cursor"]);
    assert_eq!(each(&list["products"], "product_id"), ["prod_three", "prod_two", "prod_one"]);
    assert_eq!(list["next_cursor"], Value::Null);
}

#[tokio::test]
async fn releases_of_a_product_come_newest_first_by_precedence_over_pages() {
    let world = World::start().await;
    world.product("prod_app").await;
    for version in ["1.10.0", "1.0.0-rc.1", "1.9.0", "1.0.0", "1.0.0-rc.11", "1.0.0-rc.2"] {
        publish(&world, "prod_app", version, "stable").await;
    }
    publish(&world, "prod_app", "1.9.5", "beta").await;

    let expected = ["1.10.0", "1.9.5", "1.9.0", "1.0.0", "1.0.0-rc.11", "1.0.0-rc.2", "1.0.0-rc.1"];
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            world.get(&format!("/v1/products/prod_app/releases?limit=2{cursor}")).await.expect(200);
        let items =
            each(&page["releases"], "version").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert!(items.len() <= 2);
        found.extend(items);
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn releases_of_a_product_are_filtered_by_channel_version_and_status() {
    let world = World::start().await;
    world.product("prod_app").await;
    publish(&world, "prod_app", "1.0.0", "stable").await;
    publish(&world, "prod_app", "1.0.0", "beta").await;
    let bad = publish(&world, "prod_app", "1.1.0", "beta").await;
    revoke(&world, &bad).await;
    for (filter, expected) in [
        ("channel=stable", vec!["1.0.0"]),
        ("channel=beta", vec!["1.1.0", "1.0.0"]),
        ("version=1.0.0", vec!["1.0.0", "1.0.0"]),
        ("channel=beta&version=1.0.0", vec!["1.0.0"]),
        ("channel=beta&version=2.0.0", vec![]),
        ("status=revoked", vec!["1.1.0"]),
        ("channel=beta&status=published", vec!["1.0.0"]),
        ("channel=beta&version=1.1.0&status=published", vec![]),
        ("status=draft", vec![]),
    ] {
        assert_eq!(
            versions(&world, &format!("/v1/products/prod_app/releases?{filter}")).await,
            expected,
            "{filter}"
        );
    }
    world.get("/v1/products/prod_none/releases").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn the_latest_release_is_the_highest_published_one_on_the_channel() {
    let world = World::start().await;
    world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    world.get("/v1/products/prod_app/releases/latest").await.refused(404, "not_found", None);
    let newest = publish(&world, "prod_app", "1.10.0", "stable").await;
    let older = publish(&world, "prod_app", "1.9.0", "stable").await;
    publish(&world, "prod_app", "2.0.0-beta.1", "beta").await;
    let latest = async |path: &str| world.get(&format!("/v1/products/{path}")).await;

    let answer = latest("prod_app/releases/latest").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.expect(200), newest);
    assert_eq!(
        latest("app/releases/latest?channel=beta").await.expect(200)["version"],
        "2.0.0-beta.1"
    );
    revoke(&world, &newest).await;
    assert_eq!(latest("prod_app/releases/latest").await.expect(200), older);
    latest("prod_app/releases/latest?channel=internal").await.refused(404, "not_found", None);
}
