//! `POST /v1/tokens/exchange`: whom the tokens stand for.

use jiff::SignedDuration;
use slipway_test_support::{
    CiWorld, Method, TestResponse, Value, World, file, json, text, upload_path,
};

use crate::approvals::{PRODUCT, approval_path};

#[tokio::test]
async fn an_upload_goes_on_with_the_next_token_of_the_job_and_with_no_other() {
    let ci = CiWorld::start().await;
    let bound = json!({ "product_ids": ["prod_app"], "conditions": { "repository": "acme/app" } });
    let rule = ci.rule(&bound).await;
    let first = ci.token(&rule).await;
    let (bytes, sha256) = file(1, 64);
    let body = json!({ "size_bytes": 64, "sha256": sha256, "filename": "app.msi" });
    let upload =
        ci.world.post_as(text(&first, "secret"), "/v1/artifacts/uploads", body).await.expect(201);
    ci.clock.advance(SignedDuration::from_secs(901));
    let expired = ci.world.get_as(text(&first, "secret"), &upload_path(&upload, "")).await;
    expired.refused(401, "unauthenticated", None);
    assert_eq!(ci.world.send(&upload["upload_url"], bytes).await, 200);

    let stranger = ci.jwt(&json!({ "sub": "repo:acme/app:ref:refs/heads/other" }));
    let stranger = ci.exchange(&rule, &stranger).await.expect(200);
    let hidden = ci.world.get_as(text(&stranger, "secret"), &upload_path(&upload, "")).await;
    hidden.refused(404, "not_found", None);
    let second = ci.token(&rule).await;
    assert_ne!(first["token_id"], second["token_id"]);
    let complete =
        ci.world.bearer(text(&second, "secret"), Method::POST, &upload_path(&upload, "/complete"));
    let completed = TestResponse::to(complete).await.expect(200);
    // What the first token's holder brought, the third one's releases.
    let third = ci.token(&rule).await;
    let release = World::release_of("prod_app", "1.0.0", "stable", text(&completed, "artifact_id"));
    ci.world.post_as(text(&third, "secret"), "/v1/releases", release).await.expect(201);
}

#[tokio::test]
async fn a_repeated_request_of_the_next_token_is_answered_as_the_first() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let draft = async |token: &Value, version: &str| {
        let body = json!({ "product_id": "prod_app", "version": version });
        let request =
            ci.world.bearer(text(token, "secret"), Method::POST, "/v1/releases").json(&body);
        TestResponse::to(request.header("idempotency-key", "k")).await
    };
    let first = draft(&ci.token(&rule).await, "1.0.0").await.expect(201);
    let again = draft(&ci.token(&rule).await, "1.0.0").await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(201), first);
    let other = draft(&ci.token(&rule).await, "2.0.0").await;
    other.refused(409, "idempotency_conflict", Some("Idempotency-Key"));
}

#[tokio::test]
async fn the_audit_log_names_rule_and_subject() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({ "conditions": { "repository": "acme/app" } })).await;
    let jwt = ci.jwt(&json!({ "sub": "repo:acme/app:environment:a b#é" }));
    let token = ci.exchange(&rule, &jwt).await.expect(200);
    let body = json!({ "product_id": "prod_app", "version": "1.0.0" });
    ci.world.post_as(text(&token, "secret"), "/v1/releases", body).await.expect(201);
    let actor = format!("{rule}:repo:acme/app:environment:a%20b%23%C3%A9");
    let path = format!("/v1/audit/events?actor={}", actor.replace('%', "%25").replace(':', "%3A"));
    let log = ci.world.get(&path).await.expect(200);
    let events: Vec<_> = log["events"].as_array().unwrap().iter().collect();
    let kinds: Vec<_> = events.iter().map(|event| text(event, "event_type")).collect();
    assert_eq!(kinds, ["release.drafted", "token.exchanged"]);
    assert_eq!(
        (&events[1]["subject"], &events[1]["actor_name"]),
        (&token["token_id"], &json!("app"))
    );
    let told = log.to_string();
    assert!(!told.contains(text(&token, "secret")) && !told.contains(&jwt), "{told}");
}

#[tokio::test]
async fn a_workload_approves_nothing() {
    let ci = CiWorld::start().await;
    let gate = json!({ "channel_sign_off": { "stable": { "required_approvals": 1 } } });
    ci.world.patch("/v1/products/prod_app", gate).await.expect(200);
    let rule = ci.rule(&json!({ "conditions": { "repository": "acme/app" } })).await;
    let [asks, other] = ["refs/heads/main", "refs/heads/other"]
        .map(|reference| ci.jwt(&json!({ "sub": format!("repo:acme/app:ref:{reference}") })));
    let [asks, other] =
        [ci.exchange(&rule, &asks).await.expect(200), ci.exchange(&rule, &other).await.expect(200)];
    let artifact = ci.world.external(1).await;
    let release = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
    let approval =
        ci.world.post_as(text(&asks, "secret"), "/v1/releases", release).await.expect(202);
    let seen = json!({ "change_sha256": approval["change_sha256"] });
    let path = approval_path(&approval, "/approve");
    for token in [&asks, &other] {
        let answer = ci.world.post_as(text(token, "secret"), &path, seen.clone()).await;
        answer.refused(403, "forbidden", None);
    }
    ci.world.post(&path, seen).await.expect(200);
}
