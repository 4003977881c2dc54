//! Rollouts by steps: what a step costs, and that waiting for one costs nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_catalog::schema::{self, DOC, Key, PK, REV, SK};
use slipway_domain::{ReleaseId, Timestamp};
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Value, World, json, perform, release_path};

use crate::budget_world::{BudgetWorld, clock};
use crate::operations::CostMeter;

const JOB: &str = "advance-rollouts";

/// What DynamoDB takes at once.
const AT_ONCE: usize = 25;

/// Steps, the second of which is due after an hour, and the third after a year.
fn steps() -> Value {
    json!({ "steps": [
        { "percent": 10, "after": "0s" },
        { "percent": 50, "after": "1h" },
        { "percent": 100, "after": "365d" },
    ] })
}

/// What a run of the job costs, so much later.
async fn run(fixture: &BudgetWorld, later: SignedDuration) -> LogRecord {
    let instance = fixture.instance_at(clock().now() + later);
    let (outcome, record) = perform(&instance, JOB, json!({})).await;
    outcome.unwrap();
    record
}

impl CostMeter {
    /// Pays for rollouts by steps, and for the history of a release.
    pub async fn rollouts(&mut self) {
        let hour = SignedDuration::from_hours(1);
        self.costs.add("nothing is due", run(&self.fixture, hour).await);
        let draft = self.fixture.draft("prod_r", "7.0.0").await;
        let publication = json!({ "rollout": steps() });
        let publish = release_path(&draft, "/publish");
        self.with("release-publish", "by steps", publish, &publication).await;
        self.costs.add("nothing is due, 1 release waits", run(&self.fixture, -hour).await);
        let path = release_path(&draft, "/rollout");
        self.with("release-rollout", "a pause", &path, &json!({ "paused": true })).await;
        self.with("release-rollout", "the end of a pause", &path, &json!({ "paused": false }))
            .await;
        self.costs.add("1 step", run(&self.fixture, hour).await);
        let others = json!({ "steps": [
            { "percent": 20, "after": "0s" },
            { "percent": 100, "after": "300d" },
        ] });
        self.with("release-rollout", "other steps", &path, &others).await;
        self.plain("release-history", "6 changes", release_path(&draft, "/history")).await;
    }
}

/// A row that waits for a step, as a release with one to come has it.
fn waiting(due_at: Timestamp, number: usize) -> WriteRequest {
    let id: ReleaseId = format!("rel_{number:032}").parse().unwrap();
    let Key { pk, sk } = schema::due_rollout(due_at, &id);
    let doc = json!({ "release_id": id, "due_at": due_at }).to_string();
    let text = AttributeValue::S;
    let row = [(PK, text(pk)), (SK, text(sk)), (DOC, text(doc))].into_iter();
    let row = row.chain([(REV, AttributeValue::N("1".to_owned()))]);
    let row: HashMap<_, _> = row.map(|(name, value)| (name.to_owned(), value)).collect();
    let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
    WriteRequest::builder().put_request(put).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_nothing_to_do_costs_the_same_however_many_rollouts_wait() {
    let fixture = BudgetWorld::open().await;
    let client = Clients::local(&fixture.world.stack.local).dynamodb;
    let due_at = clock().now() + SignedDuration::from_hours(1);
    let (mut written, mut costs) = (0, Vec::new());
    for count in [10, 1_000] {
        let rows: Vec<WriteRequest> = (written..count).map(|n| waiting(due_at, n)).collect();
        written = count;
        for some in rows.chunks(AT_ONCE) {
            let table = &fixture.world.stack.settings.table;
            let request = client.batch_write_item().request_items(table, some.to_vec());
            let answer = request.send().await.unwrap();
            assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
        }
        let record = run(&fixture, SignedDuration::ZERO).await;
        costs.push((record.dynamodb_requests, record.dynamodb_read_units));
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0].0, 1, "one request");
    assert!(costs[0].1 <= 1.0, "{costs:?}");
    fixture.world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_one_transaction_after_four_reads() {
    let fixture = BudgetWorld::open().await;
    fixture.world.product("prod_r").await;
    let mut new = World::release_of("prod_r", "1.0.0", "stable", &fixture.world.external(1).await);
    new["rollout"] = steps();
    fixture.world.post("/v1/releases", new).await.expect(201);
    let record = run(&fixture, SignedDuration::from_hours(1)).await;
    // What is due, pointer, release, head; then everything at once.
    assert_eq!((record.dynamodb_requests, record.s3_requests), (4 + 1, 0));
    fixture.world.stack.stop().await;
}
