//! `Idempotency-Key`: a request that comes twice happens once.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use slipway_aws::Clients;
use slipway_domain::Sha256;
use slipway_edge::HttpMethod;
use slipway_test_support::{Method, TestClock, TestResponse, Value, World, file, json, text};

use crate::assertions::has_members;

const KEY: &str = "idempotency-key";

async fn post(world: &World, path: &str, key: &str, body: &Value) -> TestResponse {
    TestResponse::to(world.admin(Method::POST, path).header(KEY, key).json(body)).await
}

fn is_replay(answer: &TestResponse) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

async fn count(world: &World, list: &str) -> usize {
    world.get(&format!("/v1/{list}")).await.expect(200)[list].as_array().unwrap().len()
}

#[test]
fn every_post_that_creates_takes_a_key() {
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let mut keyed: Vec<_> = routes.filter(|route| route.idempotent).collect();
    keyed.sort_by_key(|route| route.op);
    assert!(keyed.iter().all(|route| route.verb == HttpMethod::Post));
    let names: Vec<_> = keyed.iter().map(|route| route.op).collect();
    let creating = [
        "artifact-register",
        "bundle-create",
        "bundle-create-from-latest",
        "component-create",
        "environment-create",
        "integration-create",
        "mirror-create",
        "product-create",
        "promotion-create",
        "release-artifact-add",
        "release-artifact-presign",
        "release-create",
        "release-promote",
        "snapshot-generate",
        "tenant-create",
        "token-create",
        "trust-create",
        "upload-initiate",
        "version-map-create",
        "webhook-create",
    ];
    assert_eq!(names, creating);
}

