//! `GET /v1/releases`

use slipway_test_support::{Value, World};

use crate::assertions::{has_members, versions};

#[tokio::test]
async fn releases_are_listed_newest_first_and_filtered() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.product("prod_other").await;
    world.publish("prod_app", "2.0.0", "stable").await;
    world.publish("prod_app", "1.0.0", "beta").await;
    let bad = world.publish("prod_other", "3.0.0", "beta").await;
    world.revoke(&bad).await;
    world.draft("prod_other", "0.1.0").await;

    let answer = world.get("/v1/releases").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let list = answer.expect(200);
    has_members(&list, &["releases", "next_cursor"]);
    assert_eq!(list["next_cursor"], Value::Null);
    for (filter, expected) in [
        ("", vec!["0.1.0", "3.0.0", "1.0.0", "2.0.0"]),
        ("product_id=prod_app", vec!["2.0.0", "1.0.0"]),
        ("product_id=prod_app&channel=beta", vec!["1.0.0"]),
        ("channel=beta", vec!["3.0.0", "1.0.0"]),
        ("channel=beta&status=published", vec!["1.0.0"]),
        ("status=revoked", vec!["3.0.0"]),
        ("product_id=prod_other&status=draft", vec!["0.1.0"]),
        ("channel=internal", vec![]),
    ] {
        assert_eq!(versions(&world, &format!("/v1/releases?{filter}")).await, expected, "{filter}");
    }
}
