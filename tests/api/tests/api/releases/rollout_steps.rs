//! Rollouts by steps: what is answered of them, and how they pause and go on.

use jiff::SignedDuration;
use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, json, perform, release_path, text,
};

/// A stack whose clock is the test's, and that starts no job by itself.
async fn world(clock: &TestClock) -> World {
    let decision_cache = SignedDuration::ZERO;
    let options = Options {
        events: EventDelivery::Disabled,
        clock: clock.clock(),
        decision_cache,
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    world
}

/// Three steps, a day apart.
fn steps() -> Value {
    json!([
        { "basis_points": 1000, "after": "0s" },
        { "percent": 50, "after": "24h" },
        { "basis_points": 10_000, "after": "2d" },
    ])
}

async fn staged(world: &World, version: &str, steps: Value) -> Value {
    let mut new = World::release_of("prod_app", version, "stable", &world.external(1).await);
    new["rollout"] = json!({ "steps": steps });
    world.post("/v1/releases", new).await.expect(201)
}

/// Runs the job, and tells what the rollout of a release is then.
async fn tick(world: &World, release: &Value) -> Value {
    perform(&world.stack.services, "advance-rollouts", json!({})).await.0.unwrap();
    world.get(&release_path(release, "")).await.expect(200)["rollout"].clone()
}

async fn put(world: &World, release: &Value, rollout: Value) -> Value {
    world.put(&release_path(release, "/rollout"), rollout).await.expect(200)["rollout"].clone()
}

fn time(rollout: &Value) -> jiff::Timestamp {
    text(rollout, "next_step_at").parse().unwrap()
}

#[tokio::test]
async fn the_clock_makes_each_step_and_the_last_one_ends_them() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "1.0.0", steps()).await;
    let rollout = &release["rollout"];
    assert_eq!((&rollout["basis_points"], &rollout["paused"]), (&json!(1000), &json!(false)));
    let answered = json!([
        { "basis_points": 1000, "after": "0s" },
        { "basis_points": 5000, "after": "24h" },
        { "basis_points": 10_000, "after": "2d" },
    ]);
    assert_eq!(rollout["steps"], answered);
    let published: jiff::Timestamp = text(&release, "published_at").parse().unwrap();
    assert_eq!(time(rollout), published + SignedDuration::from_hours(24));
    assert_eq!(&tick(&world, &release).await, rollout, "nothing is due");
    clock.advance(SignedDuration::from_hours(24));
    let second = tick(&world, &release).await;
    assert_eq!((&second["basis_points"], &second["steps"]), (&json!(5000), &answered));
    assert_eq!(time(&second), published + SignedDuration::from_hours(48));
    clock.advance(SignedDuration::from_hours(24));
    let ended = json!({ "basis_points": 10_000, "paused": false });
    assert_eq!(tick(&world, &release).await, ended);
    assert_eq!(world.decide("prod_app", "0.9.0").await["version"], "1.0.0");
    // A job that asks for the same steps once more takes the release away from nobody.
    assert_eq!(put(&world, &release, json!({ "steps": steps() })).await, ended);
    world.stack.stop().await;
}

#[tokio::test]
async fn steps_that_were_missed_are_one_change() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "1.0.0", steps()).await;
    clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(tick(&world, &release).await["basis_points"], 10_000);
    let history = world.get(&release_path(&release, "/history")).await.expect(200);
    let types: Vec<_> =
        history["changes"].as_array().unwrap().iter().map(|one| text(one, "event_type")).collect();
    assert_eq!(types, ["release.rollout_step", "release.published"]);
    world.stack.stop().await;
}

