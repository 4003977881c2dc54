//! `GET /api/v1/version-maps`

use slipway_test_support::{World, json, text};

use super::{VERSION_MAPS as PLACE, all_pages, component, path, synced};
use crate::assertions::each;

#[tokio::test]
async fn version_maps_come_component_by_component_highest_version_first() {
    let world = World::start().await;
    let (api, web) = (component(&world, "api").await, component(&world, "web").await);
    synced(&world, &api, &[("v1.0.0", 1), ("v1.1.0-rc.1", 2)]).await;
    synced(&world, &web, &[("v3.0.0", 3), ("v4.0.0", 4), ("latest", 4)]).await;
    let all = ["v1.1.0-rc.1", "v1.0.0", "v4.0.0", "v3.0.0", "latest"];
    assert_eq!(each(&world.get(PLACE).await.expect(200), "tag"), all);
    assert_eq!(all_pages(&world, &format!("{PLACE}?limit=1"), "tag").await, all);
    let of = async |query: String| {
        let list = world.get(&format!("{PLACE}?{query}")).await.expect(200);
        each(&list, "tag").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let web = text(&web, "id");
    assert_eq!(of(format!("componentId={web}")).await, ["v4.0.0", "v3.0.0", "latest"]);
    assert_eq!(of("channel=stable".to_owned()).await, ["v1.0.0", "v4.0.0", "v3.0.0"]);
    assert_eq!(of(format!("componentId={web}&channel=rc")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_component_that_is_deleted_has_none_and_leaves_no_row() {
    let world = World::start().await;
    let api = component(&world, "api").await;
    synced(&world, &api, &[("v1.0.0", 1), ("latest", 1)]).await;
    let refused = world.put(&path(&api), json!({ "imageRepository": "a/b" })).await;
    refused.refused(409, "stale_state", Some("imageRepository"));
    world.delete(&path(&api)).await.expect(204);
    assert_eq!(world.get(PLACE).await.expect(200), json!([]));
    let of = format!("{PLACE}?componentId={}", text(&api, "id"));
    assert_eq!(world.get(&of).await.expect(200), json!([]));
    let left = world.rows().await.into_keys().filter(|(pk, _)| pk.starts_with("VERSIONS#"));
    assert_eq!(left.collect::<Vec<_>>(), []);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::start().await;
    for (query, code, field) in [
        ("componentId=uuid", "invalid_field", "componentId"),
        ("component_id=uuid", "unknown_field", "component_id"),
        ("cursor=made-up", "invalid_cursor", "cursor"),
    ] {
        world.get(&format!("{PLACE}?{query}")).await.refused(400, code, Some(field));
    }
}
