//! `DELETE /api/v1/components/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, component, path};

#[tokio::test]
async fn a_component_that_is_deleted_is_gone_and_its_name_is_free() {
    let world = World::start().await;
    let gone = component(&world, "api").await;
    world.delete(&path(&gone)).await.expect(204);
    world.get(&path(&gone)).await.refused(404, "not_found", None);
    world.delete(&path(&gone)).await.refused(404, "not_found", None);
    assert_eq!(world.get(PLACE).await.expect(200), json!([]));
    assert_ne!(component(&world, "api").await["id"], gone["id"]);
}
