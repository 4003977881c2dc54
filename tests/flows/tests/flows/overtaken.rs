//! Releases that rest on what others change before they are written: on the release that is
//! promoted, and on whether the channel asks for sign-off.

use reqwest::Method;
use slipway_test_support::{Call, TestClock, TestResponse, Value, World, json, release_path, text};

use crate::interleaving::{Change, change, interleaved};
use crate::rows::Rows;

/// What `call` is answered where `change` is made before its call number `at`.
async fn overtaken(world: &World, at: u64, change: Change, call: Call) -> Option<TestResponse> {
    let answer = async |services| call.on(&services).await.0;
    interleaved((world, &TestClock::default()), at, change, answer).await
}

async fn live(world: &World, product: &str) -> Value {
    let live = world.get(&format!("/v1/products/{product}/releases?status=published")).await;
    live.expect(200)["releases"].clone()
}

/// What becomes of a release while it is promoted: the operation, what it is asked, and what the
/// promotion is answered then.
const OF_A_SOURCE: [(Method, &str, &str, u16); 4] = [
    (Method::POST, "/revoke", r#"{"reason": "it crashes"}"#, 409),
    (Method::PATCH, "", r#"{"metadata": {"release_notes": "Faster."}}"#, 201),
    (Method::PATCH, "", r#"{"halt_on": {"failure_basis_points": 500, "min_reports": 50}}"#, 201),
    (Method::PUT, "/rollout", r#"{"percent": 10}"#, 201),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promoted_is_the_release_as_it_is_when_the_promotion_is_written() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for (number, (method, rest, body, status)) in OF_A_SOURCE.into_iter().enumerate() {
        for at in 1.. {
            let product = format!("prod_source-{number}-{at}");
            world.product(&product).await;
            let new = World::release_of(&product, "1.0.0", "stable", &artifact);
            let source = world.post("/v1/releases", new).await.expect(201);
            let body: Value = serde_json::from_str(body).unwrap();
            let send = world.admin(method.clone(), &release_path(&source, rest)).json(&body);
            let call = world.call("release-promote", release_path(&source, "/promote"));
            let call = call.json(&json!({ "channel": "beta" }));
            let Some(response) = overtaken(&world, at, change(send), call).await else {
                assert!(at > 5, "{rest}: {at}: are calls still counted?");
                break;
            };
            if status == 409 {
                response.refused(409, "stale_state", None);
                assert_eq!(live(&world, &product).await, json!([]), "call {at}");
                continue;
            }
            let promoted = response.expect(status);
            let source = world.get(&release_path(&source, "")).await.expect(200);
            for member in ["metadata", "halt_on"] {
                assert_eq!(promoted[member], source[member], "{rest} {member}: call {at}");
            }
        }
    }
    world.stack.stop().await;
}

/// How a channel comes to ask for sign-off: the channel, and what the product is given.
const RULES: [(&str, &str); 3] = [
    ("stable", r#"{"channel_sign_off": {"stable": {"required_approvals": 1}}}"#),
    (
        "beta",
        r#"{"channel_sign_off": {"stable": {"required_approvals": 1}}, "channel_follows": {"stable": ["beta"]}}"#,
    ),
    ("nightly", r#"{"channel_sign_off": {"nightly": {"required_approvals": 1}}}"#),
];

/// An operation that gives clients of a channel an update.
type Prepare = for<'a> fn(&'a World, Value) -> futures::future::BoxFuture<'a, Call>;

const OPERATIONS: [(&str, Prepare); 5] = [
    ("create", |world, body| {
        Box::pin(async move { world.call("release-create", "/v1/releases").json(&body) })
    }),
    ("publish", |world, mut body| {
        Box::pin(async move {
            body["draft"] = json!(true);
            let draft = world.post("/v1/releases", body).await.expect(201);
            world.call("release-publish", release_path(&draft, "/publish"))
        })
    }),
    ("promote", |world, mut body| {
        Box::pin(async move {
            let channel = std::mem::replace(&mut body["channel"], json!("internal"));
            let source = world.post("/v1/releases", body).await.expect(201);
            let call = world.call("release-promote", release_path(&source, "/promote"));
            call.json(&json!({ "channel": channel }))
        })
    }),
    ("rollout", |world, mut body| {
        Box::pin(async move {
            body["rollout"] = json!({ "percent": 10 });
            let release = world.post("/v1/releases", body).await.expect(201);
            let call = world.call("release-rollout", release_path(&release, "/rollout"));
            call.json(&json!({ "percent": 100 }))
        })
    }),
    ("update", |world, body| {
        Box::pin(async move {
            let release = world.post("/v1/releases", body).await.expect(201);
            let call = world.call("release-update", release_path(&release, ""));
            call.json(&json!({ "metadata": { "release_notes": "Faster." } }))
        })
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_off_that_is_asked_for_meanwhile_is_waited_for() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for (channel, rule) in RULES {
        for (name, prepare) in OPERATIONS {
            for at in 1.. {
                let product = format!("prod_{channel}-{name}-{at}");
                let body = json!({ "product_id": product, "name": "App", "open_channels": true });
                world.post("/v1/products", body).await.expect(201);
                let body = World::release_of(&product, "1.0.0", channel, &artifact);
                let call = prepare(&world, body).await;
                let before = live(&world, &product).await;
                let rule: Value = serde_json::from_str(rule).unwrap();
                let path = format!("/v1/products/{product}");
                let send = world.admin(Method::PATCH, &path).json(&rule);
                let Some(response) = overtaken(&world, at, change(send), call).await else {
                    assert!(at > 4, "{name} on {channel}: {at}: are calls still counted?");
                    break;
                };
                let approval = response.expect(202);
                assert_eq!(approval["status"], "pending", "{name} on {channel}: call {at}");
                assert_eq!(live(&world, &product).await, before, "{name} on {channel}: {at}");
            }
        }
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_off_that_is_raised_meanwhile_makes_an_approved_change_wait() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for at in 1.. {
        let product = format!("prod_raised-{at}");
        let rule = |required: u32| json!({ "stable": { "required_approvals": required } });
        let body = json!({ "product_id": product, "name": "App", "channel_sign_off": rule(1) });
        world.post("/v1/products", body).await.expect(201);
        let mut body = World::release_of(&product, "1.0.0", "stable", &artifact);
        body["draft"] = json!(true);
        let draft = world.post("/v1/releases", body).await.expect(201);
        let publish = release_path(&draft, "/publish");
        let asked = world.post(&publish, json!({})).await.expect(202);
        approve(&world, &asked).await;
        let path = format!("/v1/products/{product}");
        let raised = json!({ "channel_sign_off": rule(2) });
        let send = world.admin(Method::PATCH, &path).json(&raised);
        let call = world.call("release-publish", publish.clone());
        let Some(response) = overtaken(&world, at, change(send), call).await else {
            assert!(at > 7, "{at}: are calls still counted?");
            break;
        };
        response.expect(202);
        assert_eq!(live(&world, &product).await, json!([]), "call {at}");
        approve(&world, &asked).await;
        world.post(&publish, json!({})).await.expect(200);
    }
    world.stack.stop().await;
}

/// A live release for a tenth of the clients, and the approval of a larger share.
async fn larger_share(world: &World, product: &str, artifact: &str) -> (Value, Value) {
    let rule = json!({ "stable": { "required_approvals": 1 } });
    let body = json!({ "product_id": product, "name": "App", "channel_sign_off": rule });
    world.post("/v1/products", body).await.expect(201);
    let mut body = World::release_of(product, "1.0.0", "stable", artifact);
    body["rollout"] = json!({ "percent": 10 });
    approve(world, &world.post("/v1/releases", body.clone()).await.expect(202)).await;
    let release = world.post("/v1/releases", body).await.expect(201);
    let all = json!({ "percent": 100 });
    let asked = world.put(&release_path(&release, "/rollout"), all).await.expect(202);
    (release, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_release_that_is_revoked_while_it_is_approved_is_not_approved() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    let secret = world.secret(json!({ "scopes": ["ci:write"] })).await;
    let reason = json!({ "reason": "it crashes" });
    for at in 1.. {
        let product = format!("prod_approved-{at}");
        let (release, asked) = larger_share(&world, &product, &artifact).await;
        let path = format!("/v1/approvals/{}", text(&asked, "approval_id"));
        let revoke = world.admin(Method::POST, &release_path(&release, "/revoke"));
        let revoke = change(revoke.json(&reason));
        let call = Call::new("approval-approve", format!("{path}/approve")).bearer(&secret);
        let call = call.json(&json!({ "change_sha256": asked["change_sha256"] }));
        let Some(response) = overtaken(&world, at, revoke, call).await else {
            assert!(at > 6, "{at}: are calls still counted?");
            break;
        };
        response.refused(409, "stale_state", None);
        let approval = world.get(&path).await.expect(200);
        assert_eq!((&approval["status"], &approval["approvals"]), (&json!("pending"), &json!([])));
        Rows::of(&world).await.agree();
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_revoked_whatever_is_approved_of_it_meanwhile() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    let secret = world.secret(json!({ "scopes": ["ci:write"] })).await;
    for at in 1.. {
        let product = format!("prod_withdrawn-{at}");
        let (release, asked) = larger_share(&world, &product, &artifact).await;
        let path = format!("/v1/approvals/{}/approve", text(&asked, "approval_id"));
        let seen = json!({ "change_sha256": asked["change_sha256"] });
        let approving = world.bearer(&secret, Method::POST, &path).json(&seen);
        // What is revoked already is not approved.
        let approving: Change = Box::pin(async { drop(approving.send().await.unwrap()) });
        let call = world.call("release-revoke", release_path(&release, "/revoke"));
        let call = call.json(&json!({ "reason": "it crashes" }));
        let Some(response) = overtaken(&world, at, approving, call).await else {
            assert!(at > 6, "{at}: are calls still counted?");
            break;
        };
        response.expect(200);
        assert_eq!(live(&world, &product).await, json!([]), "call {at}");
        let all = json!({ "percent": 100 });
        let again = world.put(&release_path(&release, "/rollout"), all).await;
        again.refused(409, "stale_state", None);
        Rows::of(&world).await.agree();
    }
    world.stack.stop().await;
}

/// Approves as somebody new.
async fn approve(world: &World, approval: &Value) {
    let secret = world.secret(json!({ "scopes": ["ci:write"] })).await;
    let body = json!({ "change_sha256": approval["change_sha256"] });
    let id = approval["approval_id"].as_str().unwrap();
    world.post_as(&secret, &format!("/v1/approvals/{id}/approve"), body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_of_a_token_that_is_revoked_meanwhile_does_not_count() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for at in 1.. {
        let product = format!("prod_revoked-{at}");
        let rule = json!({ "stable": { "required_approvals": 1 } });
        let body = json!({ "product_id": product, "name": "App", "channel_sign_off": rule });
        world.post("/v1/products", body).await.expect(201);
        let body = World::release_of(&product, "1.0.0", "stable", &artifact);
        let asked = world.post("/v1/releases", body.clone()).await.expect(202);
        let token = json!({ "name": "Approver", "scopes": ["ci:write"] });
        let token = world.post("/v1/tokens", token).await.expect(201);
        let id = asked["approval_id"].as_str().unwrap();
        let seen = json!({ "change_sha256": asked["change_sha256"] });
        let (path, secret) = (format!("/v1/approvals/{id}/approve"), text(&token, "secret"));
        world.post_as(secret, &path, seen).await.expect(200);
        let revoke = format!("/v1/tokens/{}", text(&token, "token_id"));
        let revoke = change(world.admin(Method::DELETE, &revoke));
        let call = world.call("release-create", "/v1/releases").json(&body);
        let Some(response) = overtaken(&world, at, revoke, call).await else {
            assert!(at > 9, "{at}: are calls still counted?");
            break;
        };
        assert_eq!(response.expect(202)["status"], "pending", "call {at}");
        assert_eq!(live(&world, &product).await, json!([]), "call {at}");
        approve(&world, &asked).await;
        world.post("/v1/releases", body).await.expect(201);
    }
    world.stack.stop().await;
}
