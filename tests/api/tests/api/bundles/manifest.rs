//! `GET /api/v1/releases/{id}/manifest`

use jiff::Timestamp;
use slipway_signing::{Context, KeySet, verify};
use slipway_test_support::{Method, Value, World, as_deployed, independently, json, text};

use super::{PLACE, bundle, path, ready, selected, versioned};
use crate::assertions::has_members;
use crate::components::{digest, integration_with, synced};

/// Names that a parser of YAML may take for something else than texts.
const AWKWARD: &[&str] = &[
    "0",
    "0-1",
    "007",
    "0o7",
    "0x1f",
    "12e03",
    "1e3",
    "2026-01-09",
    "api",
    "false",
    "n",
    "no",
    "null",
    "off",
    "on",
    "true",
    "y",
    "yes",
];

/// A component of the registry with this integration that has the version 1.0.0.
async fn component(world: &World, integration: &str, name: &str, repository: &str) -> Value {
    let new = json!({ "name": name, "imageRepository": repository, "registryIntegrationId": integration });
    let component = world.post("/api/v1/components", new).await.expect(201);
    synced(world, &component, &[("v1.0.0", 1)]).await;
    component
}

/// A release that is ready, of these components in version 1.0.0.
async fn released(world: &World, name: &str, components: &[Value]) -> Value {
    let version = json!({ "version": "1.0.0" });
    let components: Vec<_> = components.iter().map(|it| (it, version.clone())).collect();
    let new = json!({ "name": name, "components": selected(&components) });
    ready(world, &world.post(PLACE, new).await.expect(201)).await
}

fn manifest_of(release: &Value) -> String {
    format!("{}/manifest", path(release))
}

async fn keys(world: &World) -> (Value, KeySet) {
    let jwks = world.get("/v1/keys").await.expect(200);
    (jwks.clone(), serde_json::from_value(jwks).unwrap())
}

