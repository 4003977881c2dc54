//! A repetition by its idempotency key is never answered a URL that has expired.

use jiff::SignedDuration;
use slipway_test_support::{
    Method, TestClock, TestResponse, Value, World, file, json, release_path, upload_path,
};

use super::idempotency::creating_requests;

async fn post(world: &World, path: &str, body: &Value) -> TestResponse {
    let request = world.admin(Method::POST, path).header("idempotency-key", "k").json(body);
    TestResponse::to(request).await
}

/// A request that presigns a URL for a file of a draft.
async fn presigning(world: &World) -> (String, Value) {
    let draft = world.draft("prod_app", "9.0.0").await;
    let body = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
    (release_path(&draft, "/artifacts/presign"), body)
}

/// Makes sure that the request is answered the same for `lifetime`, and refused from then on.
async fn is_replayed_for(
    lifetime: SignedDuration,
    clock: &TestClock,
    world: &World,
    path: &str,
    body: &Value,
) {
    let first = post(world, path, body).await;
    assert!(first.status < 300, "{first:?}");
    // What comes before and after takes time of its own on a busy machine.
    let minute = SignedDuration::from_mins(1);
    clock.advance(lifetime - minute);
    let replay = post(world, path, body).await;
    assert_eq!(replay.header("idempotency-replayed"), Some("true"), "{replay:?}");
    assert_eq!(replay.body, first.body);
    let rows = world.rows().await;
    clock.advance(minute);
    let refused = post(world, path, body).await;
    refused.refused(409, "stale_state", Some("Idempotency-Key"));
    let named = refused.body["error"]["details"]["location"].as_str();
    assert_eq!(named, first.header("location"));
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("expired") && message.contains("a new key"), "{message}");
    assert_eq!(world.rows().await, rows, "nothing is made anew");
}

#[tokio::test]
async fn a_url_for_a_release_is_answered_until_it_expires() {
    let clock = TestClock::default();
    let world = World::on(&clock).await;
    world.product("prod_app").await;
    let (path, body) = presigning(&world).await;
    is_replayed_for(SignedDuration::from_mins(15), &clock, &world, &path, &body).await;
}

#[tokio::test]
async fn a_url_of_an_upload_is_answered_until_it_expires_whatever_became_of_the_upload() {
    let clock = TestClock::default();
    let world = World::on(&clock).await;
    let (bytes, sha256) = file(1, 64);
    let path = "/v1/artifacts/uploads";
    let body = json!({ "size_bytes": 64, "sha256": sha256 });
    let upload = post(&world, path, &body).await.expect(201);
    assert_eq!(world.send(&upload["upload_url"], bytes).await, 200);
    world.post(&upload_path(&upload, "/complete"), json!({})).await.expect(200);
    is_replayed_for(SignedDuration::from_hours(1), &clock, &world, path, &body).await;
}

#[tokio::test]
async fn each_response_that_is_kept_with_a_url_is_kept_with_its_end() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut requests: Vec<_> =
        creating_requests().map(|(path, body)| (path.to_owned(), body)).into();
    requests.push(presigning(&world).await);
    for (path, body) in requests {
        let answer = post(&world, &path, &body).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
    }
    let rows = world.rows().await;
    let kept = rows.iter().filter(|(key, _)| key.0.starts_with("IDEMPOTENCY#"));
    let mut with_urls = 0;
    for ((pk, _), record) in kept {
        let has_url = record["answer"]["body"].as_str().unwrap().contains("X-Amz-Signature");
        assert_eq!(record["answer"]["valid_until"].is_string(), has_url, "{pk}");
        with_urls += usize::from(has_url);
    }
    assert_eq!(with_urls, 2);
}
