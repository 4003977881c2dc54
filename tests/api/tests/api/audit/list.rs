//! `GET /v1/audit/events`

use jiff::SignedDuration;
use slipway_test_support::{
    EventDelivery, Options, TestClock, TestResponse, Value, World, json, release_path, text,
};

use super::{MEMBERS, events};
use crate::assertions::has_members;

/// The types of events, in their order.
fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event_type")).collect()
}

/// A world on `clock` in which nothing happens by itself.
async fn quiet(clock: &TestClock) -> World {
    let (events, clock) = (EventDelivery::Disabled, clock.clock());
    World::with(Options { events, clock, ..Options::ephemeral() }).await
}

#[tokio::test]
async fn an_event_says_who_what_before_and_after_and_in_which_request() {
    let world = World::start().await;
    let (id, secret) = world.token(&["admin:write", "admin:read"]).await;
    world.tenant("tenant_acme", json!("*")).await;
    let request =
        world.bearer(&secret, slipway_test_support::Method::PATCH, "/v1/tenants/tenant_acme");
    let answer = TestResponse::to(request.json(&json!({ "suspended": true }))).await;
    let [event] = &events(&world, "event_type=tenant.updated").await[..] else { panic!() };
    has_members(event, MEMBERS);
    assert_eq!((&event["actor"], &event["actor_name"]), (&json!(id), &json!("test")));
    assert_eq!(
        (&event["subject"], &event["tenant_id"]),
        (&json!("tenant_acme"), &json!("tenant_acme"))
    );
    assert_eq!(
        (&event["before"], &event["after"]),
        (&json!({ "suspended": false }), &json!({ "suspended": true }))
    );
    assert_eq!(Some(text(event, "request_id")), answer.header("x-request-id"));
    assert_eq!(event["at"], answer.expect(200)["updated_at"]);
}

#[tokio::test]
async fn filters_can_be_combined_and_each_finds_what_it_names() {
    let clock = TestClock::default();
    let world = quiet(&clock).await;
    world.product("prod_app").await;
    world.product("prod_other").await;
    world.tenant("tenant_acme", json!("*")).await;
    let (token, secret) = world.token(&["artifacts:write"]).await;
    let release = world.draft("prod_app", "1.0.0").await;
    let other = world.draft("prod_app", "1.1.0").await;
    let publish = release_path(&release, "/artifacts");
    let artifacts = World::release_of("", "", "", &world.external(1).await)["artifacts"].clone();
    world.post_as(&secret, &publish, json!({ "artifacts": artifacts })).await.expect(200);
    world
        .put("/v1/tenants/tenant_acme/policies/prod_app", json!({ "mode": "NOTIFY_ONLY" }))
        .await
        .expect(200);
    let (release, other) = (text(&release, "release_id"), text(&other, "release_id"));
    let of_product = [
        "policy.updated",
        "release.artifacts_added",
        "release.drafted",
        "release.drafted",
        "product.created",
    ];
    let found = async |query: &str| events(&world, query).await;
    assert_eq!(types(&found("product_id=prod_app").await), of_product);
    assert_eq!(types(&found("tenant_id=tenant_acme").await), ["policy.updated", "tenant.created"]);
    assert_eq!(types(&found(&format!("actor={token}")).await), ["release.artifacts_added"]);
    let of_release = format!("release_id={release}");
    assert_eq!(types(&found(&of_release).await), ["release.artifacts_added", "release.drafted"]);
    assert_eq!(types(&found(&format!("release_id={other}")).await), ["release.drafted"]);
    for (query, expected) in [
        (format!("{of_release}&actor={token}"), 1),
        (format!("{of_release}&actor={token}&event_type=release.drafted"), 0),
        (format!("{of_release}&product_id=prod_app"), 2),
        (format!("{of_release}&product_id=prod_other"), 0),
        ("product_id=prod_app&tenant_id=tenant_acme".to_owned(), 1),
        ("product_id=prod_other&tenant_id=tenant_acme".to_owned(), 0),
        ("product_id=prod_app&actor=bootstrap&event_type=release.drafted".to_owned(), 2),
        ("event_type=token.created".to_owned(), 1),
        ("actor=nobody".to_owned(), 0),
    ] {
        assert_eq!(found(&query).await.len(), expected, "{query}");
    }
}

