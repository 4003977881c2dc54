//! `/api/v1/promotions`

mod approve;
mod complete;
mod create;
mod get;
mod list;
mod reject;

use slipway_test_support::{TestResponse, Value, World, json, text};

use crate::bundles::{bundle, versioned};
use crate::environments;

/// Where promotions are.
pub const PLACE: &str = "/api/v1/promotions";
/// What every promotion has.
pub const MEMBERS: &[&str] = &[
    "id",
    "releaseId",
    "releaseName",
    "targetEnvironmentId",
    "status",
    "reason",
    "requiredApprovals",
    "approvals",
    "rejection",
    "createdAt",
    "createdBy",
    "startedAt",
    "completedAt",
];

/// What promotes a release bundle to an environment.
pub fn of(bundle: &Value, environment: &Value) -> Value {
    json!({ "releaseId": bundle["id"], "targetEnvironmentId": environment["id"] })
}

/// The answer to that.
pub async fn ask(world: &World, bundle: &Value, environment: &Value) -> TestResponse {
    world.post(PLACE, of(bundle, environment)).await
}

/// The promotion of a release bundle to an environment.
pub async fn promotion(world: &World, bundle: &Value, environment: &Value) -> Value {
    ask(world, bundle, environment).await.expect(201)
}

/// The path of an operation on a promotion.
pub fn path(promotion: &Value, rest: &str) -> String {
    format!("{PLACE}/{}{rest}", text(promotion, "id"))
}

/// A promotion as it stands.
pub async fn seen(world: &World, promotion: &Value) -> Value {
    world.get(&path(promotion, "")).await.expect(200)
}

/// Says that a promotion has ended so.
pub async fn complete(world: &World, promotion: &Value, status: &str) -> TestResponse {
    world.post(&path(promotion, "/complete"), json!({ "status": status })).await
}

/// A release bundle with this name that is ready.
pub async fn ready(world: &World, component: &Value, name: &str) -> Value {
    let draft = bundle(world, name, component, "2.0.0").await;
    world.put(&crate::bundles::path(&draft), json!({ "status": "ready" })).await.expect(200)
}

/// Two release bundles that are ready.
pub async fn two_ready(world: &World) -> [Value; 2] {
    let api = versioned(world, "api").await;
    [ready(world, &api, "a").await, ready(world, &api, "b").await]
}

/// An environment that asks for so many approvals.
pub async fn gated(world: &World, name: &str, required: u32) -> Value {
    let new = json!({ "name": name, "requiredApprovals": required });
    world.post(environments::PLACE, new).await.expect(201)
}

/// A release bundle that is ready, and its promotion that waits for so many approvals.
pub async fn waiting(world: &World, required: u32) -> [Value; 2] {
    let [bundle, _] = two_ready(world).await;
    let promotion = promotion(world, &bundle, &gated(world, "prod", required).await).await;
    [bundle, promotion]
}

/// A component, a release bundle that has it, an environment where that is deployed, and another
/// promotion to it that is open.
pub async fn open(world: &World) -> [Value; 4] {
    let environment = environments::environment(world, "dev", 1).await;
    let component = versioned(world, "api").await;
    let bundle = bundle(world, "a", &component, "2.0.0").await;
    crate::bundles::deploy(world, &bundle, &environment).await;
    let promotion = promotion(world, &bundle, &environment).await;
    [component, bundle, environment, promotion]
}

/// The secret of a token that may approve.
pub async fn approver(world: &World) -> String {
    world.secret(json!({ "scopes": ["bundles:write", "bundles:read"] })).await
}

/// Approves as the holder of `secret`.
pub async fn approve_as(world: &World, secret: &str, promotion: &Value) -> TestResponse {
    world.post_as(secret, &path(promotion, "/approve"), json!({})).await
}

/// Where a release bundle stands.
pub async fn status_of(world: &World, bundle: &Value) -> String {
    let bundle = world.get(&crate::bundles::path(bundle)).await.expect(200);
    text(&bundle, "status").to_owned()
}
