//! `POST /v1/tokens/exchange` with JWTs that somebody made to be let in.

use futures::future::join_all;
use jiff::SignedDuration;
use slipway_test_support::{CiWorld, Value, hmac_sha256, json, text};

/// A rule for what a job of the sample claims is.
fn everything() -> Value {
    json!({ "conditions": {
        "sub": "repo:acme/app:ref:refs/heads/main", "repository": "acme/app",
        "ref": "refs/heads/main", "environment": "production",
        "workflow_ref": "acme/app/.github/workflows/release.yml@**",
    } })
}

#[tokio::test]
async fn each_fault_has_its_code() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&everything()).await;
    let now = ci.clock.clock().now().as_second();
    for (others, code) in [
        (json!({ "iss": "https://evil.example" }), "jwt_issuer_refused"),
        (json!({ "iss": null }), "jwt_issuer_refused"),
        (json!({ "aud": "sts.amazonaws.com" }), "jwt_audience_refused"),
        (json!({ "aud": null }), "jwt_audience_refused"),
        (json!({ "exp": now - 120 }), "jwt_expired"),
        (json!({ "nbf": now + 120 }), "jwt_not_yet_valid"),
        (json!({ "iat": now + 120 }), "jwt_not_yet_valid"),
        (json!({ "exp": null }), "jwt_malformed"),
        (json!({ "sub": null }), "jwt_malformed"),
        (json!({ "sub": "a\nb" }), "jwt_malformed"),
        (json!({ "sub": "x".repeat(901) }), "jwt_malformed"),
        (json!({ "jti": 1 }), "jwt_malformed"),
        (json!({ "jti": "" }), "jwt_malformed"),
        (json!({ "sub": "repo:acme/app-evil:ref:refs/heads/main" }), "jwt_subject_refused"),
        (json!({ "sub": "repo:acme/app:ref:refs/heads/main:x" }), "jwt_subject_refused"),
        (json!({ "repository": "evil/app" }), "jwt_repository_refused"),
        (json!({ "repository": "acme/app-evil" }), "jwt_repository_refused"),
        (json!({ "repository": "ACME/app" }), "jwt_repository_refused"),
        (json!({ "repository": "acme%2Fapp" }), "jwt_repository_refused"),
        (json!({ "repository": "аcme/app" }), "jwt_repository_refused"),
        (json!({ "repository": "acme/app\n" }), "jwt_repository_refused"),
        (json!({ "repository": ["acme/app"] }), "jwt_repository_refused"),
        (json!({ "ref": "refs/heads/evil" }), "jwt_ref_refused"),
        (json!({ "ref": "refs/pull/1/merge" }), "jwt_ref_refused"),
        (json!({ "environment": "staging" }), "jwt_environment_refused"),
        (json!({ "environment": null }), "jwt_environment_refused"),
        (json!({ "workflow_ref": "acme/app/.github/workflows/evil.yml@x" }), "jwt_claim_refused"),
    ] {
        let answer = ci.exchange(&rule, &ci.jwt(&others)).await;
        answer.refused(401, code, None);
        let told = answer.body.to_string();
        let claim = others.as_object().unwrap().keys().next().unwrap();
        if code.ends_with("_refused") && !matches!(claim.as_str(), "iss" | "aud") {
            assert_eq!(answer.body["error"]["details"], json!({ "claim": claim }), "{others}");
        }
        // What would be right is told to nobody.
        assert!(!told.contains("refs/heads/main") && !told.contains("acme"), "{told}");
    }
    ci.exchange(&rule, &ci.jwt(&json!({}))).await.expect(200);
}

#[tokio::test]
async fn no_signature_but_the_issuer_s_is_taken() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let claims = ci.claims(&json!({}));
    let with = |header: Value| ci.issuer.token_with(&header, &claims);
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let forged = |jwt: &str| format!("{}.{}", jwt.rsplit_once('.').unwrap().0, "A".repeat(86));
    for (jwt, code) in [
        (with(json!({ "alg": "none", "kid": "a" })), "jwt_algorithm_refused"),
        (with(json!({ "alg": "HS256", "kid": "a" })), "jwt_algorithm_refused"),
        (with(json!({ "alg": "RS256", "kid": "a" })), "jwt_algorithm_refused"),
        (with(json!({ "alg": "EdDSA" })), "jwt_malformed"),
        (with(json!({ "alg": "EdDSA", "kid": "" })), "jwt_malformed"),
        (with(json!({ "alg": "EdDSA", "kid": ["a"] })), "jwt_malformed"),
        (with(json!({ "alg": "EdDSA", "kid": "a", "crit": ["b64"] })), "jwt_malformed"),
        (with(json!({ "alg": "EdDSA", "kid": "a", "typ": "logout+jwt" })), "jwt_malformed"),
        (with(json!({ "alg": "EdDSA", "kid": "../../a" })), "jwt_key_unknown"),
        (with(json!({ "alg": "EdDSA", "kid": "a' OR '1'='1" })), "jwt_key_unknown"),
        (with(json!({ "alg": "EdDSA", "kid": "A" })), "jwt_key_unknown"),
        (
            forged(&with(
                json!({ "alg": "EdDSA", "kid": "a", "jku": "https://evil.example", "jwk": jwk }),
            )),
            "jwt_signature_invalid",
        ),
        (hmac_with_the_public_key(&ci, &claims), "jwt_algorithm_refused"),
        ("a.b.c".to_owned(), "jwt_malformed"),
        ("garbage".to_owned(), "jwt_malformed"),
        (String::new(), "jwt_malformed"),
        (format!("{}=", with(json!({ "alg": "EdDSA", "kid": "a" }))), "jwt_malformed"),
        (ci.jwt(&json!({ "x": "x".repeat(16 * 1024) })), "jwt_too_large"),
    ] {
        ci.exchange(&rule, &jwt).await.refused(401, code, None);
    }
    let rows = ci.world.rows().await;
    assert!(rows.keys().all(|(pk, _)| !pk.starts_with("JWTUSE#") && !pk.starts_with("TOKEN#")));
}

