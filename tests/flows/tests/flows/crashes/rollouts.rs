//! Rollouts by steps: a release that waits for its next step has a row that says so.

use futures::FutureExt;
use jiff::SignedDuration;
use slipway_test_support::{Value, World, json};

use super::releases::{draft, published, request};
use super::{Action, Keys, Scenario, play};

/// How long after the beginning the second step is due.
const LATER: SignedDuration = SignedDuration::from_hours(1);

fn steps() -> Value {
    json!({ "steps": [
        { "percent": 10, "after": "0s" },
        { "percent": 50, "after": "1h" },
        { "percent": 100, "after": "3000d" },
    ] })
}

/// The path of a published release whose rollout has steps.
async fn staged(world: &World, number: u64) -> String {
    let path = published(world, number, "/rollout").await;
    world.put(&path, steps()).await.expect(200);
    path
}

const CREATE: Scenario = Scenario::new("release-create, with steps", |world, number| {
    async move {
        let mut request = request(world, number).await;
        request["rollout"] = steps();
        Action::Call(world.call("release-create", "/v1/releases").json(&request))
    }
    .boxed()
});

const PUBLISH: Scenario = Scenario::new("release-publish, with steps", |world, number| {
    async move {
        let call = world.call("release-publish", draft(world, number, "/publish").await);
        Action::Call(call.json(&json!({ "rollout": steps() })))
    }
    .boxed()
});

const PROMOTE: Scenario = Scenario::new("release-promote, with steps", |world, number| {
    async move {
        let path = published(world, number, "/promote").await;
        let to = json!({ "channel": "beta", "rollout": steps() });
        Action::Call(world.call("release-promote", path).json(&to))
    }
    .boxed()
});

const PLAN: Scenario = Scenario::new("release-rollout, steps", |world, number| {
    async move {
        let path = published(world, number, "/rollout").await;
        Action::Call(world.call("release-rollout", path).json(&steps()))
    }
    .boxed()
});

const PAUSE: Scenario = Scenario::new("release-rollout, a pause", |world, number| {
    async move {
        let path = staged(world, number).await;
        Action::Call(world.call("release-rollout", path).json(&json!({ "paused": true })))
    }
    .boxed()
});

const RESUME: Scenario = Scenario::new("release-rollout, the end of a pause", |world, number| {
    async move {
        let path = staged(world, number).await;
        world.put(&path, json!({ "paused": true })).await.expect(200);
        Action::Call(world.call("release-rollout", path).json(&json!({ "paused": false })))
    }
    .boxed()
})
.after(SignedDuration::from_mins(10));

const STEP: Scenario = Scenario::new("advance-rollouts, a step", |world, number| {
    async move {
        staged(world, number).await;
        Action::Job("advance-rollouts", json!({}))
    }
    .boxed()
})
.after(LATER);

const REVOKE: Scenario = Scenario::new("release-revoke, with a step to come", |world, number| {
    async move {
        let path = staged(world, number).await.replace("/rollout", "/revoke");
        Action::Call(world.call("release-revoke", path).json(&json!({ "reason": "it crashes" })))
    }
    .boxed()
});

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_rollouts_and_what_they_wait_for_old_or_new() {
    let scenarios = [CREATE, PUBLISH, PROMOTE, PLAN, PAUSE, RESUME, REVOKE];
    play(&scenarios, Keys::None, 85).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_step_made_or_not_made() {
    play(&[STEP], Keys::None, 15).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_staged_promotion_old_or_new_with_an_idempotency_key_too() {
    play(&[CREATE, PROMOTE], Keys::Sent, 28).await.stack.stop().await;
}
