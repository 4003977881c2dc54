//! Halting: a job that dies at any call leaves a release that is halted or is not.

use futures::FutureExt;
use slipway_test_support::{Value, World, json, text};

use super::releases::published;
use super::{Action, Keys, Scenario, play};

/// What the stream hands on where clients have reported of this release.
fn reported(release: &Value) -> Value {
    let check = json!({ "release_id": release["release_id"], "at": "2026-03-01T09:00:00Z" });
    json!({ "Records": [{ "dynamodb": { "NewImage": { "doc": { "S": check.to_string() } } } }] })
}

/// A release that ten clients have reported to fail, which is too many.
async fn failing(world: &World, number: u64) -> Value {
    let path = published(world, number, "").await;
    let rule = json!({ "halt_on": { "failure_basis_points": 100, "min_reports": 10 } });
    let release = world.patch(&path, rule).await.expect(200);
    for client in 0..10 {
        world.report(&release, client, "failed").await.expect(200);
    }
    release
}

const HALT: Scenario = Scenario::new("halt-releases", |world, number| {
    async move { Action::Job("halt-releases", reported(&failing(world, number).await)) }.boxed()
});

const RESUME: Scenario = Scenario::new("release-rollout, the end of a halt", |world, number| {
    async move {
        let release = failing(world, number).await;
        let halted = Action::Job("halt-releases", reported(&release));
        halted.on(&world.stack.services).await;
        let path = format!("/v1/releases/{}/rollout", text(&release, "release_id"));
        Action::Call(world.call("release-rollout", path).json(&json!({ "paused": false })))
    }
    .boxed()
});

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_release_halted_or_not() {
    play(&[HALT, RESUME], Keys::None, 27).await.stack.stop().await;
}
