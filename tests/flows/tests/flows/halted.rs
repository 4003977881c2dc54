//! A halted release: nothing but a resumption that is meant brings it back to clients, and nobody
//! but the vendor learns how many it failed on.

use slipway_test_support::{TestClock, Value, World, json, release_path, text};

use crate::halting::{fail, get, guarded, run_all, world};

async fn halted(world: &World) -> Value {
    let release = guarded(world, "prod_app").await;
    fail(world, &release, 0..10).await;
    run_all(world).await;
    let release = get(world, &release).await;
    assert_eq!(release["halted"]["failures"], json!(10));
    release
}

#[tokio::test(flavor = "multi_thread")]
async fn another_share_does_not_resume_it_and_paused_false_does() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = halted(&world).await;
    let path = release_path(&release, "/rollout");
    let steps =
        json!({ "steps": [{ "percent": 1, "after": "0s" }, { "percent": 50, "after": "1h" }] });
    for change in [json!({ "percent": 25 }), steps, json!({ "basis_points": 10_000 })] {
        clock.advance(jiff::SignedDuration::from_mins(1));
        world.put(&path, change.clone()).await.expect(200);
        let after = get(&world, &release).await;
        assert_eq!(after["rollout"]["paused"], json!(true), "{change}");
        assert_eq!(after["halted"], release["halted"], "{change}");
        assert_eq!(world.decide("prod_app", "0.9.0").await["action"], "NONE", "{change}");
    }
    world.put(&path, json!({ "percent": 100, "paused": false })).await.expect(200);
    assert_eq!(get(&world, &release).await["halted"], Value::Null);
    clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(world.decide("prod_app", "0.9.0").await["action"], "INSTALL");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_promoted_until_it_is_resumed() {
    let world = world(&TestClock::default()).await;
    let release = halted(&world).await;
    let path = release_path(&release, "/promote");
    let refused = world.post(&path, json!({ "channel": "beta" })).await;
    refused.refused(409, "stale_state", None);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("10 of 10 clients"));
    let resumed = json!({ "paused": false });
    world.put(&release_path(&release, "/rollout"), resumed).await.expect(200);
    world.post(&path, json!({ "channel": "beta" })).await.expect(201);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_neither_its_rule_nor_what_was_reported() {
    let world = world(&TestClock::default()).await;
    let release = halted(&world).await;
    let tenant = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": ["prod_app"] });
    world.post("/v1/tenants", tenant).await.expect(201);
    let customer =
        world.secret(json!({ "scopes": ["releases:read"], "tenant_id": "tenant_acme" })).await;
    let worker =
        world.secret(json!({ "scopes": ["releases:read"], "product_ids": ["prod_app"] })).await;
    let id = text(&release, "release_id");
    for path in [
        format!("/v1/releases/{id}"),
        "/v1/releases".to_owned(),
        "/v1/products/prod_app/releases".to_owned(),
        "/v1/products/prod_app/releases/latest".to_owned(),
        "/v1/channels".to_owned(),
    ] {
        let told = world.get_as(&customer, &path).await.expect(200).to_string();
        assert!(told.contains(id) && told.contains(r#""halt_on":null,"halted":null"#), "{told}");
        assert!(!told.contains("min_reports"), "{path}: {told}");
        let told = world.get_as(&worker, &path).await.expect(200).to_string();
        assert!(
            told.contains("min_reports") && told.contains(r#""failures":10"#),
            "{path}: {told}"
        );
    }
    world.get_as(&customer, &format!("/v1/releases/{id}/health")).await.refused(
        403,
        "forbidden",
        None,
    );
    world.stack.stop().await;
}
