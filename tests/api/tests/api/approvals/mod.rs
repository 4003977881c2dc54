//! `/v1/approvals`

mod approve;
mod approve_changes;
mod effect;
mod get;
mod get_evaluated;
mod list;
mod reject;

use slipway_test_support::{Method, TestResponse, Value, World, json, text};

/// The product whose channel `stable` asks for sign-off.
pub const PRODUCT: &str = "prod_app";

/// A product whose channel `stable` asks for `required` approvals.
pub async fn gated(world: &World, required: u64) {
    let product = json!({
        "product_id": PRODUCT, "name": "App",
        "channel_sign_off": { "stable": { "required_approvals": required } },
    });
    world.post("/v1/products", product).await.expect(201);
}

/// A draft with an artifact, on `stable`.
pub async fn draft(world: &World, version: &str) -> Value {
    let artifact = world.external(1).await;
    let mut body = World::release_of(PRODUCT, version, "stable", &artifact);
    body["draft"] = json!(true);
    world.post("/v1/releases", body).await.expect(201)
}

/// The path of an operation on an approval.
pub fn approval_path(approval: &Value, rest: &str) -> String {
    format!("/v1/approvals/{}{rest}", text(approval, "approval_id"))
}

/// The secret of a token that may approve.
pub async fn approver(world: &World) -> String {
    world.secret(json!({ "scopes": ["ci:write", "releases:read", "admin:write"] })).await
}

/// Approves as the holder of `secret`.
pub async fn approve_as(world: &World, secret: &str, approval: &Value) -> TestResponse {
    let body = json!({ "change_sha256": approval["change_sha256"] });
    world.post_as(secret, &approval_path(approval, "/approve"), body).await
}

/// Approves as somebody new.
pub async fn approve(world: &World, approval: &Value) -> Value {
    let secret = approver(world).await;
    approve_as(world, &secret, approval).await.expect(200)
}

/// PUT with a token.
pub async fn put_as(world: &World, secret: &str, path: &str, body: Value) -> TestResponse {
    TestResponse::to(world.bearer(secret, Method::PUT, path).json(&body)).await
}
