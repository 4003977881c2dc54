//! A person downloads with plain `curl -OJ`.

use std::collections::BTreeSet;

use slipway_test_support::{World, file, json, text, upload_path};

use crate::shell::Shell;

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_stored_under_its_name() {
    let world = World::start().await;
    let shell = Shell::with([
        ("URL", world.stack.base_url.clone()),
        ("AUTH", format!("authorization: Bearer {}", world.stack.admin_token)),
    ]);
    for (seed, name) in (1..).zip(["app 1.0.msi", "größe.msi", "-O.msi", "100%25;x=y.msi"]) {
        let (bytes, sha256) = file(seed, 1000);
        let request = json!({ "size_bytes": bytes.len(), "sha256": sha256, "filename": name });
        let upload = world.post("/v1/artifacts/uploads", request).await.expect(201);
        assert_eq!(world.send(&upload["upload_url"], bytes).await, 200);
        let artifact = world.post(&upload_path(&upload, "/complete"), json!({})).await.expect(200);
        let download = format!("/v1/artifacts/{}/download", text(&artifact, "artifact_id"));
        shell.types(&format!("curl -fsSLOJ -H \"$AUTH\" \"$URL{download}\"")).await;
    }
    let stored = std::fs::read_dir(shell.directory.path()).unwrap();
    let stored: BTreeSet<String> =
        stored.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    // In ASCII, where curl reads no more.
    let expected = ["app 1.0.msi", "gr__e.msi", "-O.msi", "100_25;x=y.msi"];
    assert_eq!(stored, expected.map(str::to_owned).into());
    world.stack.stop().await;
}
