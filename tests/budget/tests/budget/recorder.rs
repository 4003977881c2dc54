//! What functions ask of the table, request by request.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_catalog::schema::{PK, SK};
use slipway_edge::Services;
use slipway_edge::clock::Clock;
use slipway_test_support::{json, perform};

use crate::budget_world::clock;
use crate::operations::CostMeter;

/// An action of IAM on rows, and the partition key of the row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// `dynamodb:PutItem`.
    Put(String),
    /// `dynamodb:UpdateItem`.
    Update(String),
    /// `dynamodb:DeleteItem`.
    Delete(String),
}

impl Write {
    /// The partition key.
    pub fn key(&self) -> &str {
        let (Self::Put(key) | Self::Update(key) | Self::Delete(key)) = self;
        key
    }
}

/// A request that reads rows, with the kind of key that it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// `GetItem`, `BatchGetItem` or `Query`.
    pub request: &'static str,
    /// The index that is asked; the table, where it is none.
    pub index: Option<String>,
    /// Whether it sees every write before it.
    pub consistent: bool,
    /// The partition key, with `*` for what differs from row to row.
    pub partition_key: String,
    /// The sort keys, in the same way.
    pub sort_key: String,
}

/// Hears what a DynamoDB client is asked to read and to write.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<(Vec<Read>, Vec<Write>)>>);

type Item = std::collections::HashMap<String, AttributeValue>;

fn key(item: &Item) -> String {
    item[PK].as_s().unwrap().clone()
}

/// A key's kind: what stands before its first `#`. What begins in lower case is an id.
fn kind(key: &str) -> String {
    match key.split_once('#') {
        _ if !key.starts_with(|first: char| first.is_ascii_uppercase()) => "*".to_owned(),
        Some((kind, _)) => format!("{kind}#*"),
        None => key.to_owned(),
    }
}

/// A read of the row with this key.
fn of_row(request: &'static str, item: &Item, consistent: bool) -> Read {
    let (partition_key, sort_key) = (kind(&key(item)), kind(item[SK].as_s().unwrap()));
    Read { request, index: None, consistent, partition_key, sort_key }
}

fn of_query(query: &QueryInput) -> Read {
    let values = query.expression_attribute_values().unwrap();
    let text = |name: &str| values.get(name).map(|value| value.as_s().unwrap().as_str());
    let has = |operator: &str| query.key_condition_expression().unwrap().contains(operator);
    Read {
        request: "Query",
        index: query.index_name().map(str::to_owned),
        consistent: query.consistent_read().unwrap_or_default(),
        partition_key: kind(text(":pk").unwrap()),
        sort_key: match text(":bound") {
            None => "*".to_owned(),
            Some(_) if has("BETWEEN") => "between two times".to_owned(),
            Some(_) if has("<") => "below a time".to_owned(),
            Some(_) if has(">") => "from a day on".to_owned(),
            Some(prefix) => kind(prefix),
        },
    }
}

/// One write of a transaction.
fn part(item: &TransactWriteItem) -> Option<Write> {
    None.or_else(|| item.put().map(|put| Write::Put(key(put.item()))))
        .or_else(|| item.delete().map(|delete| Write::Delete(key(delete.key()))))
        .or_else(|| item.update().map(|update| Write::Update(key(update.key()))))
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        let (read, heard) = &mut *self.0.lock().unwrap();
        if let Some(get) = input.downcast_ref::<GetItemInput>() {
            let consistent = get.consistent_read().unwrap_or_default();
            read.push(of_row("GetItem", get.key().unwrap(), consistent));
        } else if let Some(query) = input.downcast_ref::<QueryInput>() {
            read.push(of_query(query));
        } else if let Some(batch) = input.downcast_ref::<BatchGetItemInput>() {
            for keys in batch.request_items().unwrap().values() {
                let consistent = keys.consistent_read().unwrap_or_default();
                read.extend(keys.keys().iter().map(|key| of_row("BatchGetItem", key, consistent)));
            }
        }
        if let Some(put) = input.downcast_ref::<PutItemInput>() {
            heard.push(Write::Put(key(put.item().unwrap())));
        } else if let Some(delete) = input.downcast_ref::<DeleteItemInput>() {
            heard.push(Write::Delete(key(delete.key().unwrap())));
        } else if let Some(update) = input.downcast_ref::<UpdateItemInput>() {
            heard.push(Write::Update(key(update.key().unwrap())));
        } else if let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() {
            heard.extend(transaction.transact_items().iter().filter_map(part));
        }
        Ok(())
    }
}

impl Recorder {
    /// What was read and written since it was last asked.
    pub fn take(&self) -> (Vec<Read>, Vec<Write>) {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The services of a function `days` later, whose reads and writes `meter` records.
pub fn days_later(meter: &CostMeter, days: i64) -> Arc<Services> {
    let later = clock().now() + SignedDuration::from_hours(24 * days);
    services(meter, Clock::new(move || later))
}

/// The services of a function at `clock`, whose reads and writes `meter` records.
fn services(meter: &CostMeter, clock: Clock) -> Arc<Services> {
    let stack = &meter.fixture.world.stack;
    let clients = Clients::local(&stack.local);
    let recorder = meter.costs.recorder.clone();
    let config = clients.dynamodb.config().to_builder().interceptor(recorder).build();
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(config);
    Services::new(&stack.settings, &Clients { dynamodb, ..clients }, clock)
}

/// Has every operation and job done once, and once more what happens 400 days later, by functions
/// that are recorded.
pub async fn recorded() -> CostMeter {
    let mut meter = CostMeter::open().await;
    let now = services(&meter, clock());
    let later = days_later(&meter, 400);
    meter.fixture.world.stack.services = now;
    meter.everything().await;
    meter.simulations().await;
    meter.sign_off().await;
    let keep_one = json!({ "retention": { "keep_snapshots": 1, "cleanup_older_than": "1h" } });
    meter.fixture.world.put("/v1/snapshots/config", keep_one).await.expect(200);
    meter.half_verified(8).await;
    for job in ["snapshot-on-schedule", "retention", "sweep-uploads", "advance-rollouts"] {
        let (outcome, record) = perform(&later, job, json!({})).await;
        outcome.unwrap();
        meter.costs.add("400 days later", record);
    }
    meter
}
