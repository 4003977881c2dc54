//! `GET /v1/products/{product_id}/adoption`

use std::time::Duration;

use jiff::SignedDuration;
use slipway_test_support::{Method, Options, TestClock, TestResponse, Value, World, json};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A stack that counts decisions, by a clock that tests set ahead.
async fn counting() -> (World, TestClock) {
    let clock = TestClock::default();
    let options = Options {
        decision_cache: SignedDuration::ZERO,
        adoption_interval: Some(MINUTE),
        clock: clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    world.release("prod_app", "1.1.0").await;
    (world, clock)
}

async fn ask(world: &World, products: Value) {
    let request = world.request(Method::POST, "/v1/decision");
    TestResponse::to(request.json(&json!({ "products": products }))).await.expect(200);
}

/// Installations `from..to` of a version.
fn clients(version: &str, clients: std::ops::Range<u32>) -> Value {
    let client = |number| json!({ "product_id": "prod_app", "current_version": version, "client_id": format!("client-{number}") });
    clients.map(client).collect()
}

/// The report, once `expected` decisions are in it: they are stored after the response.
async fn report(world: &World, query: &str, expected: u64) -> Value {
    for _ in 0..200 {
        let path = format!("/v1/products/prod_app/adoption{query}");
        let report = world.get(&path).await.expect(200);
        let days = report["days"].as_array().unwrap();
        let decisions: u64 = days.iter().map(|day| day["decisions"].as_u64().unwrap()).sum();
        if decisions == expected {
            return report;
        }
        assert!(decisions < expected, "{report}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{expected} decisions are not stored");
}

#[tokio::test]
async fn decisions_are_counted_by_version_and_stored_once_a_minute() {
    let (world, clock) = counting().await;
    // The first response of an instance is stored at once, what follows within a minute later.
    ask(&world, clients("1.0.0", 0..60)).await;
    let first = report(&world, "", 60).await;
    assert_eq!(first["days"].as_array().unwrap().len(), 1);
    assert_eq!(
        first["days"][0]["versions"],
        json!([{ "version": "1.0.0", "decisions": 60, "answers": [
            { "action": "INSTALL", "offered_version": "1.1.0", "decisions": 60 },
        ]}])
    );
    ask(&world, clients("1.1.0", 0..40)).await;
    ask(&world, clients("0.9.0", 0..3)).await;
    clock.advance(MINUTE);
    ask(&world, clients("1.0.0", 60..61)).await;
    let day = report(&world, "?channel=stable&days=1", 104).await["days"][0].clone();
    let told: Vec<_> = day["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["version"], &one["decisions"]))
        .collect();
    assert_eq!(told, [(&json!("1.0.0"), &json!(61)), (&json!("1.1.0"), &json!(40))]);
    assert_eq!(
        day["versions"][1]["answers"],
        json!([{ "action": "NONE", "offered_version": null, "decisions": 40 }])
    );
    // Three clients are too few for their version to be told.
    assert_eq!((&day["other"], &day["complete"]), (&json!(3), &json!(false)));
    assert_eq!(
        world.get("/v1/products/prod_app/adoption?channel=beta").await.expect(200)["days"],
        json!([])
    );

    clock.advance(SignedDuration::from_hours(25));
    let later = report(&world, "", 104).await;
    assert_eq!(later["days"][0]["complete"], json!(true));
    assert_eq!(
        world.get("/v1/products/prod_app/adoption?days=1").await.expect(200)["days"],
        json!([])
    );
}

#[tokio::test]
async fn neither_client_ids_nor_what_is_made_up_are_stored() {
    let (world, clock) = counting().await;
    let ask_for = |member: &str, value: &str| {
        let mut product = json!({ "product_id": "prod_app", "current_version": "1.0.0", "client_id": "the-client" });
        if !matches!(member, "client_id" | "product_id") {
            product["channel"] = json!("made-up");
        }
        product[member] = json!(value);
        json!([product])
    };
    for (member, value) in [
        ("product_id", "prod_other"),
        ("product_id", "no product"),
        ("channel", "made-up"),
        ("tenant_id", "tenant_none"),
        ("current_version", "no version"),
        ("platform", "beos"),
        ("arch", "vax"),
        ("os_version", "old"),
        ("client_id", "another-client"),
    ] {
        ask(&world, ask_for(member, value)).await;
    }
    clock.advance(MINUTE);
    ask(&world, clients("1.0.0", 0..1)).await;
    // Those of two clients.
    report(&world, "", 2).await;
    let rows = world.rows().await;
    let counted = rows.iter().filter(|((pk, _), _)| pk.starts_with("ADOPTION#"));
    let counted: Vec<_> = counted.map(|(key, row)| format!("{key:?}{row}")).collect();
    assert_eq!(counted.len(), 1, "{counted:?}");
    assert!(!counted[0].contains("-client") && !counted[0].contains("client-"), "{counted:?}");
}

#[tokio::test]
async fn adoption_is_for_the_vendor_and_days_are_1_to_90() {
    let (world, _) = counting().await;
    world.get("/v1/products/prod_none/adoption").await.refused(404, "not_found", None);
    for days in ["0", "91", "x"] {
        world.get(&format!("/v1/products/prod_app/adoption?days={days}")).await.refused(
            400,
            "invalid_field",
            Some("days"),
        );
    }
    world.tenant("tenant_a", json!(["prod_app"])).await;
    let token = json!({ "name": "t", "scopes": ["releases:read"], "tenant_id": "tenant_a" });
    let token = world.post("/v1/tokens", token).await.expect(201);
    let request = world.request(Method::GET, "/v1/products/prod_app/adoption");
    let answer = TestResponse::to(request.bearer_auth(token["secret"].as_str().unwrap())).await;
    answer.refused(403, "forbidden", None);
}
