//! The list of channels comes in pages that may end within a product.

use slipway_test_support::{Value, World, json, text};

/// The products and channels of a page, and its cursor.
fn places(page: &Value) -> (Vec<String>, Option<String>) {
    let place = |one: &Value| format!("{} {}", text(one, "product_id"), text(one, "channel"));
    let all = page["channels"].as_array().unwrap().iter().map(place).collect();
    (all, page["next_cursor"].as_str().map(str::to_owned))
}

/// All pages with `limit` channels, none of which is longer.
async fn paged(world: &World, secret: &str, limit: usize, filter: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/channels?limit={limit}{filter}{cursor}");
        let (some, next) = places(&world.get_as(secret, &path).await.expect(200));
        assert!(some.len() <= limit && (!some.is_empty() || next.is_none()), "{some:?}");
        found.extend(some);
        match next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Five products, of which the second has four channels.
async fn world() -> World {
    let world = World::start().await;
    for n in 0..5 {
        let channels = if n == 1 { json!(["nightly"]) } else { json!([]) };
        let id = format!("prod_{n}");
        let product = json!({ "product_id": id, "name": id, "channels": channels });
        world.post("/v1/products", product).await.expect(201);
    }
    world
}

/// The channels of a product of this world.
fn channels_of(n: usize) -> Vec<String> {
    let names = ["beta", "internal", "nightly", "stable"].into_iter();
    let here = names.filter(|name| *name != "nightly" || n == 1);
    here.map(|name| format!("prod_{n} {name}")).collect()
}

#[tokio::test]
async fn pages_of_any_length_together_are_the_list() {
    let world = world().await;
    let products = ["prod_1", "prod_3"];
    let bound = json!({ "scopes": ["releases:read"], "product_ids": products });
    let bound = world.secret(bound).await;
    let newest_first: Vec<String> = (0..5).rev().flat_map(channels_of).collect();
    let by_id: Vec<String> = [1, 3].into_iter().flat_map(channels_of).collect();
    let admin = world.stack.admin_token.clone();
    for limit in [1, 2, 3, 4, 5, 7, 16, 17, 200] {
        assert_eq!(paged(&world, &admin, limit, "").await, newest_first, "{limit}");
        assert_eq!(paged(&world, &bound, limit, "").await, by_id, "{limit}");
        let of_one = paged(&world, &admin, limit, "&product_id=prod_1").await;
        assert_eq!(of_one, channels_of(1), "{limit}");
        let of_one = paged(&world, &bound, limit, "&product_id=prod_1").await;
        assert_eq!(of_one, channels_of(1), "{limit}");
    }
    let (all, end) = places(&world.get("/v1/channels?limit=16").await.expect(200));
    assert_eq!((all.len(), end), (16, None), "no empty page at the end");
}

#[tokio::test]
async fn a_list_that_grows_shows_nothing_twice_and_leaves_nothing_out() {
    let world = world().await;
    let (mut found, cursor) = places(&world.get("/v1/channels?limit=11").await.expect(200));
    assert_eq!(found.last().unwrap(), "prod_1 internal");
    for n in 5..40 {
        world.product(&format!("prod_{n}")).await;
    }
    for (product, channel) in [("prod_1", "early"), ("prod_1", "a"), ("prod_0", "z")] {
        let path = format!("/v1/products/{product}");
        let mut channels = world.get(&path).await.expect(200)["channels"].clone();
        channels.as_array_mut().unwrap().push(json!(channel));
        world.patch(&path, json!({ "channels": channels })).await.expect(200);
    }
    let path = format!("/v1/channels?limit=200&cursor={}", cursor.unwrap());
    let (rest, end) = places(&world.get(&path).await.expect(200));
    found.extend(rest);
    let mut all: Vec<String> = [4, 3, 2, 1, 0].into_iter().flat_map(channels_of).collect();
    all.push("prod_0 z".to_owned());
    assert_eq!((found, end), (all, None));
}

#[tokio::test]
async fn a_product_that_is_not_there_is_not_found_and_other_filters_are_refused() {
    let world = world().await;
    world.get("/v1/channels?product_id=prod_none").await.refused(404, "not_found", None);
    let wrong = world.get("/v1/channels?product_id=app").await;
    wrong.refused(400, "invalid_field", Some("product_id"));
    world.get("/v1/channels?channel=beta").await.refused(400, "unknown_field", Some("channel"));
}
