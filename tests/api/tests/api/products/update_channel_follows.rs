//! `POST /v1/products` and `PATCH /v1/products/{product_id}`: channels that follow others

use slipway_test_support::{World, json};

#[tokio::test]
async fn which_channels_follow_others_is_said_with_the_product_and_changed_as_a_whole() {
    let world = World::start().await;
    assert_eq!(world.product("prod_plain").await["channel_follows"], json!({}));
    let follows = json!({ "beta": ["stable"], "internal": ["beta", "stable"] });
    let product = json!({ "product_id": "prod_app", "name": "App", "channel_follows": follows });
    let created = world.post("/v1/products", product).await.expect(201);
    assert_eq!(created["channel_follows"], follows);
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), created);
    for (patch, expected) in [
        (json!({ "name": "New" }), follows.clone()),
        (json!({ "channel_follows": null }), follows),
        (
            json!({ "channel_follows": { "beta": ["stable", "internal"] } }),
            json!({ "beta": ["internal", "stable"] }),
        ),
        (json!({ "channel_follows": {} }), json!({})),
    ] {
        let changed = world.patch("/v1/products/prod_app", patch.clone()).await.expect(200);
        assert_eq!(changed["channel_follows"], expected, "{patch}");
        assert_eq!(world.get("/v1/products/prod_app").await.expect(200), changed);
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let before = world.product("prod_app").await;
    for (follows, field) in [
        (json!({ "beta": ["beta"] }), "channel_follows.beta"),
        (json!({ "beta": [] }), "channel_follows.beta"),
        (json!({ "beta": ["a", "b", "c", "d", "stable"] }), "channel_follows.beta"),
        (json!({ "beta": ["stable", "stable"] }), "channel_follows.beta"),
        (json!({ "beta": ["nightly"] }), "channel_follows.beta"),
        (json!({ "nightly": ["stable"] }), "channel_follows.nightly"),
        (json!({ "beta": ["No Channel"] }), "channel_follows.beta[0]"),
        (json!({ "No Channel": ["stable"] }), "channel_follows.No Channel"),
        (json!({ "beta": "stable" }), "channel_follows.beta"),
        (json!(["beta"]), "channel_follows"),
    ] {
        let patch = json!({ "channel_follows": follows });
        let refused = world.patch("/v1/products/prod_app", patch).await;
        refused.refused(400, "invalid_field", Some(field));
        let product = json!({ "name": "Other", "channel_follows": follows });
        let refused = world.post("/v1/products", product).await;
        refused.refused(400, "invalid_field", Some(field));
    }
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), before);
    let listed = world.get("/v1/products").await.expect(200);
    assert_eq!(listed["products"].as_array().unwrap().len(), 1);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_channel_that_follows_or_is_followed_is_not_removed_unless_it_no_longer_does() {
    let world = World::start().await;
    let product = json!({
        "product_id": "prod_app", "name": "App", "channels": ["edge", "lts", "nightly"],
        "channel_follows": { "beta": ["nightly"], "edge": ["stable"] },
    });
    let before = world.post("/v1/products", product).await.expect(201);
    let patch = async |body| world.patch("/v1/products/prod_app", body).await;
    let refused = patch(json!({ "channels": [] })).await;
    refused.refused(409, "stale_state", Some("channels"));
    assert_eq!(refused.body["error"]["details"]["channels"], json!(["edge", "nightly"]));
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), before);
    let refused =
        patch(json!({ "channels": [], "channel_follows": { "beta": ["nightly"] } })).await;
    refused.refused(400, "invalid_field", Some("channel_follows.beta"));
    let removed =
        patch(json!({ "channels": ["nightly"], "channel_follows": { "beta": ["nightly"] } }));
    let removed = removed.await.expect(200);
    assert_eq!(removed["channels"], json!(["beta", "internal", "nightly", "stable"]));
    assert_eq!(removed["channel_follows"], json!({ "beta": ["nightly"] }));
    world.stack.stop().await;
}

#[tokio::test]
async fn where_channels_are_open_one_may_follow_a_channel_that_a_release_makes_later() {
    let world = World::start().await;
    let product = json!({
        "product_id": "prod_app", "name": "App", "open_channels": true,
        "channel_follows": { "pr-7": ["pr-6", "stable"] },
    });
    world.post("/v1/products", product).await.expect(201);
    for (version, channel) in [("1.2.0", "pr-7"), ("1.3.0", "pr-6")] {
        world.publish("prod_app", version, channel).await;
    }
    let client = json!({ "product_id": "prod_app", "current_version": "1.0.0", "channel": "pr-7" });
    let answer = world.post("/v1/decision", json!({ "products": [client] })).await.expect(200);
    assert_eq!(answer["decisions"][0]["version"], "1.3.0");
    // No longer open: what is there stays, and is not to be said anew of a channel that is not.
    let patch = async |body| world.patch("/v1/products/prod_app", body).await;
    patch(json!({ "open_channels": false })).await.expect(200);
    let refused = patch(json!({ "channel_follows": { "pr-7": ["pr-8"] } })).await;
    refused.refused(400, "invalid_field", Some("channel_follows.pr-7"));
    patch(json!({ "open_channels": true, "channel_follows": { "pr-7": ["pr-8"] } }))
        .await
        .expect(200);
    world.stack.stop().await;
}

#[tokio::test]
async fn channels_are_not_closed_while_one_that_does_not_exist_follows_or_is_followed() {
    let world = World::start().await;
    for (id, channel_follows, channel) in [
        ("prod_a", json!({ "beta": ["pr-6", "stable"] }), "beta"),
        ("prod_b", json!({ "pr-6": ["stable"] }), "pr-6"),
    ] {
        let path = format!("/v1/products/{id}");
        let product = json!({
            "product_id": id, "name": "App", "open_channels": true,
            "channel_follows": channel_follows,
        });
        let before = world.post("/v1/products", product).await.expect(201);
        let refused = world.patch(&path, json!({ "open_channels": false })).await;
        refused.refused(400, "invalid_field", Some(&format!("channel_follows.{channel}")));
        let message = refused.body["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("`pr-6`") && message.contains("add it to `channels`"),
            "{message}"
        );
        assert_eq!(world.get(&path).await.expect(200), before);
        world.patch(&path, json!({ "name": "Other" })).await.expect(200);
        let closed = json!({ "open_channels": false, "channels": ["pr-6"] });
        let closed = world.patch(&path, closed).await.expect(200);
        assert_eq!(closed["channel_follows"], before["channel_follows"]);
    }
    world.stack.stop().await;
}
