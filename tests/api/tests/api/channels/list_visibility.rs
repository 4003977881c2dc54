//! Who is told what of a channel.

use slipway_test_support::{Value, World, json, release_path, text};

use crate::assertions::each;

/// Two products with a live, a revoked and a drafted release by somebody with a token, whose id is
/// answered.
async fn world() -> (World, String) {
    let world = World::start().await;
    let (actor, secret) = world.token(&["releases:read", "ci:write"]).await;
    for product in ["prod_mine", "prod_other"] {
        world.product(product).await;
        let artifact = world.external(1).await;
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            let mut new = World::release_of(product, version, "stable", &artifact);
            new["draft"] = json!(version == "1.2.0");
            let release = world.post_as(&secret, "/v1/releases", new).await.expect(201);
            if version == "1.1.0" {
                let reason = json!({ "reason": "a secret reason" });
                let path = release_path(&release, "/revoke");
                world.post_as(&secret, &path, reason).await.expect(200);
            }
        }
    }
    (world, actor)
}

fn stable(page: &Value) -> &Value {
    let mut channels = page["channels"].as_array().unwrap().iter();
    channels.find(|one| one["channel"] == "stable").unwrap()
}

#[tokio::test]
async fn a_customer_sees_what_is_live_of_its_products_and_nobody_s_name() {
    let (world, actor) = world().await;
    world.tenant("tenant_one", json!(["prod_mine"])).await;
    world.tenant("tenant_all", json!("*")).await;
    for (tenant, channels) in [("tenant_one", 3), ("tenant_all", 6)] {
        let customer = json!({ "scopes": ["releases:read"], "tenant_id": tenant });
        let secret = world.secret(customer).await;
        let page = world.get_as(&secret, "/v1/channels").await.expect(200);
        assert_eq!(page["channels"].as_array().unwrap().len(), channels);
        let told = stable(&page);
        assert_eq!((&told["live"], &told["newest"]["version"]), (&json!(1), &json!("1.0.0")));
        assert_eq!(told["rolled_out"]["version"], "1.0.0");
        for nothing in
            [&told["newest"]["published_by"], &told["newest"]["last_change"], &told["last_revoked"]]
        {
            assert_eq!(*nothing, Value::Null);
        }
        let text = page.to_string();
        for hidden in [actor.as_str(), "1.1.0", "1.2.0", "a secret reason"] {
            assert!(!text.contains(hidden), "{tenant}: {hidden}");
        }
        let other = world.get_as(&secret, "/v1/channels?product_id=prod_other").await;
        match tenant {
            "tenant_one" => other.refused(404, "not_found", None),
            _ => assert_eq!(other.expect(200)["channels"].as_array().unwrap().len(), 3),
        }
    }
}

#[tokio::test]
async fn a_worker_sees_all_channels_of_its_products_and_who_did_what() {
    let (world, actor) = world().await;
    let scopes = ["releases:read"];
    for binding in [
        json!({ "scopes": scopes, "product_ids": ["prod_mine"] }),
        json!({ "scopes": scopes, "product_ids": ["prod_mine"], "channels": ["beta"] }),
    ] {
        let secret = world.secret(binding).await;
        let page = world.get_as(&secret, "/v1/channels").await.expect(200);
        assert_eq!(each(&page["channels"], "product_id"), ["prod_mine"; 3]);
        let told = stable(&page);
        assert_eq!(text(&told["newest"], "published_by"), actor);
        assert_eq!(text(&told["last_revoked"], "revoked_by"), actor);
        let other = world.get_as(&secret, "/v1/channels?product_id=prod_other").await;
        other.refused(404, "not_found", None);
    }
}
