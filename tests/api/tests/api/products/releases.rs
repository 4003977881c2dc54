//! `GET /v1/products/{product_id}/releases`

use slipway_test_support::{World, json};

use crate::assertions::{each, versions};

#[tokio::test]
async fn releases_of_a_product_come_newest_first_by_precedence_over_pages() {
    let world = World::start().await;
    let allowed = ["stable"];
    let product =
        json!({ "product_id": "prod_app", "name": "App", "allow_prerelease_on": allowed });
    world.post("/v1/products", product).await.expect(201);
    for version in ["1.10.0", "1.0.0-rc.1", "1.9.0", "1.0.0", "1.0.0-rc.11", "1.0.0-rc.2"] {
        world.publish("prod_app", version, "stable").await;
    }
    world.publish("prod_app", "1.9.5", "beta").await;

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
    world.publish("prod_app", "1.0.0", "stable").await;
    world.publish("prod_app", "1.0.0", "beta").await;
    let bad = world.publish("prod_app", "1.1.0", "beta").await;
    world.revoke(&bad).await;
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
async fn a_version_with_build_metadata_is_found_however_its_plus_is_written() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.publish("prod_app", "1.0.0+linux", "stable").await;
    for version in ["1.0.0+linux", "1.0.0%2Blinux"] {
        let path = format!("/v1/products/prod_app/releases?channel=stable&version={version}");
        assert_eq!(versions(&world, &path).await, ["1.0.0+linux"], "{version}");
    }
}
