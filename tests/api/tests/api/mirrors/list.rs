//! `GET /v1/mirrors`

use slipway_test_support::World;

use super::mirror;
use crate::assertions::{each, has_members};

#[tokio::test]
async fn mirrors_are_listed_newest_first() {
    let world = World::start().await;
    let (first, second) = (mirror(&world, "tenant_one").await, mirror(&world, "tenant_two").await);
    let list = world.get("/v1/mirrors").await.expect(200);
    has_members(&list, &["mirrors", "next_cursor"]);
    assert_eq!(each(&list["mirrors"], "id"), [second, first]);
}
