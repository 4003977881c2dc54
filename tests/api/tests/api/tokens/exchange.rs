//! `POST /v1/tokens/exchange`

use futures::future::join_all;
use jiff::SignedDuration;
use slipway_test_support::{CiWorld, Es256Key, World, json, text};

#[tokio::test]
async fn a_job_gets_a_token_with_what_the_rule_gives() {
    let ci = CiWorld::start().await;
    let others =
        json!({ "product_ids": ["prod_app"], "channels": ["beta"], "lifetime_seconds": 600 });
    let rule = ci.rule(&others).await;
    let answer = ci.exchange(&rule, &ci.jwt(&json!({}))).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.expect(200);
    let secret = text(&token, "secret");
    assert!(secret.starts_with("slp_"));
    assert_eq!(token["scopes"], json!(["ci:write", "releases:read", "artifacts:write"]));
    let me = ci.world.get_as(secret, "/v1/me").await.expect(200);
    for name in ["name", "scopes", "product_ids", "channels", "tenant_id", "expires_at"] {
        assert_eq!(me[name], token[name], "{name}");
    }
    assert_eq!(me["actor"], format!("{rule}:repo:acme/app:ref:refs/heads/main"));
    // No more than the rule.
    ci.world.get_as(secret, "/v1/trust-rules").await.refused(403, "forbidden", None);
    ci.clock.advance(SignedDuration::from_secs(601));
    ci.world.get_as(secret, "/v1/me").await.refused(401, "unauthenticated", None);
}

#[tokio::test]
async fn exchanged_tokens_are_in_no_list_and_can_be_revoked_by_their_id() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let [first, second] = [ci.token(&rule).await, ci.token(&rule).await];
    let listed = ci.world.get("/v1/tokens").await.expect(200);
    assert_eq!(listed["tokens"], json!([]));
    let path = format!("/v1/tokens/{}", text(&first, "token_id"));
    ci.world.delete(&path).await.expect(204);
    let read = async |token| ci.world.get_as(text(token, "secret"), "/v1/releases").await;
    read(&first).await.refused(401, "unauthenticated", None);
    read(&second).await.expect(200);
    assert_eq!(ci.world.get("/v1/tokens").await.expect(200)["tokens"], json!([]));
    // No row of them stays for ever, and none goes while it counts.
    let ends = ci.world.row_ends().await;
    let now = ci.clock.clock().now().as_second();
    for (kind, latest) in [("TOKEN#", 900), ("TOKENID#", 900), ("JWTUSE#", 300 + 3600)] {
        let theirs: Vec<_> = ends.iter().filter(|((pk, _), _)| pk.starts_with(kind)).collect();
        assert_eq!(theirs.len(), 2, "{kind}");
        for (key, end) in theirs {
            let end = end.unwrap() - now;
            assert!((latest - 30..=latest).contains(&end), "{key:?} {end}");
        }
    }
}

#[tokio::test]
async fn a_rule_of_a_tenant_gives_a_token_that_is_bound_to_it() {
    let ci = CiWorld::start().await;
    ci.world.tenant("tenant_acme", json!(["prod_app"])).await;
    let others = json!({ "tenant_id": "tenant_acme", "scopes": ["releases:read", "mirrors:read"] });
    let rule = ci.rule(&others).await;
    let token = ci.token(&rule).await;
    assert_eq!(token["tenant_id"], "tenant_acme");
    let me = ci.world.get_as(text(&token, "secret"), "/v1/me").await.expect(200);
    assert_eq!(
        (&me["tenant_id"], &me["product_ids"]),
        (&json!("tenant_acme"), &json!(["prod_app"]))
    );
    let suspended = json!({ "suspended": true });
    ci.world.patch("/v1/tenants/tenant_acme", suspended).await.expect(200);
    let answer = ci.world.get_as(text(&token, "secret"), "/v1/me").await;
    answer.refused(403, "forbidden", None);
}

