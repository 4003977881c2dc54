//! `/v1/artifacts`

use slipway_test_support::{Method, TestResponse, Value, World, file, json};

use crate::assertions::{at, created, each, has_members, revoke, text};

pub const OPS: &[&str] =
    &["artifact-register", "artifact-get", "artifact-list", "artifact-download"];

const MEMBERS: &[&str] = &[
    "artifact_id",
    "source_type",
    "sha256",
    "size_bytes",
    "external_url",
    "filename",
    "created_at",
    "created_by",
];

fn external(sha256: &str) -> Value {
    json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": "https://cdn.example.com/app.msi?v=1" })
}

async fn anonymously(world: &World, path: &str) -> TestResponse {
    TestResponse::to(world.request(Method::GET, path)).await
}

fn download(artifact: &str) -> String {
    format!("/v1/artifacts/{artifact}/download")
}

#[tokio::test]
async fn an_external_artifact_is_registered_as_said_and_nothing_is_fetched() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let artifact = created(
        world.post("/v1/artifacts", external(&sha256)).await,
        "/v1/artifacts",
        "artifact_id",
    );
    has_members(&artifact, MEMBERS);
    assert_eq!(
        (&artifact["source_type"], &artifact["sha256"], &artifact["size_bytes"]),
        (&json!("EXTERNAL"), &json!(sha256), &json!(64))
    );
    assert_eq!(artifact["external_url"], "https://cdn.example.com/app.msi?v=1");
    assert_eq!(artifact["created_by"], "bootstrap");

    let found = world.get(&format!("/v1/artifacts/{}", text(&artifact, "artifact_id"))).await;
    let caching = found.header("cache-control").unwrap();
    assert!(caching.contains("private") && caching.contains("immutable"), "{caching}");
    assert_eq!(found.expect(200), artifact);
}

#[tokio::test]
async fn a_digest_in_upper_case_is_taken_and_stored_in_lower_case() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let artifact = world.post("/v1/artifacts", external(&sha256.to_uppercase())).await.expect(201);
    assert_eq!(artifact["sha256"], json!(sha256));
}

#[tokio::test]
async fn artifacts_are_listed_newest_first_and_found_by_digest() {
    let world = World::start().await;
    let ids = [world.external(1).await, world.external(2).await, world.external(3).await];
    let list = world.get("/v1/artifacts").await.expect(200);
    has_members(&list, &["artifacts", "next_cursor"]);
    let newest_first: Vec<_> = ids.iter().rev().map(String::as_str).collect();
    assert_eq!(each(&list["artifacts"], "artifact_id"), newest_first);
    let (_, sha256) = file(2, 64);
    for digest in [sha256.to_uppercase(), sha256] {
        let list = world.get(&format!("/v1/artifacts?sha256={digest}")).await.expect(200);
        assert_eq!(each(&list["artifacts"], "artifact_id"), [&ids[1]]);
    }
    let (_, unknown) = file(4, 64);
    assert_eq!(
        world.get(&format!("/v1/artifacts?sha256={unknown}")).await.expect(200)["artifacts"],
        json!([])
    );
}

#[tokio::test]
async fn unknown_artifacts_are_404() {
    let world = World::start().await;
    world.get("/v1/artifacts/art_none").await.refused(404, "not_found", None);
    world.get("/v1/artifacts/art_none/download").await.refused(404, "not_found", None);
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

    revoke(&world, &release).await;
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
    let promoted =
        world.post(&at(&release, "/promote"), json!({ "channel": "stable" })).await.expect(201);
    revoke(&world, &release).await;
    assert_eq!(anonymously(&world, &download(&artifact)).await.status, 302);
    revoke(&world, &promoted).await;
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
