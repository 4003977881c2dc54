//! What a deployer types: the manifest of a release, verified, and files for Compose and kustomize.

use std::path::Path;

use slipway_test_support::{World, json, text};

use crate::shell::Shell;

/// A shell that may read release bundles, and knows the id of one that is ready.
async fn deployer(world: &World) -> Shell {
    let component = world.component("api").await;
    let new = json!({
        "name": "myapp-v2.0.0",
        "components": [{ "componentId": component["id"], "version": "2.0.0" }],
    });
    let release = world.post("/api/v1/releases", new).await.expect(201);
    let path = format!("/api/v1/releases/{}", text(&release, "id"));
    world.put(&path, json!({ "status": "ready" })).await.expect(200);
    let (_, token) = world.token(&["bundles:read"]).await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python");
    Shell::with([
        ("BASE_URL", world.stack.base_url.clone()),
        ("TOKEN", token),
        ("RELEASE_ID", text(&release, "id").to_owned()),
        ("TESTS", tests.display().to_string()),
    ])
}

#[tokio::test]
async fn a_deployer_gets_a_release_by_curl_and_pins_what_it_deploys() {
    let world = World::start().await;
    let shell = deployer(&world).await;
    let get = |query: &str, file: &str| {
        format!(
            r#"curl -sS --fail -H "Authorization: Bearer $TOKEN" "$BASE_URL/api/v1/releases/$RELEASE_ID/manifest{query}" > {file}"#
        )
    };
    shell.types(&get("", "manifest.json")).await;
    shell.types(r#"curl -sS --fail "$BASE_URL/v1/keys" > jwks.json"#).await;
    let manifest = shell.asks("cat manifest.json").await;
    let digest = format!("sha256:{:064x}", 2);
    let image = format!("registry.example.com/myorg/api@{digest}");
    assert_eq!(manifest["images"][0]["image"], json!(image));
    shell.types(&get("?format=compose", "release.yaml")).await;
    let compose = shell.types("cat release.yaml").await;
    assert!(compose.ends_with(&format!("services:\n  \"api\":\n    image: \"{image}\"\n")));
    // A kustomization that has one, to which the block is added.
    shell.types(r"printf 'resources:\n  - deployment.yaml\n' > base.yaml").await;
    shell.types(&get("?format=kustomize", "images.yaml")).await;
    shell.types("cat base.yaml images.yaml > kustomization.yaml").await;
    if std::env::var_os("SLIPWAY_PYTHON").is_none() {
        return;
    }
    let verify = r#""$SLIPWAY_PYTHON" "$TESTS/verify.py" release-bundle manifest.json jwks.json"#;
    assert_eq!(shell.types(verify).await, "");
    let read = r#""$SLIPWAY_PYTHON" "$TESTS/deployed.py" compose release.yaml"#;
    assert_eq!(shell.asks(read).await, json!({ "services": { "api": { "image": image } } }));
    let read = r#""$SLIPWAY_PYTHON" -c 'import json, yaml; print(json.dumps(yaml.safe_load(open("kustomization.yaml"))))'"#;
    let whole = "registry.example.com/myorg/api";
    let images = json!([
        { "name": "myorg/api", "newName": whole, "digest": digest },
        { "name": whole, "digest": digest },
    ]);
    let expected = json!({ "resources": ["deployment.yaml"], "images": images });
    assert_eq!(shell.asks(read).await, expected);
}
