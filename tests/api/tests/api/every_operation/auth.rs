//! Who may use what, for every operation that there is.

use jiff::{SignedDuration, Timestamp};
use slipway_edge::{Authorization, Route, Scope};
use slipway_test_support::{Method, SampleRequest, TestClock, TestResponse, World, json};

/// The operations that need a scope.
fn guarded() -> impl Iterator<Item = (Route, Scope)> {
    with_credential().filter_map(|route| match route.access {
        Authorization::Scope(scope) => Some((route, scope)),
        _ => None,
    })
}

/// The operations that need a credential.
fn with_credential() -> impl Iterator<Item = Route> {
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    routes.filter(|route| match route.access {
        Authorization::Scope(_) | Authorization::Credential | Authorization::IntegrationWebhook => {
            true
        }
        Authorization::Public | Authorization::Optional => false,
    })
}

async fn call(world: &World, route: Route, secret: Option<&str>) -> TestResponse {
    let method = Method::from_bytes(route.verb.as_str().as_bytes()).unwrap();
    let request = world.request(method, &SampleRequest::of(route.op).about_nothing().path);
    TestResponse::to(
        secret.into_iter().fold(request, |request, secret| request.bearer_auth(secret)),
    )
    .await
}

#[track_caller]
fn unauthenticated(answer: &TestResponse, op: &str) {
    assert_eq!(answer.status, 401, "{op}: {:#}", answer.body);
    answer.refused(401, "unauthenticated", None);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"slipway\""), "{op}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{op}");
}

#[tokio::test]
async fn without_a_credential_every_guarded_operation_says_401() {
    let world = World::start().await;
    for route in with_credential() {
        unauthenticated(&call(&world, route, None).await, route.op);
    }
}

#[tokio::test]
async fn a_token_that_is_unknown_expired_or_revoked_is_none() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let end = Timestamp::now() + SignedDuration::from_mins(1);
    let expired =
        world.secret(json!({ "scopes": Scope::ALL, "expires_at": end.to_string() })).await;
    let (id, revoked) = world.token(&Scope::ALL.map(Scope::as_str)).await;
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    test_clock.advance(SignedDuration::from_mins(1));
    let unknown = format!("slp_{}", "a".repeat(52));
    for route in with_credential() {
        for secret in [&expired, &revoked, &unknown, "no-token-at-all"] {
            unauthenticated(&call(&world, route, Some(secret)).await, route.op);
        }
    }
}

#[tokio::test]
async fn every_scope_but_the_right_one_is_403_and_names_it() {
    let world = World::start().await;
    for needed in Scope::ALL {
        let others: Vec<_> =
            Scope::ALL.into_iter().filter(|scope| !scope.includes(needed)).collect();
        let secret = world.secret(json!({ "scopes": others })).await;
        for (route, _) in guarded().filter(|(_, scope)| *scope == needed) {
            let answer = call(&world, route, Some(&secret)).await;
            assert_eq!(answer.status, 403, "{}", route.op);
            answer.refused(403, "forbidden", None);
            assert!(
                answer.body["error"]["message"].as_str().unwrap().contains(needed.as_str()),
                "{}",
                route.op
            );
            assert_eq!(answer.body["error"]["details"]["scope"], needed.as_str(), "{}", route.op);
        }
    }
}

#[tokio::test]
async fn the_right_scope_alone_is_enough() {
    let world = World::start().await;
    for needed in Scope::ALL {
        let secret = world.secret(json!({ "scopes": [needed] })).await;
        for (route, _) in guarded().filter(|(_, scope)| *scope == needed) {
            let status = call(&world, route, Some(&secret)).await.status;
            assert!(matches!(status, 200 | 202 | 400 | 404), "{}: {status}", route.op);
        }
    }
}

