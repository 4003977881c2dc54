//! `GET` of the policy of a level

use slipway_test_support::{Method, TestResponse, json};

use super::{LEVELS, world};
use crate::assertions::has_members;

#[tokio::test]
async fn a_policy_is_read_as_it_was_set_and_none_where_none_was() {
    let world = world().await;
    for level in LEVELS {
        world.get(level.path).await.refused(404, "not_found", None);
        let policy = json!({ "mode": "NOTIFY_ONLY", "pinned_range": "1.2" });
        let put = world.put(level.path, policy).await.expect(200);
        let found = world.get(level.path).await.expect(200);
        assert_eq!(found, put, "{level:?}");
        has_members(
            &found,
            &[
                "tenant_id",
                "product_id",
                "mode",
                "channel",
                "pinned_range",
                "blocked_versions",
                "allow_downgrade",
                "updated_at",
                "updated_by",
            ],
        );
        assert_eq!(
            (&found["tenant_id"], &found["product_id"]),
            (&json!(level.tenant_id), &json!(level.product_id))
        );
        assert_eq!(
            (&found["mode"], &found["pinned_range"]),
            (&json!("NOTIFY_ONLY"), &json!("^1.2"))
        );
        assert_eq!((&found["channel"], &found["blocked_versions"]), (&json!(null), &json!([])));
        assert_eq!(
            (&found["updated_by"], &found["allow_downgrade"]),
            (&json!("bootstrap"), &json!(null))
        );
    }
}

#[tokio::test]
async fn a_product_is_named_by_id_or_slug() {
    let world = world().await;
    for (by_id, by_slug) in [
        ("/v1/products/prod_app/policy", "/v1/products/app/policy"),
        ("/v1/tenants/tenant_acme/policies/prod_app", "/v1/tenants/tenant_acme/policies/app"),
    ] {
        let put = world.put(by_slug, json!({ "mode": "DOWNLOAD_ONLY" })).await.expect(200);
        assert_eq!(put["product_id"], "prod_app");
        assert_eq!(world.get(by_id).await.expect(200), put);
        assert_eq!(world.get(by_slug).await.expect(200), put);
    }
}

#[tokio::test]
async fn what_is_unknown_has_no_policy() {
    let world = world().await;
    for path in [
        "/v1/products/prod_none/policy",
        "/v1/products/none/policy",
        "/v1/tenants/tenant_none/policy",
        "/v1/tenants/tenant_acme/policies/prod_none",
        "/v1/tenants/tenant_none/policies/prod_app",
    ] {
        world.get(path).await.refused(404, "not_found", None);
    }
    world.get("/v1/tenants/acme/policy").await.refused(400, "invalid_field", Some("tenant_id"));
}

#[tokio::test]
async fn reading_takes_the_scope_and_changing_another_one() {
    let world = world().await;
    let (_, reader) = world.token(&["admin:read"]).await;
    let (_, writer) = world.token(&["admin:write"]).await;
    for level in LEVELS {
        let put = |secret: &str| {
            world.bearer(secret, Method::PUT, level.path).json(&json!({ "mode": "NOTIFY_ONLY" }))
        };
        TestResponse::to(put(&reader)).await.refused(403, "forbidden", None);
        TestResponse::to(put(&writer)).await.expect(200);
        world.get_as(&writer, level.path).await.refused(403, "forbidden", None);
        let found = world.get_as(&reader, level.path).await.expect(200);
        assert!(found["updated_by"].as_str().unwrap().starts_with("tok_"), "{found:#}");
    }
}
