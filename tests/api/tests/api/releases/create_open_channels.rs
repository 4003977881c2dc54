//! `POST /v1/releases`: channels that a release makes

use futures::future::join_all;
use slipway_test_support::{Call, Method, TestResponse, Value, World, json, release_path};

/// A product whose channels are open, and an artifact.
async fn with_product() -> (World, String) {
    let world = World::start().await;
    let product = json!({ "product_id": "prod_app", "name": "App", "open_channels": true });
    world.post("/v1/products", product).await.expect(201);
    let artifact = world.external(1).await;
    (world, artifact)
}

async fn channels(world: &World) -> Vec<Value> {
    let product = world.get("/v1/products/prod_app").await.expect(200);
    let standard = ["beta", "internal", "stable"].map(Value::from);
    let channels = product["channels"].as_array().unwrap().iter();
    channels.filter(|channel| !standard.contains(channel)).cloned().collect()
}

#[tokio::test]
async fn what_is_published_drafted_or_promoted_makes_its_channel() {
    let (world, artifact) = with_product().await;
    let request = |channel: &str| World::release_of("prod_app", "1.0.0-rc.1", channel, &artifact);
    let published = world.post("/v1/releases", request("pr-7")).await.expect(201);
    let client = json!({ "product_id": "prod_app", "current_version": "0.9.0", "channel": "pr-7" });
    let asked = world.post("/v1/decision", json!({ "products": [client] })).await.expect(200);
    assert_eq!(asked["decisions"][0]["release_id"], published["release_id"]);
    let draft = json!({ "product_id": "prod_app", "version": "1.0.0", "channel": "lts" });
    let draft = world.post("/v1/releases", draft).await.expect(201);
    assert_eq!(draft["status"], "draft");
    let promote = json!({ "channel": "edge" });
    world.post(&release_path(&published, "/promote"), promote).await.expect(201);
    assert_eq!(channels(&world).await, ["edge", "lts", "pr-7"]);
    // Again is no other, and a channel that is there is taken as it is.
    assert_eq!(world.post("/v1/releases", request("pr-7")).await.expect(200), published);
    world.post("/v1/releases", request("lts")).await.expect(201);
    assert_eq!(channels(&world).await, ["edge", "lts", "pr-7"]);
    world.stack.stop().await;
}

#[tokio::test]
async fn it_is_off_by_default_and_can_be_changed() {
    let world = World::start().await;
    assert_eq!(world.product("prod_app").await["open_channels"], false);
    let request = World::release_of("prod_app", "1.0.0", "nightly", &world.external(1).await);
    let publish = async || world.post("/v1/releases", request.clone()).await;
    publish().await.refused(422, "unknown_channel", Some("channel"));
    let set = async |open: Value| {
        let patch = json!({ "open_channels": open });
        world.patch("/v1/products/prod_app", patch).await.expect(200)["open_channels"].clone()
    };
    assert_eq!(set(json!(true)).await, true);
    publish().await.expect(201);
    assert_eq!(set(json!(null)).await, true);
    assert_eq!(set(json!(false)).await, false);
    assert_eq!(channels(&world).await, ["nightly"]);
    let illegal = json!({ "open_channels": "yes" });
    let refused = world.patch("/v1/products/prod_app", illegal).await;
    refused.refused(400, "invalid_field", Some("open_channels"));
    world.stack.stop().await;
}

