//! Tokens that are bound to products, channels or a tenant.

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path, text};

use crate::assertions::each;

/// `prod_mine` and `prod_other`, each with a release on `stable`.
async fn two_products() -> (World, Value, Value) {
    let world = World::start().await;
    for (id, slug) in [("prod_mine", "mine"), ("prod_other", "other")] {
        world
            .post("/v1/products", json!({ "product_id": id, "name": id, "slug": slug }))
            .await
            .expect(201);
    }
    let mine = world.publish("prod_mine", "1.0.0", "stable").await;
    let other = world.publish("prod_other", "2.0.0", "stable").await;
    (world, mine, other)
}

const CI: [&str; 3] = ["ci:write", "releases:read", "artifacts:write"];

#[tokio::test]
async fn a_token_bound_to_products_sees_these_alone() {
    let (world, mine, other) = two_products().await;
    let secret = world.secret(json!({ "scopes": CI, "product_ids": ["prod_mine"] })).await;
    let get = async |path: &str| world.get_as(&secret, path).await;
    assert_eq!(
        each(&get("/v1/products").await.expect(200)["products"], "product_id"),
        ["prod_mine"]
    );
    assert_eq!(
        each(&get("/v1/releases").await.expect(200)["releases"], "product_id"),
        ["prod_mine"]
    );
    get(&release_path(&mine, "")).await.expect(200);
    let artifact = |release: &Value| {
        format!("/v1/artifacts/{}", text(&release["artifacts"][0], "artifact_id"))
    };
    get(&artifact(&mine)).await.expect(200);
    for path in [
        "/v1/products/prod_other",
        "/v1/products/other",
        "/v1/products/prod_other/releases",
        "/v1/products/other/releases/latest",
        "/v1/releases?product_id=prod_other",
        &release_path(&other, ""),
        &release_path(&other, "/artifacts"),
        &artifact(&other),
    ] {
        get(path).await.refused(404, "not_found", None);
    }
    get("/v1/artifacts").await.refused(403, "forbidden", None);
}

#[tokio::test]
async fn a_hidden_product_looks_like_none() {
    let (world, _, _) = two_products().await;
    let secret = world.secret(json!({ "scopes": CI, "product_ids": ["prod_mine"] })).await;
    let message = async |path: &str| {
        text(&world.get_as(&secret, path).await.body["error"], "message").to_owned()
    };
    let told = message("/v1/products/other").await;
    assert!(told.ends_with("or it is not visible to this credential"), "{told}");
    for rest in ["", "/releases", "/releases/latest"] {
        let hidden = message(&format!("/v1/products/other{rest}")).await;
        assert_eq!(
            hidden.replace("other", "none"),
            message(&format!("/v1/products/none{rest}")).await
        );
    }
    let create = async |product: &str| {
        let answer = world
            .post_as(&secret, "/v1/releases", json!({ "product": product, "version": "9.0.0" }))
            .await;
        answer.refused(404, "not_found", None);
        text(&answer.body["error"], "message").to_owned()
    };
    assert_eq!(create("other").await.replace("other", "none"), create("none").await);
}

#[tokio::test]
async fn a_token_bound_to_products_changes_these_alone() {
    let (world, mine, other) = two_products().await;
    let secret = world.secret(json!({ "scopes": CI, "product_ids": ["prod_mine"] })).await;
    let post = async |path: &str, body: Value| world.post_as(&secret, path, body).await;
    let body = json!({ "source_type": "EXTERNAL", "sha256": "cd".repeat(32), "size_bytes": 1, "external_url": "https://example.com/a.msi" });
    let artifact = post("/v1/artifacts", body).await.expect(201);
    let artifact = text(&artifact, "artifact_id");
    post("/v1/releases", World::release_of("prod_mine", "1.1.0", "stable", artifact))
        .await
        .expect(201);
    post("/v1/releases", World::release_of("prod_other", "2.1.0", "stable", artifact))
        .await
        .refused(404, "not_found", None);
    post(&release_path(&mine, "/promote"), json!({ "channel": "beta" })).await.expect(201);
    for (verb, body) in [
        ("publish", json!({})),
        ("revoke", json!({ "reason": "x" })),
        ("promote", json!({ "channel": "beta" })),
    ] {
        post(&release_path(&other, &format!("/{verb}")), body).await.refused(
            404,
            "not_found",
            None,
        );
    }
    let rollout = world
        .bearer(&secret, Method::PUT, &release_path(&other, "/rollout"))
        .json(&json!({ "basis_points": 0 }));
    TestResponse::to(rollout).await.refused(404, "not_found", None);
    TestResponse::to(world.bearer(&secret, Method::DELETE, &release_path(&other, "")))
        .await
        .refused(404, "not_found", None);
    assert_eq!(world.get(&release_path(&other, "")).await.expect(200), other);
}

#[tokio::test]
async fn a_token_bound_to_channels_changes_these_alone() {
    let (world, mine, _) = two_products().await;
    let secret = world.secret(json!({ "scopes": CI, "channels": ["beta"] })).await;
    let post = async |path: &str, body: Value| world.post_as(&secret, path, body).await;
    let artifact = world.external(99).await;
    let beta = post("/v1/releases", World::release_of("prod_mine", "1.1.0", "beta", &artifact))
        .await
        .expect(201);
    post("/v1/releases", World::release_of("prod_mine", "1.1.0", "stable", &artifact))
        .await
        .refused(403, "forbidden", None);
    // A draft goes to `stable` where nothing is said.
    post("/v1/releases", json!({ "product_id": "prod_mine", "version": "3.0.0" })).await.refused(
        403,
        "forbidden",
        None,
    );
    post(&release_path(&beta, "/promote"), json!({ "channel": "stable" })).await.refused(
        403,
        "forbidden",
        None,
    );
    post(&release_path(&mine, "/revoke"), json!({ "reason": "x" })).await.refused(
        403,
        "forbidden",
        None,
    );
    let rollout = world
        .bearer(&secret, Method::PUT, &release_path(&mine, "/rollout"))
        .json(&json!({ "basis_points": 0 }));
    TestResponse::to(rollout).await.refused(403, "forbidden", None);
    assert_eq!(world.get(&release_path(&mine, "")).await.expect(200), mine);
    // Reading is not bound to channels.
    world.get_as(&secret, &release_path(&mine, "")).await.expect(200);
    post(&release_path(&beta, "/revoke"), json!({ "reason": "x" })).await.expect(200);
}

