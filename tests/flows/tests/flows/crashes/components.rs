//! Components, syncs and version maps.

use futures::FutureExt;
use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::{Call, Value, World, json, text};
use tokio::sync::OnceCell;

use super::{Action, Keys, OnRepeat, Scenario, play};

/// The secret of the registry's webhook.
const SECRET: &str = "4f1c0b7a93d24e5f8a6b";
/// The registry of all components here.
static REGISTRY: OnceCell<ScriptedRegistry> = OnceCell::const_new();

const COMPONENT_CREATE: Scenario = Scenario::new("component-create", |world, number| {
    async move {
        let new = new_component(world, number).await;
        Action::Call(world.call("component-create", "/api/v1/components").json(&new))
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "name_exists"));

const COMPONENT_UPDATE: Scenario = Scenario::new("component-update", |world, number| {
    async move {
        let path = component_path(&component(world, number).await);
        let change = json!({ "name": format!("renamed-{number}"), "imageRepository": "myorg/b" });
        Action::Call(world.call("component-update", path).json(&change))
    }
    .boxed()
});

const COMPONENT_DELETE: Scenario = Scenario::new("component-delete", |world, number| {
    async move {
        // The first deletion of all makes the row that counts them.
        let first = component_path(&component(world, number + 1_000_000).await);
        world.delete(&first).await.expect(204);
        let path = component_path(&component(world, number).await);
        Action::Call(world.call("component-delete", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(404, "not_found"));

const COMPONENT_SYNC: Scenario = Scenario::new("component-sync-versions", |world, number| {
    async move {
        let path = component_path(&component(world, number).await) + "/sync-versions";
        Action::Call(world.call("component-sync-versions", path).json(&json!({})))
    }
    .boxed()
});

const VERSION_MAP_CREATE: Scenario = Scenario::new("version-map-create", |world, number| {
    async move {
        let id = component(world, number).await["id"].clone();
        let new = json!({ "componentId": id, "tag": "v1.0.0", "channel": "beta" });
        Action::Call(world.call("version-map-create", "/api/v1/version-maps").json(&new))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const REGISTRY_WEBHOOK: Scenario = Scenario::new("registry-webhook-receive", |world, number| {
    async move {
        // Of a repository of its own: each component that has it would get the tags.
        let mut new = new_component(world, number).await;
        let repository = format!("myorg/pushed-{number}");
        new["imageRepository"] = json!(repository);
        world.post("/api/v1/components", new.clone()).await.expect(201);
        let event = |tag: &str| {
            json!({ "action": "push", "target": { "repository": repository, "tag": tag } })
        };
        let pushed = json!({ "events": [event("v1.0.0"), event("latest")] });
        let id = text(&new, "registryIntegrationId");
        let path = format!("/api/v1/webhooks/registry/{id}?secret={SECRET}");
        Action::Call(Call::new("registry-webhook-receive", path).json(&pushed))
    }
    .boxed()
});

/// The integration with the registry.
async fn integration(world: &World) -> Value {
    let tags = ["v1.0.0", "v1.1.0", "latest"].into_iter().zip(1..);
    let tags = tags.map(|(tag, number)| (tag.to_owned(), number));
    let registry = REGISTRY.get_or_init(|| ScriptedRegistry::start(tags)).await;
    let all = world.get("/api/v1/integrations").await.expect(200);
    if let Some(there) = all["data"].as_array().unwrap().first() {
        return there["id"].clone();
    }
    let new = json!({
        "name": "registry", "type": "registry.oci", "auth": { "mode": "none" },
        "endpoint": registry.url().as_str().trim_end_matches('/'),
        "webhookSecretRef": world.integration_secret("webhook", SECRET),
    });
    world.post("/api/v1/integrations", new).await.expect(201)["id"].clone()
}

async fn new_component(world: &World, number: u64) -> Value {
    json!({
        "name": format!("api-{number}"), "imageRepository": "myorg/a",
        "registryIntegrationId": integration(world).await,
    })
}

async fn component(world: &World, number: u64) -> Value {
    world.post("/api/v1/components", new_component(world, number).await).await.expect(201)
}

fn component_path(component: &Value) -> String {
    format!("/api/v1/components/{}", text(component, "id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_components_and_their_version_maps_old_or_new() {
    let scenarios =
        [COMPONENT_CREATE, COMPONENT_UPDATE, COMPONENT_DELETE, COMPONENT_SYNC, VERSION_MAP_CREATE];
    play(&scenarios, Keys::None, 40).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_what_was_pushed_unknown_or_known() {
    play(&[REGISTRY_WEBHOOK], Keys::None, 6).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_them_old_or_new_with_an_idempotency_key_too() {
    play(&[COMPONENT_CREATE, VERSION_MAP_CREATE], Keys::Sent, 20).await.stack.stop().await;
}
