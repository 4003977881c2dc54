//! What was promised about costs, whatever the table says.

use slipway_domain::channel_head::MAX_REQUIRED;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, World, json, release_path, text};

use crate::budget_world::{BudgetWorld, LENGTH, decisions};

fn calls(record: &LogRecord) -> (u64, u64, u64) {
    (record.dynamodb_requests, record.s3_requests, record.kms_requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_takes_one_request_cold_and_none_warm() {
    let fixture = BudgetWorld::with_products(20).await;
    for count in [1, 2, 20] {
        let call = Call::new("decision", "/v1/decision").json(&decisions(count));
        let instance = fixture.fresh_instance();
        let (cold, warm) = (call.on(&instance).await.1, call.on(&instance).await.1);
        assert_eq!((calls(&cold), calls(&warm)), ((1, 0, 0), (0, 0, 0)), "{count} products");
    }
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_releases_of_twenty_products_take_one_request_more() {
    let fixture = BudgetWorld::with_products(20).await;
    for index in 0..20 {
        let staged = fixture.world.release(&format!("prod_p{index}"), "2.0.0").await;
        let nobody = json!({ "basis_points": 0 });
        fixture.world.put(&release_path(&staged, "/rollout"), nobody).await.expect(200);
    }
    let call = Call::new("decision", "/v1/decision").json(&decisions(20));
    let instance = fixture.fresh_instance();
    let (answer, cold) = call.on(&instance).await;
    let offered = answer.body["decisions"].as_array().unwrap().iter();
    assert!(offered.clone().all(|decision| decision["version"] == "1.0.0"), "{answer:?}");
    assert_eq!((calls(&cold), calls(&call.on(&instance).await.1)), ((2, 0, 0), (0, 0, 0)));
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stepping_stones_of_twenty_products_take_a_query_each_and_one_request_for_all() {
    let fixture = BudgetWorld::with_products(20).await;
    for index in 0..20 {
        for minor in 0..=MAX_REQUIRED {
            let version = format!("2.{minor}.0");
            let release = fixture.world.release(&format!("prod_p{index}"), &version).await;
            let required = json!({ "required": true });
            fixture.world.patch(&release_path(&release, ""), required).await.expect(200);
        }
    }
    let call = Call::new("decision", "/v1/decision").json(&decisions(20));
    let instance = fixture.fresh_instance();
    let (answer, cold) = call.on(&instance).await;
    let offered = answer.body["decisions"].as_array().unwrap().iter();
    assert!(offered.clone().all(|decision| decision["version"] == "2.0.0"), "{answer:?}");
    assert_eq!((calls(&cold), calls(&call.on(&instance).await.1)), ((22, 0, 0), (0, 0, 0)));
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_is_looked_up_on_all_followed_channels_with_one_request() {
    let fixture = BudgetWorld::open().await;
    let world = &fixture.world;
    let follows = json!({ "beta": ["stable", "internal"] });
    let product = json!({ "product_id": "prod_f", "name": "F", "channel_follows": follows });
    world.post("/v1/products", product).await.expect(201);
    for channel in ["beta", "internal", "stable"] {
        for minor in 0..5 {
            let release = world.publish("prod_f", &format!("1.{minor}.0"), channel).await;
            if minor == 1 {
                world.revoke(&release).await;
            }
        }
    }
    let pinned = json!({ "pinned_range": "<=1.0.0" });
    world.put("/v1/products/prod_f/policy", pinned).await.expect(200);
    let call = |version| {
        let client =
            json!({ "product_id": "prod_f", "channel": "beta", "current_version": version });
        Call::new("decision", "/v1/decision").json(&json!({ "products": [client] }))
    };
    let instance = fixture.fresh_instance();
    call("1.4.0").on(&instance).await.0.expect(200);
    let (old, again) = (call("1.0.0").on(&instance).await, call("1.0.0").on(&instance).await);
    assert_eq!(old.0.expect(200)["decisions"][0]["action"], "NONE");
    assert_eq!((calls(&old.1), calls(&again.1)), ((1, 0, 0), (0, 0, 0)));
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_is_one_transaction_after_three_reads() {
    let fixture = BudgetWorld::open().await;
    let newest = fixture.product("prod_r", 3).await;
    let body = World::release_of(
        "prod_r",
        "2.0.0",
        "stable",
        text(&newest["artifacts"][0], "artifact_id"),
    );
    let (_, record) =
        fixture.cost(&fixture.world.call("release-create", "/v1/releases").json(&body)).await;
    // Product, artifacts in one batch, head; then everything at once.
    assert_eq!(calls(&record), (3 + 1, 0, 0));
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn completing_a_checked_upload_is_a_head_a_copy_and_a_transaction() {
    let fixture = BudgetWorld::open().await;
    let upload = fixture.world.arrived_checked(1, LENGTH).await;
    let path = format!("/v1/artifacts/uploads/{}/complete", text(&upload, "upload_id"));
    let (answer, record) = fixture.cost(&fixture.world.call("upload-complete", path)).await;
    assert_eq!(answer.body["status"], "available");
    // The upload is read, then changed.
    assert_eq!(calls(&record), (1 + 1, 1 + 1, 0));
    assert_eq!(record.s3_read_bytes, 0);
    fixture.world.stack.stop().await;
}