/// A request that creates something, of each kind, in a world with `prod_app`.
pub(super) fn creating_requests() -> [(&'static str, Value); 7] {
    let (_, sha256) = file(1, 64);
    let external = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": "https://example.com/a" });
    [
        ("/v1/products", json!({ "name": "App" })),
        ("/v1/tenants", json!({ "name": "Acme", "tenant_id": "tenant_acme", "products": "*" })),
        ("/v1/mirrors", json!({ "tenant_id": "tenant_acme", "name": "Berlin" })),
        ("/v1/snapshots/generate", json!({ "tenant_id": "tenant_acme", "force": true })),
        ("/v1/artifacts", external),
        ("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 })),
        ("/v1/releases", json!({ "product_id": "prod_app", "version": "1.0.0" })),
    ]
}

/// Makes sure that each of [`creating_requests`] has had one effect.
async fn counts(world: &World) {
    for (list, expected) in [
        ("products", 2),
        ("tenants", 1),
        ("mirrors", 1),
        ("snapshots", 1),
        ("artifacts", 1),
        ("releases", 1),
    ] {
        assert_eq!(count(world, list).await, expected, "{list}");
    }
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_answered_the_same() {
    let world = World::start().await;
    world.product("prod_app").await;
    for (path, body) in creating_requests() {
        let first = post(&world, path, "k", &body).await;
        let second = post(&world, path, "k", &body).await;
        assert_eq!(
            (first.status, is_replay(&first), is_replay(&second)),
            (201, false, true),
            "{path}"
        );
        assert_eq!(
            (first.header("location"), &first.body),
            (second.header("location"), &second.body),
            "{path}"
        );
        assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
        second.expect(201);
    }
    counts(&world).await;
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let world = World::start().await;
    post(&world, "/v1/products", "k", &json!({ "name": "App" })).await.expect(201);
    let refused = post(&world, "/v1/products", "k", &json!({ "name": "Other" })).await;
    refused.refused(409, "idempotency_conflict", Some("Idempotency-Key"));
    assert_eq!(count(&world, "products").await, 1);
}

#[tokio::test]
async fn a_request_that_fails_frees_its_key() {
    let world = World::start().await;
    world.product("prod_app").await;
    for body in [json!({ "product_id": "prod_app", "name": "App" }), json!({ "name": 7 })] {
        let refused = post(&world, "/v1/products", "k", &body).await;
        assert!(matches!(refused.status, 400 | 409), "{:#}", refused.body);
        assert_ne!(refused.body["error"]["code"], "idempotency_conflict");
    }
    let other = post(&world, "/v1/products", "k", &json!({ "name": "Other" })).await;
    assert!(!is_replay(&other));
    other.expect(201);
}

#[tokio::test]
async fn a_key_belongs_to_its_principal_and_its_operation() {
    let world = World::start().await;
    let secret = world.secret(json!({ "scopes": ["admin:write"] })).await;
    let body = json!({ "name": "App" });
    post(&world, "/v1/products", "k", &body).await.expect(201);
    let theirs = TestResponse::to(
        world
            .bearer(&secret, Method::POST, "/v1/products")
            .header(KEY, "k")
            .json(&json!({ "name": "Other" })),
    )
    .await;
    assert!(!is_replay(&theirs));
    theirs.expect(201);
    let tenant =
        post(&world, "/v1/tenants", "k", &json!({ "name": "Acme", "products": "*" })).await;
    assert!(!is_replay(&tenant));
    tenant.expect(201);
    assert_eq!(count(&world, "products").await, 2);
}

#[tokio::test]
async fn a_token_s_secret_is_not_shown_again() {
    let world = World::start().await;
    let body = json!({ "name": "ci", "scopes": ["ci:write"] });
    let mut first = post(&world, "/v1/tokens", "k", &body).await.expect(201);
    let replay = post(&world, "/v1/tokens", "k", &body).await;
    assert!(is_replay(&replay));
    assert_eq!(replay.header("cache-control"), Some("no-store"));
    first["secret"] = Value::Null;
    assert_eq!(replay.expect(201), first);
    assert_eq!(count(&world, "tokens").await, 1);
}

#[tokio::test]
async fn many_at_once_make_one_thing() {
    let world = World::start().await;
    world.product("prod_app").await;
    for (path, body) in creating_requests() {
        let requests = (0..20).map(|_| post(&world, path, "k", &body));
        let answers = futures::future::join_all(requests).await;
        let firsts = answers.iter().filter(|answer| !is_replay(answer));
        assert_eq!(firsts.count(), 1, "{path}");
        for answer in &answers {
            assert_eq!(
                (answer.status, answer.header("location"), &answer.body),
                (201, answers[0].header("location"), &answers[0].body),
                "{path}"
            );
        }
    }
    counts(&world).await;
}

#[tokio::test]
async fn an_answer_is_kept_where_nothing_was_changed() {
    let world = World::start().await;
    world.product("prod_app").await;
    let body = json!({ "product_id": "prod_app", "version": "1.0.0" });
    let draft = world.post("/v1/releases", body.clone()).await.expect(201);
    let existing = post(&world, "/v1/releases", "k", &body).await;
    assert!(!is_replay(&existing));
    assert_eq!(existing.expect(200), draft);
    let path = format!("/v1/releases/{}", text(&draft, "release_id"));
    world.delete(&path).await.expect(204);
    let replay = post(&world, "/v1/releases", "k", &body).await;
    assert!(is_replay(&replay));
    assert_eq!(replay.expect(200), draft);
    assert_eq!(count(&world, "releases").await, 0);
}

/// Claims a key as version 0.1.0 did before it carried out a request: during an update, its
/// functions still run.
async fn claim(world: &World, key: &str, body: &Value, now: Timestamp) {
    let parts =
        ["POST".as_bytes(), b"/v1/products", b"", body.to_string().as_bytes()].map(Sha256::of);
    let request = Sha256::of(&parts.map(|digest| *digest.as_bytes()).concat());
    let (text, number) = (
        |text: String| AttributeValue::S(text),
        |number: i64| AttributeValue::N(number.to_string()),
    );
    let put = Clients::local(&world.stack.local)
        .dynamodb
        .put_item()
        .table_name(&world.stack.settings.table)
        .item("PK", text(format!("IDEMPOTENCY#bootstrap#product-create#{key}")))
        .item("SK", text("IDEMPOTENCY".to_owned()))
        .item("doc", text(json!({ "request": request, "answer": null }).to_string()))
        .item("rev", number(1))
        .item("lease", number(now.as_millisecond() + 60_000))
        .item("ttl", number(now.as_second() + 24 * 60 * 60));
    put.send().await.unwrap();
}

#[tokio::test]
async fn a_key_that_version_0_1_0_claimed_is_free_after_a_minute_and_not_before() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let body = json!({ "name": "App" });
    claim(&world, "k", &body, test_clock.clock().now()).await;
    test_clock.advance(SignedDuration::from_secs(50));
    post(&world, "/v1/products", "k", &body).await.refused(
        409,
        "idempotency_in_progress",
        Some("Idempotency-Key"),
    );
    let other = post(&world, "/v1/products", "k", &json!({ "name": "Other" })).await;
    other.refused(409, "idempotency_conflict", Some("Idempotency-Key"));
    test_clock.advance(SignedDuration::from_secs(10));
    let taken_over = post(&world, "/v1/products", "k", &body).await;
    assert!(!is_replay(&taken_over));
    let product = taken_over.expect(201);
    assert_eq!(post(&world, "/v1/products", "k", &body).await.expect(201), product);
    assert_eq!(count(&world, "products").await, 1);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let body = json!({ "name": "App" });
    let first = post(&world, "/v1/products", "k", &body).await.expect(201);
    test_clock.advance(SignedDuration::from_mins(24 * 60 - 1));
    assert_eq!(post(&world, "/v1/products", "k", &body).await.expect(201), first);
    test_clock.advance(SignedDuration::from_mins(2));
    let next = post(&world, "/v1/products", "k", &body).await;
    assert!(!is_replay(&next));
    assert_ne!(next.expect(201)["product_id"], first["product_id"]);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let world = World::start().await;
    let long = "k".repeat(129);
    for key in ["", "a b", "schlüssel", "tab\there", &long] {
        let value = reqwest_value(key);
        let request = world
            .admin(Method::POST, "/v1/products")
            .header(KEY, value)
            .json(&json!({ "name": "App" }));
        TestResponse::to(request).await.refused(400, "invalid_field", Some("Idempotency-Key"));
    }
    assert_eq!(count(&world, "products").await, 0);
    post(&world, "/v1/products", &"k".repeat(128), &json!({ "name": "App" })).await.expect(201);
}

fn reqwest_value(key: &str) -> http::HeaderValue {
    http::HeaderValue::from_bytes(key.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_promotion_is_replayed_even_after_its_release_was_revoked() {
    let world = World::start().await;
    world.product("prod_app").await;
    let beta = world
        .post(
            "/v1/releases",
            World::release_of("prod_app", "1.0.0", "beta", &world.external(1).await),
        )
        .await
        .expect(201);
    let path = format!("/v1/releases/{}/promote", text(&beta, "release_id"));
    let body = json!({ "channel": "stable" });
    let first = post(&world, &path, "k", &body).await.expect(201);
    world
        .post(
            &format!("/v1/releases/{}/revoke", text(&beta, "release_id")),
            json!({ "reason": "x" }),
        )
        .await
        .expect(200);
    let replay = post(&world, &path, "k", &body).await;
    assert!(is_replay(&replay));
    assert_eq!(replay.expect(201), first);
}

#[tokio::test]
async fn a_refusal_has_all_that_a_refusal_has() {
    let world = World::start().await;
    post(&world, "/v1/products", "k", &json!({ "name": "App" })).await.expect(201);
    let refused = post(&world, "/v1/products", "k", &json!({ "name": "Other" })).await;
    has_members(&refused.body, &["error"]);
    has_members(&refused.body["error"], &["code", "message", "field", "request_id"]);
}

#[tokio::test]
async fn a_replay_is_judged_by_the_state_of_what_it_names() {
    let test_clock = TestClock::default();
    let options = slipway_test_support::Options {
        clock: test_clock.clock(),
        ..slipway_test_support::Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let draft = json!({ "product_id": "prod_app", "version": "1.0.0" });
    let release = World::release_of("prod_app", "2.0.0", "stable", &world.external(1).await);
    let token = json!({ "name": "ci", "scopes": ["ci:write"] });
    let (_, sha256) = file(2, 64);
    let upload = json!({ "size_bytes": 64, "sha256": sha256 });
    let made = async |path: &str, body: &Value| {
        let first = post(&world, path, "k", body).await;
        assert!(is_replay(&post(&world, path, "k", body).await), "{path}");
        first.header("location").unwrap().to_owned()
    };
    let stale = async |path: &str, body: &Value, location: &str| {
        let rows = world.rows().await;
        let refused = post(&world, path, "k", body).await;
        refused.refused(409, "stale_state", Some("Idempotency-Key"));
        assert_eq!(refused.body["error"]["details"]["location"], location);
        assert_eq!(world.rows().await, rows);
    };

    // A release that is revoked since, with another key.
    let location = post(&world, "/v1/releases", "k2", &release).await;
    let location = location.header("location").unwrap().to_owned();
    assert!(is_replay(&post(&world, "/v1/releases", "k2", &release).await));
    world.post(&format!("{location}/revoke"), json!({ "reason": "crashes" })).await.expect(200);
    let refused = post(&world, "/v1/releases", "k2", &release).await;
    refused.refused(409, "stale_state", Some("Idempotency-Key"));

    let component = crate::components::of("api", &crate::components::integration(&world).await);
    let versioned = crate::bundles::versioned(&world, "web").await;
    let bundle = crate::bundles::of("a", &[(&versioned, json!({ "channel": "stable" }))]);
    for (place, body) in [
        ("/v1/releases", draft),
        ("/v1/tokens", token),
        ("/v1/artifacts/uploads", upload),
        ("/api/v1/environments", json!({ "name": "dev" })),
        ("/api/v1/integrations", crate::integrations::settings("hub")),
        (crate::components::PLACE, component),
        (crate::bundles::PLACE, bundle),
    ] {
        let location = made(place, &body).await;
        world.delete(&location).await.expect(204);
        stale(place, &body, &location).await;
    }
    let product = json!({ "name": "stays" });
    made("/v1/products", &product).await;
    test_clock.advance(SignedDuration::from_hours(23));
    assert!(is_replay(&post(&world, "/v1/products", "k", &product).await));
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_replayed_as_if_it_stood() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let end = test_clock.clock().now() + SignedDuration::from_mins(10);
    let brief = json!({ "name": "brief", "scopes": ["ci:write"], "expires_at": end });
    let first = post(&world, "/v1/tokens", "k", &brief).await;
    assert!(is_replay(&post(&world, "/v1/tokens", "k", &brief).await));
    test_clock.advance(SignedDuration::from_mins(10));
    let refused = post(&world, "/v1/tokens", "k", &brief).await;
    refused.refused(409, "stale_state", Some("Idempotency-Key"));
    let message = text(&refused.body["error"], "message");
    let location = first.header("location").unwrap();
    assert!(message.contains(location) && message.contains("has expired"), "{message}");
}
