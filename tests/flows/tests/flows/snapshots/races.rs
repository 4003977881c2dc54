//! Generators that race.

use futures::future::join_all;
use slipway_test_support::{TestClock, json};

use super::{snapshots, world};
use crate::rows::Rows;

#[tokio::test(flavor = "multi_thread")]
async fn generators_that_race_leave_no_gap_no_duplicate_and_one_latest() {
    let world = world(&TestClock::default()).await;
    world.release("prod_app", "1.0.0").await;
    let body = json!({ "tenant_id": "tenant_acme", "force": true });
    for _ in 0..4 {
        let answers =
            join_all((0..8).map(|_| world.post("/v1/snapshots/generate", body.clone()))).await;
        assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    }
    let mut made = snapshots(&world, "tenant_acme").await;
    made.sort_by_key(|snapshot| snapshot["sequence"].as_u64());
    let sequences: Vec<u64> =
        made.iter().map(|snapshot| snapshot["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=32).collect::<Vec<u64>>());
    let rows = Rows::of(&world).await;
    assert_eq!(rows.with("STREAMS#", "").count(), 1);
    let latest = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
    assert_eq!(
        (&latest["snapshot_id"], &latest["sequence"]),
        (&made[31]["snapshot_id"], &json!(32))
    );
    // Each names the one before it.
    for (before, after) in made.iter().zip(&made[1..]) {
        let manifest = world
            .get(&format!("/v1/snapshots/{}", after["snapshot_id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(manifest["previous_snapshot_id"], before["snapshot_id"]);
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generators_that_race_without_force_make_one() {
    let world = world(&TestClock::default()).await;
    world.release("prod_app", "1.0.0").await;
    let body = json!({ "tenant_id": "tenant_acme" });
    let answers =
        join_all((0..10).map(|_| world.post("/v1/snapshots/generate", body.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert_eq!(snapshots(&world, "tenant_acme").await.len(), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_snapshot_never_has_older_content() {
    let world = world(&TestClock::default()).await;
    world.release("prod_app", "1.0.0").await;
    let body = json!({ "tenant_id": "tenant_acme" });
    for minor in 1..12 {
        let version = format!("1.{minor}.0");
        let publish = async {
            world.release("prod_app", &version).await;
            world.post("/v1/snapshots/generate", body.clone()).await
        };
        let (a, b, c) = tokio::join!(
            publish,
            world.post("/v1/snapshots/generate", body.clone()),
            world.post("/v1/snapshots/generate", body.clone())
        );
        assert!([a, b, c].iter().all(|answer| matches!(answer.status, 200 | 201)));
        let latest = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await.expect(200);
        assert_eq!(latest["releases"][0]["version"], *version);
    }
    world.stack.stop().await;
}
