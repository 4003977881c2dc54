//! Sign-off: asking for an approval, approving, rejecting, and the change that uses it. Whoever
//! dies at it leaves what there was or all of it, nothing is made without enough approvals, and the
//! repetition goes through.

use futures::FutureExt;
use slipway_test_support::{Call, Value, World, json, release_path, text};

use super::{Action, Keys, OnRepeat, Scenario, play};

/// A product of its own, whose channel `stable` asks for `required` approvals.
async fn gated(world: &World, number: u64, required: u64) -> String {
    let id = format!("prod_gated{number}");
    let rule = json!({ "stable": { "required_approvals": required } });
    let product = json!({ "product_id": id, "name": id, "channel_sign_off": rule });
    world.post("/v1/products", product).await.expect(201);
    id
}

/// The request for a release that waits for `required` approvals.
async fn create(world: &World, number: u64, required: u64) -> Value {
    let (product, artifact) = (gated(world, number, required).await, world.external(number).await);
    World::release_of(&product, "1.0.0", "stable", &artifact)
}

/// The path of the publication of a draft that waits for an approval.
async fn publication(world: &World, number: u64) -> String {
    let mut draft = create(world, number, 1).await;
    draft["draft"] = json!(true);
    release_path(&world.post("/v1/releases", draft).await.expect(201), "/publish")
}

/// What a new approver is asked about an approval.
async fn approving(world: &World, asked: &Value) -> Call {
    let secret = world.secret(json!({ "scopes": ["ci:write", "admin:write"] })).await;
    let path = format!("/v1/approvals/{}/approve", text(asked, "approval_id"));
    let seen = json!({ "change_sha256": asked["change_sha256"] });
    Call::new("approval-approve", path).json(&seen).bearer(&secret)
}

async fn approve(world: &World, asked: &Value) {
    approving(world, asked).await.on(&world.stack.services).await.0.expect(200);
}

const ASK_TO_CREATE: Scenario = Scenario::new("release-create, that waits", |world, number| {
    async move {
        let body = create(world, number, 1).await;
        Action::Call(world.call("release-create", "/v1/releases").json(&body))
    }
    .boxed()
});

const ASK_TO_PUBLISH: Scenario = Scenario::new("release-publish, that waits", |world, number| {
    async move { Action::Call(world.call("release-publish", publication(world, number).await)) }
        .boxed()
});

const APPROVE: Scenario = Scenario::new("approval-approve, the last one", |world, number| {
    async move {
        let asked = world.post(&publication(world, number).await, json!({})).await.expect(202);
        Action::Call(approving(world, &asked).await)
    }
    .boxed()
});

const APPROVE_ONE_OF_TWO: Scenario =
    Scenario::new("approval-approve, one of two", |world, number| {
        async move {
            let body = create(world, number, 2).await;
            let asked = world.post("/v1/releases", body).await.expect(202);
            Action::Call(approving(world, &asked).await)
        }
        .boxed()
    });

const REJECT: Scenario = Scenario::new("approval-reject", |world, number| {
    async move {
        let asked = world.post(&publication(world, number).await, json!({})).await.expect(202);
        let path = format!("/v1/approvals/{}/reject", text(&asked, "approval_id"));
        Action::Call(world.call("approval-reject", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "stale_state"));

const CREATE: Scenario = Scenario::new("release-create, that was approved", |world, number| {
    async move {
        let body = create(world, number, 2).await;
        let asked = world.post("/v1/releases", body.clone()).await.expect(202);
        approve(world, &asked).await;
        approve(world, &asked).await;
        Action::Call(world.call("release-create", "/v1/releases").json(&body))
    }
    .boxed()
});

const CREATE_TOO_EARLY: Scenario =
    Scenario::new("release-create, that one of two has approved, otherwise", |world, number| {
        async move {
            let body = create(world, number, 2).await;
            let asked = world.post("/v1/releases", body.clone()).await.expect(202);
            approve(world, &asked).await;
            let mut other = body;
            other["rollout"] = json!({ "percent": 10 });
            Action::Call(world.call("release-create", "/v1/releases").json(&other))
        }
        .boxed()
    });

const PUBLISH: Scenario = Scenario::new("release-publish, that was approved", |world, number| {
    async move {
        let path = publication(world, number).await;
        approve(world, &world.post(&path, json!({})).await.expect(202)).await;
        Action::Call(world.call("release-publish", path))
    }
    .boxed()
});

const PROMOTE: Scenario = Scenario::new("release-promote, that was approved", |world, number| {
    async move {
        let mut source = create(world, number, 1).await;
        source["channel"] = json!("beta");
        let source = world.post("/v1/releases", source).await.expect(201);
        let (path, to) = (release_path(&source, "/promote"), json!({ "channel": "stable" }));
        approve(world, &world.post(&path, to.clone()).await.expect(202)).await;
        Action::Call(world.call("release-promote", path).json(&to))
    }
    .boxed()
});

const WEAKEN: Scenario = Scenario::new("product-update, that was approved", |world, number| {
    async move {
        let path = format!("/v1/products/{}", gated(world, number, 1).await);
        let weaker = json!({ "channel_sign_off": {} });
        approve(world, &world.patch(&path, weaker.clone()).await.expect(202)).await;
        Action::Call(world.call("product-update", path).json(&weaker))
    }
    .boxed()
});

/// Plays `scenarios`, and makes sure that each release that is live on `stable` has its approval.
async fn play_with_approvals(scenarios: &[Scenario], expected: u64) {
    let world = play(scenarios, Keys::None, expected).await;
    let live = world.get("/v1/releases?status=published&limit=200").await.expect(200);
    let live = live["releases"].as_array().unwrap().iter();
    let live = live.filter(|release| release["channel"] == "stable").count();
    let used = world.get("/v1/approvals?status=used&limit=200").await.expect(200);
    let used = used["approvals"].as_array().unwrap().iter();
    let used = used.filter(|approval| approval["operation"] != "product-update").count();
    assert_eq!(live, used);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_request_for_approval_old_or_new_and_makes_nothing() {
    play_with_approvals(&[ASK_TO_CREATE, ASK_TO_PUBLISH, CREATE_TOO_EARLY], 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_an_approval_and_a_rejection_old_or_new() {
    play_with_approvals(&[APPROVE, APPROVE_ONE_OF_TWO, REJECT], 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_change_that_was_approved_old_or_new() {
    play_with_approvals(&[CREATE, PUBLISH, PROMOTE, WEAKEN], 60).await;
}
