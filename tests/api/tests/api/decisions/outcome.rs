//! `POST /v1/decision/outcome`

use futures::StreamExt;
use jiff::SignedDuration;
use slipway_test_support::{
    Method, Options, TestClock, TestResponse, Value, World, json, release_path, text,
};

/// Reports what became of `release` on a client.
pub async fn report(world: &World, release: &Value, client: &str, rest: Value) -> TestResponse {
    let request = world.request(Method::POST, "/v1/decision/outcome");
    TestResponse::to(request.json(&body(release, client, rest))).await
}

/// The same from another network.
async fn report_from(
    network: usize,
    world: &World,
    release: &Value,
    client: &str,
    rest: Value,
) -> TestResponse {
    let request = world.request_from(network, Method::POST, "/v1/decision/outcome");
    TestResponse::to(request.json(&body(release, client, rest))).await
}

fn body(release: &Value, client: &str, rest: Value) -> Value {
    let mut body = json!({ "release_id": text(release, "release_id"), "client_id": client });
    let Value::Object(rest) = rest else { panic!("an object") };
    body.as_object_mut().unwrap().extend(rest);
    body
}

pub async fn total(world: &World, release: &Value) -> Value {
    world.get(&release_path(release, "/health")).await.expect(200)["total"].clone()
}

fn counts(installed: u64, failed: u64, rolled_back: u64, classes: &Value) -> Value {
    json!({ "offered": 0, "installed": installed, "failed": failed, "rolled_back": rolled_back, "error_classes": classes })
}

async fn with_release() -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    (world, release)
}

#[tokio::test]
async fn a_client_counts_once_with_its_last_outcome() {
    let (world, release) = with_release().await;
    let failed = || json!({ "outcome": "failed", "error_class": "disk_full" });
    let receipt = report(&world, &release, "a", failed()).await.expect(200);
    assert_eq!(receipt, json!({ "release_id": release["release_id"], "outcome": "failed" }));
    let before = world.rows().await;
    report(&world, &release, "a", failed()).await.expect(200);
    assert_eq!(total(&world, &release).await, counts(0, 1, 0, &json!({ "disk_full": 1 })));
    assert_eq!(world.rows().await, before);

    report(&world, &release, "b", failed()).await.expect(200);
    report(&world, &release, "c", json!({ "outcome": "installed", "unknown": 1 }))
        .await
        .expect(200);
    assert_eq!(total(&world, &release).await, counts(1, 2, 0, &json!({ "disk_full": 2 })));
    report(&world, &release, "a", json!({ "outcome": "installed" })).await.expect(200);
    let back = json!({ "outcome": "rolled_back", "error_class": "crash" });
    report(&world, &release, "c", back).await.expect(200);
    let expected = counts(1, 1, 1, &json!({ "disk_full": 1, "crash": 1 }));
    assert_eq!(total(&world, &release).await, expected);
}

