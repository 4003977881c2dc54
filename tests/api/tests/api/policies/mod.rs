//! `/v1/policy`, `/v1/products/{product_id}/policy`, `/v1/tenants/{tenant_id}/policy` and
//! `/v1/tenants/{tenant_id}/policies`

mod delete;
mod get;
mod list;
mod put;

use slipway_test_support::{Method, TestResponse, Value, World, json};

/// A level of policies: its path, and the ids that its policy names.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    pub path: &'static str,
    pub tenant_id: Option<&'static str>,
    pub product_id: Option<&'static str>,
}

/// Every level, as [`world`] has them.
pub const LEVELS: [Level; 4] = [
    Level { path: "/v1/policy", tenant_id: None, product_id: None },
    Level { path: "/v1/products/prod_app/policy", tenant_id: None, product_id: Some("prod_app") },
    Level {
        path: "/v1/tenants/tenant_acme/policy",
        tenant_id: Some("tenant_acme"),
        product_id: None,
    },
    Level {
        path: "/v1/tenants/tenant_acme/policies/prod_app",
        tenant_id: Some("tenant_acme"),
        product_id: Some("prod_app"),
    },
];

/// A stack with `prod_app`, whose slug is `app`, and `tenant_acme`.
pub async fn world() -> World {
    let world = World::start().await;
    let product = json!({ "product_id": "prod_app", "name": "App", "slug": "app" });
    world.post("/v1/products", product).await.expect(201);
    world.tenant("tenant_acme", json!("*")).await;
    world
}

/// A request with `If-Match`.
pub async fn if_match(
    world: &World,
    method: Method,
    path: &str,
    tag: &str,
    body: Option<Value>,
) -> TestResponse {
    let request = world.admin(method, path).header("if-match", tag);
    TestResponse::to(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

/// The types and subjects of the audit events about policies, in the order of their text.
pub async fn audited(world: &World) -> Vec<(String, String)> {
    let rows = world.rows().await;
    let events = rows.iter().filter(|((pk, _), _)| pk.starts_with("AUDIT#2"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let named = events.map(|(_, event)| (text(&event["event_type"]), text(&event["subject"])));
    let mut found: Vec<_> = named.filter(|(kind, _)| kind.starts_with("policy.")).collect();
    found.sort();
    found
}
