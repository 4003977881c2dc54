//! `POST /v1/trust-rules`

use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{CiWorld, Method, TestResponse, World, json, text};

#[tokio::test]
async fn a_rule_says_what_it_trusts_and_what_its_tokens_permit() {
    let ci = CiWorld::start().await;
    let others = json!({ "product_ids": ["prod_app"], "channels": ["beta"] });
    let answer = ci.trust(&others).await;
    let location = answer.header("location").unwrap().to_owned();
    let rule = answer.expect(201);
    assert_eq!(location, format!("/v1/trust-rules/{}", text(&rule, "trust_rule_id")));
    let new = ci.new_rule(&others);
    for name in ["name", "issuer", "audience", "conditions", "product_ids", "channels"] {
        assert_eq!(rule[name], new[name], "{name}");
    }
    assert_eq!((&rule["lifetime_seconds"], &rule["expires_at"]), (&json!(900), &json!(null)));
    assert_eq!(rule["created_by"], "bootstrap");
    assert_eq!(ci.world.get(&location).await.expect(200), rule);
}

#[tokio::test]
async fn an_issuer_is_one_that_the_deployment_trusts() {
    let ci = CiWorld::start().await;
    for issuer in ["https://token.actions.githubusercontent.com", &format!("{}/", ci.issuer.url())]
    {
        let answer = ci.trust(&json!({ "issuer": issuer })).await;
        answer.refused(400, "invalid_field", Some("issuer"));
        assert!(text(&answer.body["error"], "message").contains(&ci.issuer.url()));
    }
    let world = World::start().await;
    let answer = world.post("/v1/trust-rules", ci.new_rule(&json!({}))).await;
    answer.refused(400, "invalid_field", Some("issuer"));
    let message = text(&answer.body["error"], "message");
    for named in ["which are none", "TrustedIssuers", "`--trusted-issuers`"] {
        assert!(message.contains(named), "{message}");
    }
}

#[tokio::test]
async fn a_rule_without_a_repository_or_project_is_refused_with_what_would_be_right() {
    let ci = CiWorld::start().await;
    for conditions in [
        json!({}),
        json!({ "ref": "refs/heads/main", "repository_owner": "acme" }),
        json!({ "repository": "*/app" }),
        json!({ "sub": "repo:*/app:**" }),
        json!({ "sub": "**" }),
        json!({ "project_id": "*" }),
    ] {
        let answer = ci.trust(&json!({ "conditions": conditions })).await;
        answer.refused(400, "invalid_field", Some("conditions"));
        assert!(text(&answer.body["error"], "message").contains("`repository` (`acme/app`)"));
    }
    for (name, pattern) in [
        ("repository", "a***"),
        ("repository", "a\nb/c"),
        ("repository", &*"x".repeat(513)),
        ("a b", "x"),
    ] {
        let conditions = json!({ "project_id": "1", name: pattern });
        let answer = ci.trust(&json!({ "conditions": conditions })).await;
        assert_eq!(answer.status, 400, "{name} {pattern}: {:#}", answer.body);
    }
    assert_eq!(ci.world.get("/v1/trust-rules").await.expect(200)["trust_rules"], json!([]));
}

#[tokio::test]
async fn a_rule_gives_what_its_creator_has_and_binds_to_what_there_is() {
    let ci = CiWorld::start().await;
    for (others, status, code, field) in [
        (json!({ "scopes": ["admin:read"] }), 400, "invalid_field", "scopes"),
        (json!({ "scopes": ["audit:read"] }), 400, "invalid_field", "scopes"),
        (json!({ "scopes": [] }), 400, "invalid_field", "scopes"),
        (json!({ "lifetime_seconds": 3601 }), 400, "invalid_field", "lifetime_seconds"),
        (json!({ "lifetime_seconds": 59 }), 400, "invalid_field", "lifetime_seconds"),
        (json!({ "product_ids": ["prod_none"] }), 422, "unknown_product", "product_ids"),
        (json!({ "channels": ["none"] }), 422, "unknown_channel", "channels"),
    ] {
        ci.trust(&others).await.refused(status, code, Some(field));
    }
    let reader = json!({ "tenant_id": "tenant_none", "scopes": ["releases:read"] });
    ci.trust(&reader).await.refused(404, "not_found", None);
    let (_, creator) = ci.world.token(&["admin:write", "releases:read"]).await;
    let by =
        async |others| ci.world.post_as(&creator, "/v1/trust-rules", ci.new_rule(&others)).await;
    by(json!({})).await.refused(403, "forbidden", Some("scopes"));
    by(json!({ "scopes": ["releases:read"] })).await.expect(201);
}

