//! The schedule: when work is handed out, and to whom.

use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{TestClock, World, json};

use super::{tick, world};
use crate::rows::Rows;

/// How many pieces of work there are.
async fn handed_out(world: &World) -> usize {
    Rows::of(world).await.with("WORK#", "").count()
}

async fn schedule(world: &World, scheduled: slipway_test_support::Value) {
    world.put("/v1/snapshots/config", json!({ "scheduled": scheduled })).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_hands_out_work_for_every_tenant_each_time_it_is_over() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.tenant("tenant_other", json!("*")).await;
    world.tenant("tenant_gone", json!("*")).await;
    world.patch("/v1/tenants/tenant_gone", json!({ "suspended": true })).await.expect(200);
    schedule(&world, json!({ "enabled": true, "interval": "30m" })).await;
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 0, "the first look begins the rhythm");
    test_clock.advance(SignedDuration::from_mins(29));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 0);
    test_clock.advance(SignedDuration::from_mins(2));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 2, "not for the suspended one");
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 2, "once for each time");
    test_clock.advance(SignedDuration::from_hours(5));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 4, "what was missed counts once");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_expression_hands_out_work_at_its_minute() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    // The next full hour of the clock that is running.
    let now = Timestamp::now();
    let into = SignedDuration::from_secs(now.as_second() % 3600);
    schedule(&world, json!({ "enabled": true, "cron": "0 * * * *" })).await;
    tick(&world, "snapshot-on-schedule").await;
    test_clock.advance(SignedDuration::from_hours(1) - into - SignedDuration::from_secs(40));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 0, "not before its minute");
    test_clock.advance(SignedDuration::from_secs(40));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_functions_at_one_tick_hand_out_the_same_work() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    tick(&world, "snapshot-on-schedule").await;
    test_clock.advance(SignedDuration::from_hours(1));
    tokio::join!(tick(&world, "snapshot-on-schedule"), tick(&world, "snapshot-on-schedule"));
    assert_eq!(handed_out(&world).await, 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_off_hands_out_nothing() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    schedule(&world, json!({ "enabled": false })).await;
    tick(&world, "snapshot-on-schedule").await;
    test_clock.advance(SignedDuration::from_hours(48));
    tick(&world, "snapshot-on-schedule").await;
    assert_eq!(handed_out(&world).await, 0);
    world.stack.stop().await;
}
