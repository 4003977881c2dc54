//! `DELETE /api/v1/integrations/{id}`

use slipway_test_support::World;

use super::{PLACE, integration, path};

#[tokio::test]
async fn an_integration_that_is_deleted_is_gone_and_its_name_is_free() {
    let world = World::start().await;
    let gone = integration(&world, "hub").await;
    world.delete(&path(&gone)).await.expect(204);
    world.get(&path(&gone)).await.refused(404, "not_found", None);
    world.delete(&path(&gone)).await.refused(404, "not_found", None);
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
    assert_ne!(integration(&world, "hub").await["id"], gone["id"]);
}
