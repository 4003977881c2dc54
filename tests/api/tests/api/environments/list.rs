//! `GET /api/v1/environments`

use slipway_test_support::{World, json};

use super::{PLACE, environment};
use crate::assertions::{each, has_members};

#[tokio::test]
async fn environments_are_listed_in_their_order_with_totals() {
    let world = World::start().await;
    for (name, order) in [("production", 2), ("dev", 0), ("staging-b", 1), ("staging-a", 1)] {
        environment(&world, name, order).await;
    }
    let list = world.get(PLACE).await.expect(200);
    has_members(&list, &["data", "meta"]);
    assert_eq!(each(&list["data"], "name"), ["dev", "staging-a", "staging-b", "production"]);
    let meta = json!({ "page": 1, "pageSize": 20, "totalCount": 4, "totalPages": 1 });
    assert_eq!(list["meta"], meta);
    let second = world.get(&format!("{PLACE}?page=2&pageSize=3")).await.expect(200);
    assert_eq!(each(&second["data"], "name"), ["production"]);
    let meta = json!({ "page": 2, "pageSize": 3, "totalCount": 4, "totalPages": 2 });
    assert_eq!(second["meta"], meta);
    let beyond = world.get(&format!("{PLACE}?page=9")).await.expect(200);
    assert_eq!(beyond["data"], json!([]));
}

#[tokio::test]
async fn a_page_that_can_not_be_is_refused_by_its_parameter() {
    let world = World::start().await;
    for (query, code, field) in [
        ("page=0", "invalid_field", "page"),
        ("pageSize=201", "invalid_field", "pageSize"),
        ("limit=10", "unknown_field", "limit"),
    ] {
        world.get(&format!("{PLACE}?{query}")).await.refused(400, code, Some(field));
    }
}
