//! How an approval stands: by the rule that the product has now, and by whose approval counts
//! still.

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, World, json, release_path, text};

use super::{PRODUCT, approval_path, approve, approve_as, approver, draft, gated};

/// Sets how many approvals `stable` asks for, and says what that is answered with.
async fn rule(world: &World, required: u64, status: u16) -> Value {
    let rule = json!({ "channel_sign_off": { "stable": { "required_approvals": required } } });
    world.patch(&format!("/v1/products/{PRODUCT}"), rule).await.expect(status)
}

/// Status, number of approvals that are needed, and which of those that there are count.
async fn evaluated(world: &World, approval: &Value) -> Value {
    let read = world.get(&approval_path(approval, "")).await.expect(200);
    let listed = world.get("/v1/approvals").await.expect(200);
    let listed = listed["approvals"].as_array().unwrap().iter();
    let same = listed.filter(|one| one["approval_id"] == approval["approval_id"]);
    assert_eq!(same.collect::<Vec<_>>(), [&read], "a list says the same");
    let votes = read["approvals"].as_array().unwrap().iter();
    let counts: Value = votes.map(|vote| vote["counts"].clone()).collect();
    json!([read["status"], read["required_approvals"], counts])
}

#[tokio::test]
async fn a_waiting_change_needs_what_the_rule_of_today_asks_for() {
    let world = World::start().await;
    gated(&world, 1).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    approve(&world, &asked).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["approved", 1, [true]]));

    // Raised, it waits again, and another one approves without that anybody repeats the request.
    rule(&world, 2, 200).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["pending", 2, [true]]));
    let pending = world.get("/v1/approvals?status=pending").await.expect(200);
    assert_eq!(pending["approvals"].as_array().unwrap().len(), 1);
    let approved = world.get("/v1/approvals?status=approved").await.expect(200);
    assert_eq!(approved["approvals"], json!([]));
    assert_eq!(approve(&world, &asked).await["status"], "approved");
    rule(&world, 3, 200).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["pending", 3, [true, true]]));
    world.post(&publish, json!({})).await.expect(202);

    // Lowered by sign-off, it has enough.
    let weaker = rule(&world, 2, 202).await;
    for _ in 0..3 {
        approve(&world, &weaker).await;
    }
    rule(&world, 2, 200).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["approved", 2, [true, true]]));
    world.post(&publish, json!({})).await.expect(200);
    assert_eq!(evaluated(&world, &asked).await, json!(["used", 2, [true, true]]));
}

#[tokio::test]
async fn a_weaker_rule_waits_for_as_many_as_the_rule_of_today_asks_for() {
    let world = World::start().await;
    gated(&world, 1).await;
    let path = format!("/v1/products/{PRODUCT}");
    let none = json!({ "channel_sign_off": {} });
    let asked = world.patch(&path, none.clone()).await.expect(202);
    approve(&world, &asked).await;
    rule(&world, 2, 200).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["pending", 2, [true]]));
    world.patch(&path, none.clone()).await.expect(202);
    approve(&world, &asked).await;
    world.patch(&path, none).await.expect(200);
}

#[tokio::test]
async fn the_approval_of_a_token_that_was_revoked_does_not_count() {
    let world = World::start().await;
    gated(&world, 2).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    let one = world.post("/v1/tokens", json!({ "name": "One", "scopes": ["ci:write"] })).await;
    let one = one.expect(201);
    approve_as(&world, text(&one, "secret"), &asked).await.expect(200);
    approve(&world, &asked).await;
    assert_eq!(evaluated(&world, &asked).await, json!(["approved", 2, [true, true]]));

    world.delete(&format!("/v1/tokens/{}", text(&one, "token_id"))).await.expect(204);
    assert_eq!(evaluated(&world, &asked).await, json!(["pending", 2, [false, true]]));
    let waits = world.post(&publish, json!({})).await.expect(202);
    assert_eq!(waits["approval_id"], asked["approval_id"]);
    assert_eq!(world.decide(PRODUCT, "0.9.0").await["action"], "NONE");
    approve(&world, &asked).await;
    world.post(&publish, json!({})).await.expect(200);
    assert_eq!(evaluated(&world, &asked).await, json!(["used", 2, [false, true, true]]));
}

#[tokio::test]
async fn the_approval_of_a_token_that_has_expired_does_not_count() {
    let clock = TestClock::default();
    let world = World::on(&clock).await;
    gated(&world, 1).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    let end = clock.clock().now() + SignedDuration::from_hours(1);
    let short = world.secret(json!({ "scopes": ["ci:write"], "expires_at": end })).await;
    approve_as(&world, &short, &asked).await.expect(200);
    assert_eq!(evaluated(&world, &asked).await, json!(["approved", 1, [true]]));
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(evaluated(&world, &asked).await, json!(["pending", 1, [false]]));
    world.post(&publish, json!({})).await.expect(202);
    let other = approver(&world).await;
    approve_as(&world, &other, &asked).await.expect(200);
    world.post(&publish, json!({})).await.expect(200);
}
