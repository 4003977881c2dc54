//! A function instance opens a key once, whatever it signs: with a key in an envelope that is a
//! call to KMS.

use slipway_test_support::{World, json, text};

#[tokio::test]
async fn the_key_of_snapshots_signs_manifests_without_being_opened_again() {
    let world = World::start().await;
    let component = world.component("api").await;
    let selection = json!([{ "componentId": component["id"], "version": "1.0.0" }]);
    let new = json!({ "name": "a", "components": selection });
    let release = world.post("/api/v1/releases", new).await.expect(201);
    let path = format!("/api/v1/releases/{}", text(&release, "id"));
    world.put(&path, json!({ "status": "ready" })).await.expect(200);
    world.tenant("tenant_acme", json!("*")).await;
    let snapshot = json!({ "tenant_id": "tenant_acme" });
    let snapshot = world.post("/v1/snapshots/generate", snapshot).await.expect(201);

    let keys = world.stack.settings.key_directory.as_deref().unwrap();
    std::fs::rename(keys, keys.with_extension("gone")).unwrap();
    let manifest = world.get(&format!("{path}/manifest")).await.expect(200);
    assert_eq!(manifest["key_id"], snapshot["key_id"]);
    world.stack.stop().await;
}
