//! Halting: what clients report pauses the rollout of a release, once, whatever happens meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use slipway_edge::Services;
use slipway_test_support::{
    EventDelivery, Method, Options, TestClock, TestResponse, Value, World, json, release_path,
    rows_inserted, text,
};

use crate::interleaving::{Change, interleaved};
use crate::rows::Rows;

const JOB: &str = "halt-releases";

pub async fn world(clock: &TestClock) -> World {
    let events = EventDelivery::Disabled;
    World::with(Options { events, clock: clock.clock(), ..Options::ephemeral() }).await
}

/// A release that half of ten clients that fail halt.
pub async fn guarded(world: &World, product: &str) -> Value {
    guarded_by(world, product, (5_000, 10)).await
}

/// A release that a share of so many clients halts.
async fn guarded_by(world: &World, product: &str, (share, reports): (u64, u64)) -> Value {
    world.product(product).await;
    let mut new = World::release_of(product, "1.0.0", "stable", &world.external(1).await);
    new["halt_on"] = json!({ "failure_basis_points": share, "min_reports": reports });
    world.post("/v1/releases", new).await.expect(201)
}

/// Reports failures of so many clients that one address makes up.
async fn make_up(world: &World, release: &Value, clients: usize) {
    for client in 0..clients {
        let request = world.request(Method::POST, "/v1/decision/outcome");
        let body = json!({ "release_id": release["release_id"], "client_id": format!("made-up-{client}"), "outcome": "failed" });
        TestResponse::to(request.json(&body)).await.expect(200);
    }
}

pub async fn fail(world: &World, release: &Value, clients: std::ops::Range<usize>) {
    for client in clients {
        world.report(release, client, "failed").await.expect(200);
    }
}

/// What the stream hands on: all that is to be looked at, as often as it was written.
async fn checks(world: &World) -> Vec<Value> {
    Rows::of(world).await.with("HALTCHECK#", "").cloned().collect()
}

async fn run(services: &Arc<Services>, checks: &[Value]) {
    rows_inserted(services, JOB, checks).await.0.unwrap();
}

pub async fn run_all(world: &World) {
    run(&world.stack.services, &checks(world).await).await;
}

pub async fn get(world: &World, release: &Value) -> Value {
    world.get(&release_path(release, "")).await.expect(200)
}

