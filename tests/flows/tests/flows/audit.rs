//! The audit log: each change has one event, whatever happens at the same time, and each kind of
//! event says what `audit_events.json` has. `UPDATE_AUDIT_EVENTS=1` writes that file anew.

mod bundles;
mod components;
mod every_kind;
pub mod found_by;
mod integrations;
mod promotions;
mod redaction;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use slipway_aws::Clients;
use slipway_catalog::AuditContext;
use slipway_catalog::schema::{self, PK, SK, TTL};
use slipway_domain::product::NewProduct;
use slipway_test_support::{Method, Options, TestResponse, Value, World, every_entry, json, text};

use crate::rows::{AUDITED, Rows};

/// How many events each request has recorded.
async fn events_by_request(world: &World) -> BTreeMap<String, usize> {
    let rows = Rows::of(world).await;
    let mut counts = BTreeMap::new();
    for event in rows.with(AUDITED, "") {
        *counts.entry(text(event, "request_id").to_owned()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_changes_at_once_lose_no_event_and_record_none_twice() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!("*")).await;
    let change = async |n: usize| match n % 5 {
        0 => world.post("/v1/products", json!({ "name": format!("Product {n}") })).await,
        1 => world.patch("/v1/products/prod_app", json!({ "name": format!("App {n}") })).await,
        2 => world.patch("/v1/tenants/tenant_acme", json!({ "name": format!("Acme {n}") })).await,
        3 => {
            // Ten who publish the same version: one does, and the others change nothing.
            let draft = json!({ "product_id": "prod_app", "version": "1.0.0" });
            world.post("/v1/releases", draft).await
        }
        _ => {
            let policy = json!({ "blocked_versions": [format!("1.0.{n}")] });
            world.put("/v1/products/prod_app/policy", policy).await
        }
    };
    let answers = join_all((0..50).map(change)).await;
    let counts = events_by_request(&world).await;
    let mut drafted = 0;
    for (n, answer) in answers.iter().enumerate() {
        let recorded = counts.get(answer.header("x-request-id").unwrap()).copied().unwrap_or(0);
        let expected = match (n % 5, answer.status) {
            (3, 200) => 0,
            (_, 200 | 201) => 1,
            // Too many at once: nothing was changed.
            (_, status) => {
                assert!(matches!(status, 409 | 503), "{n}: {answer:?}");
                0
            }
        };
        assert_eq!(recorded, expected, "{n}: {answer:?}");
        drafted += usize::from(n % 5 == 3 && recorded == 1);
    }
    assert_eq!(drafted, 1);
    let listed = log(&world).await;
    let total: usize = counts.values().sum();
    assert_eq!(listed.len(), total, "the list has each event once");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_by_its_idempotency_key_records_nothing() {
    let world = World::start().await;
    let post = async || {
        let request = world.admin(Method::POST, "/v1/products").header("idempotency-key", "once");
        TestResponse::to(request.json(&json!({ "product_id": "prod_app", "name": "App" }))).await
    };
    let [first, second] = [post().await, post().await];
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(Rows::of(&world).await.audited("product.created", "prod_app"), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_there_is_never_overwritten() {
    let world = World::start().await;
    let catalog = world.catalog();
    let now = Timestamp::now();
    let audit = AuditContext::new(now, "test", "request", "evt_once".parse().unwrap());
    let product = |name: &str| {
        let new: NewProduct = serde_json::from_value(json!({ "name": name })).unwrap();
        new.create(now, format!("prod_{name}").parse().unwrap()).unwrap()
    };
    catalog.create_product(&product("first"), &audit).await.unwrap();
    let before = Rows::of(&world).await;
    catalog.create_product(&product("second"), &audit).await.unwrap_err();
    assert_eq!(Rows::of(&world).await, before, "neither the event nor the product");
    assert_eq!(before.audited("product.created", "prod_first"), 1);
    world.stack.stop().await;
}

/// When DynamoDB may delete the event of a new product, in seconds after it; `None` for never.
async fn kept_for(retention: Option<SignedDuration>) -> Option<i64> {
    let options = Options { audit_retention: retention, ..Options::ephemeral() };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let path = "/v1/audit/events?event_type=product.created";
    let event = world.get(path).await.expect(200)["events"][0].clone();
    let at: Timestamp = text(&event, "at").parse().unwrap();
    let key = schema::audit(at, &text(&event, "event_id").parse().unwrap());
    let get = Clients::local(&world.stack.local).dynamodb.get_item();
    let get = get.table_name(&world.stack.settings.table);
    let get = get.key(PK, AttributeValue::S(key.pk)).key(SK, AttributeValue::S(key.sk));
    let item = get.send().await.unwrap().item.unwrap();
    let end = item.get(TTL).map(|end| end.as_n().unwrap().parse::<i64>().unwrap());
    world.stack.stop().await;
    end.map(|end| end - at.as_second())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_kept_for_as_long_as_the_deployment_says() {
    let day = SignedDuration::from_hours(24);
    assert_eq!(kept_for(Some(day)).await, Some(24 * 60 * 60));
    assert_eq!(kept_for(None).await, None);
    let default = Options::ephemeral().audit_retention;
    assert_eq!(default, Some(day * 400));
}

#[test]
fn no_function_may_delete_or_update_an_event() {
    let operations = slipway_registry::operations();
    let jobs = slipway_registry::jobs();
    let functions = operations
        .iter()
        .map(|operation| (operation.route().op, operation.permissions()))
        .chain(jobs.iter().map(|job| (job.name(), job.permissions())));
    let mut appending = 0;
    for (name, permissions) in functions {
        for partition in ["AUDIT#2026-01-15", "AUDIT#tenant_acme"] {
            assert!(!permissions.may_delete(partition), "{name}");
            appending += usize::from(permissions.may_put(partition));
        }
        for statement in permissions.statements() {
            let changes =
                |action: &&str| action.ends_with("UpdateItem") || action.ends_with("DeleteItem");
            let keys = statement.conditions.iter().flat_map(|condition| &condition.values);
            let is_of_events =
                keys.copied().any(|value| value.starts_with("AUDIT") || value == "*");
            assert!(!(statement.actions.iter().any(changes) && is_of_events), "{name}");
        }
    }
    assert!(appending > 40, "those that change something append to the log");
}

/// All events, newest first.
pub async fn log(world: &World) -> Vec<Value> {
    let get = async |path: String| world.get(&path).await.expect(200);
    every_entry("/v1/audit/events?start_time=2025-01-01T00:00:00Z", "events", get).await
}

/// The types of events that the API knows.
fn event_types() -> Vec<String> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let types = document["components"]["schemas"]["EventType"]["oneOf"].as_array().unwrap();
    types.iter().map(|one| text(one, "const").to_owned()).collect()
}
