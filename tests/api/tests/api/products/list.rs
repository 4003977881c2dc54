//! `GET /v1/products`

use slipway_test_support::{Value, World};

use crate::assertions::{each, has_members};

#[tokio::test]
async fn products_are_listed_newest_first() {
    let world = World::start().await;
    for id in ["prod_one", "prod_two", "prod_three"] {
        world.product(id).await;
    }
    let answer = world.get("/v1/products").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let list = answer.expect(200);
    has_members(&list, &["products", "next_cursor"]);
    assert_eq!(each(&list["products"], "product_id"), ["prod_three", "prod_two", "prod_one"]);
    assert_eq!(list["next_cursor"], Value::Null);
}
