//! `GET /v1/me` with the JWT of an operator.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{AUDIENCE, Options, TestClock, TestIssuer, Value, World, json};

/// A stack that takes the operators of an issuer.
pub async fn world(clock: &TestClock) -> (World, TestIssuer) {
    let issuer = TestIssuer::start().await;
    let options = Options {
        operators: Some(issuer.operators()),
        webhooks: slipway_edge::services::webhooks(vec!["*".to_owned()]),
        clock: clock.clock(),
        decision_cache: SignedDuration::ZERO,
        ..Options::ephemeral()
    };
    (World::with(options).await, issuer)
}

/// The claims of an operator who is a `release_publisher`, with others in place of some.
pub fn claims(issuer: &TestIssuer, others: &Value) -> Value {
    let now = Timestamp::now().as_second();
    let mut claims = json!({
        "iss": issuer.url(), "aud": AUDIENCE, "sub": "auth0|1", "exp": now + 7200, "iat": now,
        "name": "Ada", "roles": ["release_publisher"],
    });
    for (name, value) in others.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn an_operator_is_what_its_roles_permit() {
    let (world, issuer) = world(&TestClock::default()).await;
    let token = issuer.token("a", &claims(&issuer, &json!({})));
    let me = world.get_as(&token, "/v1/me").await.expect(200);
    assert_eq!((&me["actor"], &me["name"]), (&json!("oidc:auth0|1"), &json!("Ada")));
    assert_eq!(me["scopes"].as_array().unwrap().len(), 7, "{me:#}");
    assert!(me["expires_at"].is_string() && me["tenant_id"].is_null());
    world.get_as(&token, "/v1/tokens").await.refused(403, "forbidden", None);

    let nested = json!({ "roles": [], "realm_access": { "roles": ["platform_support"] },
        "resource_access": { "slipway-api": { "roles": ["release_publisher"] }, "other": { "roles": ["platform_admin"] } } });
    let token = issuer.token("a", &claims(&issuer, &nested));
    world.get_as(&token, "/v1/tokens").await.expect(200);
    let body = json!({ "name": "ci", "scopes": ["releases:read"] });
    world.post_as(&token, "/v1/tokens", body.clone()).await.refused(403, "forbidden", None);

    let token = issuer.token("a", &claims(&issuer, &json!({ "roles": ["platform_admin"] })));
    let made = world.post_as(&token, "/v1/tokens", body).await.expect(201);
    assert_eq!((&made["created_by"], &made["expires_at"]), (&json!("oidc:auth0|1"), &json!(null)));

    let token = issuer.token("a", &claims(&issuer, &json!({ "roles": ["owner"] })));
    let refused = world.get_as(&token, "/v1/me").await;
    refused.refused(403, "forbidden", None);
    assert_eq!(refused.body["error"]["details"]["roles"][0], "platform_admin");
}

#[tokio::test]
async fn hostile_tokens_are_refused_each_with_its_code() {
    let (world, issuer) = world(&TestClock::default()).await;
    let now = Timestamp::now().as_second();
    for (others, code) in [
        (json!({ "iss": "https://evil.example" }), "jwt_issuer_refused"),
        (json!({ "iss": null }), "jwt_issuer_refused"),
        (json!({ "aud": "sts.amazonaws.com" }), "jwt_audience_refused"),
        (json!({ "exp": now - 120 }), "jwt_expired"),
        (json!({ "nbf": now + 120 }), "jwt_not_yet_valid"),
        (json!({ "iat": now + 120 }), "jwt_not_yet_valid"),
        (json!({ "sub": "a\nb" }), "jwt_malformed"),
        (json!({ "exp": null }), "jwt_malformed"),
    ] {
        let token = issuer.token("a", &claims(&issuer, &others));
        let answer = world.get_as(&token, "/v1/me").await;
        answer.refused(401, code, None);
        assert!(answer.header("www-authenticate").is_some(), "{code}");
        // What needs no credential takes it as none.
        world.get_as(&token, "/health").await.expect(200);
    }
    let right = issuer.token("a", &claims(&issuer, &json!({})));
    let (message, _) = right.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", "A".repeat(86));
    world.get_as(&forged, "/v1/me").await.refused(401, "jwt_signature_invalid", None);
    let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{}.", message.split_once('.').unwrap().1);
    world.get_as(&none, "/v1/me").await.refused(401, "jwt_algorithm_refused", None);
    world.get_as("a.b.c", "/v1/me").await.refused(401, "jwt_malformed", None);
    world.get_as("garbage", "/v1/me").await.refused(401, "unauthenticated", None);
    // Where no issuer is configured, a JWT is an unknown credential.
    World::start().await.get_as(&right, "/v1/me").await.refused(401, "unauthenticated", None);
}

#[tokio::test]
async fn unknown_kids_make_one_fetch_a_minute() {
    let (world, issuer) = world(&TestClock::default()).await;
    let calls = (0..100).map(|number| {
        let token = issuer.token(&format!("../../{number}"), &claims(&issuer, &json!({})));
        let world = &world;
        async move { world.get_as(&token, "/v1/me").await.refused(401, "jwt_key_unknown", None) }
    });
    join_all(calls).await;
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_works_for_a_minute_at_most() {
    let clock = TestClock::default();
    let (world, issuer) = world(&clock).await;
    let token = issuer.token("a", &claims(&issuer, &json!({})));
    world.get_as(&token, "/v1/me").await.expect(200);
    issuer.serve_keys(Some(issuer.jwks("b").to_string().into_bytes()));
    clock.advance(SignedDuration::from_secs(60));
    world.get_as(&token, "/v1/me").await.refused(401, "jwt_key_unknown", None);
    let token = issuer.token("b", &claims(&issuer, &json!({})));
    world.get_as(&token, "/v1/me").await.expect(200);
}

#[tokio::test]
async fn known_keys_go_on_working_while_the_issuer_is_down() {
    let clock = TestClock::default();
    let (world, issuer) = world(&clock).await;
    let [known, unknown] = ["a", "b"].map(|kid| issuer.token(kid, &claims(&issuer, &json!({}))));
    world.get_as(&known, "/v1/me").await.expect(200);
    let huge = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    for document in [None, Some(huge), Some("<html>".to_owned()), Some("{\"keys\":[]}".to_owned())]
    {
        issuer.serve_keys(document.map(String::into_bytes));
        clock.advance(SignedDuration::from_secs(60));
        world.get_as(&known, "/v1/me").await.expect(200);
        let answer = world.get_as(&unknown, "/v1/me").await;
        answer.refused(503, "issuer_unavailable", None);
        assert_eq!(answer.header("retry-after"), Some("10"));
    }
    assert_eq!(issuer.fetches(), 5);
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_unavailable() {
    let (world, issuer) = world(&TestClock::default()).await;
    issuer.serve_keys(None);
    let token = issuer.token("a", &claims(&issuer, &json!({})));
    world.get_as(&token, "/v1/me").await.refused(503, "issuer_unavailable", None);
}