#[tokio::test]
async fn operations_that_need_no_scope_are_these() {
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let mut open: Vec<_> = routes
        .filter(|route| !matches!(route.access, Authorization::Scope(_)))
        .map(|route| route.op)
        .collect();
    open.sort_unstable();
    assert_eq!(
        open,
        [
            // The scope of the change that they are about.
            "approval-approve",
            "approval-reject",
            "artifact-download",
            "decision",
            "decision-outcome",
            "health",
            "key-list",
            "live",
            "openapi",
            "principal-get",
            "ready",
            // The secret of an integration, which no token is.
            "registry-webhook-receive",
            "token-exchange"
        ]
    );
}

#[tokio::test]
async fn the_bootstrap_key_comes_in_either_header() {
    let world = World::start().await;
    let key = world.stack.admin_token.clone();
    let get =
        |name: &str, value: String| world.request(Method::GET, "/v1/tokens").header(name, value);
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer  {key}")),
        ("x-releasy-admin-key", key.clone()),
    ] {
        TestResponse::to(get(name, value)).await.expect(200);
    }
    for (name, value) in [
        ("authorization", format!("Basic {key}")),
        ("authorization", "Bearer".to_owned()),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", key.clone()),
        ("authorization", format!("Bearer {key}x")),
        ("x-releasy-admin-key", format!("{key}x")),
        ("x-releasy-admin-key", String::new()),
    ] {
        unauthenticated(&TestResponse::to(get(name, value)).await, name);
    }
}

#[tokio::test]
async fn two_credentials_that_differ_are_refused_and_one_may_come_twice() {
    let world = World::start().await;
    let (key, (_, other)) =
        (world.stack.admin_token.clone(), world.token(&["releases:read"]).await);
    let bearer = |secret: &str| ("authorization", format!("Bearer {secret}"));
    let get = |path: &str, lines: &[(&str, String)]| {
        let request = world.request(Method::GET, path);
        TestResponse::to(
            lines.iter().fold(request, |request, (name, value)| request.header(*name, value)),
        )
    };
    let admin = |secret: &str| ("x-releasy-admin-key", secret.to_owned());
    // What a proxy in between asks for is no credential of Slipway's.
    let proxy = ("authorization", "Basic cHJveHk6cHc=".to_owned());
    for lines in [[bearer(&key), bearer(&key)], [admin(&key), bearer(&key)], [admin(&key), proxy]] {
        get("/v1/tokens", &lines).await.expect(200);
    }
    for lines in [
        [bearer(&key), bearer(&other)],
        [bearer(&other), bearer(&key)],
        [admin(&key), bearer(&other)],
        [admin(&other), bearer(&key)],
    ] {
        // Also where no credential is needed: which one would open more is not for us to guess.
        for path in ["/v1/tokens", "/v1/artifacts/art_none/download"] {
            let answer = get(path, &lines).await;
            answer.refused(400, "invalid_field", Some("Authorization"));
            assert!(!answer.body.to_string().contains(&other));
        }
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn what_is_forbidden_changes_nothing() {
    let world = World::start().await;
    let secret = world.secret(json!({ "scopes": ["releases:read", "ci:write"] })).await;
    let product = json!({ "product_id": "prod_app", "name": "App" });
    world.post_as(&secret, "/v1/products", product.clone()).await.refused(403, "forbidden", None);
    TestResponse::to(world.request(Method::POST, "/v1/products").json(&product)).await.refused(
        401,
        "unauthenticated",
        None,
    );
    assert_eq!(world.get("/v1/products").await.expect(200)["products"], json!([]));
}

#[tokio::test]
async fn a_blank_admin_key_is_no_credential_and_the_other_header_counts() {
    let world = World::start().await;
    for blank in ["", " ", "  "] {
        let request = world.request(Method::GET, "/v1/tokens").header("x-releasy-admin-key", blank);
        unauthenticated(&TestResponse::to(request).await, "blank");
        let request = world.admin(Method::GET, "/v1/tokens").header("x-releasy-admin-key", blank);
        TestResponse::to(request).await.expect(200);
    }
}
