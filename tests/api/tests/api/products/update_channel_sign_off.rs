//! `PATCH /v1/products/{product_id}`: the sign-off that channels ask for.

use slipway_test_support::{Method, TestResponse, Value, World, json};

use crate::approvals::{PRODUCT, approve, approve_as, gated};

const PATH: &str = "/v1/products/prod_app";

#[tokio::test]
async fn what_weakens_the_rule_waits_for_the_old_one_and_what_strengthens_it_does_not() {
    let world = World::start().await;
    gated(&world, 2).await;
    let three = json!({ "channel_sign_off": { "stable": { "required_approvals": 3 }, "beta": { "required_approvals": 1 } } });
    let strengthened = world.patch(PATH, three.clone()).await.expect(200);
    assert_eq!(strengthened["channel_sign_off"], three["channel_sign_off"]);
    for weaker in [
        json!({ "channel_sign_off": {} }),
        json!({ "channel_sign_off": { "stable": { "required_approvals": 2 }, "beta": { "required_approvals": 1 } } }),
        json!({ "channel_follows": { "stable": ["internal"] } }),
    ] {
        let asked = world.patch(PATH, weaker).await.expect(202);
        assert_eq!(
            (&asked["operation"], &asked["required_approvals"]),
            (&json!("product-update"), &json!(3))
        );
    }
    let of_beta = json!({ "channel_sign_off": { "stable": { "required_approvals": 3 } } });
    let asked = world.patch(PATH, of_beta.clone()).await.expect(202);
    assert_eq!((&asked["channel"], &asked["required_approvals"]), (&json!("beta"), &json!(1)));
    assert_eq!(world.get(PATH).await.expect(200), strengthened);
    approve(&world, &asked).await;
    let weakened = world.patch(PATH, of_beta.clone()).await.expect(200);
    assert_eq!(weakened["channel_sign_off"], of_beta["channel_sign_off"]);
}

#[tokio::test]
async fn a_rule_stays_while_its_channel_is_removed() {
    let world = World::start().await;
    let rules = json!({ "nightly": { "required_approvals": 1 } });
    let product = json!({
        "product_id": PRODUCT, "name": "App", "channels": ["nightly"], "channel_sign_off": rules,
    });
    world.post("/v1/products", product).await.expect(201);
    world.patch(PATH, json!({ "channels": [] })).await.expect(200);
    let back = world.patch(PATH, json!({ "channels": ["nightly"] })).await.expect(200);
    assert_eq!(back["channel_sign_off"], rules);
}

#[tokio::test]
async fn an_unknown_channel_and_a_number_that_is_none_are_refused() {
    let world = World::start().await;
    gated(&world, 1).await;
    for (rules, field) in [
        (json!({ "stabel": { "required_approvals": 1 } }), "channel_sign_off.stabel"),
        (
            json!({ "stable": { "required_approvals": 0 } }),
            "channel_sign_off.stable.required_approvals",
        ),
        (
            json!({ "stable": { "required_approvals": 4 } }),
            "channel_sign_off.stable.required_approvals",
        ),
        (json!({ "stable": {} }), "channel_sign_off.stable.required_approvals"),
    ] {
        let refused = world.patch(PATH, json!({ "channel_sign_off": rules })).await;
        refused.refused(400, "invalid_field", Some(field));
    }
}

#[tokio::test]
async fn who_may_not_change_the_product_does_not_approve_that() {
    let world = World::start().await;
    gated(&world, 1).await;
    let asked = world.patch(PATH, json!({ "channel_sign_off": {} })).await.expect(202);
    for wanted in [
        json!({ "scopes": ["ci:write", "releases:read"] }),
        json!({ "scopes": ["ci:write"], "channels": ["stable"] }),
    ] {
        let secret = world.secret(wanted).await;
        approve_as(&world, &secret, &asked).await.refused(403, "forbidden", None);
    }
    // A rule that is stronger meanwhile asks for more than the one that stood at the request.
    approve(&world, &asked).await;
    let two = json!({ "channel_sign_off": { "stable": { "required_approvals": 2 } } });
    let request = world.admin(Method::PATCH, PATH).json(&two);
    TestResponse::to(request).await.expect(200);
    let waiting = world.patch(PATH, json!({ "channel_sign_off": {} })).await.expect(202);
    assert_eq!(
        (&waiting["approval_id"], &waiting["required_approvals"]),
        (&asked["approval_id"], &json!(2))
    );
    approve(&world, &waiting).await;
    world.patch(PATH, json!({ "channel_sign_off": {} })).await.expect(200);
}

#[tokio::test]
async fn one_request_raises_the_sign_off_of_eight_channels() {
    let world = World::start().await;
    let channels: Vec<String> = (0..9).map(|number| format!("channel-{number}")).collect();
    let product = json!({ "product_id": PRODUCT, "name": "App", "channels": channels });
    world.post("/v1/products", product).await.expect(201);
    let rule = json!({ "required_approvals": 1 });
    let rules = |count: usize| -> Value {
        channels.iter().take(count).map(|channel| (channel.clone(), rule.clone())).collect()
    };
    let update = |count| json!({ "channel_sign_off": rules(count) });
    let refused = world.patch(PATH, update(9)).await;
    refused.refused(400, "invalid_field", Some("channel_sign_off"));
    world.patch(PATH, update(8)).await.expect(200);
    let all = world.patch(PATH, update(9)).await.expect(200);
    assert_eq!(all["channel_sign_off"], rules(9));
}

#[tokio::test]
async fn that_a_channel_follows_another_no_longer_waits() {
    let world = World::start().await;
    let product = json!({
        "product_id": PRODUCT, "name": "App", "channel_follows": { "stable": ["beta", "internal"] },
        "channel_sign_off": { "stable": { "required_approvals": 1 } },
    });
    let product = world.post("/v1/products", product).await.expect(201);
    for fewer in [json!({ "stable": ["beta"] }), json!({})] {
        let asked = world.patch(PATH, json!({ "channel_follows": fewer })).await.expect(202);
        assert_eq!((&asked["channel"], &asked["status"]), (&json!("stable"), &json!("pending")));
    }
    assert_eq!(world.get(PATH).await.expect(200), product);
    let fewer = json!({ "channel_follows": { "stable": ["beta"] } });
    let asked = world.patch(PATH, fewer.clone()).await.expect(202);
    approve(&world, &asked).await;
    let changed = world.patch(PATH, fewer).await.expect(200);
    assert_eq!(changed["channel_follows"], json!({ "stable": ["beta"] }));
}
