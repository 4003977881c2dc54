//! Every row that a function writes is one that its IAM policy allows, and every entity that an
//! endpoint or job declares is one that it writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_catalog::schema::{Entity, PK, matches};
use slipway_edge::clock::Clock;
use slipway_edge::{Permissions, Services};
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
    fn allowed_by(&self, permissions: &Permissions) -> bool {
        match self {
            Self::Put(key) => permissions.may_put(key),
            Self::Update(key) | Self::Delete(key) => permissions.may_delete(key),
        }
    }

    fn key(&self) -> &str {
        let (Self::Put(key) | Self::Update(key) | Self::Delete(key)) = self;
        key
    }
}

/// Hears what a DynamoDB client is asked to write.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Write>>>);

type Item = std::collections::HashMap<String, AttributeValue>;

fn key(item: &Item) -> String {
    item[PK].as_s().unwrap().clone()
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
        let (input, mut heard) = (context.input(), self.0.lock().unwrap());
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
    /// What was written since it was last asked.
    pub fn take(&self) -> Vec<Write> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The services of a function at `clock`, whose writes `meter` records.
fn services(meter: &CostMeter, clock: Clock) -> Arc<Services> {
    let stack = &meter.fixture.world.stack;
    let clients = Clients::local(&stack.local);
    let recorder = meter.costs.recorder.clone();
    let config = clients.dynamodb.config().to_builder().interceptor(recorder).build();
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(config);
    Services::new(&stack.settings, &Clients { dynamodb, ..clients }, clock)
}

/// What IAM allows each function.
fn permissions() -> BTreeMap<&'static str, Permissions> {
    let operations = slipway_registry::operations();
    let operations = operations.iter().map(|one| (one.route().op, one.permissions()));
    let jobs = slipway_registry::jobs();
    let jobs = jobs.iter().map(|job| (job.name(), job.permissions()));
    operations.chain(jobs).collect()
}

/// The entities whose rows in the partitions of `writes` are.
fn entities(writes: &BTreeSet<Write>) -> BTreeSet<Entity> {
    let all = Entity::ALL.into_iter();
    all.filter(|entity| {
        let patterns = [entity.partitions(), entity.appends()].concat();
        patterns
            .iter()
            .filter(|pattern| **pattern != "AUDIT#*")
            .any(|pattern| writes.iter().any(|write| matches(pattern, write.key())))
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_writes_what_its_policy_allows_and_declares_no_more() {
    let mut meter = CostMeter::open().await;
    let now = services(&meter, clock());
    let later = clock().now() + SignedDuration::from_hours(400 * 24);
    let later = services(&meter, Clock::new(move || later));
    meter.fixture.world.stack.services = now;
    meter.everything().await;
    let keep_one = json!({ "retention": { "keep_snapshots": 1, "cleanup_older_than": "1h" } });
    meter.fixture.world.put("/v1/snapshots/config", keep_one).await.expect(200);
    for job in ["snapshot-on-schedule", "retention"] {
        let (outcome, record) = perform(&later, job, json!({})).await;
        outcome.unwrap();
        meter.costs.add("400 days later", record);
    }

    let found: Vec<String> = permissions()
        .iter()
        .flat_map(|(op, permissions)| findings(op, permissions, &meter.costs.writes[op]))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    meter.fixture.world.stack.stop().await;
}

/// What is wrong with the policy of `op`, which has written `writes`.
fn findings(op: &str, permissions: &Permissions, writes: &BTreeSet<Write>) -> Vec<String> {
    let refused = writes.iter().filter(|write| !write.allowed_by(permissions));
    let refused = refused.map(|write| format!("{op}: its policy refuses {write:?}"));
    let written = entities(writes);
    // Only a request with a key of its own writes an idempotency record.
    let declared = permissions.writes().iter().filter(|one| **one != Entity::IdempotencyRecord);
    let unused = declared.filter(|entity| !written.contains(entity));
    refused.chain(unused.map(|entity| format!("{op}: it never writes {entity:?}"))).collect()
}
