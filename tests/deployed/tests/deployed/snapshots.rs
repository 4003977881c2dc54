//! What the stream makes of a release: a signed snapshot for each tenant.

use serde_json::{Value, json};
use slipway_tests_deployed::Stack;

use crate::bytes::{made_of, uploaded};
use crate::fixtures::{Fixtures, text};
use crate::verifier;

#[tokio::test]
async fn a_release_becomes_a_snapshot_by_the_stream_alone() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "snapshots").await;
    let artifact = uploaded(&fixtures.ci, made_of("snapshots", 5000)).await;
    let release = fixtures.ci.post("/v1/releases", fixtures.release("1.0.0", &artifact)).await;
    let id = text(&release["release_id"]);
    let latest = format!("/v1/snapshots/latest?tenant_id={}", fixtures.tenant);
    let snapshot = fixtures.mirror.eventually(&latest, |it| it.to_string().contains(id)).await;
    verifier::accept("snapshot", &snapshot, &stack.api.get("/v1/keys").await);

    stack.api.post(&format!("/v1/releases/{id}/revoke"), json!({ "reason": "withdrawn" })).await;
    let next = fixtures.mirror.eventually(&latest, |it| !it.to_string().contains(id)).await;
    assert!(next["sequence"].as_u64() > snapshot["sequence"].as_u64(), "{next}");
}

#[tokio::test]
async fn snapshots_are_asked_for_listed_and_fetched() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "generated").await;
    let tenant = json!({ "tenant_id": fixtures.tenant, "force": true });
    stack.api.post("/v1/snapshots/generate", tenant).await;
    let list = format!("/v1/snapshots?tenant_id={}", fixtures.tenant);
    let list = stack.api.eventually(&list, |it| it["snapshots"][0].is_object()).await;
    let path = format!("/v1/snapshots/{}", text(&list["snapshots"][0]["snapshot_id"]));
    stack.api.get(&path).await;
    let bundle = stack.api.get(&format!("{path}/bundle")).await;
    assert_eq!(bundle["snapshot_id"], list["snapshots"][0]["snapshot_id"]);
    let streams = format!("/v1/tenants/{}/streams", fixtures.tenant);
    let streams = stack.api.get(&streams).await;
    assert_eq!(streams["streams"].as_array().map(Vec::len), Some(1), "{streams}");
    let config = stack.api.get("/v1/snapshots/config").await;
    let config = json!({ "auto_on_publish": true, "lifetime": config["lifetime"] });
    stack.api.put("/v1/snapshots/config", config).await;
}

#[tokio::test]
async fn a_stream_that_nobody_fetches_any_more_is_deleted() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "streams").await;
    let beta = json!({ "tenant_id": fixtures.tenant, "channels": ["beta"], "force": true });
    stack.api.post("/v1/snapshots/generate", beta).await;
    let streams = format!("/v1/tenants/{}/streams", fixtures.tenant);
    let only = |it: &Value| it["streams"].as_array().is_some_and(|streams| !streams.is_empty());
    let list = stack.api.eventually(&streams, only).await;
    let name = text(&list["streams"][0]["stream"]);
    stack.api.delete(&format!("{streams}/{name}")).await;
}
