//! Required releases: the same rows, and the one by which clients below find them.

use futures::FutureExt;
use slipway_test_support::{Value, World, json, text};

use super::releases::request;
use super::{Action, Keys, Scenario, play};

/// The request for a required release, on a channel with others.
async fn required(world: &World, number: u64) -> Value {
    let mut request = request(world, number).await;
    request["required"] = json!(true);
    request
}

/// The path of a required release that is published, or only drafted.
async fn stored(world: &World, number: u64, draft: Value, verb: &str) -> String {
    let mut request = required(world, number).await;
    request["draft"] = draft;
    let release = world.post("/v1/releases", request).await.expect(201);
    format!("/v1/releases/{}{verb}", text(&release, "release_id"))
}

const CREATE: Scenario = Scenario::new("release-create, required", |world, number| {
    async move {
        let body = required(world, number).await;
        Action::Call(world.call("release-create", "/v1/releases").json(&body))
    }
    .boxed()
});

const PUBLISH: Scenario = Scenario::new("release-publish, required", |world, number| {
    async move {
        let path = stored(world, number, json!(true), "/publish").await;
        Action::Call(world.call("release-publish", path))
    }
    .boxed()
});

const PROMOTE: Scenario = Scenario::new("release-promote, required", |world, number| {
    async move {
        let path = stored(world, number, json!(false), "/promote").await;
        Action::Call(world.call("release-promote", path).json(&json!({ "channel": "beta" })))
    }
    .boxed()
});

const REQUIRE: Scenario = Scenario::new("release-update, required now", |world, number| {
    async move {
        let release = world.post("/v1/releases", request(world, number).await).await.expect(201);
        let path = format!("/v1/releases/{}", text(&release, "release_id"));
        Action::Call(world.call("release-update", path).json(&json!({ "required": true })))
    }
    .boxed()
});

const RELEASE: Scenario = Scenario::new("release-update, required no longer", |world, number| {
    async move {
        let path = stored(world, number, json!(false), "").await;
        Action::Call(world.call("release-update", path).json(&json!({ "required": false })))
    }
    .boxed()
});

const CORRECT: Scenario = Scenario::new("release-update, of a required one", |world, number| {
    async move {
        let path = stored(world, number, json!(false), "").await;
        let metadata = json!({ "metadata": { "release_notes": "Faster." } });
        Action::Call(world.call("release-update", path).json(&metadata))
    }
    .boxed()
});

const REVOKE: Scenario = Scenario::new("release-revoke, required", |world, number| {
    async move {
        let path = stored(world, number, json!(false), "/revoke").await;
        Action::Call(world.call("release-revoke", path).json(&json!({ "reason": "it crashes" })))
    }
    .boxed()
});

const REVOKE_EVERYWHERE: Scenario =
    Scenario::new("release-revoke, required, on every channel", |world, number| {
        async move {
            let path = stored(world, number, json!(false), "").await;
            let to = json!({ "channel": "beta" });
            world.post(&format!("{path}/promote"), to).await.expect(201);
            let request = json!({ "reason": "it crashes", "all_channels": true });
            Action::Call(world.call("release-revoke", format!("{path}/revoke")).json(&request))
        }
        .boxed()
    });

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_required_release_that_is_published_and_its_row_old_or_new() {
    play(&[CREATE, PUBLISH, PROMOTE], Keys::None, 25).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_required_release_that_is_changed_and_its_row_old_or_new() {
    play(&[REQUIRE, RELEASE, CORRECT], Keys::None, 25).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_required_release_that_is_revoked_and_its_row_old_or_new() {
    play(&[REVOKE, REVOKE_EVERYWHERE], Keys::None, 20).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_them_old_or_new_with_an_idempotency_key_too() {
    play(&[CREATE, PROMOTE], Keys::Sent, 25).await.stack.stop().await;
}
