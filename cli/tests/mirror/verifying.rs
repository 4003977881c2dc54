//! `slipway snapshot verify`: a manifest or a bundle, wherever it came from.

use std::path::Path;
use std::process::Stdio;

use slipway_test_support::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::mirror::{CommandResult, bare, run};
use crate::vendor::{TENANT, Vendor};

/// Files of a vendor's snapshot: `manifest.json`, `bundle.json` and `keys.json` in `place`.
async fn files(vendor: &Vendor, place: &Path) -> Value {
    let manifest = vendor.latest().await;
    let id = manifest["snapshot_id"].as_str().unwrap();
    let bundle = vendor.world.get(&format!("/v1/snapshots/{id}/bundle")).await.expect(200);
    let keys = vendor.world.get("/v1/keys").await.expect(200);
    for (name, document) in
        [("manifest.json", &manifest), ("bundle.json", &bundle), ("keys.json", &keys)]
    {
        std::fs::write(place.join(name), document.to_string()).unwrap();
    }
    manifest
}

async fn verify(place: &Path, arguments: &[&str]) -> CommandResult {
    run(bare(place).args(["snapshot", "verify", "--json"]).args(arguments)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_genuine_is_said_to_be_by_keys_from_a_file_or_from_the_origin() {
    let (vendor, _) = Vendor::with_files(0..2, 100).await;
    let place = tempfile::tempdir().unwrap();
    let manifest = files(&vendor, place.path()).await;
    for (file, kind) in [("manifest.json", "manifest"), ("bundle.json", "bundle")] {
        for keys in [
            &["--keys", "keys.json"][..],
            &["--origin", &vendor.proxy.url, "--allow-http", "--tenant", TENANT],
        ] {
            let verified = verify(place.path(), &[&[file], keys].concat()).await.good();
            let expected = json!({
                "outcome": "verified", "document": kind, "snapshot_id": manifest["snapshot_id"], "tenant_id": TENANT, "stream": "all",
                "sequence": 1, "expires_at": verified["expires_at"], "releases": 2, "artifacts": 2,
            });
            assert_eq!(verified, expected);
        }
    }
    let mut piped = bare(place.path());
    piped
        .args(["snapshot", "verify", "-", "--keys", "keys.json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(manifest.to_string().as_bytes()).await.unwrap();
    let said = String::from_utf8(child.wait_with_output().await.unwrap().stdout).unwrap();
    assert!(
        said.starts_with("genuine: manifest of snapshot_")
            && said.contains("2 releases, 2 artifacts"),
        "{said}"
    );
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_genuine_is_said_not_to_be_and_why() {
    let (vendor, _) = Vendor::with_files(0..2, 100).await;
    let place = tempfile::tempdir().unwrap();
    files(&vendor, place.path()).await;
    let edited = |from: &str, to: &str, pointer: &str, value: Value| {
        let mut document: Value =
            serde_json::from_slice(&std::fs::read(place.path().join(from)).unwrap()).unwrap();
        *document.pointer_mut(pointer).unwrap() = value;
        std::fs::write(place.path().join(to), document.to_string()).unwrap();
    };
    edited("manifest.json", "edited.json", "/releases/0/version", json!("9.9.9"));
    edited("bundle.json", "bundled.json", "/artifacts/0/size_bytes", json!(1));
    edited("bundle.json", "inside.json", "/manifest/releases/0/version", json!("9.9.9"));
    edited("keys.json", "stranger.json", "/keys", json!([]));
    std::fs::write(place.path().join("text"), "hello").unwrap();
    for (arguments, exit, code) in [
        (&["edited.json", "--keys", "keys.json"][..], 11, "edited_manifest"),
        (&["inside.json", "--keys", "keys.json"], 11, "edited_manifest"),
        (&["bundled.json", "--keys", "keys.json"], 12, "edited_bundle"),
        (&["manifest.json", "--keys", "stranger.json"], 10, "wrong_key"),
        (&["manifest.json", "--keys", "keys.json", "--tenant", "tenant_other"], 16, "other_tenant"),
        (&["text", "--keys", "keys.json"], 25, "malformed"),
        (&["keys.json", "--keys", "keys.json"], 25, "malformed"),
        (&["none.json", "--keys", "keys.json"], 34, "disk"),
        (&["manifest.json", "--keys", "text"], 2, "usage"),
        (&["manifest.json", "--origin", "http://localhost:9"], 21, "redirect_to_http"),
    ] {
        verify(place.path(), arguments).await.refused(exit, code, "");
    }
    assert_eq!(
        verify(place.path(), &["manifest.json"]).await.code,
        Some(2),
        "without keys nothing can be verified"
    );
    vendor.leaves().await;
}
