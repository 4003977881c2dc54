//! What is deleted, and what never is.

use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_test_support::{TestClock, World, json};

use super::{snapshots, tick, world};

async fn generate(world: &World, channels: Option<&[&str]>) {
    let mut body = json!({ "tenant_id": "tenant_acme", "force": true });
    if let Some(channels) = channels {
        body["channels"] = json!(channels);
    }
    world.post("/v1/snapshots/generate", body).await.expect(201);
}

/// The sequence numbers that are left of each stream: all channels, and `stable`.
async fn left(world: &World) -> [Vec<u64>; 2] {
    let all = snapshots(world, "tenant_acme").await;
    let of = |full: bool| {
        let stream = all.iter().filter(|snapshot| (snapshot["stream"] == "all") == full);
        stream.map(|snapshot| snapshot["sequence"].as_u64().unwrap()).collect()
    };
    [of(true), of(false)]
}

/// The keys of everything stored of snapshots.
async fn stored(world: &World) -> Vec<String> {
    let request = Clients::local(&world.stack.local)
        .s3
        .list_objects_v2()
        .bucket(&world.stack.settings.bucket)
        .prefix("snapshots/");
    let answer = request.send().await.unwrap();
    answer.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_ends_when_it_is_both_old_and_not_among_the_last() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let config = json!({ "scheduled": { "enabled": false }, "retention": { "keep_snapshots": 3, "cleanup_older_than": "10d", "cleanup_interval": "24h" } });
    world.put("/v1/snapshots/config", config).await.expect(200);
    tick(&world, "retention").await;
    // Five of one stream and two of another on day 0, one each on day 9, five more on day 12.
    for channels in [None, None, None, None, None, Some(&["stable"][..]), Some(&["stable"])] {
        generate(&world, channels).await;
    }
    test_clock.advance(DAY * 9);
    generate(&world, None).await;
    test_clock.advance(DAY * 3);
    for _ in 0..5 {
        generate(&world, None).await;
    }
    tick(&world, "retention").await;
    // Old are those of day 0; of them none is among the last three of `all`, and both are among the
    // last three of `stable`.
    assert_eq!(left(&world).await, [vec![6, 7, 8, 9, 10, 11], vec![1, 2]]);
    assert_eq!(stored(&world).await.len(), 8);
    // Day 30: everything is old. The last three of each stay, the latest among them.
    test_clock.advance(DAY * 18);
    tick(&world, "retention").await;
    assert_eq!(left(&world).await, [vec![9, 10, 11], vec![1, 2]]);
    assert_eq!(stored(&world).await.len(), 5);
    world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_of_a_stream_is_kept_however_old_it_is() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let config = json!({ "scheduled": { "enabled": false }, "retention": { "keep_snapshots": 1, "cleanup_older_than": "0s" } });
    world.put("/v1/snapshots/config", config).await.expect(200);
    tick(&world, "retention").await;
    generate(&world, None).await;
    generate(&world, None).await;
    test_clock.advance(DAY * 1000);
    tick(&world, "retention").await;
    assert_eq!(left(&world).await, [vec![2], vec![]]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_keeps_its_interval_and_does_nothing_while_it_is_off() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    let retention = |enabled: bool| json!({ "retention": { "keep_snapshots": 1, "cleanup_older_than": "1h", "cleanup_interval": "24h", "cleanup_enabled": enabled } });
    world.put("/v1/snapshots/config", retention(false)).await.expect(200);
    tick(&world, "retention").await;
    generate(&world, None).await;
    generate(&world, None).await;
    test_clock.advance(DAY * 2);
    tick(&world, "retention").await;
    assert_eq!(left(&world).await[0], [1, 2], "it is off");
    world.put("/v1/snapshots/config", retention(true)).await.expect(200);
    tick(&world, "retention").await;
    assert_eq!(left(&world).await[0], [2]);
    generate(&world, None).await;
    test_clock.advance(SignedDuration::from_hours(23));
    tick(&world, "retention").await;
    assert_eq!(left(&world).await[0], [2, 3], "not due yet");
    test_clock.advance(SignedDuration::from_hours(2));
    tick(&world, "retention").await;
    assert_eq!(left(&world).await[0], [3]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_attempt_has_left_behind_is_swept_away_after_a_day() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    tick(&world, "retention").await;
    generate(&world, None).await;
    let client = Clients::local(&world.stack.local).s3;
    let orphan = "snapshots/tenant_acme/snapshot_orphan/bundle.json";
    client
        .put_object()
        .bucket(&world.stack.settings.bucket)
        .key(orphan)
        .body(b"{}".to_vec().into())
        .send()
        .await
        .unwrap();
    assert_eq!(stored(&world).await.len(), 2);
    test_clock.advance(DAY * 2);
    tick(&world, "retention").await;
    let left = stored(&world).await;
    assert!(left.len() == 1 && left[0] != orphan, "{left:?}");
    world.stack.stop().await;
}
