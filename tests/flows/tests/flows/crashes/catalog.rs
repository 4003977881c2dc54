//! Products, tenants, tokens and external artifacts.

use futures::FutureExt;
use slipway_test_support::{World, file, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play, product};

const PRODUCT_CREATE: Scenario = Scenario::new("product-create", |world, number| {
    let body = json!({ "product_id": format!("prod_new{number}"), "name": "New", "slug": format!("new-{number}") });
    async move { Action::Call(world.call("product-create", "/v1/products").json(&body)) }
        .boxed()
})
.again(OnRepeat::Refused(409, "product_exists"));

const PRODUCT_UPDATE: Scenario = Scenario::new("product-update", |world, number| {
    async move {
        let path = format!("/v1/products/{}", product(world, number).await);
        Action::Call(
            world
                .call("product-update", path)
                .json(&json!({ "name": "Renamed", "channels": ["nightly"] })),
        )
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const CHANNEL_REMOVE: Scenario =
    Scenario::new("product-update, a channel removed", |world, number| {
        async move {
            let path = format!("/v1/products/{}", product(world, number).await);
            world.patch(&path, json!({ "channels": ["nightly"] })).await.expect(200);
            Action::Call(world.call("product-update", path).json(&json!({ "channels": [] })))
        }
        .boxed()
    })
    .again(OnRepeat::OnceMore);

const TENANT_CREATE: Scenario = Scenario::new("tenant-create", |world, number| {
    let body =
        json!({ "tenant_id": format!("tenant_new{number}"), "name": "New", "products": "*" });
    async move { Action::Call(world.call("tenant-create", "/v1/tenants").json(&body)) }.boxed()
})
.again(OnRepeat::Refused(409, "tenant_exists"));

const TENANT_UPDATE: Scenario = Scenario::new("tenant-update", |world, number| {
    async move {
        let id = format!("tenant_crash{number}");
        world.tenant(&id, json!("*")).await;
        Action::Call(
            world
                .call("tenant-update", format!("/v1/tenants/{id}"))
                .json(&json!({ "suspended": true })),
        )
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

/// The policy of a product at a tenant.
async fn policy_path(world: &World, number: u64) -> String {
    let (product, tenant) = (product(world, number).await, format!("tenant_policy{number}"));
    world.tenant(&tenant, json!("*")).await;
    format!("/v1/tenants/{tenant}/policies/{product}")
}

const POLICY_PUT: Scenario = Scenario::new("tenant-product-policy-put", |world, number| {
    async move {
        let path = policy_path(world, number).await;
        world.put(&path, json!({ "channel": "beta" })).await.expect(200);
        let body = json!({ "mode": "NOTIFY_ONLY", "blocked_versions": ["1.0.0"] });
        Action::Call(world.call("tenant-product-policy-put", path).json(&body))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const POLICY_DELETE: Scenario = Scenario::new("tenant-product-policy-delete", |world, number| {
    async move {
        let path = policy_path(world, number).await;
        world.put(&path, json!({ "channel": "beta" })).await.expect(200);
        Action::Call(world.call("tenant-product-policy-delete", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(404, "not_found"));

const TOKEN_CREATE: Scenario = Scenario::new("token-create", |world, _| {
    let body = json!({ "name": "ci", "scopes": ["ci:write"] });
    async move { Action::Call(world.call("token-create", "/v1/tokens").json(&body)) }.boxed()
})
.again(OnRepeat::OnceMore);

const TOKEN_REVOKE: Scenario = Scenario::new("token-revoke", |world, _| {
    async move {
        let (id, _) = world.token(&["ci:write"]).await;
        Action::Call(world.call("token-revoke", format!("/v1/tokens/{id}")))
    }
    .boxed()
});

const ARTIFACT_REGISTER: Scenario = Scenario::new("artifact-register", |world, number| {
    let (_, sha256) = file(number, 64);
    let url = format!("https://artifacts.example.com/{sha256}.msi");
    let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": url });
    async move { Action::Call(world.call("artifact-register", "/v1/artifacts").json(&body)) }
        .boxed()
})
.again(OnRepeat::OnceMore);

const WEBHOOK_CREATE: Scenario = Scenario::new("webhook-create", |world, _| {
    let body = json!({ "url": "https://hooks.example.com/in" });
    async move { Action::Call(world.call("webhook-create", "/v1/webhooks").json(&body)) }.boxed()
})
.again(OnRepeat::OnceMore);

const WEBHOOK_DELETE: Scenario = Scenario::new("webhook-delete", |world, _| {
    async move {
        let webhook = world.webhook("https://hooks.example.com/in", json!({})).await;
        let path = format!("/v1/webhooks/{}", text(&webhook, "webhook_id"));
        Action::Call(world.call("webhook-delete", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(404, "not_found"));

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_products_tenants_policies_tokens_and_artifacts_old_or_new() {
    let scenarios = [
        PRODUCT_CREATE,
        PRODUCT_UPDATE,
        CHANNEL_REMOVE,
        TENANT_CREATE,
        TENANT_UPDATE,
        POLICY_PUT,
        POLICY_DELETE,
        TOKEN_CREATE,
        TOKEN_REVOKE,
        ARTIFACT_REGISTER,
        WEBHOOK_CREATE,
        WEBHOOK_DELETE,
    ];
    play(&scenarios, Keys::None, 57).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_them_old_or_new_with_an_idempotency_key_too() {
    let scenarios =
        [PRODUCT_CREATE, TENANT_CREATE, TOKEN_CREATE, ARTIFACT_REGISTER, WEBHOOK_CREATE];
    play(&scenarios, Keys::Sent, 32).await.stack.stop().await;
}
