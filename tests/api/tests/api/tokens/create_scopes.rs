//! `POST /v1/tokens`: rights that are given one by one.

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path};

/// What is done to releases, each with the scope that it needs.
async fn changes(world: &World) -> Vec<(&'static str, Method, String, Value)> {
    world.product("prod_app").await;
    let live = world.publish("prod_app", "1.0.0", "beta").await;
    let artifact = world.external(99).await;
    let mut draft = World::release_of("prod_app", "2.0.0", "stable", &artifact);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    let doomed = world.draft("prod_app", "3.0.0").await;
    let post = |scope, release: &Value, rest: &str, body| {
        (scope, Method::POST, release_path(release, rest), body)
    };
    vec![
        (
            "releases:draft",
            Method::POST,
            "/v1/releases".to_owned(),
            json!({ "product_id": "prod_app", "version": "9.0.0" }),
        ),
        (
            "releases:draft",
            Method::PATCH,
            release_path(&draft, ""),
            json!({ "metadata": { "note": "x" } }),
        ),
        ("releases:draft", Method::DELETE, release_path(&doomed, ""), Value::Null),
        post("releases:publish", &draft, "/publish", json!({})),
        post("releases:promote", &live, "/promote", json!({ "channel": "stable" })),
        (
            "releases:rollout",
            Method::PUT,
            release_path(&live, "/rollout"),
            json!({ "basis_points": 500 }),
        ),
        post("releases:revoke", &live, "/revoke", json!({ "reason": "x" })),
    ]
}

#[tokio::test]
async fn each_right_is_enough_for_its_own_changes_and_for_no_others() {
    let world = World::start().await;
    let changes = changes(&world).await;
    let rights = ["draft", "publish", "promote", "rollout", "revoke"];
    let rights = rights.map(|right| format!("releases:{right}"));
    for (needed, method, path, body) in &changes {
        for right in rights.iter().filter(|right| right != needed) {
            let secret = world.secret(json!({ "scopes": [right] })).await;
            let request = world.bearer(&secret, method.clone(), path).json(body);
            let refused = TestResponse::to(request).await;
            refused.refused(403, "forbidden", None);
            assert_eq!(refused.body["error"]["details"]["scope"], *needed);
        }
        let secret = world.secret(json!({ "scopes": [needed] })).await;
        let answer = TestResponse::to(world.bearer(&secret, method.clone(), path).json(body)).await;
        assert!(answer.status < 300, "{needed} {path}: {:#}", answer.body);
    }
}

#[tokio::test]
async fn ci_write_is_all_of_them() {
    let world = World::start().await;
    let changes = changes(&world).await;
    let secret = world.secret(json!({ "scopes": ["ci:write"] })).await;
    for (needed, method, path, body) in changes {
        let answer = TestResponse::to(world.bearer(&secret, method, &path).json(&body)).await;
        assert!(answer.status < 300, "{needed} {path}: {:#}", answer.body);
    }
    let me = world.get_as(&secret, "/v1/me").await.expect(200);
    assert_eq!(me["scopes"], json!(["ci:write"]));
}

#[tokio::test]
async fn what_clients_get_at_once_needs_the_right_to_publish_too() {
    let world = World::start().await;
    let live = world.release("prod_app", "1.0.0").await;
    let artifact = world.external(99).await;
    let drafter = world.secret(json!({ "scopes": ["releases:draft"] })).await;
    let both = json!({ "scopes": ["releases:draft", "releases:publish"] });
    let both = world.secret(both).await;
    let publish = World::release_of("prod_app", "2.0.0", "stable", &artifact);
    let correct = |secret: &str| {
        let request = world.bearer(secret, Method::PATCH, &release_path(&live, ""));
        TestResponse::to(request.json(&json!({ "required": true })))
    };
    let refused = world.post_as(&drafter, "/v1/releases", publish.clone()).await;
    refused.refused(403, "forbidden", None);
    assert_eq!(refused.body["error"]["details"], json!({ "scope": "releases:publish" }));
    correct(&drafter).await.refused(403, "forbidden", None);
    assert_eq!(world.get(&release_path(&live, "")).await.expect(200), live);
    world.post_as(&both, "/v1/releases", publish).await.expect(201);
    correct(&both).await.expect(200);
}

#[tokio::test]
async fn whoever_has_the_sum_may_give_its_parts_and_not_the_other_way_round() {
    let world = World::start().await;
    let mint = async |own: Value, given: Value| {
        let mut scopes = vec![json!("admin:write")];
        scopes.extend(own.as_array().unwrap().clone());
        let minter = world.secret(json!({ "scopes": scopes })).await;
        world.post_as(&minter, "/v1/tokens", json!({ "name": "t", "scopes": given })).await
    };
    mint(json!(["ci:write"]), json!(["releases:revoke"])).await.expect(201);
    let parts = ["draft", "publish", "promote", "rollout", "revoke"];
    let parts = json!(parts.map(|part| format!("releases:{part}")));
    let refused = mint(parts, json!(["ci:write"])).await;
    refused.refused(403, "forbidden", Some("scopes"));
    let customer = json!({ "name": "t", "scopes": ["releases:revoke"], "tenant_id": "tenant_a" });
    world.post("/v1/tokens", customer).await.refused(400, "invalid_field", Some("scopes"));
}