/// The manifest in `format`, as a deployer's parser reads it; none, where there is no parser.
async fn read_as(world: &World, release: &Value, format: &str) -> Option<Value> {
    let path = format!("{}?format={format}", manifest_of(release));
    let answer = world.admin(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/yaml");
    let file = answer.text().await.unwrap();
    let heading = format!("# Release {} ({})\n", text(release, "name"), text(release, "id"));
    assert!(file.starts_with(&heading), "{file}");
    as_deployed(format, &file).await
}

#[tokio::test]
async fn a_manifest_names_each_image_as_it_is_pulled() {
    let world = World::start().await;
    let hub = integration_with(&world, "hub", "https://registry-1.docker.io").await;
    let own = integration_with(&world, "own", "https://registry.example.com:5000").await;
    let web = component(&world, &hub, "web", "myorg/web").await;
    let api = component(&world, &own, "api", "team/api").await;
    let release = released(&world, "a", &[web.clone(), api.clone()]).await;
    let manifest = world.get(&manifest_of(&release)).await.expect(200);
    has_members(&manifest, &["releaseId", "releaseName", "images", "key_id", "signature"]);
    assert_eq!((&manifest["releaseId"], &manifest["releaseName"]), (&release["id"], &json!("a")));
    let image = |component: &Value, registry: &str| {
        let repository = text(component, "imageRepository");
        json!({
            "name": component["name"], "componentId": component["id"],
            "image": format!("{registry}/{repository}@{}", digest(1)),
            "registry": registry, "repository": repository, "digest": digest(1),
            "tag": "v1.0.0", "version": "1.0.0", "channel": "stable",
        })
    };
    let expected = json!([image(&api, "registry.example.com:5000"), image(&web, "docker.io")]);
    assert_eq!(manifest["images"], expected);
    let bundle = world.get(&path(&release)).await.expect(200);
    assert_eq!(bundle["components"][0]["registry"], "docker.io");
}

#[tokio::test]
async fn anybody_can_verify_a_manifest_and_it_counts_for_nothing_else() {
    let world = World::start().await;
    let release = released(&world, "a", &[versioned_one(&world).await]).await;
    // The same key has signed a snapshot before.
    world.tenant("tenant_acme", json!("*")).await;
    let snapshot = json!({ "tenant_id": "tenant_acme" });
    let snapshot = world.post("/v1/snapshots/generate", snapshot).await.expect(201);
    let manifest = world.get(&manifest_of(&release)).await.expect(200);
    assert_eq!(manifest["key_id"], snapshot["key_id"]);
    let (jwks, keys) = keys(&world).await;
    let judged = |context, object: &Value| verify(context, object, &keys, Timestamp::now());
    assert_eq!(judged(Context::ReleaseBundle, &manifest), Ok(()));
    assert!(judged(Context::Snapshot, &manifest).is_err());
    let snapshot = format!("/v1/snapshots/{}", text(&snapshot, "snapshot_id"));
    let snapshot = world.get(&snapshot).await.expect(200);
    assert_eq!(judged(Context::Snapshot, &snapshot), Ok(()));
    assert!(judged(Context::ReleaseBundle, &snapshot).is_err());
    let mut forged = manifest.clone();
    forged["images"][0]["image"] = json!(format!("ghcr.io/other@{}", digest(2)));
    assert!(judged(Context::ReleaseBundle, &forged).is_err());
    independently("release-bundle", &manifest, &forged, &jwks).await;
}

/// A component with versions.
async fn versioned_one(world: &World) -> Value {
    let hub = integration_with(world, "hub", "https://ghcr.io").await;
    component(world, &hub, "api", "myorg/api").await
}

#[tokio::test]
async fn a_manifest_stays_as_it_is_whatever_becomes_of_what_it_is_made_of() {
    let world = World::start().await;
    let component = versioned_one(&world).await;
    let release = released(&world, "a", std::slice::from_ref(&component)).await;
    let first = world.get(&manifest_of(&release)).await;
    let integration = text(&component, "registryIntegrationId");
    let elsewhere = json!({
        "name": "moved", "type": "registry.oci", "endpoint": "https://quay.io", "auth": { "mode": "none" },
    });
    world.put(&format!("/api/v1/integrations/{integration}"), elsewhere).await.expect(200);
    world.put(&crate::components::path(&component), json!({ "name": "renamed" })).await.expect(200);
    synced(&world, &component, &[("v1.0.0", 9)]).await;
    world.put(&path(&release), json!({ "displayName": "Other" })).await.expect(200);
    world.post(&format!("{}/deprecate", path(&release)), json!({})).await.expect(200);
    let second = world.get(&manifest_of(&release)).await;
    assert_eq!(first.header("etag"), second.header("etag"));
    assert_eq!(first.expect(200), second.expect(200));
    let later = released(&world, "b", &[component]).await;
    let later = world.get(&manifest_of(&later)).await.expect(200);
    let image = format!("quay.io/myorg/api@{}", digest(9));
    assert_eq!(
        (&later["images"][0]["image"], &later["images"][0]["name"]),
        (&json!(image), &json!("renamed"))
    );
}

#[tokio::test]
async fn what_may_still_change_has_no_manifest() {
    let world = World::start().await;
    let draft = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    assert_eq!(draft["components"][0].get("registry"), None);
    for query in ["", "?format=json", "?format=compose", "?format=kustomize"] {
        let path = format!("{}{query}", manifest_of(&draft));
        world.get(&path).await.refused(409, "stale_state", None);
    }
    // One that was never ready deploys nothing, ever.
    world.post(&format!("{}/deprecate", path(&draft)), json!({})).await.expect(200);
    world.get(&manifest_of(&draft)).await.refused(409, "stale_state", None);
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/manifest");
    world.get(&unknown).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn another_form_than_those_that_there_are_is_400() {
    let world = World::start().await;
    let release = released(&world, "a", &[versioned_one(&world).await]).await;
    for form in ["helm", "Compose", "", "yaml"] {
        let path = format!("{}?format={form}", manifest_of(&release));
        world.get(&path).await.refused(400, "invalid_field", Some("format"));
    }
    let path = format!("{}?formt=compose", manifest_of(&release));
    world.get(&path).await.refused(400, "unknown_field", Some("formt"));
}

#[tokio::test]
async fn parsers_of_deployers_read_every_name_as_it_is() {
    let world = World::start().await;
    let hub = integration_with(&world, "hub", "https://ghcr.io").await;
    let mut components = Vec::new();
    for name in AWKWARD {
        components.push(component(&world, &hub, name, name).await);
    }
    let release = released(&world, "1e3", &components).await;
    let whole = |name: &str| format!("ghcr.io/{name}");
    if let Some(compose) = read_as(&world, &release, "compose").await {
        let image = |name: &str| json!({ "image": format!("{}@{}", whole(name), digest(1)) });
        let services = AWKWARD.iter().map(|name| ((*name).to_owned(), image(name))).collect();
        assert_eq!(compose["services"], Value::Object(services));
    }
    if let Some(kustomize) = read_as(&world, &release, "kustomize").await {
        let short = AWKWARD
            .iter()
            .map(|name| json!({ "name": name, "newName": whole(name), "digest": digest(1) }));
        let full = AWKWARD.iter().map(|name| json!({ "name": whole(name), "digest": digest(1) }));
        assert_eq!(kustomize["images"], short.chain(full).collect::<Value>());
    }
}

#[tokio::test]
async fn a_form_that_cant_tell_two_images_apart_is_refused() {
    let world = World::start().await;
    let hub = integration_with(&world, "hub", "https://ghcr.io").await;
    let one = component(&world, &hub, "one", "myorg/api").await;
    let other = component(&world, &hub, "other", "myorg/api").await;
    synced(&world, &other, &[("v1.0.0", 2)]).await;
    let release = released(&world, "a", &[one, other]).await;
    let kustomize = format!("{}?format=kustomize", manifest_of(&release));
    world.get(&kustomize).await.refused(409, "stale_state", None);
    let images = world.get(&manifest_of(&release)).await.expect(200)["images"].clone();
    assert_eq!(images.as_array().map(Vec::len), Some(2));
}
