//! All tenants at once: a piece of work for each, and none of them takes longer for it.

use std::time::Duration;

use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{EventDelivery, Options, TestClock, Value, World, json, rows_inserted};
use tokio::time::sleep;

use super::world;
use crate::rows::Rows;

const TENANTS: usize = 500;

/// The work that was handed out.
async fn work(world: &World) -> Vec<Value> {
    Rows::of(world).await.with("WORK#", "").cloned().collect()
}

/// The pieces of it for a tenant each.
async fn pieces(world: &World) -> Vec<Value> {
    let mut pieces = work(world).await;
    pieces.retain(|piece| piece["tenant_id"].is_string());
    pieces
}

fn cost(record: &LogRecord) -> (u64, f64, u64) {
    (record.dynamodb_requests, record.dynamodb_read_units, record.s3_requests)
}

/// Has the one piece of work for all tenants, which is there, split into one for each.
async fn split(world: &World) -> LogRecord {
    let all = work(world).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let (outcome, record) = rows_inserted(&world.stack.services, "snapshot-for-tenant", &all).await;
    outcome.unwrap();
    record
}

/// What one tenant's function takes when `others` more tenants are waiting for theirs, what the
/// request for all of them took, and what handing out the work took.
async fn one_of(others: usize) -> ((u64, f64, u64), LogRecord, LogRecord) {
    let world = world(&TestClock::default()).await;
    world.release("prod_app", "1.0.0").await;
    for index in 0..others {
        world.tenant(&format!("tenant_t{index}"), json!("*")).await;
    }
    let (answer, request) =
        world.call("snapshot-generate", "/v1/snapshots/generate").on(&world.stack.services).await;
    assert_eq!(answer.expect(202)["tenant_count"], others + 1);
    let handing_out = split(&world).await;
    let work = pieces(&world).await;
    assert_eq!(work.len(), others + 1);
    let (outcome, one) =
        rows_inserted(&world.stack.services, "snapshot-for-tenant", &work[..1]).await;
    outcome.unwrap();
    world.stack.stop().await;
    (cost(&one), request, handing_out)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_does_more_for_one_of_500_tenants_than_for_the_only_one() {
    let ((alone, for_one, _), (among, for_all, handing_out)) =
        tokio::join!(one_of(0), one_of(TENANTS - 1));
    assert_eq!(alone, among);
    // A request takes one transaction, after a look at the tenants.
    let writes = |record: &LogRecord| {
        (record.dynamodb_requests, cost(record).2, record.dynamodb_write_units.to_string())
    };
    assert_eq!(writes(&for_one), writes(&for_all));
    assert_eq!(for_all.dynamodb_requests, 2);
    // One look at the tenants, and 99 pieces of work in a transaction.
    assert_eq!(handing_out.dynamodb_requests, 1 + u64::try_from(TENANTS.div_ceil(99)).unwrap());
    assert_eq!((handing_out.s3_requests, handing_out.kms_requests), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_one_of_500_tenants_gets_a_snapshot_of_its_own() {
    let world =
        World::with(Options { events: EventDelivery::Enabled, ..Options::ephemeral() }).await;
    for index in 0..TENANTS {
        world.tenant(&format!("tenant_t{index}"), json!("*")).await;
    }
    let answer = world.post("/v1/snapshots/generate", json!({})).await.expect(202);
    assert_eq!(answer["tenant_count"], TENANTS);
    for _ in 0..600 {
        if Rows::of(&world).await.with("SNAPSHOT#", "").count() == TENANTS {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    let rows = Rows::of(&world).await;
    let mut tenants: Vec<&str> = rows
        .with("SNAPSHOT#", "")
        .map(|snapshot| snapshot["tenant_id"].as_str().unwrap())
        .collect();
    assert_eq!(tenants.len(), TENANTS);
    tenants.sort_unstable();
    tenants.dedup();
    assert_eq!(tenants.len(), TENANTS, "one each");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_delivered_twice_is_done_once_even_if_it_was_forced() {
    let world = world(&TestClock::default()).await;
    world.post("/v1/snapshots/generate", json!({ "force": true })).await.expect(202);
    split(&world).await;
    let work = pieces(&world).await;
    for _ in 0..3 {
        rows_inserted(&world.stack.services, "snapshot-for-tenant", &work).await.0.unwrap();
    }
    assert_eq!(super::snapshots(&world, "tenant_acme").await.len(), 1);
    world.stack.stop().await;
}
