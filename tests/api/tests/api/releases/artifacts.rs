//! `GET /v1/releases/{release_id}/artifacts`

use slipway_test_support::{World, release_path};

use crate::assertions::has_members;

#[tokio::test]
async fn a_release_and_its_artifacts_are_shown_with_where_to_get_them() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
    let answer = world.get(&release_path(&release, "/artifacts")).await;
    assert!(answer.header("etag").is_some());
    let list = answer.expect(200);
    has_members(&list, &["artifacts"]);
    let artifact = &list["artifacts"][0];
    has_members(
        artifact,
        &[
            "artifact_id",
            "platform",
            "arch",
            "installer_type",
            "requires_admin",
            "sha256",
            "size_bytes",
            "download_url",
        ],
    );
    assert_eq!(artifact["download_url"], release["artifacts"][0]["external_url"]);
}