#[tokio::test]
async fn a_jwt_is_good_for_one_exchange() {
    let ci = CiWorld::start().await;
    let [rule, other] = [ci.rule(&json!({})).await, ci.rule(&json!({})).await];
    let jwt = ci.jwt(&json!({}));
    ci.exchange(&rule, &jwt).await.expect(200);
    ci.exchange(&rule, &jwt).await.refused(401, "jwt_replayed", None);
    ci.exchange(&other, &jwt).await.refused(401, "jwt_replayed", None);
    // What the issuer calls by the same name is the same.
    let same = ci.jwt(&json!({ "jti": "once", "run_id": "1" }));
    ci.exchange(&rule, &same).await.expect(200);
    let same = ci.jwt(&json!({ "jti": "once", "run_id": "2" }));
    ci.exchange(&rule, &same).await.refused(401, "jwt_replayed", None);
    // The clock goes on by itself too, and a busy machine takes seconds for what is above.
    ci.clock.advance(SignedDuration::from_secs(330));
    ci.exchange(&rule, &jwt).await.refused(401, "jwt_replayed", None);
    ci.clock.advance(SignedDuration::from_secs(31));
    ci.exchange(&rule, &jwt).await.refused(401, "jwt_expired", None);
}

#[tokio::test]
async fn a_refused_exchange_does_not_use_the_jwt_up() {
    let ci = CiWorld::start().await;
    let [tags, main] = [
        json!({ "repository": "acme/app", "ref": "refs/tags/*" }),
        json!({ "repository": "acme/app" }),
    ];
    let [tags, main] = [
        ci.rule(&json!({ "conditions": tags })).await,
        ci.rule(&json!({ "conditions": main })).await,
    ];
    let jwt = ci.jwt(&json!({}));
    ci.exchange(&tags, &jwt).await.refused(401, "jwt_ref_refused", None);
    ci.exchange("trust_none", &jwt).await.refused(404, "not_found", Some("trust_rule_id"));
    ci.exchange(&main, &jwt).await.expect(200);
}

#[tokio::test]
async fn of_twenty_exchanges_at_once_one_gets_a_token() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    for jwt in [ci.jwt(&json!({})), ci.jwt(&json!({ "jti": null }))] {
        let answers = join_all((0..20).map(|_| ci.exchange(&rule, &jwt))).await;
        let made = answers.iter().filter(|answer| answer.status == 200).count();
        let codes = answers.iter().filter(|answer| answer.status != 200);
        assert_eq!(made, 1);
        for answer in codes {
            // A request that others were in the way of may be told to try again.
            let code = answer.body["error"]["code"].as_str().unwrap();
            assert!(matches!(code, "jwt_replayed" | "contention"), "{:#}", answer.body);
        }
    }
    let rows = ci.world.rows().await;
    assert_eq!(rows.keys().filter(|(pk, _)| pk.starts_with("TOKEN#")).count(), 2);
}

#[tokio::test]
async fn a_jwt_without_a_name_is_not_another_one_with_another_signature() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let key = Es256Key::generate();
    ci.issuer.serve_keys(Some(key.jwks("ec").to_string().into_bytes()));
    let [first, other] = key.tokens("ec", &ci.claims(&json!({ "jti": null })));
    assert_ne!(first, other);
    ci.exchange(&rule, &first).await.expect(200);
    ci.exchange(&rule, &other).await.refused(401, "jwt_replayed", None);
    // The other one is as valid by itself.
    let [_, other] = key.tokens("ec", &ci.claims(&json!({ "jti": null, "run_id": "2" })));
    ci.exchange(&rule, &other).await.expect(200);
}

#[tokio::test]
async fn a_deployment_that_trusts_nobody_exchanges_nothing() {
    let ci = CiWorld::start().await;
    let world = World::start().await;
    let body = json!({ "trust_rule_id": "trust_1", "token": ci.jwt(&json!({})) });
    let answer = world.post("/v1/tokens/exchange", body).await;
    answer.refused(401, "jwt_issuer_refused", None);
    assert_eq!(ci.issuer.fetches(), 0);
}
