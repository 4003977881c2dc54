//! AWS that is silent, trickles or answers 503 for ever: each function still answers, or fails, in
//! its own time, with a reason.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use slipway_edge::FunctionSize;
use slipway_test_support::{EventDelivery, Options, World, text};

use crate::faulty_server::Fault;
use crate::functions::event;
use crate::invocation::{Invocation, invoke_within};

/// What API Gateway and Lambda give a request.
const REQUEST: Duration = Duration::from_secs(FunctionSize::REQUEST.timeout_seconds as u64);

fn seconds(line: &Value) -> f64 {
    line["duration_ms"].as_f64().unwrap() / 1000.0
}

/// Makes sure that the function `op` answers 503 to `event` in less than `limit`, and says why.
async fn unavailable(world: &World, op: &str, event: Value, limit: Duration, fault: Fault) {
    let Invocation { kind, answer, line } = invoke_within(world, op, event, limit).await;
    println!("{op}, {fault:?}: {:.1} s, {}", seconds(&line), line["error"]);
    assert_eq!((kind.as_str(), &answer["statusCode"]), ("response", &json!(503)), "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["error"]["code"], "unavailable", "{op}, {fault:?}");
    assert_eq!(body["error"]["request_id"], answer["headers"]["x-request-id"]);
    assert!(answer["headers"]["retry-after"].is_string(), "{answer}");
    assert!(seconds(&line) < limit.as_secs_f64(), "{op}, {fault:?}: {line}");
}

/// A stack on which no job runs by itself.
async fn world() -> World {
    World::with(Options { events: EventDelivery::Disabled, ..Options::ephemeral() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_503_while_dynamodb_fails() {
    let faults = [Fault::Silence, Fault::Overload, Fault::TrickleAfter(10)];
    join_all(faults.map(|fault| async move {
        let mut world = world().await;
        world.stack.local.dynamodb_url = fault.in_front_of(&world.stack.local.dynamodb_url).await;
        let get = event(&world, "product-get");
        unavailable(&world, "product-get", get, REQUEST, fault).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_503_in_whatever_time_it_has() {
    let mut world = world().await;
    let fault = Fault::Silence;
    world.stack.local.dynamodb_url = fault.in_front_of(&world.stack.local.dynamodb_url).await;
    let get = event(&world, "product-get");
    unavailable(&world, "product-get", get, Duration::from_secs(3), fault).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_503_while_s3_fails() {
    // In the middle of a response: its head comes at once.
    let faults = [Fault::Silence, Fault::Overload, Fault::TrickleAfter(600)];
    join_all(faults.map(|fault| async move {
        let mut world = world().await;
        world.product("prod_app").await;
        world.release("prod_app", "1.0.0").await;
        world.tenant("tenant_acme", json!("*")).await;
        let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
        world.stack.local.s3_url = fault.in_front_of(&world.stack.local.s3_url).await;
        let mut get = event(&world, "snapshot-get");
        get["rawPath"] = json!(format!("/v1/snapshots/{}", text(&snapshot, "snapshot_id")));
        unavailable(&world, "snapshot-get", get, REQUEST, fault).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_fails_long_before_its_time_is_over_while_s3_stalls() {
    let limit = Duration::from_secs(FunctionSize::LONGEST_JOB.timeout_seconds.into());
    join_all([Fault::Silence, Fault::TrickleAfter(20_000)].map(|fault| async move {
        let mut world = world().await;
        let upload = world.arrived(1, 2 << 20).await;
        world.stack.local.s3_url = fault.in_front_of(&world.stack.local.s3_url).await;
        let mut stored = event(&world, "finish-upload");
        let key = json!(format!("incoming/{}", text(&upload, "upload_id")));
        stored["Records"][0]["s3"]["object"]["key"] = key;
        let Invocation { kind, answer, line } =
            invoke_within(&world, "finish-upload", stored, limit).await;
        println!("finish-upload, {fault:?}: {:.1} s, {}", seconds(&line), line["error"]);
        assert_eq!(kind, "error", "{fault:?}");
        // What the queue of failures tells on: as in the log, and no name of a Rust type.
        assert_eq!(answer["errorType"], line["error_code"], "{fault:?}: {answer}");
        assert!(line["error"].as_str().unwrap().starts_with(text(&answer, "errorMessage")));
        assert!(seconds(&line) < 30.0, "{fault:?}: {line}");
    }))
    .await;
}
