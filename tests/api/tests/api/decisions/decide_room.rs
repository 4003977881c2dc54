//! `POST /v1/decision`: where metadata has no room, artifacts have it

use futures::future::join_all;
use jiff::Timestamp;
use slipway_signing::{KeySet, RequestBinding, verify_decision};
use slipway_test_support::{World, independently_bound, json};

use super::with_product;
use crate::assertions::{has_members, send};

/// How many products are asked about: the most that can be.
const PRODUCTS: usize = 100;

#[tokio::test]
async fn a_hundred_products_with_the_largest_metadata_are_all_answered_with_their_artifacts() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    join_all((0..PRODUCTS).map(|n| publish(&world, n, &artifact))).await;
    let installed = |n| json!({ "product_id": format!("prod_p{n}"), "current_version": "1.0.0" });
    let products: Vec<_> = (0..PRODUCTS).map(installed).collect();
    let request = json!({ "products": products }).to_string();
    let sent = send(
        &world,
        slipway_test_support::Method::POST,
        "/v1/decision",
        "application/json",
        request.clone(),
    );
    let answer = sent.await.expect(200);
    assert!(answer.to_string().len() < 5 << 20);

    let decisions = answer["decisions"].as_array().unwrap();
    let is_whole = |n: &usize| decisions[*n].get("metadata_truncated").is_none();
    let whole = (0..PRODUCTS).filter(is_whole).count();
    assert!((50..70).contains(&whole), "{whole}");
    assert!((0..whole).all(|n| is_whole(&n)), "the first ones");
    for (n, decision) in decisions.iter().enumerate() {
        assert_eq!(
            (&decision["action"], &decision["version"]),
            (&json!("INSTALL"), &json!("1.1.0"))
        );
        assert_eq!(decision["artifacts"][0]["artifact_id"], json!(artifact));
        let metadata = &decision["metadata"];
        assert_eq!(metadata["critical"], true);
        assert_eq!(metadata["min_os_version"], "10.0.19041");
        if is_whole(&n) {
            has_members(metadata, &["release_notes", "critical", "min_os_version", "build"]);
        } else {
            assert_eq!(decision["metadata_truncated"], true);
            has_members(metadata, &["critical", "min_os_version", "build"]);
        }
    }

    // Verifiers that have never heard of it go on working.
    let jwks = world.get("/v1/keys").await.expect(200);
    let keys: KeySet = serde_json::from_value(jwks.clone()).unwrap();
    let judged = verify_decision(&answer, Some(request.as_bytes()), &keys, Timestamp::now());
    assert_eq!(judged, Ok(RequestBinding::Verified));
    independently_bound(&answer, request.as_bytes(), b"{}", &jwks).await;
    // Whoever wants the notes asks for one product.
    let alone = world.decide("prod_p99", "1.0.0").await;
    assert_eq!(alone["metadata"]["release_notes"].as_str().map(str::len), Some(NOTES));
}

/// Fills metadata up to its limit.
const NOTES: usize = 16_300;

async fn publish(world: &World, n: usize, artifact: &str) {
    let product = format!("prod_p{n}");
    world.product(&product).await;
    let mut release = World::release_of(&product, "1.1.0", "stable", artifact);
    release["metadata"] = json!({
        "release_notes": "x".repeat(NOTES), "critical": true, "min_os_version": "10.0.19041", "build": n,
    });
    world.post("/v1/releases", release).await.expect(201);
}