async fn halts(world: &World, release: &Value) -> usize {
    let rows = Rows::of(world).await;
    rows.agree();
    rows.audited("release.halted", text(release, "release_id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_pauses_by_itself_once_and_says_why() {
    let world = world(&TestClock::default()).await;
    let release = guarded(&world, "prod_app").await;
    fail(&world, &release, 0..9).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null, "nine are too few");
    world.report(&release, 9, "rolled_back").await.expect(200);
    let events = checks(&world).await;
    let services = &world.stack.services;
    tokio::join!(run(services, &events), run(services, &events), run(services, &events));
    run(services, &events).await;
    let after = get(&world, &release).await;
    assert_eq!(after["rollout"]["paused"], json!(true));
    assert_eq!(
        (&after["halted"]["reports"], &after["halted"]["failures"]),
        (&json!(10), &json!(10))
    );
    assert_eq!(after["halted"]["rule"], after["halt_on"]);
    assert_eq!(halts(&world, &release).await, 1);
    let rows = Rows::of(&world).await;
    let outbox: Vec<_> =
        rows.with("OUTBOX#", "").filter(|row| row["event_type"] == "release.halted").collect();
    assert_eq!(outbox.len(), 1);
    let change =
        world.get(&release_path(&release, "/history")).await.expect(200)["changes"][0].clone();
    assert_eq!(
        (&change["event_type"], &change["actor"]),
        (&json!("release.halted"), &json!("job:halt-releases"))
    );
    assert_eq!(change["changed"], json!(["halted", "rollout"]));
    assert_eq!(world.decide("prod_app", "0.9.0").await["action"], "NONE");
    let health = world.get(&release_path(&release, "/health")).await.expect(200);
    assert_eq!((&health["halted"], &health["halt_on"]), (&after["halted"], &after["halt_on"]));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_resumes_is_not_halted_by_the_same_reports_again() {
    let world = world(&TestClock::default()).await;
    let release = guarded(&world, "prod_app").await;
    fail(&world, &release, 0..10).await;
    run_all(&world).await;
    let resumed = world.put(&release_path(&release, "/rollout"), json!({ "paused": false })).await;
    let resumed = resumed.expect(200);
    assert_eq!((&resumed["halted"], &resumed["rollout"]["paused"]), (&Value::Null, &json!(false)));
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null);
    // There are no other clients: nine try again and fail again, as often as they like.
    fail(&world, &release, 0..9).await;
    fail(&world, &release, 0..9).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null, "nine are too few");
    fail(&world, &release, 9..10).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"]["reports"], json!(10));
    assert_eq!(halts(&world, &release).await, 2);
    let health = world.get(&release_path(&release, "/health")).await.expect(200);
    assert_eq!(health["total"]["failed"], json!(10), "they count in one round");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_one_client_nor_one_network_halts() {
    let world = world(&TestClock::default()).await;
    let release = guarded(&world, "prod_app").await;
    for _ in 0..10 {
        for outcome in ["failed", "rolled_back"] {
            world.report(&release, 1, outcome).await.expect(200);
        }
    }
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null);
    // Whoever makes up clients has one address.
    make_up(&world, &release, 50).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null);
    assert_eq!(halts(&world, &release).await, 0);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_turn_two_failures_into_a_halt() {
    let world = world(&TestClock::default()).await;
    let release = guarded_by(&world, "prod_app", (500, 100)).await;
    for client in 2..202 {
        world.report(&release, client, "installed").await.expect(200);
    }
    fail(&world, &release, 0..2).await;
    make_up(&world, &release, 98).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null);
    // Honest failures, from as many networks as there are.
    fail(&world, &release, 2..16).await;
    run_all(&world).await;
    let halted = &get(&world, &release).await["halted"];
    assert_eq!((&halted["reports"], &halted["failures"]), (&json!(300), &json!(114)));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_is_taken_back_takes_its_network_along() {
    let world = world(&TestClock::default()).await;
    let release = guarded_by(&world, "prod_app", (1, 10)).await;
    fail(&world, &release, 0..9).await;
    for client in 1..10 {
        world.report(&release, client, "installed").await.expect(200);
    }
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"], Value::Null, "one network is left");
    fail(&world, &release, 1..9).await;
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"]["failures"], json!(9));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_earlier_reports_meet_halts_without_another_one() {
    let world = world(&TestClock::default()).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    fail(&world, &release, 0..10).await;
    assert_eq!(checks(&world).await, [] as [Value; 0], "it has no rule");
    let rule = json!({ "halt_on": { "failure_basis_points": 5000, "min_reports": 10 } });
    let path = release_path(&release, "");
    world.patch(&path, rule.clone()).await.expect(200);
    assert_eq!(checks(&world).await.len(), 1);
    // What changes no rule asks for nothing.
    world.patch(&path, rule).await.expect(200);
    world.patch(&path, json!({ "metadata": { "notes": "n" } })).await.expect(200);
    assert_eq!(checks(&world).await.len(), 1);
    run_all(&world).await;
    assert_eq!(get(&world, &release).await["halted"]["failures"], json!(10));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_in_the_round_that_begins_meanwhile() {
    let clock = TestClock::default();
    let world = world(&clock).await;
    for at in 1.. {
        let release = guarded(&world, &format!("prod_{at}")).await;
        world.report(&release, 1, "installed").await.expect(200);
        let path = release_path(&release, "/rollout");
        let [pause, resume] = [true, false]
            .map(|paused| world.admin(Method::PUT, &path).json(&json!({ "paused": paused })));
        let body = |outcome: &str| json!({ "release_id": release["release_id"], "client_id": "client-0", "outcome": outcome });
        let same_client = world.request(Method::POST, "/v1/decision/outcome");
        let same_client = same_client.json(&body("rolled_back"));
        let change: Change = Box::pin(async move {
            for request in [pause, resume, same_client] {
                assert!(request.send().await.unwrap().status().is_success());
            }
        });
        let call = world.call("decision-outcome", "/v1/decision/outcome").json(&body("failed"));
        let work = async |services: Arc<Services>| call.on(&services).await.0.expect(200);
        if interleaved((&world, &clock), at, change, work).await.is_none() {
            // Salt, rate, client, pointer, release, and the transaction.
            assert_eq!(at - 1, 6, "are calls still counted?");
            break;
        }
        let (rows, prefix) =
            (Rows::of(&world).await, format!("OUTCOME#{}", text(&release, "release_id")));
        let failed = rows.with(&prefix, "").find(|row| row["outcome"] == "failed").unwrap();
        assert_eq!(failed["round"], json!(1), "call {at}");
    }
    world.stack.stop().await;
}

/// Makes `method` `rest` with `body` between any two calls of the job, and makes sure that it halts
/// nothing then.
async fn overtakes(method: Method, rest: &str, body: Value) {
    let clock = TestClock::default();
    let world = world(&clock).await;
    for at in 1.. {
        let release = guarded(&world, &format!("prod_{at}")).await;
        fail(&world, &release, 0..10).await;
        let request = world.admin(method.clone(), &release_path(&release, rest)).json(&body);
        let change: Change = Box::pin(async move {
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        });
        let check = json!({ "release_id": release["release_id"], "at": "2026-03-01T09:00:00Z" });
        let work = async |services: Arc<Services>| run(&services, &[check]).await;
        let outcome = interleaved((&world, &clock), at, change, work).await;
        if outcome.is_none() {
            // Pointer, release, counters, head, and the transaction.
            assert_eq!(at - 1, 5, "are calls still counted?");
            break;
        }
        assert_eq!(halts(&world, &release).await, 0, "call {at}");
        assert_eq!(get(&world, &release).await["halted"], Value::Null, "call {at}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_overtakes_a_halt() {
    overtakes(Method::PUT, "/rollout", json!({ "paused": true })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_overtakes_a_halt() {
    overtakes(Method::POST, "/revoke", json!({ "reason": "it crashes" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_removed_halts_nothing_any_more() {
    overtakes(Method::PATCH, "", json!({ "halt_on": null })).await;
}

/// One of each twenty fails, and of those one after another: they are from all networks.
fn outcome(client: usize) -> &'static str {
    if client % 20 == client / 20 % 20 { "failed" } else { "installed" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_at_once_of_which_one_in_twenty_fails_halt_once_within_a_minute() {
    const CLIENTS: usize = 1_000;
    const SPARING: usize = 200;
    let world = World::with(Options { outcomes_per_hour: 200, ..Options::ephemeral() }).await;
    world.product("prod_app").await;
    let artifact = world.external(1).await;
    let guarded = async |version: &str, share: u64, reports: usize| {
        let mut new = World::release_of("prod_app", version, "stable", &artifact);
        new["halt_on"] = json!({ "failure_basis_points": share, "min_reports": reports });
        world.post("/v1/releases", new).await.expect(201)
    };
    // Of one, five in a hundred are too many, of the other one a little more.
    let (halted, spared) =
        (guarded("1.0.0", 500, CLIENTS).await, guarded("1.0.1", 501, SPARING).await);
    // This one is halted while reports still come in.
    let early = guarded("1.0.2", 400, SPARING).await;
    let report = |client: usize| {
        let (world, halted, spared) = (&world, &halted, &spared);
        async move {
            // Who is told to try again does.
            while world.report(halted, client, outcome(client)).await.status == 503 {}
            world.report(halted, client, outcome(client)).await.expect(200);
            if client < SPARING {
                world.report(spared, client, outcome(client)).await.expect(200);
            }
        }
    };
    futures::stream::iter((0..CLIENTS).map(report)).buffer_unordered(CLIENTS).collect::<()>().await;
    let reported = Instant::now();
    let is_paused = async |release| get(&world, release).await["rollout"]["paused"] == json!(true);
    let halt = async {
        while !is_paused(&halted).await {
            assert!(reported.elapsed() < Duration::from_mins(1), "nobody has halted it");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!("halted {:?} after the last report", reported.elapsed());
    };
    let reports_that_still_come_in = async {
        let mut is_halted = false;
        for client in 0..CLIENTS {
            world.report(&early, client, outcome(client)).await.expect(200);
            if client >= SPARING && !is_halted {
                is_halted = is_paused(&early).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    tokio::join!(halt, reports_that_still_come_in);
    // What is still on its way changes nothing.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let halt = get(&world, &halted).await["halted"].clone();
    assert_eq!((&halt["reports"], &halt["failures"]), (&json!(CLIENTS), &json!(CLIENTS / 20)));
    assert_eq!((halts(&world, &halted).await, halts(&world, &spared).await), (1, 0));
    let early_halt = get(&world, &early).await["halted"]["reports"].as_u64().unwrap();
    println!("one was halted after {early_halt} reports");
    assert!((SPARING..CLIENTS).contains(&usize::try_from(early_halt).unwrap()), "{early_halt}");
    assert_eq!(halts(&world, &early).await, 1);
    world.stack.stop().await;
}
