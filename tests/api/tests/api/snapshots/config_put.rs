//! `PUT /v1/snapshots/config`

use slipway_test_support::{Method, TestResponse, json};

use super::world;

#[tokio::test]
async fn what_is_put_stands_and_is_given_back() {
    let world = world().await;
    let window = world.get("/v1/snapshots/config").await.expect(200)["batch_window"].clone();
    let body = json!({ "snapshots": {
        "generation": {
            "auto_on_publish": false,
            "scheduled": { "enabled": true, "interval": "2h", "cron": "0 3 * * *" },
            "batch_window": window,
        },
        "retention": { "keep_snapshots": 7, "cleanup_enabled": false, "cleanup_interval": "1h", "cleanup_older_than": "1d" },
    } });
    let put = world.put("/v1/snapshots/config", body).await.expect(200);
    assert_eq!(
        (&put["auto_on_publish"], &put["scheduled"]["cron"]),
        (&json!(false), &json!("0 3 * * *"))
    );
    assert_eq!((&put["retention"]["keep_snapshots"], &put["lifetime"]), (&json!(7), &json!("30d")));
    assert_eq!(world.get("/v1/snapshots/config").await.expect(200), put);
}

#[tokio::test]
async fn what_can_t_be_kept_is_refused_by_name_and_changes_nothing() {
    let world = world().await;
    let before = world.get("/v1/snapshots/config").await.expect(200);
    for (body, code, field) in [
        (json!({ "batch_window": "299s" }), "invalid_field", "batch_window"),
        (
            json!({ "scheduled": { "enabled": true, "interval": "30s" } }),
            "invalid_field",
            "scheduled.interval",
        ),
        (
            json!({ "scheduled": { "enabled": true, "cron": "every hour" } }),
            "invalid_field",
            "scheduled.cron",
        ),
        (json!({ "scheduled": { "interval": "1h" } }), "invalid_field", "scheduled.enabled"),
        (json!({ "retention": { "keep": 3 } }), "unknown_field", "retention.keep"),
        (
            json!({ "retention": { "cleanup_older_than": "a month" } }),
            "invalid_field",
            "retention.cleanup_older_than",
        ),
        (json!({ "snapshots": { "generations": {} } }), "unknown_field", "snapshots.generations"),
        (json!({ "lifetime": "10m" }), "invalid_field", "lifetime"),
    ] {
        world.put("/v1/snapshots/config", body).await.refused(400, code, Some(field));
    }
    assert_eq!(world.get("/v1/snapshots/config").await.expect(200), before);
}

#[tokio::test]
async fn a_writer_that_names_another_version_is_refused() {
    let world = world().await;
    let etag = world.get("/v1/snapshots/config").await.header("etag").unwrap().to_owned();
    let put = |body, etag: &str| {
        TestResponse::to(
            world.admin(Method::PUT, "/v1/snapshots/config").header("if-match", etag).json(&body),
        )
    };
    put(json!({ "history_limit": 1 }), &etag).await.expect(200);
    put(json!({ "history_limit": 2 }), &etag).await.refused(
        412,
        "precondition_failed",
        Some("If-Match"),
    );
    assert_eq!(world.get("/v1/snapshots/config").await.expect(200)["history_limit"], 1);
}
