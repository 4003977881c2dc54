//! `GET /v1/artifacts/{artifact_id}/download`

use slipway_test_support::{Method, TestResponse, World, file, json, release_path, text};

use super::download;

async fn anonymously(world: &World, path: &str) -> TestResponse {
    TestResponse::to(world.request(Method::GET, path)).await
}

#[tokio::test]
async fn what_is_released_may_be_downloaded_by_anyone_until_it_is_revoked() {
    let world = World::start().await;
    world.product("prod_app").await;
    let artifact = world.external(1).await;
    anonymously(&world, &download(&artifact)).await.refused(401, "unauthenticated", None);
    let with_token = world.get(&download(&artifact)).await;
    assert_eq!(with_token.status, 302, "whoever may read releases");

    let release = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &artifact))
        .await
        .expect(201);
    let public = anonymously(&world, &download(&artifact)).await;
    assert_eq!((public.status, public.header("cache-control")), (302, Some("no-store")));
    let (_, sha256) = file(1, 64);
    assert_eq!(
        public.header("location"),
        Some(format!("https://artifacts.example.com/{sha256}.msi").as_str())
    );

    world.revoke(&release).await;
    anonymously(&world, &download(&artifact)).await.refused(401, "unauthenticated", None);
    assert_eq!(
        world.get(&download(&artifact)).await.status,
        302,
        "an operator may still look into it"
    );
}

#[tokio::test]
async fn an_artifact_stays_public_while_another_live_release_has_it() {
    let world = World::start().await;
    world.product("prod_app").await;
    let artifact = world.external(1).await;
    let release = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "beta", &artifact))
        .await
        .expect(201);
    let promoted = world
        .post(&release_path(&release, "/promote"), json!({ "channel": "stable" }))
        .await
        .expect(201);
    world.revoke(&release).await;
    assert_eq!(anonymously(&world, &download(&artifact)).await.status, 302);
    world.revoke(&promoted).await;
    anonymously(&world, &download(&artifact)).await.refused(401, "unauthenticated", None);
}

#[tokio::test]
async fn where_a_product_asks_for_a_token_only_readers_download() {
    let world = World::start().await;
    world
        .post(
            "/v1/products",
            json!({ "product_id": "prod_app", "name": "App", "artifact_access": "token" }),
        )
        .await
        .expect(201);
    let artifact = world.external(1).await;
    world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &artifact))
        .await
        .expect(201);

    let refused = anonymously(&world, &download(&artifact)).await;
    refused.refused(401, "unauthenticated", None);
    assert!(refused.header("www-authenticate").is_some());
    let reader = world.secret(json!({ "scopes": ["releases:read"] })).await;
    assert_eq!(world.get_as(&reader, &download(&artifact)).await.status, 302);
    let ci = world.secret(json!({ "scopes": ["ci:write"] })).await;
    let refused = world.get_as(&ci, &download(&artifact)).await;
    refused.refused(403, "forbidden", None);
    assert_eq!(refused.body["error"]["details"]["scope"], "releases:read");
    world.get_as("slp_wrong", &download(&artifact)).await.refused(401, "unauthenticated", None);

    world.patch("/v1/products/prod_app", json!({ "artifact_access": "public" })).await.expect(200);
    assert_eq!(anonymously(&world, &download(&artifact)).await.status, 302);
}

#[tokio::test]
async fn a_credential_never_opens_less_than_none() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.product("prod_other").await;
    let (public, hidden) = (world.external(1).await, world.external(2).await);
    world
        .post("/v1/releases", World::release_of("prod_other", "1.0.0", "stable", &public))
        .await
        .expect(201);
    let bound =
        world.secret(json!({ "scopes": ["releases:read"], "product_ids": ["prod_app"] })).await;
    assert_eq!(world.get_as(&bound, &download(&public)).await.status, 302);
    world.get_as(&bound, &download(&hidden)).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_credential_opens_more_than_none_does_and_never_less() {
    let world = World::start().await;
    world.product("prod_app").await;
    let public = world.release("prod_app", "1.0.0").await;
    let public = download(text(&public["artifacts"][0], "artifact_id"));
    let hidden = download(&world.external(9).await);
    let (id, revoked) = world.token(&["releases:read"]).await;
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    world.tenant("tenant_gone", json!("*")).await;
    let suspended = json!({ "scopes": ["releases:read"], "tenant_id": "tenant_gone" });
    let suspended = world.secret(suspended).await;
    world.patch("/v1/tenants/tenant_gone", json!({ "suspended": true })).await.expect(200);
    for secret in [revoked.as_str(), &suspended, "no-token-at-all", "slp_unknown"] {
        assert_eq!(world.get_as(secret, &public).await.status, 302, "{secret}");
        world.get_as(secret, &hidden).await.refused(401, "unauthenticated", None);
    }
}

#[tokio::test]
async fn an_artifact_is_served_by_the_last_of_many_releases_that_have_it() {
    let world = World::start().await;
    for (product, access) in [("prod_many", "token"), ("prod_last", "public")] {
        let body = json!({ "product_id": product, "name": product, "artifact_access": access });
        world.post("/v1/products", body).await.expect(201);
    }
    let artifact = world.external(1).await;
    for minor in 0..120 {
        let release = World::release_of("prod_many", &format!("1.{minor}.0"), "stable", &artifact);
        world.post("/v1/releases", release).await.expect(201);
    }
    let bound = json!({ "scopes": ["releases:read"], "product_ids": ["prod_last"] });
    let bound = world.secret(bound).await;
    anonymously(&world, &download(&artifact)).await.refused(401, "unauthenticated", None);
    let path = format!("/v1/artifacts/{artifact}");
    world.get_as(&bound, &path).await.refused(404, "not_found", None);
    let last = World::release_of("prod_last", "1.0.0", "stable", &artifact);
    world.post("/v1/releases", last).await.expect(201);
    assert_eq!(anonymously(&world, &download(&artifact)).await.status, 302);
    world.get_as(&bound, &path).await.expect(200);
}
