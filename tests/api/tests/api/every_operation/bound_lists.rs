//! What credentials that are bound to products, or to a tenant, get in lists, and in which order.

use slipway_test_support::{Call, Value, World, every_entry, json, text};

const SCOPES: [&str; 1] = ["releases:read"];

/// Products `prod_c`, `prod_a`, `prod_b` and `prod_other`, made in this order, each with releases
/// that were not made in the order of their versions.
async fn catalog() -> World {
    let world = World::start().await;
    for product in ["prod_c", "prod_a", "prod_b", "prod_other"] {
        world.product(product).await;
        for (version, channel) in [("1.0.0", "stable"), ("3.0.0", "beta"), ("2.0.0", "stable")] {
            world.publish(product, version, channel).await;
        }
    }
    world
}

/// All entries of a list, `limit` on a page.
async fn entries(world: &World, secret: &str, path: &str, limit: usize) -> Vec<Value> {
    let member = if path.starts_with("/v1/products") { "products" } else { "releases" };
    let path = format!("{path}{}limit={limit}", if path.contains('?') { '&' } else { '?' });
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get_as(secret, &format!("{path}{cursor}")).await.expect(200);
        let found = page[member].as_array().unwrap();
        assert!(found.len() <= limit, "{path}");
        entries.extend(found.clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}

fn names(entries: &[Value]) -> Vec<String> {
    let name = |entry: &Value| {
        let version = entry["version"].as_str().unwrap_or_default();
        format!("{} {version}", text(entry, "product_id")).trim_end().to_owned()
    };
    entries.iter().map(name).collect()
}

/// Tokens that are bound to `prod_a`, `prod_b` and `prod_c`: by themselves, by their tenant, which
/// is entitled to one besides that there is not, and by both.
async fn bound_secrets(world: &World) -> [String; 3] {
    let products = json!(["prod_a", "prod_b", "prod_c"]);
    world.tenant("tenant_own", json!(["prod_a", "prod_b", "prod_c", "prod_b0"])).await;
    let more = json!(["prod_a", "prod_b", "prod_b0", "prod_c", "prod_other"]);
    world.tenant("tenant_more", more).await;
    [
        world.secret(json!({ "scopes": SCOPES, "product_ids": products })).await,
        world.secret(json!({ "scopes": SCOPES, "tenant_id": "tenant_own" })).await,
        world
            .secret(
                json!({ "scopes": SCOPES, "tenant_id": "tenant_more", "product_ids": products }),
            )
            .await,
    ]
}

#[tokio::test]
async fn a_bound_credential_gets_its_products_by_id_and_of_each_the_releases_by_version() {
    let world = catalog().await;
    for secret in bound_secrets(&world).await {
        for limit in [1, 2, 3, 4, 50] {
            let products = entries(&world, &secret, "/v1/products", limit).await;
            assert_eq!(names(&products), ["prod_a", "prod_b", "prod_c"], "limit={limit}");
            let releases = entries(&world, &secret, "/v1/releases", limit).await;
            let of = |id| ["3.0.0", "2.0.0", "1.0.0"].map(|version| format!("{id} {version}"));
            let all = ["prod_a", "prod_b", "prod_c"].map(of).concat();
            assert_eq!(names(&releases), all, "limit={limit}");
            let beta = entries(&world, &secret, "/v1/releases?channel=beta", limit).await;
            assert_eq!(names(&beta), ["prod_a 3.0.0", "prod_b 3.0.0", "prod_c 3.0.0"]);
            let drafts = entries(&world, &secret, "/v1/releases?status=draft", limit).await;
            assert_eq!(names(&drafts), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_credential_that_is_bound_to_nothing_that_exists_gets_empty_lists() {
    let world = catalog().await;
    world.tenant("tenant_none", json!([])).await;
    let unborn: Vec<String> = (0..100).map(|n| format!("prod_unborn{n}")).collect();
    world.tenant("tenant_unborn", json!(unborn)).await;
    for binding in [json!({ "tenant_id": "tenant_none" }), json!({ "tenant_id": "tenant_unborn" })]
    {
        let mut wanted = json!({ "scopes": SCOPES });
        wanted.as_object_mut().unwrap().extend(binding.as_object().unwrap().clone());
        let secret = world.secret(wanted).await;
        for path in ["/v1/products", "/v1/releases"] {
            assert_eq!(entries(&world, &secret, path, 1).await, Vec::<Value>::new(), "{path}");
        }
    }
}

#[tokio::test]
async fn partitions_without_a_row_count_too() {
    let world = catalog().await;
    let unborn = (0..99).map(|n| format!("prod_{n:02}")).chain(["prod_c".to_owned()]);
    let unborn: Vec<String> = unborn.collect();
    world.tenant("tenant_unborn", json!(unborn)).await;
    let secret = world.secret(json!({ "scopes": SCOPES, "tenant_id": "tenant_unborn" })).await;
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    while pages.len() < 20 {
        let call = Call::new("release-list", format!("/v1/releases?limit=3{cursor}"));
        let (page, record) = call.bearer(&secret).on(&world.stack.services).await;
        // The token, its tenant, and 13 products.
        assert!(record.dynamodb_requests <= 2 + 13, "{}", record.dynamodb_requests);
        let page = page.expect(200);
        pages.push(names(page["releases"].as_array().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(pages.concat(), ["prod_c 3.0.0", "prod_c 2.0.0", "prod_c 1.0.0"]);
    assert_eq!(pages.len(), 8);
}

#[tokio::test]
async fn a_list_goes_on_where_products_were_added_to_the_entitlement_or_taken_from_it() {
    let world = catalog().await;
    world.tenant("tenant_own", json!(["prod_a", "prod_b", "prod_c"])).await;
    let secret = world.secret(json!({ "scopes": SCOPES, "tenant_id": "tenant_own" })).await;
    let first = world.get_as(&secret, "/v1/releases?limit=4").await.expect(200);
    assert_eq!(names(first["releases"].as_array().unwrap()).last().unwrap(), "prod_b 3.0.0");
    let rest = async |entitlement: Value| {
        let patch = json!({ "products": entitlement });
        world.patch("/v1/tenants/tenant_own", patch).await.expect(200);
        let cursor = text(&first, "next_cursor");
        world.get_as(&secret, &format!("/v1/releases?limit=4&cursor={cursor}")).await
    };
    let without_b = rest(json!(["prod_a", "prod_c"])).await.expect(200);
    let of_c = ["prod_c 3.0.0", "prod_c 2.0.0", "prod_c 1.0.0"];
    assert_eq!(names(without_b["releases"].as_array().unwrap()), of_c);
    let with_more = rest(json!(["prod_a", "prod_b", "prod_other"])).await.expect(200);
    let expected = ["prod_b 2.0.0", "prod_b 1.0.0", "prod_other 3.0.0", "prod_other 2.0.0"];
    assert_eq!(names(with_more["releases"].as_array().unwrap()), expected);
    let all = rest(json!("*")).await;
    all.refused(400, "invalid_cursor", Some("cursor"));
}

#[tokio::test]
async fn a_cursor_of_the_list_of_all_products_is_none_of_the_list_of_some() {
    let world = catalog().await;
    world.tenant("tenant_own", json!("*")).await;
    let secret = world.secret(json!({ "scopes": SCOPES, "tenant_id": "tenant_own" })).await;
    let lists = ["/v1/products", "/v1/releases", "/v1/releases?channel=beta"];
    let mut next = Vec::new();
    for list in lists {
        let separator = if list.contains('?') { '&' } else { '?' };
        let list = format!("{list}{separator}limit=1");
        let page = world.get_as(&secret, &list).await.expect(200);
        next.push(format!("{list}&cursor={}", text(&page, "next_cursor")));
    }
    let some = json!({ "products": ["prod_a", "prod_b"] });
    world.patch("/v1/tenants/tenant_own", some).await.expect(200);
    for path in next {
        let refused = world.get_as(&secret, &path).await;
        refused.refused(400, "invalid_cursor", Some("cursor"));
    }
    // Begun anew, it is complete.
    let get = async |path: String| world.get_as(&secret, &path).await.expect(200);
    let products = every_entry("/v1/products", "products", get).await;
    assert_eq!(names(&products), ["prod_a", "prod_b"]);
}
