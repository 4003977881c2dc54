//! What every response has in common.

use slipway_test_support::{Method, Value, World, json};

use crate::service::anonymously;

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = World::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/health", "/health", "/v1/nothing", "/v1/releases"] {
        let answer = anonymously(&world, Method::GET, path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(seen.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_and_a_method_that_is_not_taken_say_so() {
    let world = World::start().await;
    for path in
        ["/", "/v1", "/v1/nothing", "/v1/products/", "/v1/releases/rel_1/nothing", "/V1/keys"]
    {
        anonymously(&world, Method::GET, path).await.refused(404, "no_such_route", None);
    }
    for (method, path) in [
        (Method::DELETE, "/v1/products"),
        (Method::PUT, "/v1/releases/rel_1"),
        (Method::POST, "/health"),
    ] {
        anonymously(&world, method, path).await.refused(405, "method_not_allowed", None);
    }
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_told_which_ones_are_each_once() {
    let world = World::start().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/v1/products", "GET, HEAD, POST"),
        (Method::POST, "/health", "GET, HEAD"),
        (Method::OPTIONS, "/v1/decision", "POST"),
        (Method::HEAD, "/v1/decision", "POST"),
        // It matches `/v1/snapshots/{snapshot_id}` too.
        (Method::DELETE, "/v1/snapshots/latest", "GET, HEAD"),
    ] {
        let answer = anonymously(&world, method, path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_is_no_path_and_the_answer_says_which_one_is() {
    let world = World::start().await;
    for path in ["/v1/products/", "/v1/products/prod_1/", "/health/"] {
        for method in [Method::GET, Method::POST] {
            let answer = anonymously(&world, method, path).await;
            answer.refused(404, "no_such_route", None);
            let message = answer.body["error"]["message"].as_str().unwrap();
            assert!(
                message.ends_with(&format!("it is {}", path.trim_end_matches('/'))),
                "{message}"
            );
        }
    }
}

/// An update check for `times` times the same product.
fn checks(times: usize) -> Value {
    let check = |n| json!({ "product_id": "prod_app", "current_version": format!("0.9.{n}") });
    json!({ "products": (0..times).map(check).collect::<Vec<_>>() })
}

#[tokio::test]
async fn the_longest_response_that_anybody_can_ask_for_is_one_that_lambda_takes() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut release = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    // Each quotation mark takes two bytes in the metadata, and four in the proxy response.
    release["metadata"] = json!({ "notes": "\"".repeat(8_000) });
    let artifacts = (0..50).map(|index| with_long_url(&world, index));
    release["artifacts"] = Value::Array(futures::future::join_all(artifacts).await);
    world.post("/v1/releases", release).await.expect(201);

    let answer = world.post("/v1/decision", checks(100)).await.expect(200);
    let reasons = answer["decisions"].as_array().unwrap().iter().map(|one| &one["reason"]);
    let deferred = reasons.filter(|reason| **reason == "deferred").count();
    assert!((1..100).contains(&deferred), "{deferred}");
    // What a function answers is escaped once more.
    assert!(json!(answer.to_string()).to_string().len() < 6_291_556);
}

/// An artifact at the longest URL that there is.
async fn with_long_url(world: &World, index: usize) -> Value {
    let url = format!("https://cdn.example.com/{index:02}{}", "a".repeat(2022));
    let (_, sha256) = slipway_test_support::file(1, 64);
    let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": url });
    let artifact = world.post("/v1/artifacts", body).await.expect(201);
    let forms = ["msi", "exe", "msix", "dmg", "pkg", "deb", "rpm", "apk", "zip", "tar.gz"];
    let platforms = ["windows", "macos", "linux", "android", "ios"];
    json!({
        "artifact_id": artifact["artifact_id"], "arch": "universal",
        "platform": platforms[index / 10], "installer_type": forms[index % 10],
    })
}
