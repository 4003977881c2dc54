//! Every function's binary handles its sample event.

use serde_json::{Value, json};
use slipway_test_support::{TestResponse, World};

use crate::invocation::{Invocation, invoke};
use crate::sets::{functions, workspace};

/// The sample event of `op`, sent by the admin of `world`.
pub fn event(world: &World, op: &str) -> Value {
    let mut event: Value = serde_json::from_str(
        &std::fs::read_to_string(workspace().join("events").join(format!("{op}.json"))).unwrap(),
    )
    .unwrap();
    if let Some(headers) = event["headers"].as_object_mut() {
        headers.insert(
            "authorization".to_owned(),
            json!(format!("Bearer {}", world.stack.admin_token)),
        );
    }
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn every_binary_handles_its_sample_event_and_logs_one_line() {
    let world = World::start().await;
    for op in functions() {
        let Invocation { kind, answer, line } = invoke(&world, None, &op, event(&world, &op)).await;
        assert_eq!(kind, "response", "{op}: {answer}");
        assert_eq!(line["op"], json!(op), "{line}");
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], json!("Slipway"), "{line}");
        let Some(status) = answer["statusCode"].as_u64() else { continue };
        assert_eq!(line["status"], json!(status), "{op}");
        // The sample events name things that this stack does not have: most are refused, none
        // fails, none is unauthenticated but the JWT of an example and a registry without a secret.
        let brings_none = ["registry-webhook-receive", "token-exchange"].contains(&op.as_str());
        let is_known = status != 401 || brings_none;
        assert!((200..500).contains(&status) && is_known, "{op}: {answer}");
        assert!(answer["headers"]["x-request-id"].is_string(), "{op}: {answer}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_of_api_gateway_is_where_downloads_are_and_the_host_header_is_not_asked() {
    let world = World::start().await;
    world.product("prod_xyz789").await;
    let (bytes, sha256) = slipway_test_support::file(1, 1000);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": bytes.len(), "sha256": sha256 }))
        .await
        .expect(201);
    world
        .http()
        .put(upload["upload_url"].as_str().unwrap())
        .body(bytes)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    let path = format!("/v1/artifacts/uploads/{}/complete", upload["upload_id"].as_str().unwrap());
    let artifact =
        world.post(&path, json!({})).await.expect(200)["artifact_id"].as_str().unwrap().to_owned();
    world
        .post("/v1/releases", World::release_of("prod_xyz789", "99.0.0", "stable", &artifact))
        .await
        .expect(201);

    let mut event = event(&world, "decision");
    event["requestContext"]["domainName"] = json!("releases.example.com");
    event["headers"]["host"] = json!("attacker.example.com");
    event["body"] = json!(
        json!({ "products": [{ "product_id": "prod_xyz789", "current_version": "1.0.0" }] })
            .to_string()
    );
    event["isBase64Encoded"] = json!(false);
    let Invocation { answer, .. } = invoke(&world, None, "decision", event).await;
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let url = format!("https://releases.example.com/v1/artifacts/{artifact}/download");
    assert_eq!(body["decisions"][0]["artifacts"][0]["download_url"], json!(url), "{body:#}");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_no_part_of_a_uri_is_answered_and_not_a_crash() {
    let world = World::start().await;
    for query in ["q=\"", "limit=1 0", "a b", "<>{}|\\^`", "limit=%", "\u{fc}=1"] {
        let mut event = event(&world, "product-list");
        event["rawQueryString"] = json!(query);
        let Invocation { kind, answer, .. } = invoke(&world, None, "product-list", event).await;
        assert_eq!(kind, "response", "{query}: {answer}");
        assert_eq!(answer["statusCode"], 400, "{query}: {answer}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_answers_get_answers_head_without_the_body() {
    let world = World::start().await;
    let get = invoke(&world, None, "product-list", event(&world, "product-list")).await.answer;
    let mut event = event(&world, "product-list");
    event["requestContext"]["http"]["method"] = json!("HEAD");
    let head = invoke(&world, None, "product-list", event).await.answer;
    assert_eq!((&head["statusCode"], &head["body"]), (&json!(200), &json!("")), "{head}");
    let length = get["body"].as_str().unwrap().len().to_string();
    assert_eq!(head["headers"]["content-length"], json!(length), "{head}");
    assert_eq!(head["headers"]["etag"], get["headers"]["etag"], "{head}");
    world.stack.stop().await;
}

/// What the function of the default route answers, and what the local gateway does.
#[tokio::test(flavor = "multi_thread")]
async fn the_default_route_answers_as_the_local_gateway_does() {
    let world = World::start().await;
    let sample = event(&world, "default-route");
    for (method, path) in [
        ("GET", "/v1/products/"),
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/products"),
        ("OPTIONS", "/v1/releases/rel_1/revoke"),
    ] {
        let mut event = sample.clone();
        event["requestContext"]["http"]["method"] = json!(method);
        event["rawPath"] = json!(path);
        let Invocation { answer, .. } = invoke(&world, None, "default-route", event).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let local = TestResponse::to(world.request(method.parse().unwrap(), path)).await;
        assert_eq!(answer["statusCode"], json!(local.status), "{method} {path}");
        assert_eq!(body["error"]["message"], local.body["error"]["message"], "{method} {path}");
        assert_eq!(answer["headers"]["allow"].as_str(), local.header("allow"), "{method} {path}");
    }
    world.stack.stop().await;
}
