//! `GET /api/v1/components`

use slipway_test_support::{World, json};

use super::{PLACE, component};
use crate::assertions::each;

#[tokio::test]
async fn components_are_a_bare_array_by_name() {
    let world = World::start().await;
    assert_eq!(world.get(PLACE).await.expect(200), json!([]));
    for name in ["web", "api", "worker"] {
        component(&world, name).await;
    }
    let list = world.get(PLACE).await.expect(200);
    assert_eq!(each(&list, "name"), ["api", "web", "worker"]);
}