#[tokio::test]
async fn a_rule_and_its_tokens_end_with_the_token_that_created_it() {
    let ci = CiWorld::start().await;
    let end = Timestamp::now() + SignedDuration::from_mins(5);
    let scopes = ["admin:write", "releases:read"];
    let body = json!({ "name": "admin", "scopes": scopes, "expires_at": end.to_string() });
    let creator = ci.world.post("/v1/tokens", body).await.expect(201);
    let secret = text(&creator, "secret");
    let by = async |others| {
        let new = ci.new_rule(&others);
        ci.world.post_as(secret, "/v1/trust-rules", new).await
    };
    let late = json!({ "scopes": ["releases:read"], "expires_at": (end + SignedDuration::from_secs(1)).to_string() });
    by(late).await.refused(400, "invalid_field", Some("expires_at"));
    let rule = by(json!({ "scopes": ["releases:read"] })).await.expect(201);
    assert_eq!(rule["expires_at"], creator["expires_at"]);
    let id = text(&rule, "trust_rule_id");
    let token = ci.token(id).await;
    assert_eq!(token["expires_at"], creator["expires_at"]);

    ci.world.delete(&format!("/v1/tokens/{}", text(&creator, "token_id"))).await.expect(204);
    ci.world.get(&format!("/v1/trust-rules/{id}")).await.refused(404, "not_found", None);
    let used = ci.world.get_as(text(&token, "secret"), "/v1/releases").await;
    used.refused(401, "unauthenticated", None);
    let refused = ci.exchange(id, &ci.jwt(&json!({}))).await;
    refused.refused(404, "not_found", Some("trust_rule_id"));
}

#[tokio::test]
async fn an_expired_rule_gives_no_tokens() {
    let ci = CiWorld::start().await;
    let end = ci.in_seconds(120);
    let rule = ci.rule(&json!({ "expires_at": end.to_string() })).await;
    let token = ci.token(&rule).await;
    ci.clock.advance(SignedDuration::from_secs(121));
    let used = ci.world.get_as(text(&token, "secret"), "/v1/releases").await;
    used.refused(401, "unauthenticated", None);
    let refused = ci.exchange(&rule, &ci.jwt(&json!({}))).await;
    refused.refused(404, "not_found", Some("trust_rule_id"));
}

#[tokio::test]
async fn the_same_key_makes_one_rule() {
    let ci = CiWorld::start().await;
    let create = || {
        let request = ci.world.admin(Method::POST, "/v1/trust-rules");
        TestResponse::to(request.header("idempotency-key", "k").json(&ci.new_rule(&json!({}))))
    };
    let [first, second] = [create().await, create().await];
    assert_eq!(first.expect(201), second.expect(201));
    let listed = ci.world.get("/v1/trust-rules").await.expect(200);
    assert_eq!(listed["trust_rules"].as_array().unwrap().len(), 1);
    let id = text(&listed["trust_rules"][0], "trust_rule_id");
    ci.world.delete(&format!("/v1/trust-rules/{id}")).await.expect(204);
    create().await.refused(409, "stale_state", Some("Idempotency-Key"));
}

#[tokio::test]
async fn a_token_that_is_revoked_while_it_creates_rules_leaves_none_behind() {
    let ci = CiWorld::start().await;
    let (id, creator) = ci.world.token(&["admin:write", "releases:read"]).await;
    let path = format!("/v1/tokens/{id}");
    let new = ci.new_rule(&json!({ "scopes": ["releases:read"] }));
    let creating = (0..20).map(|_| ci.world.post_as(&creator, "/v1/trust-rules", new.clone()));
    let (answers, revoked) = join(join_all(creating), ci.world.delete(&path)).await;
    revoked.expect(204);
    for answer in &answers {
        assert!(matches!(answer.status, 201 | 401 | 503), "{:#}", answer.body);
    }
    // What was found in the index too late is ended by asking again.
    ci.world.delete(&path).await.expect(204);
    let listed = ci.world.get("/v1/trust-rules").await.expect(200);
    assert_eq!(listed["trust_rules"], json!([]));
}