#[tokio::test]
async fn what_is_refused_makes_no_channel() {
    let (world, artifact) = with_product().await;
    let mut request = World::release_of("prod_app", "1.0.0", "No Channel", &artifact);
    let publish = async |body: &Value| world.post("/v1/releases", body.clone()).await;
    publish(&request).await.refused(400, "invalid_field", Some("channel"));
    request["channel"] = json!("nightly");
    request["artifacts"][0]["artifact_id"] = json!("art_none");
    publish(&request).await.refused(422, "artifact_not_ready", Some("artifacts[0].artifact_id"));
    let token = json!({
        "name": "ci", "scopes": ["ci:write"], "product_ids": ["prod_app"], "channels": ["beta"],
    });
    let token = world.post("/v1/tokens", token).await.expect(201);
    let draft = json!({ "product_id": "prod_app", "version": "1.0.0", "channel": "nightly" });
    let call = Call::new("release-create", "/v1/releases");
    let call = call.bearer(token["secret"].as_str().unwrap()).json(&draft);
    call.on(&world.stack.services).await.0.refused(403, "forbidden", None);
    assert_eq!(channels(&world).await, [""; 0]);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_worker_that_may_release_on_the_channel_makes_it() {
    let (world, _) = with_product().await;
    let token = json!({
        "name": "ci", "scopes": ["ci:write"], "product_ids": ["prod_app"], "channels": ["nightly"],
    });
    let token = world.post("/v1/tokens", token).await.expect(201);
    let draft = json!({ "product_id": "prod_app", "version": "1.0.0", "channel": "nightly" });
    let call = Call::new("release-create", "/v1/releases");
    let call = call.bearer(token["secret"].as_str().unwrap()).json(&draft);
    call.on(&world.stack.services).await.0.expect(201);
    assert_eq!(channels(&world).await, ["nightly"]);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_product_has_no_more_channels_than_it_can_have() {
    let (world, artifact) = with_product().await;
    let names: Vec<String> = (0..63).map(|number| format!("c{number}")).collect();
    world.patch("/v1/products/prod_app", json!({ "channels": names })).await.expect(200);
    let request = |channel: &str| World::release_of("prod_app", "1.0.0", channel, &artifact);
    world.post("/v1/releases", request("last")).await.expect(201);
    let refused = world.post("/v1/releases", request("more")).await;
    refused.refused(400, "invalid_field", Some("channel"));
    assert_eq!(channels(&world).await.len(), 64);
    world.post("/v1/releases", request("c0")).await.expect(201);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_channel_that_was_removed_is_not_made_again() {
    let (world, artifact) = with_product().await;
    let request = World::release_of("prod_app", "1.0.0", "nightly", &artifact);
    let release = world.post("/v1/releases", request).await.expect(201);
    world.revoke(&release).await;
    let set = async |channels: Value| {
        let patch = json!({ "channels": channels });
        world.patch("/v1/products/prod_app", patch).await.expect(200);
    };
    set(json!([])).await;
    let next = World::release_of("prod_app", "1.1.0", "nightly", &artifact);
    let draft = json!({ "product_id": "prod_app", "version": "1.2.0", "channel": "nightly" });
    for body in [&next, &draft] {
        let refused = world.post("/v1/releases", body.clone()).await;
        refused.refused(422, "unknown_channel", Some("channel"));
    }
    assert_eq!(channels(&world).await, [""; 0]);
    set(json!(["nightly"])).await;
    world.post("/v1/releases", next).await.expect(201);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_release_on_a_new_channel_at_once_share_it() {
    let (world, artifact) = with_product().await;
    let requests = (0..8).map(|number| {
        let channel = if number < 6 { "nightly" } else { "edge" };
        World::release_of("prod_app", &format!("1.{number}.0"), channel, &artifact)
    });
    let answers = join_all(requests.map(|request| world.post("/v1/releases", request))).await;
    for answer in answers {
        answer.expect(201);
    }
    assert_eq!(channels(&world).await, ["edge", "nightly"]);
    let listed = world.get("/v1/products/prod_app/releases?channel=nightly").await.expect(200);
    assert_eq!(listed["releases"].as_array().unwrap().len(), 6);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_repeated_request_with_an_idempotency_key_is_answered_as_the_first_that_made_the_channel()
{
    let (world, artifact) = with_product().await;
    let request = World::release_of("prod_app", "1.0.0", "nightly", &artifact);
    let publish = async || {
        let call = world.admin(Method::POST, "/v1/releases").header("idempotency-key", "k");
        TestResponse::to(call.json(&request)).await.expect(201)
    };
    let first = publish().await;
    assert_eq!(publish().await, first);
    assert_eq!(channels(&world).await, ["nightly"]);
    world.stack.stop().await;
}