#[tokio::test]
async fn of_a_revoked_release_outcomes_are_taken_and_of_a_draft_none() {
    let (world, release) = with_release().await;
    world.revoke(&release).await;
    report(&world, &release, "a", json!({ "outcome": "rolled_back" })).await.expect(200);
    let draft = world.draft("prod_app", "2.0.0").await;
    let before = world.rows().await;
    let installed = || json!({ "outcome": "installed" });
    let of_draft = report(&world, &draft, "a", installed()).await;
    of_draft.refused(404, "not_found", None);
    let unknown = json!({ "release_id": "rel_0199c2f0a1b27c3d8e4f5a6b7c8d9e0f" });
    report(&world, &unknown, "a", installed()).await.refused(404, "not_found", None);
    assert_eq!(world.rows().await, before);
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_name_and_changes_nothing() {
    let (world, release) = with_release().await;
    let before = world.rows().await;
    for (client, rest, field) in [
        (" ", json!({ "outcome": "installed" }), "client_id"),
        (&*"x".repeat(513), json!({ "outcome": "installed" }), "client_id"),
        ("a", json!({ "outcome": "exploded" }), "outcome"),
        ("a", json!({}), "outcome"),
        ("a", json!({ "outcome": "installed", "error_class": "none" }), "error_class"),
        ("a", json!({ "outcome": "failed", "error_class": "Disk full" }), "error_class"),
        ("a", json!({ "outcome": "failed", "release_id": "no release" }), "release_id"),
    ] {
        let answer = report(&world, &release, client, rest).await;
        answer.refused(400, "invalid_field", Some(field));
    }
    assert_eq!(world.rows().await, before);
}

#[tokio::test]
async fn neither_client_nor_address_is_stored() {
    let (world, release) = with_release().await;
    let failed = json!({ "outcome": "failed", "error_class": "disk_full" });
    report(&world, &release, "the-client", failed).await.expect(200);
    let rows = world.rows().await;
    let stored: Vec<_> = rows
        .iter()
        .filter(|((pk, _), _)| pk.starts_with("OUTCOME"))
        .map(|(key, row)| format!("{key:?}{row}"))
        .collect();
    // The salt, the client, a counter and the rate of the network.
    assert_eq!(stored.len(), 4, "{stored:#?}");
    for row in stored {
        assert!(!row.contains("the-client") && !row.contains("127.0.0.1"), "{row}");
    }
}

#[tokio::test]
async fn what_has_reports_looked_at_does_not_say_who_has_reported() {
    let (world, release) = with_release().await;
    let rule = json!({ "halt_on": { "failure_basis_points": 1, "min_reports": 10 } });
    world.patch(&release_path(&release, ""), rule).await.expect(200);
    report(&world, &release, "the-client", json!({ "outcome": "failed" })).await.expect(200);
    let rows = world.rows().await;
    let of = |kind: &'static str| rows.keys().filter(move |(pk, _)| pk.starts_with(kind));
    let (client, _) = of("OUTCOME#").next().unwrap();
    let (_, digest) = client.rsplit_once('#').unwrap();
    // Of the rule, and of the report.
    assert_eq!(of("HALTCHECK#").count(), 2);
    assert!(of("HALTCHECK#").all(|(pk, sk)| !pk.contains(digest) && !sk.contains(digest)));
}

#[tokio::test]
async fn a_network_reports_so_often_an_hour_of_a_release_and_others_are_not_held_up() {
    let clock = TestClock::default();
    let options = Options { outcomes_per_hour: 3, clock: clock.clock(), ..Options::ephemeral() };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let installed = || json!({ "outcome": "installed" });
    for client in ["a", "b", "c"] {
        report(&world, &release, client, installed()).await.expect(200);
    }
    let refused = report(&world, &release, "d", installed()).await;
    refused.refused(429, "rate_limited", None);
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3601).contains(&wait), "{wait}");
    // A header that the client makes up is no network.
    let request = world.request(Method::POST, "/v1/decision/outcome");
    let request =
        request.header("x-forwarded-for", "192.0.2.7").json(&body(&release, "d", installed()));
    TestResponse::to(request).await.refused(429, "rate_limited", None);
    report_from(1, &world, &release, "d", installed()).await.expect(200);
    let other = world.release("prod_app", "1.0.1").await;
    report(&world, &other, "d", installed()).await.expect(200);
    clock.advance(SignedDuration::from_secs(wait));
    report(&world, &release, "e", installed()).await.expect(200);
    assert_eq!(total(&world, &release).await["installed"], json!(5));
}

#[tokio::test]
async fn a_client_brings_in_one_class_a_day_however_often_it_changes_its_mind() {
    let (world, release) = with_release().await;
    let failed =
        |class: usize| json!({ "outcome": "failed", "error_class": format!("class-{class}") });
    for class in 0..25 {
        report(&world, &release, "a", failed(class)).await.expect(200);
    }
    assert_eq!(total(&world, &release).await, counts(0, 1, 0, &json!({ "other": 1 })));
    report(&world, &release, "a", failed(0)).await.expect(200);
    assert_eq!(total(&world, &release).await, counts(0, 1, 0, &json!({ "class-0": 1 })));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_classes_twenty_are_told_and_no_client_is_lost() {
    let options = Options { outcomes_per_hour: 1_000, ..Options::ephemeral() };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let reports = (0..400).map(|n| {
        let failed = json!({ "outcome": "failed", "error_class": format!("class-{n}") });
        let (world, release) = (&world, &release);
        async move { report(world, release, &format!("client-{n}"), failed).await.expect(200) }
    });
    futures::stream::iter(reports).buffer_unordered(50).collect::<Vec<_>>().await;
    let told = total(&world, &release).await["error_classes"].clone();
    let told = told.as_object().unwrap();
    assert_eq!((told.len(), told.values().filter_map(|n| n.as_u64()).sum::<u64>()), (21, 400));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_report_at_once_are_all_counted() {
    let options = Options { outcomes_per_hour: 1_000, ..Options::ephemeral() };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let reports = (0..200).map(|n| {
        let rest = if n % 4 == 0 { json!({ "outcome": "failed", "error_class": "disk_full" }) } else { json!({ "outcome": "installed" }) };
        let (world, release) = (&world, &release);
        async move { report(world, release, &format!("client-{}", n % 100), rest).await.expect(200) }
    });
    futures::future::join_all(reports).await;
    // 100 clients, each of which has said the same twice.
    assert_eq!(total(&world, &release).await, counts(75, 25, 0, &json!({ "disk_full": 25 })));
}
