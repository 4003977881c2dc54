//! Events that Debian's registry sends by itself, when `skopeo` pushes to it.

use std::time::Duration;

use slipway_edge::RegistryAccess;
use slipway_test_container_registry::{DebianRegistry, OciLayout};
use slipway_test_support::{Options, Value, World, json, text};

const REPOSITORY: &str = "myorg/team-a/api";
const SECRET: &str = "4f1c0b7a93d24e5f8a6b";

/// An integration with a registry that sends events, at this endpoint.
fn settings(world: &World, endpoint: &str) -> Value {
    json!({
        "name": "registry", "type": "registry.oci", "endpoint": endpoint,
        "auth": { "mode": "none" },
        "webhookSecretRef": world.integration_secret("webhook", SECRET),
    })
}

/// The version maps of the component at `path`, once there are so many.
async fn versions(world: &World, path: &str, count: usize) -> Value {
    for _ in 0..200 {
        let found = world.get(&format!("{path}/versions")).await.expect(200);
        if found.as_array().unwrap().len() >= count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the registry's events have not led to {count} version maps");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_known_without_a_sync_and_a_tag_that_moves_too() {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    let world = World::with(Options { registries, ..Options::ephemeral() }).await;
    let place = "/api/v1/integrations";
    // The registry has to know the integration's id, and the integration the registry's port.
    let unset = settings(&world, "https://registry.example.com");
    let integration = world.post(place, unset).await.expect(201);
    let id = text(&integration, "id");
    let webhook = format!("{}/api/v1/webhooks/registry/{id}", world.stack.base_url);
    let Some(debian) = DebianRegistry::notifying(&webhook, &format!("Bearer {SECRET}")) else {
        return;
    };
    let endpoint = debian.url().origin().ascii_serialization();
    world.put(&format!("{place}/{id}"), settings(&world, &endpoint)).await.expect(200);
    let new = json!({
        "name": "api", "imageRepository": REPOSITORY, "registryIntegrationId": id,
    });
    let component = world.post("/api/v1/components", new).await.expect(201);
    let path = format!("/api/v1/components/{}", text(&component, "id"));

    let layout = OciLayout::empty();
    let one = layout.image("one");
    debian.push(&layout, "myorg/unknown:v1.0.0");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let found = versions(&world, &path, 1).await;
    let told = ["tag", "digest", "semver", "channel"].map(|name| found[0][name].clone());
    assert_eq!(json!(told), json!(["v1.0.0", one, "1.0.0", "stable"]));

    let index = layout.index("two");
    debian.push(&layout, &format!("{REPOSITORY}:v2.0.0-rc.1"));
    let found = versions(&world, &path, 2).await;
    assert_eq!((text(&found[0], "tag"), text(&found[0], "digest")), ("v2.0.0-rc.1", &*index));

    let moved = layout.image("three");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let found = versions(&world, &path, 3).await;
    let digests = [&found[1]["digest"], &found[2]["digest"]];
    assert_eq!(json!(digests), json!([moved, one]), "the newest first, and the old one stays");

    let events = world.get("/v1/audit/events?event_type=component.synced").await.expect(200);
    let events = events["events"].as_array().unwrap();
    let actors: Vec<_> = events.iter().map(|event| text(event, "actor").to_owned()).collect();
    assert_eq!(actors, vec![format!("registry-webhook:{id}"); 3]);
    // What the events did not tell of, there is not.
    let sync = world.post(&format!("{path}/sync-versions"), json!({ "forceRefresh": true })).await;
    assert_eq!(sync.expect(200)["synced"], 0);
    world.stack.stop().await;
}
