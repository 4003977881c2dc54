//! `GET /api/v1/releases/{id}`

use slipway_test_support::World;

use super::{MEMBERS, PLACE, bundle, path, versioned};
use crate::assertions::has_members;

#[tokio::test]
async fn a_release_is_read_as_it_was_created() {
    let world = World::start().await;
    let created = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    has_members(&created, MEMBERS);
    assert_eq!(world.get(&path(&created)).await.expect(200), created);
}

#[tokio::test]
async fn an_unknown_one_is_404_and_what_is_no_id_400() {
    let world = World::start().await;
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff");
    world.get(&unknown).await.refused(404, "not_found", None);
    world.get(&format!("{PLACE}/rel_0123")).await.refused(400, "invalid_field", Some("id"));
}
