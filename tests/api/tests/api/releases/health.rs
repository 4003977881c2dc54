//! `GET /v1/releases/{release_id}/health`

use jiff::SignedDuration;
use slipway_test_support::{Method, Options, TestClock, TestResponse, World, json, release_path};

use crate::decisions::outcome::report;

#[tokio::test]
async fn a_client_is_counted_on_the_day_of_its_last_outcome() {
    let clock = TestClock::default();
    let world = World::with(Options { clock: clock.clock(), ..Options::ephemeral() }).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let health = || async { world.get(&release_path(&release, "/health")).await.expect(200) };
    let nothing =
        json!({ "offered": 0, "installed": 0, "failed": 0, "rolled_back": 0, "error_classes": {} });
    let first = health().await;
    assert_eq!((&first["total"], &first["days"]), (&nothing, &json!([])));
    let failed = json!({ "outcome": "failed", "error_class": "disk_full" });
    report(&world, &release, "a", failed.clone()).await.expect(200);
    report(&world, &release, "b", failed).await.expect(200);
    let first_day = clock.clock().now().to_string();
    clock.advance(SignedDuration::from_hours(24));
    report(&world, &release, "a", json!({ "outcome": "installed" })).await.expect(200);
    let second_day = clock.clock().now().to_string();
    let told = health().await;
    assert_eq!(
        told["days"],
        json!([
            { "date": second_day[..10], "offered": 0, "installed": 1, "failed": 0, "rolled_back": 0, "error_classes": {} },
            { "date": first_day[..10], "offered": 0, "installed": 0, "failed": 1, "rolled_back": 0, "error_classes": { "disk_full": 1 } },
        ])
    );
    let total = json!({ "offered": 0, "installed": 1, "failed": 1, "rolled_back": 0, "error_classes": { "disk_full": 1 } });
    assert_eq!(told["total"], total);
    let today = world.get(&release_path(&release, "/health?days=1")).await.expect(200);
    assert_eq!((today["days"].as_array().unwrap().len(), &today["total"]), (1, &total));
}

#[tokio::test]
async fn health_is_for_the_vendor_and_days_are_1_to_90() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let path = release_path(&release, "/health");
    for days in ["0", "91", "x"] {
        let answer = world.get(&format!("{path}?days={days}")).await;
        answer.refused(400, "invalid_field", Some("days"));
    }
    world.get("/v1/releases/rel_none/health").await.refused(404, "not_found", None);
    world.tenant("tenant_a", json!(["prod_app"])).await;
    let token = json!({ "name": "t", "scopes": ["releases:read"], "tenant_id": "tenant_a" });
    let secret = world.secret(token).await;
    let request = world.request(Method::GET, &path).bearer_auth(secret);
    TestResponse::to(request).await.refused(403, "forbidden", None);
}

#[tokio::test]
async fn outcomes_count_for_400_days() {
    let clock = TestClock::default();
    let world = World::with(Options { clock: clock.clock(), ..Options::ephemeral() }).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let total = async || {
        world.get(&release_path(&release, "/health")).await.expect(200)["total"]["failed"].clone()
    };
    report(&world, &release, "a", json!({ "outcome": "failed" })).await.expect(200);
    clock.advance(SignedDuration::from_hours(399 * 24));
    assert_eq!(total().await, json!(1));
    // DynamoDB has not deleted the counter yet.
    clock.advance(SignedDuration::from_hours(24));
    assert_eq!(total().await, json!(0));
    report(&world, &release, "a", json!({ "outcome": "failed" })).await.expect(200);
    assert_eq!(total().await, json!(1));
}
