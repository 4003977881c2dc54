//! Promotions of release bundles.

use futures::FutureExt;
use slipway_test_support::{Call, Value, World, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play};

/// Where promotions are.
const PLACE: &str = "/api/v1/promotions";

/// What promotes a release bundle of its own to an environment of its own, which asks for
/// `required` approvals.
async fn new_promotion(world: &World, number: u64, required: u32) -> Value {
    let component = world.component(&format!("component-{number}")).await;
    let bundle = json!({
        "name": format!("release-{number}"),
        "components": [{ "componentId": component["id"], "version": "1.0.0" }],
    });
    let bundle = world.post("/api/v1/releases", bundle).await.expect(201);
    let path = format!("/api/v1/releases/{}", text(&bundle, "id"));
    world.put(&path, json!({ "status": "ready" })).await.expect(200);
    let name = format!("environment-{number}-{required}");
    let environment = json!({ "name": name, "requiredApprovals": required });
    let environment = world.post("/api/v1/environments", environment).await.expect(201);
    json!({ "releaseId": bundle["id"], "targetEnvironmentId": environment["id"] })
}

/// The path of an operation on a promotion that there is.
async fn promoted(world: &World, number: u64, required: u32, rest: &str) -> String {
    let new = new_promotion(world, number, required).await;
    let promotion = world.post(PLACE, new).await.expect(201);
    format!("{PLACE}/{}{rest}", text(&promotion, "id"))
}

/// A promotion that is asked for, where there has been another one before: the first one of all
/// opens a segment of the list as well.
async fn asked(world: &World, number: u64, required: u32) -> Action {
    if world.get(PLACE).await.expect(200)["meta"]["totalCount"] == 0 {
        let first = promoted(world, 0, 0, "/complete").await;
        world.post(&first, json!({ "status": "failed" })).await.expect(200);
    }
    let new = new_promotion(world, number, required).await;
    Action::Call(world.call("promotion-create", PLACE).json(&new))
}

/// The approval of somebody new.
async fn approval(world: &World, path: String) -> Call {
    let secret = world.secret(json!({ "scopes": ["bundles:write"] })).await;
    Call::new("promotion-approve", path).bearer(&secret)
}

/// The end of a promotion that is in progress, in an environment to which another one came before.
async fn ended(world: &World, number: u64, status: &str) -> Action {
    let new = new_promotion(world, number, 0).await;
    let end = |promotion: &Value| format!("{PLACE}/{}/complete", text(promotion, "id"));
    let first = world.post(PLACE, new.clone()).await.expect(201);
    world.post(&end(&first), json!({ "status": "deployed" })).await.expect(200);
    let second = world.post(PLACE, new).await.expect(201);
    let end = world.call("promotion-complete", end(&second));
    Action::Call(end.json(&json!({ "status": status })))
}

/// The deletion of an environment in which something is deployed.
const DELETE_ENVIRONMENT: Scenario =
    Scenario::new("environment-delete, deployed", |world, number| {
        async move {
            let new = new_promotion(world, number, 0).await;
            let promotion = world.post(PLACE, new.clone()).await.expect(201);
            let end = format!("{PLACE}/{}/complete", text(&promotion, "id"));
            world.post(&end, json!({ "status": "deployed" })).await.expect(200);
            let path = format!("/api/v1/environments/{}", text(&new, "targetEnvironmentId"));
            Action::Call(world.call("environment-delete", path))
        }
        .boxed()
    })
    .again(OnRepeat::Refused(404, "not_found"));

const BEGIN: Scenario = Scenario::new("promotion-create", |world, number| {
    async move { asked(world, number, 0).await }.boxed()
})
.again(OnRepeat::Refused(409, "stale_state"));

const ASK: Scenario = Scenario::new("promotion-create, that waits", |world, number| {
    async move { asked(world, number, 1).await }.boxed()
})
.again(OnRepeat::Refused(409, "stale_state"));

const APPROVE: Scenario = Scenario::new("promotion-approve, the last one", |world, number| {
    async move {
        let path = promoted(world, number, 1, "/approve").await;
        Action::Call(approval(world, path).await)
    }
    .boxed()
});

const APPROVE_ONE_OF_TWO: Scenario =
    Scenario::new("promotion-approve, one of two", |world, number| {
        async move {
            let path = promoted(world, number, 2, "/approve").await;
            Action::Call(approval(world, path).await)
        }
        .boxed()
    });

const REJECT: Scenario = Scenario::new("promotion-reject", |world, number| {
    async move {
        let path = promoted(world, number, 1, "/reject").await;
        Action::Call(world.call("promotion-reject", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "stale_state"));

const DEPLOYED: Scenario = Scenario::new("promotion-complete, deployed", |world, number| {
    async move { ended(world, number, "deployed").await }.boxed()
});

const FAILED: Scenario = Scenario::new("promotion-complete, failed", |world, number| {
    async move { ended(world, number, "failed").await }.boxed()
});

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_promotion_that_is_asked_for_old_or_new() {
    play(&[BEGIN, ASK], Keys::None, 20).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_it_old_or_new_with_an_idempotency_key_too() {
    play(&[BEGIN], Keys::Sent, 12).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_approvals_of_promotions_old_or_new() {
    play(&[APPROVE, APPROVE_ONE_OF_TWO, REJECT], Keys::None, 30).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_the_end_of_a_promotion_old_or_new() {
    play(&[DEPLOYED, FAILED], Keys::None, 16).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_an_environment_and_what_is_deployed_there_old_or_new() {
    play(&[DELETE_ENVIRONMENT], Keys::None, 6).await.stack.stop().await;
}