/// A JWT whose tag was made with the public key as the secret of HMAC.
fn hmac_with_the_public_key(ci: &CiWorld, claims: &Value) -> String {
    let jwt = ci.issuer.token_with(&json!({ "alg": "HS256", "kid": "a" }), claims);
    let (message, _) = jwt.rsplit_once('.').unwrap();
    format!("{message}.{}", hmac_sha256(ci.issuer.public_key(), message))
}

#[tokio::test]
async fn a_pattern_with_wildcards_is_for_no_neighbour() {
    let ci = CiWorld::start().await;
    let conditions = json!({ "sub": "repo:acme/app:**", "ref": "refs/heads/release/*" });
    let rule = ci.rule(&json!({ "conditions": conditions })).await;
    let exchange = async |sub: &str, reference: &str| {
        ci.exchange(&rule, &ci.jwt(&json!({ "sub": sub, "ref": reference }))).await
    };
    let right = "repo:acme/app:ref:refs/heads/release/1";
    exchange(right, "refs/heads/release/1").await.expect(200);
    for sub in [
        "repo:acme/app-evil:ref:refs/heads/release/1",
        "repo:acme/app",
        "repo:acme/application:environment:production",
        "repo:acme:app:ref",
        "xrepo:acme/app:ref",
    ] {
        let answer = exchange(sub, "refs/heads/release/1").await;
        answer.refused(401, "jwt_subject_refused", None);
    }
    for reference in [
        "refs/heads/release/1/2",
        "refs/heads/release",
        "refs/heads/release/a:b",
        "refs/heads/release/a\u{7}",
    ] {
        exchange(right, reference).await.refused(401, "jwt_ref_refused", None);
    }
}

#[tokio::test]
async fn a_body_is_what_it_has_to_be() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let jwt = ci.jwt(&json!({}));
    for (body, field) in [
        (json!({ "token": jwt }), None),
        (json!({ "trust_rule_id": rule }), None),
        (json!({ "trust_rule_id": "tok_1", "token": jwt }), Some("trust_rule_id")),
        (json!({ "trust_rule_id": rule, "token": 1 }), Some("token")),
        (json!({ "trust_rule_id": rule, "token": jwt, "scopes": ["admin:write"] }), Some("scopes")),
    ] {
        let answer = ci.world.post("/v1/tokens/exchange", body).await;
        assert_eq!(answer.status, 400, "{:#}", answer.body);
        if field.is_some() {
            assert_eq!(answer.body["error"]["field"].as_str(), field, "{:#}", answer.body);
        }
    }
}

#[tokio::test]
async fn unknown_kids_make_one_fetch_and_strangers_none() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let strangers = (0..20).map(|_| ci.jwt(&json!({ "iss": "https://evil.example" })));
    for jwt in strangers {
        ci.exchange(&rule, &jwt).await.refused(401, "jwt_issuer_refused", None);
    }
    assert_eq!(ci.issuer.fetches(), 0);
    let jwts: Vec<_> = (0..50)
        .map(|number| ci.issuer.token(&format!("../{number}"), &ci.claims(&json!({}))))
        .collect();
    for answer in join_all(jwts.iter().map(|jwt| ci.exchange(&rule, jwt))).await {
        answer.refused(401, "jwt_key_unknown", None);
    }
    assert_eq!(ci.issuer.fetches(), 1);
}

#[tokio::test]
async fn while_the_issuer_is_down_known_keys_work_and_the_rest_is_unavailable() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    ci.token(&rule).await;
    for document in [None, Some("<html>".to_owned()), Some("x".repeat(300 * 1024))] {
        ci.issuer.serve_keys(document.map(String::into_bytes));
        ci.clock.advance(SignedDuration::from_secs(61));
        ci.token(&rule).await;
        let unknown = ci.issuer.token("b", &ci.claims(&json!({})));
        let answer = ci.exchange(&rule, &unknown).await;
        answer.refused(503, "issuer_unavailable", None);
        assert_eq!(answer.header("retry-after"), Some("10"));
    }
    let fresh = CiWorld::start().await;
    fresh.issuer.serve_keys(None);
    let rule = fresh.rule(&json!({})).await;
    let answer = fresh.exchange(&rule, &fresh.jwt(&json!({}))).await;
    answer.refused(503, "issuer_unavailable", None);
    assert!(text(&answer.body["error"], "message").contains("later"));
}