#[tokio::test]
async fn nobody_is_offered_a_release_before_its_first_step() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let later = json!([{ "percent": 100, "after": "1h" }]);
    let release = staged(&world, "1.0.0", later).await;
    assert_eq!(release["rollout"]["basis_points"], 0);
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "held_back");
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(tick(&world, &release).await["basis_points"], 10_000);
    assert_eq!(world.decide("prod_app", "0.9.0").await["version"], "1.0.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn the_time_of_a_pause_does_not_count() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "1.0.0", steps()).await;
    clock.advance(SignedDuration::from_hours(20));
    let paused = put(&world, &release, json!({ "paused": true })).await;
    assert_eq!((&paused["basis_points"], &paused["paused"]), (&json!(1000), &json!(true)));
    assert_eq!(
        (&paused["steps"], &paused["next_step_at"]),
        (&release["rollout"]["steps"], &json!(null))
    );
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "held_back");
    clock.advance(SignedDuration::from_hours(100));
    assert_eq!(tick(&world, &release).await, paused, "a paused rollout makes no step");
    let resumed = put(&world, &release, json!({ "paused": false })).await;
    let moved = time(&resumed).duration_since(time(&release["rollout"]));
    let hours = |hours| SignedDuration::from_hours(hours);
    assert!(moved >= hours(100) && moved < hours(100) + SignedDuration::from_mins(5), "{moved}");
    assert_eq!(tick(&world, &release).await, resumed);
    clock.advance(SignedDuration::from_hours(4));
    assert_eq!(tick(&world, &release).await["basis_points"], 5000);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_rollout_that_begins_with_a_pause_begins_with_its_end() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let mut new = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    new["rollout"] = json!({ "steps": steps(), "paused": true });
    let release = world.post("/v1/releases", new).await.expect(201);
    assert_eq!(release["rollout"]["next_step_at"], json!(null));
    clock.advance(SignedDuration::from_hours(100));
    let resumed = put(&world, &release, json!({ "paused": false })).await;
    let published: jiff::Timestamp = text(&release, "published_at").parse().unwrap();
    assert!(time(&resumed) >= published + SignedDuration::from_hours(124), "{resumed}");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_share_ends_the_steps_and_other_steps_begin_anew() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "1.0.0", steps()).await;
    let same = put(&world, &release, json!({ "steps": steps() })).await;
    assert_eq!(same, release["rollout"], "the same steps go on");
    let paused = put(&world, &release, json!({ "paused": true })).await;
    let same = put(&world, &release, json!({ "steps": steps() })).await;
    assert_eq!(same, paused, "and stay paused");
    let fixed = put(&world, &release, json!({ "basis_points": 2000 })).await;
    assert_eq!(fixed, json!({ "basis_points": 2000, "paused": false }));
    clock.advance(SignedDuration::from_hours(100));
    assert_eq!(tick(&world, &release).await, fixed);
    let others = json!([{ "percent": 30, "after": "0s" }, { "percent": 60, "after": "1h" }]);
    let begun = put(&world, &release, json!({ "steps": others })).await;
    assert_eq!(begun["basis_points"], 3000);
    let published: jiff::Timestamp = text(&release, "published_at").parse().unwrap();
    assert!(time(&begun) >= published + SignedDuration::from_hours(101), "from the request on");
    clock.advance(SignedDuration::from_hours(1));
    let ended = json!({ "basis_points": 6000, "paused": false });
    assert_eq!(tick(&world, &release).await, ended);
    let history = world.get(&release_path(&release, "/history")).await.expect(200);
    assert_eq!(history["changes"].as_array().unwrap().len(), 5, "{history:#}");
    world.stack.stop().await;
}

#[tokio::test]
async fn the_clock_of_a_draft_begins_with_its_publication() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let mut new = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    new["draft"] = json!(true);
    let draft = world.post("/v1/releases", new).await.expect(201);
    let planned = put(&world, &draft, json!({ "steps": steps() })).await;
    assert_eq!((&planned["basis_points"], &planned["next_step_at"]), (&json!(1000), &json!(null)));
    clock.advance(SignedDuration::from_hours(100));
    assert_eq!(tick(&world, &draft).await, planned);
    let release = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    let published: jiff::Timestamp = text(&release, "published_at").parse().unwrap();
    let rollout = &release["rollout"];
    assert_eq!((&rollout["basis_points"], &rollout["steps"]), (&json!(1000), &planned["steps"]));
    assert_eq!(time(rollout), published + SignedDuration::from_hours(24));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_revoked_release_makes_no_step_and_keeps_no_row_that_waits() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let release = staged(&world, "1.0.0", steps()).await;
    let waiting =
        async || world.rows().await.into_keys().filter(|(pk, _)| pk == "DUEROLLOUTS").count();
    assert_eq!(waiting().await, 1);
    world.revoke(&release).await;
    assert_eq!(waiting().await, 0);
    clock.advance(SignedDuration::from_hours(100));
    assert_eq!(tick(&world, &release).await["basis_points"], 1000);
    world.stack.stop().await;
}
