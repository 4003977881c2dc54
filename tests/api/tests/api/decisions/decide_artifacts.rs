//! `POST /v1/decision`: which artifacts are offered

use slipway_test_support::{World, json, text};

use super::{ask, with_product};
use crate::assertions::each;

#[tokio::test]
async fn artifacts_are_chosen_by_platform_and_architecture() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.1.0", "stable", &world.external(1).await);
    for (seed, platform, arch, form) in [
        (2, "windows", "arm64", "msi"),
        (3, "macos", "universal", "dmg"),
        (4, "linux", "x86_64", "deb"),
    ] {
        let artifact = world.external(seed).await;
        let part = json!({ "artifact_id": artifact, "platform": platform, "arch": arch, "installer_type": form });
        body["artifacts"].as_array_mut().unwrap().push(part);
    }
    world.post("/v1/releases", body).await.expect(201);
    for (machine, expected) in [
        (json!({}), vec!["msi", "msi", "dmg", "deb"]),
        (json!({ "platform": "windows" }), vec!["msi", "msi"]),
        (json!({ "platform": "windows", "arch": "arm64" }), vec!["msi"]),
        (json!({ "platform": "macos", "arch": "arm64" }), vec!["dmg"]),
        (json!({ "platform": "macos", "arch": "x86_64" }), vec!["dmg"]),
        (json!({ "arch": "x86_64" }), vec!["msi", "dmg", "deb"]),
    ] {
        let decision = ask(&world, machine.clone()).await;
        assert_eq!(each(&decision["artifacts"], "installer_type"), expected, "{machine}");
    }
    for (machine, reason) in [
        (json!({ "platform": "linux", "arch": "arm64" }), "no_matching_artifact"),
        (json!({ "platform": "android" }), "no_matching_artifact"),
        (json!({ "platform": "beos" }), "unknown_platform"),
        (json!({ "platform": "", "arch": "sparc" }), "unknown_platform"),
        (json!({ "platform": "windows", "arch": "sparc" }), "unknown_arch"),
        // The newest version is no reason to hide that the machine is unknown.
        (json!({ "current_version": "1.1.0", "arch": "armv6l" }), "unknown_arch"),
    ] {
        let decision = ask(&world, machine.clone()).await;
        assert_eq!(
            (&decision["action"], &decision["reason"]),
            (&json!("NONE"), &json!(reason)),
            "{machine}"
        );
        assert_eq!(decision.get("version"), None);
    }
}

#[tokio::test]
async fn a_machine_is_known_by_the_names_that_its_tools_have_for_it() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.1.0", "stable", &world.external(1).await);
    for (seed, platform, arch, form) in
        [(2, "Darwin", "universal2", "dmg"), (3, "Linux", "aarch64", "deb")]
    {
        let artifact = world.external(seed).await;
        let part = json!({ "artifact_id": artifact, "platform": platform, "arch": arch, "installer_type": form });
        body["artifacts"].as_array_mut().unwrap().push(part);
    }
    let release = world.post("/v1/releases", body).await.expect(201);
    assert_eq!(each(&release["artifacts"], "platform"), ["windows", "macos", "linux"]);
    assert_eq!(each(&release["artifacts"], "arch"), ["x86_64", "universal", "arm64"]);
    for (platform, arch, expected) in [
        ("win32", "x64", "msi"),
        ("Windows", "AMD64", "msi"),
        ("darwin", "arm64", "dmg"),
        ("osx", "x64", "dmg"),
        ("linux", "aarch64", "deb"),
    ] {
        let decision = ask(&world, json!({ "platform": platform, "arch": arch })).await;
        assert_eq!(each(&decision["artifacts"], "installer_type"), [expected], "{platform} {arch}");
    }
}

#[tokio::test]
async fn a_machine_without_an_installer_gets_the_newest_release_that_has_one() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    world
        .post("/v1/releases", World::release_of("prod_app", "1.1.0", "stable", &artifact))
        .await
        .expect(201);
    let mut newer = World::release_of("prod_app", "1.2.0", "stable", &artifact);
    newer["artifacts"][0]["platform"] = json!("macos");
    newer["artifacts"][0]["installer_type"] = json!("dmg");
    world.post("/v1/releases", newer).await.expect(201);
    assert_eq!(ask(&world, json!({ "platform": "windows" })).await["version"], "1.1.0");
    assert_eq!(ask(&world, json!({ "platform": "macos" })).await["version"], "1.2.0");
}

#[tokio::test]
async fn a_managed_artifact_is_downloaded_through_slipway() {
    let world = with_product().await;
    let (bytes, sha256) = slipway_test_support::file(1, 64);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    world.http().put(text(&upload, "upload_url")).body(bytes).send().await.unwrap();
    let done = world
        .post(&format!("/v1/artifacts/uploads/{}/complete", text(&upload, "upload_id")), json!({}))
        .await
        .expect(200);
    let artifact = text(&done, "artifact_id");
    world
        .post("/v1/releases", World::release_of("prod_app", "1.1.0", "stable", artifact))
        .await
        .expect(201);
    let decision = ask(&world, json!({})).await;
    let url = format!("{}/v1/artifacts/{artifact}/download", world.stack.base_url);
    assert_eq!(decision["artifacts"][0]["download_url"], json!(url));
}
