//! `slipway bundle verify`: the manifest of a release bundle, wherever it came from.

use std::path::Path;
use std::process::Stdio;

use slipway_test_support::{Value, json, text};
use tokio::io::AsyncWriteExt;

use crate::mirror::{CommandResult, bare, run};
use crate::vendor::Vendor;

/// Files of a release of two components, and of a snapshot: `manifest.json`, `snapshot.json` and
/// `keys.json` in `place`. Answers the manifest.
async fn files(vendor: &Vendor, place: &Path) -> Value {
    let (world, mut components) = (&vendor.world, Vec::new());
    for name in ["api", "worker"] {
        let component = world.component(name).await;
        components.push(json!({ "componentId": component["id"], "version": "2.0.0" }));
    }
    let new = json!({ "name": "myapp-v2", "components": components });
    let release = world.post("/api/v1/releases", new).await.expect(201);
    let path = format!("/api/v1/releases/{}", text(&release, "id"));
    world.put(&path, json!({ "status": "ready" })).await.expect(200);
    let manifest = world.get(&format!("{path}/manifest")).await.expect(200);
    let keys = world.get("/v1/keys").await.expect(200);
    let snapshot = vendor.latest().await;
    for (name, document) in
        [("manifest.json", &manifest), ("snapshot.json", &snapshot), ("keys.json", &keys)]
    {
        std::fs::write(place.join(name), document.to_string()).unwrap();
    }
    manifest
}

async fn verify(place: &Path, arguments: &[&str]) -> CommandResult {
    run(bare(place).args(["bundle", "verify", "--json"]).args(arguments)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_manifest_is_told_with_its_images() {
    let (vendor, _) = Vendor::with_files(0..1, 100).await;
    let place = tempfile::tempdir().unwrap();
    let manifest = files(&vendor, place.path()).await;
    let (id, images) = (text(&manifest, "releaseId"), &manifest["images"]);
    let image = |index: usize| {
        let image = &images[index];
        json!({ "name": image["name"], "version": "2.0.0", "image": image["image"] })
    };
    for trust in [
        &["--keys", "keys.json", "--release", id][..],
        &["--origin", &vendor.proxy.url, "--allow-http"],
    ] {
        let verified = verify(place.path(), &[&["manifest.json"], trust].concat()).await.good();
        let expected = json!({
            "outcome": "verified", "document": "release_bundle", "release_id": id,
            "release_name": "myapp-v2", "images": [image(0), image(1)],
        });
        assert_eq!(verified, expected);
    }
    let mut piped = bare(place.path());
    piped
        .args(["bundle", "verify", "-", "--keys", "keys.json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(manifest.to_string().as_bytes()).await.unwrap();
    let said = String::from_utf8(child.wait_with_output().await.unwrap().stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("genuine: manifest of myapp-v2 ({id}), 2 images"));
    assert_eq!(lines[2], format!("worker 2.0.0 {}", text(&images[1], "image")));
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_it_is_is_said_and_why() {
    let (vendor, _) = Vendor::with_files(0..1, 100).await;
    let place = tempfile::tempdir().unwrap();
    let manifest = files(&vendor, place.path()).await;
    let write = |name: &str, text: String| std::fs::write(place.path().join(name), text).unwrap();
    let text_of = manifest.to_string();
    let digest = text(&manifest["images"][0], "digest");
    let end = &digest[digest.len() - 1..];
    let other = format!("{}{}", &digest[..digest.len() - 1], if end == "0" { "1" } else { "0" });
    write("digest.json", text_of.replace(digest, &other));
    write("twice.json", text_of.replacen('{', "{\"releaseName\":\"a\",", 1));
    let mut added = manifest.clone();
    added["tenant"] = json!("acme");
    write("added.json", added.to_string());
    write("none.json", json!({ "keys": [] }).to_string());
    write("large.json", format!("{text_of}{}", " ".repeat(10 << 20)));
    write("text", "hello".to_owned());
    let unknown = "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff";
    for (file, keys, more, exit, code) in [
        ("digest.json", "keys.json", &[][..], 11, "edited_manifest"),
        ("added.json", "keys.json", &[], 11, "edited_manifest"),
        ("twice.json", "keys.json", &[], 25, "malformed"),
        ("snapshot.json", "keys.json", &[], 25, "malformed"),
        ("large.json", "keys.json", &[], 25, "malformed"),
        ("text", "keys.json", &[], 25, "malformed"),
        ("manifest.json", "none.json", &[], 10, "wrong_key"),
        ("manifest.json", "text", &[], 2, "usage"),
        ("manifest.json", "keys.json", &["--release", unknown], 26, "other_release"),
        ("absent.json", "keys.json", &[], 34, "disk"),
    ] {
        let arguments = [&[file, "--keys", keys], more].concat();
        verify(place.path(), &arguments).await.refused(exit, code, "");
    }
    // What is signed as one is not taken for the other.
    let as_snapshot = ["snapshot", "verify", "--json", "manifest.json", "--keys", "keys.json"];
    run(bare(place.path()).args(as_snapshot)).await.refused(11, "edited_manifest", "");
    assert_eq!(verify(place.path(), &["manifest.json"]).await.code, Some(2), "without keys");
    vendor.leaves().await;
}
