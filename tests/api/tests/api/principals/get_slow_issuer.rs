//! `GET /v1/me` with the JWT of an operator, whose issuer answers slowly or without an end.

use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::SignedDuration;
use slipway_test_support::{Pace, TestClock, json};

use super::get_operator::{claims, world};

/// Five seconds for both documents, and what a busy machine takes beside them.
const BOUND: Duration = Duration::from_secs(9);

#[tokio::test]
async fn known_keys_work_and_others_are_unavailable_within_seconds_however_slow_the_issuer_is() {
    for (keys, metadata) in [
        (Pace::Silent, Pace::AtOnce),
        (Pace::ByteByByte, Pace::AtOnce),
        (Pace::Endless, Pace::AtOnce),
        (Pace::AtOnce, Pace::Silent),
        (Pace::AtOnce, Pace::ByteByByte),
        (Pace::AtOnce, Pace::Endless),
    ] {
        let clock = TestClock::default();
        let (world, issuer) = world(&clock).await;
        let [known, unknown] =
            ["a", "b"].map(|kid| issuer.token(kid, &claims(&issuer, &json!({}))));
        world.get_as(&known, "/v1/me").await.expect(200);
        issuer.serve_keys_at(keys);
        issuer.serve_metadata_at(metadata);
        clock.advance(SignedDuration::from_secs(60));
        let began = Instant::now();
        // All at once: one of them asks the issuer, and the others wait for it.
        let mut tokens = vec![&known; 8];
        tokens.extend([&unknown; 8]);
        let answers = tokens.iter().map(|token| world.get_as(token, "/v1/me"));
        for (answer, token) in join_all(answers).await.into_iter().zip(&tokens) {
            if *token == &known {
                answer.expect(200);
            } else {
                answer.refused(503, "issuer_unavailable", None);
            }
        }
        let took = began.elapsed();
        assert!(took < BOUND, "{keys:?} {metadata:?}: {took:?}");
        // It is not asked again before a minute is over, so that nobody waits for it again.
        let again = Instant::now();
        world.get_as(&known, "/v1/me").await.expect(200);
        world.get_as(&unknown, "/v1/me").await.refused(503, "issuer_unavailable", None);
        assert!(again.elapsed() < Duration::from_secs(2), "{keys:?} {metadata:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_comes_to_itself_is_asked_again_after_ten_seconds() {
    let clock = TestClock::default();
    let (world, issuer) = world(&clock).await;
    issuer.serve_keys_at(Pace::Silent);
    let token = issuer.token("a", &claims(&issuer, &json!({})));
    world.get_as(&token, "/v1/me").await.refused(503, "issuer_unavailable", None);
    issuer.serve_keys_at(Pace::AtOnce);
    clock.advance(SignedDuration::from_secs(10));
    world.get_as(&token, "/v1/me").await.expect(200);
}