#[tokio::test]
async fn times_bound_every_way_of_reading_the_log() {
    let clock = TestClock::default();
    let world = quiet(&clock).await;
    world.product("prod_app").await;
    let release = world.draft("prod_app", "1.0.0").await;
    clock.advance(SignedDuration::from_hours(40 * 24));
    let artifacts = World::release_of("", "", "", &world.external(1).await)["artifacts"].clone();
    let added = json!({ "artifacts": artifacts });
    world.post(&release_path(&release, "/artifacts"), added).await.expect(200);
    let newest = events(&world, "event_type=release.artifacts_added").await[0].clone();
    let (at, id) = (text(&newest, "at"), text(&release, "release_id"));
    for scope in ["actor=bootstrap", "product_id=prod_app", &format!("release_id={id}")] {
        let count = async |times: &str| {
            let query = format!("{scope}{times}&event_type=release.artifacts_added");
            (
                events(&world, &query).await.len(),
                events(&world, &format!("{scope}{times}")).await.len(),
            )
        };
        let (_, all) = count("").await;
        assert!(all > 1, "{scope}: everything that is kept");
        assert_eq!(count(&format!("&start_time={at}")).await, (1, 1), "{scope}");
        assert_eq!(count(&format!("&end_time={at}")).await.0, 0, "{scope}");
    }
    let by_time =
        async |query: &str| types(&events(&world, query).await).contains(&"product.created");
    assert!(!by_time("").await, "31 days and no more");
    assert!(by_time("start_time=2025-01-01T00:00:00Z").await);
    assert!(by_time(&format!("end_time={}", text(&release, "created_at"))).await);
}

#[tokio::test]
async fn what_is_no_filter_is_refused_with_what_is_right() {
    let world = World::start().await;
    for (query, field) in [
        ("event_type=release.exploded", "event_type"),
        ("product_id=app", "product_id"),
        ("release_id=prod_app", "release_id"),
        ("tenant_id=acme", "tenant_id"),
        ("start_time=yesterday", "start_time"),
        ("end_time=2026-13-01T00:00:00Z", "end_time"),
        ("actor=", "actor"),
        ("start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z", "start_time"),
    ] {
        let answer = world.get(&format!("/v1/audit/events?{query}")).await;
        answer.refused(400, "invalid_field", Some(field));
    }
    let answer = world.get("/v1/audit/events?subject=prod_app").await;
    answer.refused(400, "unknown_field", Some("subject"));
}

#[tokio::test]
async fn a_draft_that_was_deleted_is_still_told_of() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    assert_eq!(world.delete(&release_path(&draft, "")).await.status, 204);
    let id = text(&draft, "release_id");
    for query in [format!("release_id={id}"), format!("release_id={id}&product_id=prod_app")] {
        let found = events(&world, &query).await;
        assert_eq!(types(&found), ["release.deleted", "release.drafted"], "{query}");
        assert_eq!(found[0]["before"]["version"], "1.0.0");
        assert_eq!(found[0]["after"], Value::Null);
    }
}

#[tokio::test]
async fn no_event_has_a_secret() {
    let world = World::start().await;
    let (_, secret) = world.token(&["ci:write"]).await;
    let upload = world.initiate(64, &"ab".repeat(32)).await;
    let told = json!(events(&world, "").await).to_string();
    let digest = slipway_domain::Sha256::of(secret.as_bytes()).to_string();
    for hidden in [&*secret, &*digest, "X-Amz-Signature", text(&upload, "upload_url"), "ciphertext"]
    {
        assert!(!told.contains(hidden), "{hidden}");
    }
    assert!(told.contains("token.created") && told.contains("upload.initiated"));
}

#[tokio::test]
async fn only_the_scope_of_the_audit_log_opens_it() {
    let world = World::start().await;
    let auditor = world.secret(json!({ "scopes": ["audit:read"] })).await;
    world.get_as(&auditor, "/v1/audit/events").await.expect(200);
    let admin = world.secret(json!({ "scopes": ["admin:read", "admin:write"] })).await;
    world.get_as(&admin, "/v1/audit/events").await.refused(403, "forbidden", None);
    let bound = json!({ "name": "x", "scopes": ["audit:read"], "product_ids": [] });
    assert_eq!(
        world.post("/v1/tokens", bound).await.status / 100,
        4,
        "no token of a part reads it"
    );
}
