//! `GET /api/v1/integrations`

use slipway_test_support::{World, json};

use super::{PLACE, integration};
use crate::assertions::{each, has_members};

#[tokio::test]
async fn integrations_are_listed_by_name_with_totals() {
    let world = World::start().await;
    for name in ["quay", "docker-hub", "ghcr"] {
        integration(&world, name).await;
    }
    let list = world.get(PLACE).await.expect(200);
    has_members(&list, &["data", "meta"]);
    assert_eq!(each(&list["data"], "name"), ["docker-hub", "ghcr", "quay"]);
    let second = world.get(&format!("{PLACE}?page=2&pageSize=2")).await.expect(200);
    assert_eq!(each(&second["data"], "name"), ["quay"]);
    let meta = json!({ "page": 2, "pageSize": 2, "totalCount": 3, "totalPages": 2 });
    assert_eq!(second["meta"], meta);
}
