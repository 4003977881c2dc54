//! `POST /v1/mirrors/{mirror_id}/report`

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, World, json};

use super::{MEMBERS, mirror, status};
use crate::assertions::has_members;

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
    test_clock.advance(SignedDuration::from_hours(49));
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
