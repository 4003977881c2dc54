//! `offered` of `GET /v1/releases/{release_id}/health`: how many clients were offered a release.

use std::time::Duration;

use jiff::SignedDuration;
use slipway_test_support::{
    Method, Options, TestClock, TestResponse, Value, World, json, release_path, text,
};

/// A stack that counts offers, with two products: one offers 1.1.0, the other one's offers are for
/// IT.
async fn counting() -> (World, TestClock, [Value; 2]) {
    let clock = TestClock::default();
    let options = Options {
        decision_cache: SignedDuration::ZERO,
        adoption_interval: Some(SignedDuration::from_mins(1)),
        clock: clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    world.product("prod_it").await;
    let mode = json!({ "mode": "MANAGED_BY_IT" });
    world.put("/v1/products/prod_it/policy", mode).await.expect(200);
    let releases = [("prod_app", "1.1.0"), ("prod_it", "1.1.0")];
    let [app, it] = releases.map(|(product, version)| world.release(product, version));
    let releases = [app.await, it.await];
    (world, clock, releases)
}

fn installed(product: &str, version: &str, client: Option<u32>) -> Value {
    let client = client.map(|number| format!("device-{number:04}"));
    let mut check = json!({ "product_id": product, "current_version": version });
    if let Some(client) = client {
        check["client_id"] = json!(client);
    }
    check
}

async fn ask(world: &World, products: Vec<Value>) -> Value {
    let request = world.request(Method::POST, "/v1/decision");
    TestResponse::to(request.json(&json!({ "products": products }))).await.expect(200)
}

/// Waits until the clients that were offered a release on the day of `clock` are stored: that is
/// done after the response.
async fn until_stored(world: &World, clock: &TestClock, release: &Value) {
    let date = clock.clock().now().to_string()[..10].to_owned();
    let key = (format!("OFFERED#{}", text(release, "release_id")), date);
    for _ in 0..400 {
        if world.rows().await.contains_key(&key) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{key:?} is not stored");
}

async fn health(world: &World, release: &Value) -> Value {
    world.get(&release_path(release, "/health")).await.expect(200)
}

/// Whether an estimate is about `clients`: it is off by 14% once in many thousand releases.
fn is_about(offered: &Value, clients: u64) -> bool {
    offered.as_u64().unwrap().abs_diff(clients) * 100 <= clients * 14
}

#[tokio::test]
async fn a_client_with_an_id_counts_once_however_often_it_is_offered_a_release() {
    let (world, clock, [app, it]) = counting().await;
    let twice =
        |number| ["1.0.0", "0.9.0"].map(|version| installed("prod_app", version, Some(number)));
    ask(&world, (0..50).flat_map(twice).collect()).await;
    until_stored(&world, &clock, &app).await;
    let first = health(&world, &app).await;
    assert!(is_about(&first["total"]["offered"], 50), "{first}");
    assert_eq!(first["days"][0]["offered"], first["total"]["offered"]);
    assert_eq!(health(&world, &it).await["total"]["offered"], json!(0));

    // None of these is offered anything, or has an id, or is a client.
    let unnamed = (0..50).map(|n| installed("prod_app", &format!("1.0.{n}"), None));
    let current = (100..150).map(|number| installed("prod_app", "1.1.0", Some(number)));
    ask(&world, unnamed.chain(current).collect()).await;
    for number in 200..210 {
        let client = installed("prod_app", "1.0.0", Some(number));
        world.post("/v1/decision/explain", client).await.expect(200);
    }
    clock.advance(SignedDuration::from_hours(24));
    // 25 of the same, and 25 others.
    ask(&world, (25..75).map(|number| installed("prod_app", "1.0.0", Some(number))).collect())
        .await;
    until_stored(&world, &clock, &app).await;
    let told = health(&world, &app).await;
    let days = told["days"].as_array().unwrap();
    let offered: Vec<_> = days.iter().map(|day| &day["offered"]).collect();
    assert!(is_about(offered[0], 50) && is_about(&told["total"]["offered"], 75), "{told}");
    assert_eq!(offered[1..], [&first["total"]["offered"]], "{told}");
    let today = world.get(&release_path(&app, "/health?days=1")).await.expect(200);
    assert_eq!((today["days"].as_array().unwrap().len(), &today["total"]), (1, &told["total"]));
    let rows = world.rows().await;
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("device-")));
}

#[tokio::test]
async fn an_offer_counts_whatever_the_client_is_to_do_with_it() {
    let (world, clock, [app, it]) = counting().await;
    let clients = (0..50).map(|number| installed("prod_it", "1.0.0", Some(number)));
    let answer = ask(&world, clients.collect()).await;
    let decision = &answer["decisions"][0];
    assert_eq!((&decision["action"], &decision["release_id"]), (&json!("NONE"), &it["release_id"]));
    until_stored(&world, &clock, &it).await;
    assert!(is_about(&health(&world, &it).await["total"]["offered"], 50));
    assert_eq!(health(&world, &app).await["days"], json!([]));
}
