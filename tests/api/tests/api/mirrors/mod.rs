//! `/v1/mirrors`

mod create;
mod list;
mod report;
mod status;

use slipway_test_support::{Value, World, json, text};

use crate::assertions::has_members;

pub const MEMBERS: &[&str] = &[
    "id",
    "tenant_id",
    "name",
    "status",
    "last_sync_at",
    "last_report_at",
    "last_error",
    "snapshot_id",
    "sequence",
];

pub async fn mirror(world: &World, tenant: &str) -> String {
    world.tenant(tenant, json!("*")).await;
    let created = world.post("/v1/mirrors", json!({ "tenant_id": tenant, "name": "Berlin" })).await;
    let place = created.header("location").unwrap().to_owned();
    let mirror = created.expect(201);
    assert_eq!(place, format!("/v1/mirrors/{}/status", text(&mirror, "id")));
    has_members(&mirror, MEMBERS);
    text(&mirror, "id").to_owned()
}

pub async fn status(world: &World, mirror: &str) -> Value {
    world.get(&format!("/v1/mirrors/{mirror}/status")).await.expect(200)
}
