//! The job that makes the steps of rollouts: whatever happens to the release between two of its
//! calls, whenever it runs, and how often.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use slipway_edge::Services;
use slipway_test_support::{
    EventDelivery, Method, Options, TestClock, Value, World, json, perform, release_path, text,
};

use crate::faults::without_calls_about;
use crate::interleaving::{Change, interleaved};
use crate::rows::Rows;

const JOB: &str = "advance-rollouts";

async fn world(clock: &TestClock) -> World {
    let events = EventDelivery::Disabled;
    World::with(Options { events, clock: clock.clock(), ..Options::ephemeral() }).await
}

/// A release at 10% that goes to 50% in an hour and to all clients in two.
async fn staged(world: &World, product: &str) -> Value {
    world.product(product).await;
    let mut new = World::release_of(product, "1.0.0", "stable", &world.external(1).await);
    new["rollout"] = json!({ "steps": [
        { "percent": 10, "after": "0s" },
        { "percent": 50, "after": "1h" },
        { "percent": 100, "after": "2h" },
    ] });
    world.post("/v1/releases", new).await.expect(201)
}

async fn run(services: Arc<Services>) -> slipway_edge::Result<()> {
    perform(&services, JOB, json!({})).await.0
}

async fn share(world: &World, release: &Value) -> u64 {
    let release = world.get(&release_path(release, "")).await.expect(200);
    release["rollout"]["basis_points"].as_u64().unwrap()
}

/// How many rollouts wait for a step.
fn waiting(rows: &Rows) -> usize {
    rows.with("DUEROLLOUTS", "").count()
}

/// Makes `method` `rest` with `body` between any two calls of the job, and makes sure that the job
/// makes no step then.
async fn overtakes(method: Method, rest: &str, body: Value, expected_share: u64) {
    let clock = TestClock::default();
    let world = world(&clock).await;
    for at in 1.. {
        let release = staged(&world, &format!("prod_{at}")).await;
        clock.advance(SignedDuration::from_hours(1));
        let request = world.admin(method.clone(), &release_path(&release, rest)).json(&body);
        let change: Change = Box::pin(async move {
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        });
        let Some(outcome) = interleaved((&world, &clock), at, change, run).await else {
            // The query, pointer, release, head, and the transaction.
            assert_eq!(at - 1, 5, "are calls still counted?");
            break;
        };
        outcome.unwrap();
        let rows = Rows::of(&world).await;
        rows.agree();
        assert_eq!(waiting(&rows), 0, "call {at}");
        let id = text(&release, "release_id");
        assert_eq!(rows.audited("release.rollout_step", id), 0, "call {at}");
        assert_eq!(share(&world, &release).await, expected_share, "call {at}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_overtakes_a_step() {
    overtakes(Method::PUT, "/rollout", json!({ "paused": true }), 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_set_overtakes_a_step() {
    overtakes(Method::PUT, "/rollout", json!({ "basis_points": 2000 }), 2000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_overtakes_a_step() {
    overtakes(Method::POST, "/revoke", json!({ "reason": "it crashes" }), 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_one_time_make_one_step() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "prod_app").await;
    clock.advance(SignedDuration::from_hours(1));
    let services = || Arc::clone(&world.stack.services);
    let (one, two) = tokio::join!(run(services()), run(services()));
    one.and(two).unwrap();
    run(services()).await.unwrap();
    let rows = Rows::of(&world).await;
    rows.agree();
    assert_eq!(rows.audited("release.rollout_step", text(&release, "release_id")), 1);
    assert_eq!(share(&world, &release).await, 5000);
    let actor = rows.with("AUDIT#", "").find(|event| event["event_type"] == "release.rollout_step");
    assert_eq!(actor.unwrap()["actor"], "job:advance-rollouts");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_release_that_fails_stands_in_nobody_s_way() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let first = staged(&world, "prod_first").await;
    let bad = staged(&world, "prod_unlucky").await;
    let last = staged(&world, "prod_last").await;
    clock.advance(SignedDuration::from_hours(1));
    let broken = without_calls_about("PRODUCT#prod_unlucky", &world, &clock);
    let failure = format!("{:?}", run(broken).await.unwrap_err());
    assert!(failure.contains("not moved on: 1"), "{failure}");
    assert!(failure.contains(text(&bad, "release_id")), "{failure}");
    assert_eq!((share(&world, &first).await, share(&world, &last).await), (5000, 5000));
    assert_eq!(share(&world, &bad).await, 1000);
    run(Arc::clone(&world.stack.services)).await.unwrap();
    assert_eq!(share(&world, &bad).await, 5000, "the next minute");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_steps_that_an_older_version_has_dropped_is_deleted() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "prod_app").await;
    world.write_legacy_release(&release).await;
    run(Arc::clone(&world.stack.services)).await.unwrap();
    assert_eq!(waiting(&Rows::of(&world).await), 1, "it is not due yet");
    clock.advance(SignedDuration::from_hours(1));
    run(Arc::clone(&world.stack.services)).await.unwrap();
    let rows = Rows::of(&world).await;
    rows.agree();
    assert_eq!((waiting(&rows), share(&world, &release).await), (0, 1000));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_stack_makes_steps_by_itself() {
    let clock = TestClock::default();
    let world = World::with(Options { clock: clock.clock(), ..Options::ephemeral() }).await;
    let release = staged(&world, "prod_app").await;
    clock.advance(SignedDuration::from_hours(1));
    for _ in 0..300 {
        if share(&world, &release).await == 5000 {
            return world.stack.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody has made the step");
}
