//! `DELETE /api/v1/environments/{id}`

use slipway_test_support::World;

use super::{PLACE, environment, path};

#[tokio::test]
async fn an_environment_that_is_deleted_is_gone_and_its_name_is_free() {
    let world = World::start().await;
    let gone = environment(&world, "dev", 1).await;
    world.delete(&path(&gone)).await.expect(204);
    world.get(&path(&gone)).await.refused(404, "not_found", None);
    world.delete(&path(&gone)).await.refused(404, "not_found", None);
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
    assert_ne!(environment(&world, "dev", 1).await["id"], gone["id"]);
}
