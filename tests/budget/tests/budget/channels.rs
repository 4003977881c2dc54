//! What one screen of channels costs: so many requests for a page, and none for each channel.

use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, World, json, release_path};

use crate::budget_world::BudgetWorld;
use crate::operations::CostMeter;

impl CostMeter {
    /// Pays for lists of channels.
    pub async fn channels(&mut self) {
        let of_one = "/v1/channels?product_id=prod_p1";
        self.plain("channel-list", "3 channels of 1 product, 1 with a release", of_one).await;
        let of_many = "/v1/channels?limit=60";
        self.plain("channel-list", "60 channels of 20 products", of_many).await;
        let bound = json!({ "scopes": ["releases:read"], "product_ids": ["prod_p1"] });
        let bound = self.fixture.world.secret(bound).await;
        let by_bound = Call::new("channel-list", "/v1/channels").bearer(&bound);
        self.pay("3 channels of 1 product, with a token bound to it", by_bound).await;
    }
}

/// Channels of a product, each with a release for all clients, a staged one above it, and a revoked
/// one.
async fn fill(world: &World, product: &str, count: usize) {
    let names: Vec<String> = (0..count - 3).map(|n| format!("c{n}")).collect();
    let new = json!({ "product_id": product, "name": product, "channels": names });
    world.post("/v1/products", new).await.expect(201);
    let artifact = world.external(1).await;
    for channel in names.iter().map(String::as_str).chain(["beta", "internal", "stable"]) {
        for (version, percent) in [("1.0.0", 100), ("1.1.0", 10), ("1.2.0", 100)] {
            let mut new = World::release_of(product, version, channel, &artifact);
            new["rollout"] = json!({ "percent": percent });
            let release = world.post("/v1/releases", new).await.expect(201);
            if version == "1.2.0" {
                world.revoke(&release).await;
            }
        }
    }
}

/// What a page of so many channels costs.
async fn page(fixture: &BudgetWorld, count: usize) -> LogRecord {
    let call = fixture.world.call("channel-list", format!("/v1/channels?limit={count}"));
    let (answer, record) = fixture.cost(&call).await;
    let channels = answer.body["channels"].as_array().unwrap();
    assert_eq!(channels.len(), count);
    assert!(channels.iter().all(|one| one["newest"]["version"] == "1.1.0"));
    assert!(channels.iter().all(|one| one["last_revoked"]["version"] == "1.2.0"));
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_a_request_for_each_hundred_rows_and_none_for_each_channel() {
    let fixture = BudgetWorld::open().await;
    fill(&fixture.world, "prod_a", 67).await;
    fill(&fixture.world, "prod_b", 67).await;
    let mut costs = Vec::new();
    for count in [1, 20, 33, 100] {
        let record = page(&fixture, count).await;
        costs.push((count, record.dynamodb_requests, record.dynamodb_read_units));
    }
    // Products, heads, releases, changes; of 100 channels three requests for 300 releases.
    let requests: Vec<u64> = costs.iter().map(|(_, requests, _)| *requests).collect();
    assert_eq!(requests, [4, 4, 4, 6], "{costs:?}");
    // A unit for each row of up to 4 KB: the head, three releases, a change.
    for (count, _, units) in &costs {
        let channels = u32::try_from(*count).unwrap();
        assert!(*units <= 2.5 + 5.0 * f64::from(channels), "{costs:?}");
    }
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_goes_on_within_a_product_takes_one_request_more() {
    let fixture = BudgetWorld::open().await;
    fill(&fixture.world, "prod_a", 6).await;
    let call = |rest: &str| fixture.world.call("channel-list", format!("/v1/channels?{rest}"));
    let (first, _) = fixture.cost(&call("limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let (rest, record) = fixture.cost(&call(&format!("limit=4&cursor={cursor}"))).await;
    assert_eq!(rest.body["channels"].as_array().map(Vec::len), Some(4));
    assert_eq!(record.dynamodb_requests, 5);
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_writes_no_unit_more_for_what_the_head_keeps_of_it() {
    let fixture = BudgetWorld::open().await;
    fixture.world.product("prod_a").await;
    let mut units = Vec::new();
    for minor in 0..3 {
        let release = fixture.world.release("prod_a", &format!("1.{minor}.0")).await;
        let reason = json!({ "reason": "r".repeat(1_000) });
        let path = release_path(&release, "/revoke");
        let call = fixture.world.call("release-revoke", path).json(&reason);
        units.push(fixture.cost(&call).await.1.dynamodb_write_units);
    }
    // The first one finds a head without a revocation, and no reason is in a head.
    assert!(units.windows(2).all(|pair| pair[0] >= pair[1]), "{units:?}");
    assert!(units[0] <= 20.0, "{units:?}");
    fixture.world.stack.stop().await;
}
