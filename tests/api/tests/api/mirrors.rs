//! `/v1/mirrors`

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, World, json};

use crate::assertions::{each, has_members, text};

pub const OPS: &[&str] = &["mirror-create", "mirror-list", "mirror-status", "mirror-report"];

const MEMBERS: &[&str] = &[
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

async fn mirror(world: &World, tenant: &str) -> String {
    world
        .post("/v1/tenants", json!({ "tenant_id": tenant, "name": tenant, "products": "*" }))
        .await
        .expect(201);
    let created = world.post("/v1/mirrors", json!({ "tenant_id": tenant, "name": "Berlin" })).await;
    let place = created.header("location").unwrap().to_owned();
    let mirror = created.expect(201);
    assert_eq!(place, format!("/v1/mirrors/{}/status", text(&mirror, "id")));
    has_members(&mirror, MEMBERS);
    text(&mirror, "id").to_owned()
}

async fn status(world: &World, mirror: &str) -> Value {
    world.get(&format!("/v1/mirrors/{mirror}/status")).await.expect(200)
}

#[tokio::test]
async fn a_mirror_tells_how_it_fares() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let mirror = mirror(&world, "tenant_acme").await;
    assert_eq!(status(&world, &mirror).await["status"], "INACTIVE");
    let secret =
        world.secret(json!({ "scopes": ["mirrors:read"], "tenant_id": "tenant_acme" })).await;
    let report = async |body: Value| {
        world.post_as(&secret, &format!("/v1/mirrors/{mirror}/report"), body).await
    };
    let synced = json!({ "outcome": "synced", "snapshot_id": "snapshot_1", "sequence": 3, "bytes_fetched": 100, "agent": "slipway/0.1.0" });
    let view = report(synced).await.expect(200);
    has_members(&view, MEMBERS);
    assert_eq!(
        (&view["status"], &view["snapshot_id"], &view["sequence"]),
        (&json!("ACTIVE"), &json!("snapshot_1"), &json!(3))
    );
    let failed = json!({ "outcome": "failed", "snapshot_id": "snapshot_1", "sequence": 3, "error": "the signature is wrong" });
    report(failed).await.expect(200);
    let view = status(&world, &mirror).await;
    assert_eq!(
        (&view["status"], &view["last_error"]),
        (&json!("ERROR"), &json!("the signature is wrong"))
    );
    assert!(view["last_sync_at"].is_string() && view["last_sync_at"] != view["last_report_at"]);
    test_clock.turn(SignedDuration::from_hours(49));
    assert_eq!(status(&world, &mirror).await["status"], "INACTIVE");
}

#[tokio::test]
async fn a_report_that_says_nothing_is_refused() {
    let world = World::start().await;
    let mirror = mirror(&world, "tenant_acme").await;
    for (body, code, field) in [
        (json!({}), "invalid_field", "outcome"),
        (json!({ "outcome": "well" }), "invalid_field", "outcome"),
        (json!({ "outcome": "synced" }), "invalid_field", "snapshot_id"),
        (json!({ "outcome": "failed" }), "invalid_field", "error"),
        (json!({ "outcome": "failed", "error": "x".repeat(2001) }), "invalid_field", "error"),
        (
            json!({ "outcome": "synced", "snapshot_id": "snapshot_1", "mood": "good" }),
            "unknown_field",
            "mood",
        ),
    ] {
        world.post(&format!("/v1/mirrors/{mirror}/report"), body).await.refused(
            400,
            code,
            Some(field),
        );
    }
    assert_eq!(status(&world, &mirror).await["last_report_at"], Value::Null);
}

#[tokio::test]
async fn a_mirror_of_another_tenant_does_not_exist() {
    let world = World::start().await;
    let foreign = mirror(&world, "tenant_other").await;
    world
        .post("/v1/tenants", json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": "*" }))
        .await
        .expect(201);
    let secret =
        world.secret(json!({ "scopes": ["mirrors:read"], "tenant_id": "tenant_acme" })).await;
    let body = json!({ "outcome": "synced", "snapshot_id": "snapshot_1" });
    world.post_as(&secret, &format!("/v1/mirrors/{foreign}/report"), body).await.refused(
        404,
        "not_found",
        None,
    );
    world.get("/v1/mirrors/mir_none/status").await.refused(404, "not_found", None);
    let nobody =
        world.post("/v1/mirrors", json!({ "tenant_id": "tenant_none", "name": "Berlin" })).await;
    nobody.refused(404, "not_found", Some("tenant_id"));
}

#[tokio::test]
async fn mirrors_are_listed_newest_first() {
    let world = World::start().await;
    let (first, second) = (mirror(&world, "tenant_one").await, mirror(&world, "tenant_two").await);
    let list = world.get("/v1/mirrors").await.expect(200);
    has_members(&list, &["mirrors", "next_cursor"]);
    assert_eq!(each(&list["mirrors"], "id"), [second, first]);
}