#[tokio::test]
async fn a_token_bound_to_a_tenant_sees_what_the_tenant_may_have() {
    let (world, _, other) = two_products().await;
    world.tenant("tenant_acme", json!(["prod_mine"])).await;
    let secret =
        world.secret(json!({ "scopes": ["releases:read"], "tenant_id": "tenant_acme" })).await;
    let products = async || {
        let list = world.get_as(&secret, "/v1/products").await.expect(200);
        each(&list["products"], "product_id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(products().await, ["prod_mine"]);
    world.get_as(&secret, &release_path(&other, "")).await.refused(404, "not_found", None);
    world.patch("/v1/tenants/tenant_acme", json!({ "products": "*" })).await.expect(200);
    assert_eq!(products().await, ["prod_other", "prod_mine"]);
    world.get_as(&secret, &release_path(&other, "")).await.expect(200);
}

#[tokio::test]
async fn a_token_of_a_suspended_tenant_is_refused_wherever_it_comes() {
    let (world, mine, _) = two_products().await;
    world.tenant("tenant_acme", json!("*")).await;
    let scopes = json!(["releases:read", "mirrors:read", "snapshots:write"]);
    let secret = world.secret(json!({ "scopes": scopes, "tenant_id": "tenant_acme" })).await;
    let generate = |key: &'static str| {
        let request = world.bearer(&secret, Method::POST, "/v1/snapshots/generate");
        TestResponse::to(request.header("idempotency-key", key).json(&json!({ "force": true })))
    };
    world.get_as(&secret, &release_path(&mine, "")).await.expect(200);
    generate("k").await.expect(201);
    world.patch("/v1/tenants/tenant_acme", json!({ "suspended": true })).await.expect(200);
    for path in [
        &release_path(&mine, ""),
        "/v1/products/prod_mine",
        "/v1/products",
        "/v1/releases",
        "/v1/snapshots",
        "/v1/snapshots/latest",
    ] {
        world.get_as(&secret, path).await.refused(403, "forbidden", None);
    }
    for key in ["k", "other"] {
        let refused = generate(key).await;
        refused.refused(403, "forbidden", None);
        assert_eq!(refused.header("idempotency-replayed"), None);
    }
    world.patch("/v1/tenants/tenant_acme", json!({ "suspended": false })).await.expect(200);
    world.get_as(&secret, &release_path(&mine, "")).await.expect(200);
}

#[tokio::test]
async fn bindings_to_a_tenant_and_to_products_both_hold() {
    let (world, _, _) = two_products().await;
    world.tenant("tenant_acme", json!(["prod_mine"])).await;
    let body = json!({ "scopes": ["releases:read"], "tenant_id": "tenant_acme", "product_ids": ["prod_other"] });
    let secret = world.secret(body).await;
    assert_eq!(world.get_as(&secret, "/v1/products").await.expect(200)["products"], json!([]));
}

#[tokio::test]
async fn a_bound_token_releases_its_own_artifacts_and_nobody_elses() {
    let (world, _, other) = two_products().await;
    let secret = world.secret(json!({ "scopes": CI, "product_ids": ["prod_mine"] })).await;
    let release = async |version: &str, artifact: &str| {
        world
            .post_as(
                &secret,
                "/v1/releases",
                World::release_of("prod_mine", version, "stable", artifact),
            )
            .await
    };
    let stolen = release("3.0.0", text(&other["artifacts"][0], "artifact_id")).await;
    stolen.refused(422, "artifact_not_ready", Some("artifacts[0].artifact_id"));
    let nothing = release("3.0.0", "art_none").await;
    let told = |answer: &TestResponse| text(&answer.body["error"], "message").to_owned();
    let theirs = text(&other["artifacts"][0], "artifact_id");
    assert_eq!(told(&stolen).replace(theirs, "art_none"), told(&nothing));
    assert!(told(&stolen).contains("not visible to this token"), "{}", told(&stolen));

    let body = json!({ "source_type": "EXTERNAL", "sha256": "ab".repeat(32), "size_bytes": 1, "external_url": "https://example.com/own.msi" });
    let own = world.post_as(&secret, "/v1/artifacts", body).await.expect(201);
    world
        .get_as(&secret, &format!("/v1/artifacts/{}", text(&own, "artifact_id")))
        .await
        .expect(200);
    release("4.0.0", text(&own, "artifact_id")).await.expect(201);
}

#[tokio::test]
async fn a_token_bound_to_channels_touches_no_upload_of_others() {
    let world = World::start().await;
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 1, "sha256": "ab".repeat(32) }))
        .await
        .expect(201);
    let secret = world.secret(json!({ "scopes": CI, "channels": ["beta"] })).await;
    let path = format!("/v1/artifacts/uploads/{}", text(&upload, "upload_id"));
    world.get_as(&secret, &path).await.refused(404, "not_found", None);
    TestResponse::to(world.bearer(&secret, Method::DELETE, &path)).await.refused(
        404,
        "not_found",
        None,
    );
    assert_eq!(text(&world.get(&path).await.expect(200), "status"), "pending");
}
