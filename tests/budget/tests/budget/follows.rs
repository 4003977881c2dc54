//! What decisions on channels cost that follow others.

use slipway_test_support::{Value, json};

use crate::budget_world::{BudgetWorld, decisions};
use crate::levels::three_times;
use crate::operations::CostMeter;

/// `count` products with a release on `stable`, whose channel `beta` follows `followed`; on each of
/// these that is not `stable`, and on `beta`, is a release too.
async fn with_follows(count: usize, followed: &[&str]) -> BudgetWorld {
    let fixture = BudgetWorld::with_products(count).await;
    for index in 0..count {
        let id = format!("prod_p{index}");
        let patch = json!({
            "channels": ["edge", "nightly"], "channel_follows": { "beta": followed },
        });
        fixture.world.patch(&format!("/v1/products/{id}"), patch).await.expect(200);
        for channel in followed.iter().chain(&["beta"]).filter(|channel| **channel != "stable") {
            fixture.world.publish(&id, "1.1.0", channel).await;
        }
        fixture.world.release(&id, "1.2.0").await;
    }
    fixture
}

/// What clients on `beta` ask about `count` products, as clients of a tenant or of none.
fn on_beta(count: usize, tenant: Option<&str>) -> Value {
    let mut request = decisions(count);
    for product in request["products"].as_array_mut().unwrap() {
        product["channel"] = json!("beta");
        product["tenant_id"] = json!(tenant);
    }
    request
}

const TENANT: Option<&str> = Some("tenant_abc123");

impl CostMeter {
    /// Decisions for clients on a channel that follows one, and two others.
    pub async fn channel_follows(&mut self) {
        for (followed, case) in [
            (&["stable"][..], "1 product whose channel follows `stable`"),
            (&["internal", "stable"], "1 product whose channel follows 2 others"),
        ] {
            let fixture = with_follows(1, followed).await;
            let records = three_times(&fixture, &on_beta(1, TENANT), "INSTALL").await;
            for (record, state) in records.into_iter().zip(["cold", "warm", "after a minute"]) {
                self.costs.add(&format!("{case}, {state}"), record);
            }
            fixture.world.stack.stop().await;
        }
        let fixture = with_follows(20, &["stable"]).await;
        let records = three_times(&fixture, &on_beta(20, TENANT), "INSTALL").await;
        for (record, state) in records.into_iter().zip(["cold", "warm"]) {
            let case = "20 products whose channel follows `stable`";
            self.costs.add(&format!("{case}, {state}"), record);
        }
        fixture.world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn followed_channels_come_with_the_same_request_as_far_as_they_are_known_or_guessed() {
    for (followed, requests) in [
        (&["stable"][..], [1, 0, 1]),
        // What is not guessed takes one request more, until the product is known.
        (&["internal", "stable"], [2, 0, 1]),
        (&["edge", "internal", "nightly", "stable"], [2, 0, 1]),
    ] {
        let fixture = with_follows(1, followed).await;
        let records = three_times(&fixture, &on_beta(1, TENANT), "INSTALL").await;
        assert_eq!(records.map(|record| record.dynamodb_requests), requests, "{followed:?}");
        fixture.world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_products_more_rows_than_one_request_takes_are_read_by_two() {
    // For each product 2 rows and 2 heads, and those of its policy at the tenant; for all, the
    // policy of the deployment, and the tenant's row and policy.
    let fixture = with_follows(20, &["stable"]).await;
    for (tenant, count, requests) in
        [(None, 20, [1, 0, 1]), (TENANT, 19, [1, 0, 1]), (TENANT, 20, [2, 0, 2])]
    {
        let records = three_times(&fixture, &on_beta(count, tenant), "INSTALL").await;
        assert_eq!(records.map(|record| record.dynamodb_requests), requests, "{tenant:?} {count}");
    }
    fixture.world.stack.stop().await;
    // Four followed channels of each: 163 rows, or 141 without a tenant.
    let fixture = with_follows(20, &["edge", "internal", "nightly", "stable"]).await;
    for (tenant, requests) in [(None, [2, 0, 2]), (TENANT, [2, 0, 2])] {
        let records = three_times(&fixture, &on_beta(20, tenant), "INSTALL").await;
        assert_eq!(records.map(|record| record.dynamodb_requests), requests, "{tenant:?}");
    }
    fixture.world.stack.stop().await;
}
