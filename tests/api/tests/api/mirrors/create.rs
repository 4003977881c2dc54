//! `POST /v1/mirrors`

use slipway_test_support::{World, json, text};

use super::{MEMBERS, mirror};
use crate::assertions::has_members;

#[tokio::test]
async fn a_new_mirror_has_reported_nothing_yet() {
    let world = World::start().await;
    let id = mirror(&world, "tenant_acme").await;
    let created = world.get(&format!("/v1/mirrors/{id}/status")).await.expect(200);
    has_members(&created, MEMBERS);
    assert_eq!(text(&created, "tenant_id"), "tenant_acme");
    assert_eq!(text(&created, "name"), "Berlin");
    assert!(created["last_report_at"].is_null() && created["snapshot_id"].is_null());
}

#[tokio::test]
async fn a_mirror_of_an_unknown_tenant_is_refused() {
    let world = World::start().await;
    let body = json!({ "tenant_id": "tenant_unknown", "name": "Berlin" });
    world.post("/v1/mirrors", body).await.refused(404, "not_found", Some("tenant_id"));
}
