//! `POST /v1/releases/{release_id}/artifacts`

use slipway_test_support::{TestResponse, Value, World, json, release_path, text};

async fn empty_draft() -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    (world, draft)
}

fn part(artifact: &str, platform: &str, installer: &str) -> Value {
    json!({ "artifact_id": artifact, "platform": platform, "arch": "x86_64", "installer_type": installer, "requires_admin": false })
}

async fn add(world: &World, release: &Value, parts: &[Value]) -> TestResponse {
    world.post(&release_path(release, "/artifacts"), json!({ "artifacts": parts })).await
}

#[tokio::test]
async fn a_draft_gets_artifacts_one_by_one_and_is_published_with_all() {
    let (world, draft) = empty_draft().await;
    let windows = part(&world.external(1).await, "windows", "msi");
    let linux = part(&world.external(2).await, "linux", "deb");
    let one = add(&world, &draft, std::slice::from_ref(&windows)).await.expect(200);
    assert_eq!((&one["status"], one["artifacts"].as_array().unwrap().len()), (&json!("draft"), 1));
    let two = add(&world, &draft, std::slice::from_ref(&linux)).await.expect(200);
    let ids = two["artifacts"].as_array().unwrap().iter().map(|part| &part["artifact_id"]);
    assert_eq!(ids.collect::<Vec<_>>(), [&windows["artifact_id"], &linux["artifact_id"]]);
    let publish = json!({ "expected_artifacts": 2 });
    let release = world.post(&release_path(&draft, "/publish"), publish).await.expect(200);
    assert_eq!(release["artifacts"], two["artifacts"]);
    let offered = world.decide("prod_app", "0.1.0").await;
    assert_eq!(offered["artifacts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn adding_again_changes_nothing_whatever_the_id_of_the_bytes_and_after_publication() {
    let (world, draft) = empty_draft().await;
    let first = part(&world.external(1).await, "windows", "msi");
    let added = add(&world, &draft, std::slice::from_ref(&first)).await.expect(200);
    // The same bytes, as a CI run that starts over registers them.
    let url = "https://artifacts.example.com";
    let (_, sha256) = slipway_test_support::file(1, 64);
    let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": format!("{url}/{sha256}.msi") });
    let again = world.post("/v1/artifacts", body).await.expect(201);
    let second = part(text(&again, "artifact_id"), "windows", "msi");
    let rows = world.rows().await;
    for repeated in [&first, &second] {
        let again = add(&world, &draft, std::slice::from_ref(repeated)).await.expect(200);
        assert_eq!(again, added);
    }
    assert_eq!(world.rows().await, rows);
    let published = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    assert_eq!(add(&world, &draft, &[second]).await.expect(200), published);
}

#[tokio::test]
async fn other_bytes_for_the_same_machines_are_refused() {
    let (world, draft) = empty_draft().await;
    let (one, two) = (world.external(1).await, world.external(2).await);
    let added = add(&world, &draft, &[part(&one, "windows", "msi")]).await.expect(200);
    let beside = part(&world.external(3).await, "linux", "deb");
    let refused = add(&world, &draft, &[beside, part(&two, "windows", "msi")]).await;
    refused.refused(409, "artifact_exists", Some("artifacts[1]"));
    let details = &refused.body["error"]["details"];
    assert_eq!(details["requested"]["artifact_id"], json!(two));
    assert_eq!(details["existing"], added["artifacts"][0]);
    let mut alias = part(&two, "win32", "msi");
    alias["arch"] = json!("amd64");
    add(&world, &draft, &[alias]).await.refused(409, "artifact_exists", Some("artifacts[0]"));
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200), added);
}

#[tokio::test]
async fn what_is_published_or_revoked_never_changes() {
    let (world, draft) = empty_draft().await;
    let one = part(&world.external(1).await, "windows", "msi");
    add(&world, &draft, &[one]).await.expect(200);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    let more = part(&world.external(2).await, "linux", "deb");
    let refused = add(&world, &draft, std::slice::from_ref(&more)).await;
    refused.refused(409, "stale_state", None);
    world.revoke(&draft).await;
    add(&world, &draft, &[more]).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn an_addition_is_judged_at_the_border() {
    let (world, draft) = empty_draft().await;
    let one = part(&world.external(1).await, "windows", "msi");
    let refused = add(&world, &draft, &[]).await;
    refused.refused(400, "invalid_field", Some("artifacts"));
    let refused = add(&world, &draft, &[one.clone(), one.clone()]).await;
    refused.refused(400, "invalid_field", Some("artifacts[1]"));
    let refused = add(&world, &draft, &[one.clone(), part("art_1", "Win32", "msi")]).await;
    refused.refused(400, "invalid_field", Some("artifacts[1]"));
    let refused = add(&world, &draft, &[part("art_1", "beos", "msi")]).await;
    refused.refused(400, "invalid_field", Some("artifacts[0].platform"));
    let refused = add(&world, &draft, &vec![one.clone(); 51]).await;
    refused.refused(400, "invalid_field", Some("artifacts"));
    let refused = add(&world, &draft, &[one, part("art_none", "linux", "deb")]).await;
    refused.refused(422, "artifact_not_ready", Some("artifacts[1].artifact_id"));
    let nobody = json!({ "release_id": "rel_none" });
    let other = part(&world.external(2).await, "linux", "deb");
    add(&world, &nobody, &[other]).await.refused(404, "not_found", None);
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200), draft);
}

#[tokio::test]
async fn a_release_has_fifty_artifacts_at_the_most() {
    let (world, draft) = empty_draft().await;
    let mut parts = Vec::new();
    for platform in ["windows", "macos", "linux"] {
        for arch in ["x86_64", "arm64", "x86", "armv7"] {
            for installer in ["msi", "exe", "pkg", "dmg", "zip"] {
                let mut part = part(&world.external(1).await, platform, installer);
                part["arch"] = json!(arch);
                parts.push(part);
            }
        }
    }
    add(&world, &draft, &parts[..50]).await.expect(200);
    let refused = add(&world, &draft, &parts[50..]).await;
    refused.refused(400, "invalid_field", Some("artifacts"));
    assert_eq!(
        world.get(&release_path(&draft, "")).await.expect(200)["artifacts"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
}

#[tokio::test]
async fn a_body_that_mixes_both_forms_is_called_so_whatever_else_is_wrong() {
    let world = World::start().await;
    let by_id = json!([{ "artifact_id": "art_1" }]);
    for body in [
        json!({ "artifacts": by_id, "size": 1 }),
        json!({ "artifacts": by_id, "artifact_id": "art_1" }),
        json!({ "artifact_id": "art_1", "artifacts": "art_1", "platform": 7 }),
        json!({ "artifacts": [{}], "checksum": "x" }),
    ] {
        let answer = world.post("/v1/releases/rel_none/artifacts", body.clone()).await;
        answer.refused(400, "invalid_field", Some("artifacts"));
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("the body mixes two forms"), "{body}: {message}");
    }
    world.stack.stop().await;
}
