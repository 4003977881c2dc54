//! `POST /v1/decision`: an answer fits its own request only

use jiff::Timestamp;
use slipway_domain::Sha256;
use slipway_signing::{DecisionError, KeySet, RequestBinding, VerifyError, verify_decision};
use slipway_test_support::{Method, Value, World, independently_bound, json, text};

use super::with_product;
use crate::assertions::send;

const REQUEST: &str =
    r#"{ "products": [{"product_id":"prod_app", "current_version":"1.0.0", "client_id":"ours"}] }"#;

/// The answer to exactly these bytes.
async fn answer(world: &World, media_type: &str, body: impl Into<String>) -> Value {
    send(world, Method::POST, "/v1/decision", media_type, body).await.expect(200)
}

#[tokio::test]
async fn a_decision_names_the_bytes_of_its_request_however_they_came() {
    let world = with_product().await;
    let marked = format!("\u{feff}{REQUEST}\r\n");
    for body in [REQUEST, &marked, &REQUEST.replace(' ', "")] {
        // API Gateway hands the second one to the function in base64.
        for media_type in ["application/json; charset=utf-8", "application/vnd.client+json"] {
            let decision = answer(&world, media_type, body).await;
            assert_eq!(
                text(&decision, "request_sha256"),
                Sha256::of(body.as_bytes()).to_string(),
                "{media_type}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn the_answer_to_another_client_is_refused_by_every_verifier() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let theirs = REQUEST.replace("ours", "theirs");
    let jwks = world.get("/v1/keys").await.expect(200);
    let keys: KeySet = serde_json::from_value(jwks.clone()).unwrap();
    let decision = answer(&world, "application/json", theirs.clone()).await;
    let judged = |request| verify_decision(&decision, request, &keys, Timestamp::now());
    assert_eq!(judged(Some(theirs.as_bytes())), Ok(RequestBinding::Verified));
    assert_eq!(judged(Some(REQUEST.as_bytes())), Err(DecisionError::OtherRequest));
    assert_eq!(judged(None), Ok(RequestBinding::Unverified));
    independently_bound(&decision, theirs.as_bytes(), REQUEST.as_bytes(), &jwks).await;

    let mut relabelled = decision.clone();
    relabelled["request_sha256"] = json!(Sha256::of(REQUEST.as_bytes()));
    assert_eq!(
        verify_decision(&relabelled, Some(REQUEST.as_bytes()), &keys, Timestamp::now()),
        Err(VerifyError::WrongSignature.into())
    );
}
