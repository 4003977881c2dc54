//! The dispatcher of new rows: what it was to start when it dies is started when the stream
//! repeats.

use std::collections::BTreeSet;
use std::path::Path;

use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, json, perform, rows_inserted, text,
};

use crate::faults::{CrashPlan, CrashPoint};
use crate::rows::Rows;

/// What the stream says of a release of which clients have reported.
const REPORTED: &str = include_str!("../../../../events/halt-releases.json");
const TENANTS: [&str; 3] = ["tenant_a", "tenant_b", "tenant_c"];

/// A stack whose data is in `data`, and that starts no job by itself.
async fn world(data: &Path, test_clock: &TestClock) -> World {
    let options = Options {
        data: Some(data.to_owned()),
        events: EventDelivery::Disabled,
        clock: test_clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    for tenant in TENANTS {
        world.tenant(tenant, json!("*")).await;
    }
    world.post("/v1/snapshots/generate", json!({})).await.expect(202);
    world
}

/// A piece of work for each tenant.
async fn work(world: &World) -> Vec<Value> {
    let for_all: Vec<Value> = Rows::of(world).await.with("WORK#", "").cloned().collect();
    rows_inserted(&world.stack.services, "snapshot-for-tenant", &for_all).await.0.unwrap();
    let rows = Rows::of(world).await;
    rows.with("WORK#", "").filter(|piece| piece["tenant_id"].is_string()).cloned().collect()
}

/// The tenants of the messages that Lambda keeps for `snapshot-for-tenant`, one for each message.
fn started(data: &Path) -> Vec<String> {
    let messages = std::fs::read_dir(data.join("invocations")).unwrap();
    let tenant = |file: std::io::Result<std::fs::DirEntry>| {
        let message = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let message: Value = serde_json::from_str(&message).unwrap();
        assert_eq!(message["job"], "snapshot-for-tenant");
        let records = message["message"]["Records"].as_array().unwrap();
        let [record] = &records[..] else { panic!("{} pieces of work", records.len()) };
        let doc = text(&record["dynamodb"]["NewImage"]["doc"], "S");
        let work: Value = serde_json::from_str(doc).unwrap();
        text(&work, "tenant_id").to_owned()
    };
    messages.map(tenant).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dispatcher_that_dies_has_not_started_is_started_when_the_stream_repeats() {
    for death in CrashPoint::ALL {
        for at in 1..=3 {
            let (data, test_clock) = (tempfile::tempdir().unwrap(), TestClock::default());
            let world = world(data.path(), &test_clock).await;
            let work = work(&world).await;
            assert_eq!(work.len(), TENANTS.len());
            let plan = CrashPlan::new(death, at);
            let dying = plan.services(&world, &test_clock);
            let outcome = plan.live(rows_inserted(&dying, "dispatch-rows", &work)).await;
            // Whoever is told that all is well does not repeat.
            assert!(outcome.is_none_or(|(outcome, _)| outcome.is_err()), "{death:?} at {at}");
            let (outcome, record) =
                rows_inserted(&world.stack.services, "dispatch-rows", &work).await;
            outcome.unwrap();
            assert_eq!((record.lambda_requests, record.dynamodb_requests), (3, 0));
            let all: BTreeSet<_> = started(data.path()).into_iter().collect();
            assert_eq!(all, TENANTS.map(str::to_owned).into(), "{death:?} at {at}");
            world.stack.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_come_at_once_start_one_job() {
    let (data, test_clock) = (tempfile::tempdir().unwrap(), TestClock::default());
    let world = world(data.path(), &test_clock).await;
    let mut event: Value = serde_json::from_str(REPORTED).unwrap();
    let report = event["Records"][0].clone();
    event["Records"] = json!(vec![report; 5]);
    let (outcome, record) = perform(&world.stack.services, "dispatch-rows", event).await;
    outcome.unwrap();
    assert_eq!(record.lambda_requests, 1);
    world.stack.stop().await;
}
