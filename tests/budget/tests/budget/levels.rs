//! What policies cost: their operations, and the decisions that they apply to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use slipway_edge::clock::Clock;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, Value, World, json};

use crate::budget_world::{BudgetWorld, clock, decisions};
use crate::operations::CostMeter;

/// The path of each level's policy, and what its operations are called.
const LEVELS: [(&str, [&str; 3]); 4] = [
    ("/v1/policy", ["policy-put", "policy-get", "policy-delete"]),
    (
        "/v1/products/prod_p0/policy",
        ["product-policy-put", "product-policy-get", "product-policy-delete"],
    ),
    (
        "/v1/tenants/tenant_abc123/policy",
        ["tenant-policy-put", "tenant-policy-get", "tenant-policy-delete"],
    ),
    (
        "/v1/tenants/tenant_abc123/policies/prod_p0",
        ["tenant-product-policy-put", "tenant-product-policy-get", "tenant-product-policy-delete"],
    ),
];

/// A policy as an administrator sets it.
fn policy() -> Value {
    json!({ "mode": "DOWNLOAD_ONLY", "pinned_range": "<2.0.0", "blocked_versions": ["1.3.1"] })
}

/// Sets the policies of every level for `count` products and the tenant of [`decisions`].
async fn set_policies(world: &World, count: usize) {
    let products = (0..count).flat_map(|index| {
        [
            format!("/v1/products/prod_p{index}/policy"),
            format!("/v1/tenants/tenant_abc123/policies/prod_p{index}"),
        ]
    });
    let others = ["/v1/policy", "/v1/tenants/tenant_abc123/policy"].map(str::to_owned);
    for path in products.chain(others) {
        world.put(&path, policy()).await.expect(200);
    }
}

/// `prod_p0` on `beta`, where a policy sends the clients, who name `stable`.
async fn send_to_beta(world: &World) {
    world.publish("prod_p0", "1.5.0", "beta").await;
    world.put("/v1/policy", json!({ "channel": "beta" })).await.expect(200);
}

/// What a decision, whose every `action` is the same, costs an instance that has just started, then
/// at once, and then after the time of what it has read.
pub async fn three_times(fixture: &BudgetWorld, request: &Value, action: &str) -> [LogRecord; 3] {
    let call = Call::new("decision", "/v1/decision").json(request);
    let is_later = Arc::new(AtomicBool::new(false));
    let (now, later) = (clock().now(), Arc::clone(&is_later));
    let minute = SignedDuration::from_mins(1);
    let at = move || if later.load(Ordering::SeqCst) { now + minute } else { now };
    let instance = fixture.instance_with(Clock::new(at));
    let mut records = Vec::new();
    for later in [false, false, true] {
        is_later.store(later, Ordering::SeqCst);
        let (answer, record) = call.on(&instance).await;
        let body = answer.expect(200);
        let actions: Vec<&Value> =
            body["decisions"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
        assert!(actions.iter().all(|found| **found == action), "{actions:?}");
        records.push(record);
    }
    records.try_into().unwrap()
}

impl CostMeter {
    /// Pays for every operation on policies, and for the decisions that they apply to.
    pub async fn policies(&mut self) {
        for (path, [put, get, _]) in LEVELS {
            self.with(put, "", path, &policy()).await;
            self.with(put, "again", path, &policy()).await;
            self.plain(get, "", path).await;
        }
        self.plain("product-policy-get", "by slug", "/v1/products/p0/policy").await;
        let list = "/v1/tenants/tenant_abc123/policies";
        self.plain("tenant-policies", "2 policies", list).await;
        for (path, [_, _, delete]) in LEVELS {
            self.plain(delete, "", path).await;
        }
        self.decisions_with_policies().await;
    }

    async fn decisions_with_policies(&mut self) {
        let fixture = BudgetWorld::with_products(20).await;
        set_policies(&fixture.world, 20).await;
        let records = three_times(&fixture, &decisions(20), "DOWNLOAD").await;
        for (record, state) in records.into_iter().zip(["cold", "warm"]) {
            self.costs.add(&format!("20 products with policies of 4 levels, {state}"), record);
        }
        send_to_beta(&fixture.world).await;
        let records = three_times(&fixture, &decisions(1), "DOWNLOAD").await;
        for (record, state) in records.into_iter().zip(["cold", "warm", "after a minute"]) {
            self.costs.add(&format!("a policy names another channel, {state}"), record);
        }
        fixture.world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_of_all_levels_take_no_request_more() {
    let fixture = BudgetWorld::with_products(20).await;
    set_policies(&fixture.world, 20).await;
    let records = three_times(&fixture, &decisions(20), "DOWNLOAD").await;
    assert_eq!(records.map(|record| record.dynamodb_requests), [1, 0, 1]);
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_s_channel_takes_a_request_more_while_nothing_is_known_of_it() {
    let fixture = BudgetWorld::with_products(1).await;
    send_to_beta(&fixture.world).await;
    let records = three_times(&fixture, &decisions(1), "INSTALL").await;
    assert_eq!(records.map(|record| record.dynamodb_requests), [2, 0, 1]);
    // Back to the channel that the clients name: nothing else is to be read.
    fixture.world.delete("/v1/policy").await.expect(204);
    let records = three_times(&fixture, &decisions(1), "INSTALL").await;
    assert_eq!(records.map(|record| record.dynamodb_requests), [1, 0, 1]);
    fixture.world.stack.stop().await;
}
