//! The audit log costs what a page has, however long it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use slipway_aws::Clients;
use slipway_catalog::schema::{self, DOC, Key, PK, SK};
use slipway_domain::EventId;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, Value, World, json, text};

use crate::budget_world::BudgetWorld;
use crate::operations::CostMeter;

type Item = HashMap<String, AttributeValue>;

/// What DynamoDB takes at once.
const AT_ONCE: usize = 25;
/// Events of a short log and of a long one.
const LOGS: [usize; 2] = [100, 4_000];

/// The event of the product, as it is stored.
async fn product_created(world: &World) -> Item {
    let path = "/v1/audit/events?event_type=product.created";
    let event = &world.get(path).await.expect(200)["events"][0];
    let at = text(event, "at").parse().unwrap();
    let Key { pk, sk } = schema::audit(at, &text(event, "event_id").parse().unwrap());
    let client = Clients::local(&world.stack.local).dynamodb;
    let get = client.get_item().table_name(&world.stack.settings.table);
    let get = get.key(PK, AttributeValue::S(pk)).key(SK, AttributeValue::S(sk));
    get.send().await.unwrap().item.unwrap()
}

/// The same event once more, with another id of the same millisecond.
fn repeated(event: &Item, n: usize) -> Item {
    let id = event[SK].as_s().unwrap();
    let id: EventId = format!("{}{n:08x}", &id[..id.len() - 8]).parse().unwrap();
    let mut doc: Value = serde_json::from_str(event[DOC].as_s().unwrap()).unwrap();
    doc["event_id"] = json!(id);
    let mut row = event.clone();
    row.insert(DOC.to_owned(), AttributeValue::S(doc.to_string()));
    for name in [SK, "GSI1SK", "GSI2SK"] {
        row.insert(name.to_owned(), AttributeValue::S(id.to_string()));
    }
    row
}

/// Adds so many events like that of the product.
async fn lengthen(world: &World, events: usize) {
    let (client, event) =
        (Clients::local(&world.stack.local).dynamodb, product_created(world).await);
    let rows: Vec<Item> = (0..events).map(|n| repeated(&event, n)).collect();
    for some in rows.chunks(AT_ONCE) {
        let puts = some.iter().map(|row| {
            let put = PutRequest::builder().set_item(Some(row.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let table = &world.stack.settings.table;
        let request = client.batch_write_item().request_items(table, puts.collect());
        let answer = request.send().await.unwrap();
        assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
    }
}

/// A page, and what it cost: how many events it has, and requests and read units.
async fn page(world: &World, query: &str) -> (usize, bool, LogRecord) {
    let call = Call::new("audit-list", format!("/v1/audit/events?{query}"));
    let (answer, record) = call.bearer(&world.stack.admin_token).on(&world.stack.services).await;
    let page = answer.expect(200);
    (page["events"].as_array().unwrap().len(), page["next_cursor"].is_string(), record)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_audit_log_costs_the_same_however_long_the_log_is() {
    let mut costs = Vec::new();
    for events in LOGS {
        let world = BudgetWorld::open().await.world;
        world.product("prod_app").await;
        lengthen(&world, events).await;
        let mut cost = Vec::new();
        for query in ["", "actor=bootstrap&", "product_id=prod_app&"] {
            let (found, _, record) = page(&world, &format!("{query}limit=10")).await;
            assert_eq!((found, record.dynamodb_requests), (10, 1), "{query}");
            cost.push((query, record.dynamodb_requests, record.dynamodb_read_units));
        }
        costs.push(cost);
        world.stack.stop().await;
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_nowhere_in_a_long_log_is_looked_for_a_bounded_page_at_a_time() {
    let world = BudgetWorld::open().await.world;
    world.product("prod_app").await;
    lengthen(&world, LOGS[1]).await;
    for query in ["", "actor=bootstrap&", "product_id=prod_app&"] {
        let query = format!("{query}event_type=release.halted&limit=10");
        let (found, goes_on, record) = page(&world, &query).await;
        assert_eq!((found, goes_on), (0, true), "{query}");
        // 200 events of half a kilobyte, with strongly consistent reads where a day is read.
        assert!(record.dynamodb_requests <= 4, "{query}: {record:?}");
        assert!(record.dynamodb_read_units <= 40.0, "{query}: {record:?}");
    }
    world.stack.stop().await;
}

impl CostMeter {
    /// Each way in which the log is read.
    pub async fn audit(&mut self) {
        self.plain("product-activity", "", "/v1/products/prod_p0/activity").await;
        let first = "/v1/products/prod_p0/releases?channel=stable&version=0.1.0";
        let releases = self.fixture.world.get(first).await.expect(200);
        let release = text(&releases["releases"][0], "release_id");
        for (case, query) in [
            ("by time, over 31 days", "limit=200".to_owned()),
            // Time stands still, so that which events are the newest is up to chance: few enough
            // that any of them are one read unit.
            ("by time, the newest three", "limit=3".to_owned()),
            ("by actor, the newest three", "actor=bootstrap&limit=3".to_owned()),
            ("by product, the newest three", "product_id=prod_p0&limit=3".to_owned()),
            ("by tenant", "tenant_id=tenant_new&limit=3".to_owned()),
            ("by release", format!("release_id={release}")),
            ("by release, a draft that was deleted", "release_id=rel_none".to_owned()),
        ] {
            self.plain("audit-list", case, format!("/v1/audit/events?{query}")).await;
        }
    }
}
