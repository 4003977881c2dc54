//! `GET /api/v1/environments/{id}`

use slipway_test_support::World;

use super::{MEMBERS, PLACE, environment, path};
use crate::assertions::has_members;

#[tokio::test]
async fn an_environment_is_read_as_it_was_created() {
    let world = World::start().await;
    let created = environment(&world, "dev", 1).await;
    has_members(&created, MEMBERS);
    assert_eq!(world.get(&path(&created)).await.expect(200), created);
}

#[tokio::test]
async fn an_unknown_one_is_404_and_what_is_no_id_400() {
    let world = World::start().await;
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff");
    world.get(&unknown).await.refused(404, "not_found", None);
    for id in ["none", "0199C2F0-A1B2-7C3D-8E4F-5A6B7C8D9EFF", "0199c2f0a1b27c3d8e4f5a6b7c8d9eff"] {
        world.get(&format!("{PLACE}/{id}")).await.refused(400, "invalid_field", Some("id"));
    }
}
