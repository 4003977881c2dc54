//! Types in docs/RELEASY.md by curl, as a client does that knows Releasy alone, and the commands of
//! Releasy's own page as that has them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has to say so at once"
)]

use std::path::Path;

use serde_json::{Value, json};
use slipway_test_support::{Options, World};

use crate::readme::blocks_of;
use crate::shell;

const PAGE: &str = include_str!("../../../../docs/RELEASY.md");

/// Types `script` with `world` in the place of Releasy, and returns what it prints.
async fn typed(world: &World, directory: &Path, script: &str) -> String {
    let script = script.replace("http://localhost:8080", &world.stack.base_url);
    let key = &world.stack.admin_token;
    shell::typed(&format!("export RELEASY_ADMIN_API_KEY='{key}'\n{script}"), directory).await
}

async fn world() -> (World, tempfile::TempDir) {
    let world = World::with(Options::ephemeral()).await;
    world.post("/v1/products", json!({ "product_id": "prod_r", "name": "releasy" })).await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("linux.tar.gz"), b"an installer").unwrap();
    (world, directory)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_releasy_alone_releases() {
    let (world, directory) = world().await;
    let script = blocks_of(PAGE, "sh releasy").join("\n");
    let printed = typed(&world, directory.path(), &script).await;
    let documents: Vec<Value> =
        serde_json::Deserializer::from_str(&printed).into_iter().collect::<Result<_, _>>().unwrap();
    let [presigned, registered, published] = &documents[..] else { panic!("{printed}") };
    let id = presigned["artifact_id"].as_str().unwrap();
    let key = format!("releases/releasy/1.0.0/linux-x86_64/{id}/linux.tar.gz");
    assert_eq!(presigned["object_key"], key);
    assert_eq!((&registered["id"], &registered["object_key"]), (&json!(id), &json!(key)));
    assert_eq!((&registered["size"], &published["status"]), (&json!(12), &json!("published")));
    let offered = world.decide("prod_r", "0.9.0").await;
    let artifact = &offered["artifacts"][0];
    assert_eq!(artifact["sha256"], registered["checksum"]);
    assert_eq!(world.download(&artifact["artifact_id"]).await, b"an installer");
    world.stack.stop().await;
}

/// A command of Releasy's page, and what it prints: the status and the message.
async fn refused(world: &World, directory: &Path, path: &str, body: &str) -> (String, String) {
    let script = format!(
        r#"curl -sS -w '\n%{{http_code}}' -X POST \
-H "x-releasy-admin-key: $RELEASY_ADMIN_API_KEY" \
-H "content-type: application/json" \
-d '{body}' \
http://localhost:8080/v1/releases/{path}"#
    );
    let printed = typed(world, directory, &script).await;
    let (body, status) = printed.rsplit_once('\n').unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    (status.to_owned(), body["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_is_told_what_releasys_page_says_of_errors() {
    let (world, directory) = world().await;
    let directory = directory.path();
    let draft = world.draft("prod_r", "1.0.0").await;
    let release = draft["release_id"].as_str().unwrap();
    let (_, body) = world.sent(&draft, 1, 1024).await;
    let artifacts = format!("{release}/artifacts");
    let with = |member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body.to_string()
    };
    let other = json!("releases/releasy/1.0.0/linux-x86_64/uuid/linux.tar.gz");
    for (path, body, status, message) in [
        (
            &artifacts,
            with("checksum", json!("d2")),
            "400",
            "checksum must be a 64 character hex string",
        ),
        (&artifacts, with("size", json!(0)), "400", "size must be positive"),
        (
            &artifacts,
            with("object_key", other),
            "400",
            "object_key does not match release or platform",
        ),
        (&"rel_none/artifacts".to_owned(), body.to_string(), "404", "release not found"),
        (&artifacts, body.to_string(), "200", ""),
        (&artifacts, body.to_string(), "409", "artifact already exists"),
    ] {
        let told = refused(&world, directory, path, &body).await;
        assert_eq!(told, (status.to_owned(), message.to_owned()), "{body}");
        assert!(message.is_empty() || PAGE.contains(message), "{message}");
    }
    world.stack.stop().await;
}
