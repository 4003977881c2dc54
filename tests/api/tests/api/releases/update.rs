//! `PATCH /v1/releases/{release_id}`

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path};

use crate::assertions::has_members;
use crate::releases::MEMBERS;

async fn with_release() -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    body["metadata"] = json!({ "release_notes": "Fastre.", "build": "77" });
    let release = world.post("/v1/releases", body).await.expect(201);
    (world, release)
}

async fn patch(world: &World, release: &Value, body: Value) -> TestResponse {
    world.patch(&release_path(release, ""), body).await
}

#[tokio::test]
async fn metadata_is_corrected_for_clients_and_mirrors_and_nothing_else_changes() {
    let (world, release) = with_release().await;
    world.tenant("tenant_acme", json!("*")).await;
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let metadata = json!({ "release_notes": { "en": "Faster.", "de": "Schneller." } });
    let updated = patch(&world, &release, json!({ "metadata": metadata })).await.expect(200);
    has_members(&updated, MEMBERS);
    let mut expected = release.clone();
    expected["metadata"] = metadata.clone();
    assert_eq!(updated, expected);
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), updated);
    assert_eq!(world.decide("prod_app", "0.9.0").await["metadata"], metadata);
    let next = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    assert_ne!(next["snapshot_id"], snapshot["snapshot_id"]);
    let path = format!("/v1/snapshots/{}", next["snapshot_id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.expect(200)["releases"][0]["metadata"], metadata);
}

#[tokio::test]
async fn what_is_left_out_stays_and_what_never_changes_is_no_member() {
    let (world, release) = with_release().await;
    for nothing in
        [json!({}), json!({ "metadata": null }), json!({ "metadata": release["metadata"] })]
    {
        assert_eq!(patch(&world, &release, nothing).await.expect(200), release);
    }
    for member in ["version", "artifacts", "channel", "rollout"] {
        let body = json!({ "metadata": {}, member: release[member] });
        patch(&world, &release, body).await.refused(400, "unknown_field", Some(member));
    }
    let illegal = json!({ "metadata": { "critical": "yes" } });
    let refused = patch(&world, &release, illegal).await;
    refused.refused(400, "invalid_field", Some("metadata.critical"));
    let long = json!({ "metadata": { "notes": "x".repeat(16 << 10) } });
    patch(&world, &release, long).await.refused(400, "invalid_field", Some("metadata"));
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
    let emptied = patch(&world, &release, json!({ "metadata": {} })).await.expect(200);
    assert_eq!(emptied["metadata"], json!({}));
}

#[tokio::test]
async fn a_draft_is_updated_and_a_revoked_release_is_not() {
    let (world, release) = with_release().await;
    let draft = world.draft("prod_app", "2.0.0").await;
    let metadata = json!({ "metadata": { "critical": true } });
    let updated = patch(&world, &draft, metadata.clone()).await.expect(200);
    assert_eq!(
        (&updated["status"], &updated["metadata"]["critical"]),
        (&json!("draft"), &json!(true))
    );
    world.revoke(&release).await;
    patch(&world, &release, metadata.clone()).await.refused(409, "stale_state", None);
    let nobody = json!({ "release_id": "rel_none" });
    patch(&world, &nobody, metadata).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn the_upgrade_path_of_a_published_release_is_changed_member_by_member() {
    let (world, release) = with_release().await;
    let mut expected = release.clone();
    for (change, required, minimum) in [
        (json!({ "required": true }), true, Value::Null),
        (json!({ "min_current_version": "0.9.0" }), true, json!("0.9.0")),
        (json!({ "required": false }), false, json!("0.9.0")),
        (json!({ "required": null, "min_current_version": null }), false, json!("0.9.0")),
        (json!({ "min_current_version": "0.9.5" }), false, json!("0.9.5")),
        (json!({ "min_current_version": "0.0.0-0" }), false, Value::Null),
    ] {
        expected["required"] = json!(required);
        expected["min_current_version"] = minimum;
        assert_eq!(patch(&world, &release, change.clone()).await.expect(200), expected, "{change}");
        assert_eq!(world.get(&release_path(&release, "")).await.expect(200), expected);
    }
    for (member, illegal) in [
        ("min_current_version", json!("1.0.0")),
        ("min_current_version", json!("1.0")),
        ("required", json!("yes")),
    ] {
        let body = json!({ "metadata": {}, member: illegal });
        patch(&world, &release, body).await.refused(400, "invalid_field", Some(member));
    }
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), expected);
}

#[tokio::test]
async fn an_update_under_an_old_tag_is_refused() {
    let (world, release) = with_release().await;
    let path = release_path(&release, "");
    let tag = world.get(&path).await.header("etag").unwrap().to_owned();
    let update = async |notes: &str| {
        let request = world.admin(Method::PATCH, &path).header("if-match", &tag);
        let body = json!({ "metadata": { "release_notes": notes } });
        TestResponse::to(request.json(&body)).await
    };
    let updated = update("one").await.expect(200);
    update("two").await.refused(412, "precondition_failed", Some("If-Match"));
    assert_eq!(world.get(&path).await.expect(200), updated);
}
