//! `POST /v1/decision`: what the request may contain

use slipway_test_support::json;

use super::{decide, with_product};
use crate::assertions::each;

#[tokio::test]
async fn fields_that_the_server_does_not_know_are_ignored() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let body = json!({
        "products": [{ "product_id": "prod_app", "current_version": "1.0.0", "locale": "de" }], "sdk": { "version": 9 },
    });
    assert_eq!(decide(&world, body).await["decisions"][0]["version"], "1.1.0");
}

#[tokio::test]
async fn a_hundred_products_are_answered_and_one_more_or_none_refused() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let of = |count: usize| {
        let product =
            |n| json!({ "product_id": "prod_app", "current_version": format!("1.0.{n}") });
        json!({ "products": (0..count).map(product).collect::<Vec<_>>() })
    };
    assert_eq!(decide(&world, of(100)).await["decisions"].as_array().unwrap().len(), 100);
    for count in [0, 101] {
        world.post("/v1/decision", of(count)).await.refused(400, "invalid_field", Some("products"));
    }
    let distinct: Vec<_> = (0..100)
        .map(|n| json!({ "product_id": format!("prod_{n}"), "current_version": "1.0.0" }))
        .collect();
    let answer = decide(&world, json!({ "products": distinct })).await;
    assert!(each(&answer["decisions"], "reason").iter().all(|reason| *reason == "unknown_product"));
}

#[tokio::test]
async fn a_product_is_asked_for_once() {
    let world = with_product().await;
    let product = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    let other = json!({ "product_id": "prod_app", "current_version": "1.0.0", "channel": "beta" });
    let twice = json!({ "products": [product, other, product] });
    world.post("/v1/decision", twice).await.refused(400, "invalid_field", Some("products[2]"));
    let once = decide(&world, json!({ "products": [product, other] })).await;
    assert_eq!(once["decisions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_version_may_have_a_v_in_front_or_a_fourth_number_behind() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let bad = world.release("prod_app", "1.2.0").await;
    world.revoke(&bad).await;
    for (current, reason) in [
        ("v0.9.0", "update_available"),
        ("1.0.0.65535", "update_available"),
        ("v1.1.0", "up_to_date"),
        ("1.1.0.0", "up_to_date"),
        ("1.2.0.7", "current_version_revoked"),
        ("1.1", "invalid_version"),
        ("1.0.0.0.0", "invalid_version"),
    ] {
        let decision = world.decide("prod_app", current).await;
        assert_eq!(decision["reason"], reason, "{current}");
        assert_eq!(decision["current_version"], current);
    }
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let world = with_product().await;
    let product = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    for (body, field) in [
        (json!({}), "products"),
        (json!({ "products": [product, 7] }), "products[1]"),
        (json!({ "products": [product], "nonce": "x".repeat(129) }), "nonce"),
        (json!({ "products": product }), "products"),
    ] {
        world.post("/v1/decision", body).await.refused(400, "invalid_field", Some(field));
    }
    let nonce = "ü".repeat(128);
    assert_eq!(
        decide(&world, json!({ "products": [product], "nonce": nonce })).await["nonce"],
        nonce
    );
}

#[tokio::test]
async fn a_product_whose_members_are_wrong_does_not_spoil_the_others() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let good = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    for (wrong, reason) in [
        (json!({ "current_version": "1.0.0" }), "unknown_product"),
        (json!({ "product_id": 7, "current_version": "1.0.0" }), "unknown_product"),
        (json!({ "product_id": "prod_app" }), "invalid_version"),
        (json!({ "product_id": "prod_app", "current_version": null }), "invalid_version"),
        (json!({ "product_id": "prod_app", "current_version": 1.0 }), "invalid_version"),
        (json!({ "product_id": "prod_app", "current_version": ["1.0.0"] }), "invalid_version"),
        (
            json!({ "product_id": "prod_app", "current_version": "1.0.0", "channel": {} }),
            "invalid_channel",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": "1.0.0", "tenant_id": 1 }),
            "unknown_tenant",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": "1.0.0", "arch": [] }),
            "unknown_arch",
        ),
        (json!({}), "unknown_product"),
    ] {
        let answer = decide(&world, json!({ "products": [good, wrong] })).await;
        assert_eq!(each(&answer["decisions"], "reason"), ["update_available", reason], "{wrong}");
    }
}
