//! `POST /v1/tokens`

use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{TestClock, Value, World, json, text};

use crate::assertions::{created, has_members};

const MEMBERS: &[&str] = &[
    "token_id",
    "name",
    "scopes",
    "tenant_id",
    "product_ids",
    "channels",
    "expires_at",
    "created_at",
    "created_by",
    "revoked_at",
];

#[tokio::test]
async fn a_token_is_made_and_its_secret_is_shown_once() {
    let world = World::start().await;
    let answer = world
        .post("/v1/tokens", json!({ "name": "ci", "scopes": ["ci:write", "releases:read"] }))
        .await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = created(answer, "/v1/tokens", "token_id");
    has_members(&token, &[MEMBERS, &["secret"]].concat());
    let secret = text(&token, "secret");
    assert!(secret.starts_with("slp_") && secret.len() == 56, "{secret}");
    assert_eq!((&token["created_by"], &token["revoked_at"]), (&json!("bootstrap"), &json!(null)));
    world.get_as(secret, "/v1/releases").await.expect(200);

    let list = world.get("/v1/tokens").await.expect(200);
    has_members(&list, &["tokens", "next_cursor"]);
    has_members(&list["tokens"][0], MEMBERS);
    assert!(!list.to_string().contains(secret));
}

#[tokio::test]
async fn a_token_works_until_its_end_and_not_at_it() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let end = Timestamp::now() + SignedDuration::from_mins(10);
    let secret =
        world.secret(json!({ "scopes": ["releases:read"], "expires_at": end.to_string() })).await;
    test_clock.advance(SignedDuration::from_mins(9));
    world.get_as(&secret, "/v1/releases").await.expect(200);
    test_clock.advance(SignedDuration::from_mins(1));
    world.get_as(&secret, "/v1/releases").await.refused(401, "unauthenticated", None);
}

#[tokio::test]
async fn a_token_that_makes_no_sense_is_not_made() {
    let world = World::start().await;
    let many: Vec<_> = (0..101).map(|n| format!("prod_{n}")).collect();
    for (body, field) in [
        (json!({ "name": "t", "scopes": [] }), "scopes"),
        (json!({ "name": "t" }), "scopes"),
        (json!({ "name": "t", "scopes": ["root"] }), "scopes[0]"),
        (json!({ "name": " t", "scopes": ["ci:write"] }), "name"),
        (json!({ "name": "t", "scopes": ["ci:write"], "product_ids": [] }), "product_ids"),
        (json!({ "name": "t", "scopes": ["ci:write"], "product_ids": many }), "product_ids"),
        (json!({ "name": "t", "scopes": ["ci:write"], "channels": [] }), "channels"),
        (json!({ "name": "t", "scopes": ["ci:write"], "channels": ["X"] }), "channels[0]"),
        (
            json!({ "name": "t", "scopes": ["ci:write"], "expires_at": "2020-01-01T00:00:00Z" }),
            "expires_at",
        ),
        (json!({ "name": "t", "scopes": ["ci:write"], "expires_at": "soon" }), "expires_at"),
        (json!({ "name": "t", "scopes": ["admin:write"], "product_ids": ["prod_app"] }), "scopes"),
        (json!({ "name": "t", "scopes": ["audit:read"], "channels": ["beta"] }), "scopes"),
        (json!({ "name": "t", "scopes": ["ci:write"], "tenant_id": "tenant_a" }), "scopes"),
        (json!({ "name": "t", "scopes": ["artifacts:write"], "tenant_id": "tenant_a" }), "scopes"),
    ] {
        world.post("/v1/tokens", body).await.refused(400, "invalid_field", Some(field));
    }
    let unknown = json!({ "name": "t", "scopes": ["releases:read"], "tenant_id": "tenant_none" });
    world.post("/v1/tokens", unknown).await.refused(404, "not_found", None);
    assert_eq!(world.get("/v1/tokens").await.expect(200)["tokens"], json!([]));
}

#[tokio::test]
async fn a_token_can_not_mint_scopes_that_it_lacks() {
    let world = World::start().await;
    let minter = world.secret(json!({ "scopes": ["admin:write", "releases:read"] })).await;
    let mint = async |scopes| {
        world.post_as(&minter, "/v1/tokens", json!({ "name": "t", "scopes": scopes })).await
    };
    mint(json!(["releases:read", "ci:write"])).await.refused(403, "forbidden", Some("scopes"));
    let child = mint(json!(["releases:read"])).await.expect(201);
    let made = world.get("/v1/tokens").await.expect(200);
    assert_eq!(made["tokens"].as_array().unwrap().len(), 2);
    assert_eq!(made["tokens"][1]["token_id"], child["created_by"]);
}

#[tokio::test]
async fn a_token_does_not_outlive_the_one_that_creates_it() {
    let world = World::start().await;
    let in_minutes = |minutes| (Timestamp::now() + SignedDuration::from_mins(minutes)).to_string();
    let (end, later) = (in_minutes(10), in_minutes(11));
    let minter = json!({ "scopes": ["admin:write", "releases:read"], "expires_at": end });
    let minter = world.secret(minter).await;
    let mint = async |expires_at: Value| {
        let body = json!({ "name": "t", "scopes": ["releases:read"], "expires_at": expires_at });
        world.post_as(&minter, "/v1/tokens", body).await
    };
    let ends: Timestamp = end.parse().unwrap();
    let child = mint(Value::Null).await.expect(201);
    assert_eq!(text(&child, "expires_at").parse::<Timestamp>().unwrap(), ends);
    mint(json!(in_minutes(5))).await.expect(201);
    mint(json!(later)).await.refused(400, "invalid_field", Some("expires_at"));
}
