//! `GET /v1/snapshots/config`

use slipway_test_support::json;

use super::world;
use crate::assertions::has_members;

#[tokio::test]
async fn a_deployment_begins_with_the_configuration_of_the_page() {
    let world = world().await;
    let config = world.get("/v1/snapshots/config").await.expect(200);
    let members = [
        "auto_on_publish",
        "scheduled",
        "batch_window",
        "history_limit",
        "lifetime",
        "retention",
        "updated_at",
    ];
    has_members(&config, &members);
    assert_eq!(config["auto_on_publish"], true);
    assert_eq!(config["scheduled"], json!({ "enabled": true, "interval": "1h" }));
    let retention = json!({ "keep_snapshots": 100, "cleanup_enabled": true, "cleanup_interval": "24h", "cleanup_older_than": "30d" });
    assert_eq!(config["retention"], retention);
}
