//! `GET /v1/artifacts`

use slipway_test_support::{World, file, json};

use crate::assertions::{each, has_members};

#[tokio::test]
async fn artifacts_are_listed_newest_first_and_found_by_digest() {
    let world = World::start().await;
    let ids = [world.external(1).await, world.external(2).await, world.external(3).await];
    let list = world.get("/v1/artifacts").await.expect(200);
    has_members(&list, &["artifacts", "next_cursor"]);
    let newest_first: Vec<_> = ids.iter().rev().map(String::as_str).collect();
    assert_eq!(each(&list["artifacts"], "artifact_id"), newest_first);
    let (_, sha256) = file(2, 64);
    for digest in [sha256.to_uppercase(), sha256] {
        let list = world.get(&format!("/v1/artifacts?sha256={digest}")).await.expect(200);
        assert_eq!(each(&list["artifacts"], "artifact_id"), [&ids[1]]);
    }
    let (_, unknown) = file(4, 64);
    assert_eq!(
        world.get(&format!("/v1/artifacts?sha256={unknown}")).await.expect(200)["artifacts"],
        json!([])
    );
}
