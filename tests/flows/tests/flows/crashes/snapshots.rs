//! Snapshots: the row and its stream.

use futures::FutureExt;
use slipway_test_support::{World, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play, product};

/// A tenant that may have one product, with a release.
async fn tenant(world: &World, number: u64) -> String {
    let product = product(world, number).await;
    world.release(&product, "1.0.0").await;
    let tenant = format!("tenant_crash{number}");
    world.tenant(&tenant, json!([product])).await;
    tenant
}

const FIRST: Scenario =
    Scenario::new("snapshot-generate, the first of its stream", |world, number| {
        async move {
            let body = json!({ "tenant_id": tenant(world, number).await });
            Action::Call(world.call("snapshot-generate", "/v1/snapshots/generate").json(&body))
        }
        .boxed()
    });

const NEXT: Scenario = Scenario::new("snapshot-generate, after a change", |world, number| {
    async move {
        let body = json!({ "tenant_id": tenant(world, number).await });
        world.post("/v1/snapshots/generate", body.clone()).await.expect(201);
        world.release(&format!("prod_crash{number}"), "2.0.0").await;
        Action::Call(world.call("snapshot-generate", "/v1/snapshots/generate").json(&body))
    }
    .boxed()
});

const FOR_ALL: Scenario = Scenario::new("snapshot-generate, for all tenants", |world, number| {
    async move {
        tenant(world, number).await;
        let body = json!({ "force": true });
        Action::Call(world.call("snapshot-generate", "/v1/snapshots/generate").json(&body))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const MIRROR_CREATE: Scenario = Scenario::new("mirror-create", |world, number| {
    async move {
        let body = json!({ "tenant_id": tenant(world, number).await, "name": "Berlin" });
        Action::Call(world.call("mirror-create", "/v1/mirrors").json(&body))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const CONFIGURE: Scenario = Scenario::new("snapshot-config-put", |world, number| {
    async move {
        // There is one to be replaced.
        world.put("/v1/snapshots/config", json!({})).await.expect(200);
        let body = json!({ "history_limit": 1 + number % 49 });
        Action::Call(world.call("snapshot-config-put", "/v1/snapshots/config").json(&body))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const MIRROR: Scenario = Scenario::new("mirror-report", |world, number| {
    async move {
        let body = json!({ "tenant_id": tenant(world, number).await, "name": "Berlin" });
        let mirror = world.post("/v1/mirrors", body).await.expect(201);
        let report =
            json!({ "outcome": "synced", "snapshot_id": "snapshot_1", "sequence": number });
        Action::Call(
            world
                .call("mirror-report", format!("/v1/mirrors/{}/report", text(&mirror, "id")))
                .json(&report),
        )
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const FURTHER_STREAM: Scenario =
    Scenario::new("snapshot-generate, the first of further channels", |world, number| {
        async move {
            let body = json!({ "tenant_id": tenant(world, number).await, "channels": ["stable"] });
            Action::Call(world.call("snapshot-generate", "/v1/snapshots/generate").json(&body))
        }
        .boxed()
    });

const STREAM_DELETE: Scenario = Scenario::new("snapshot-stream-delete", |world, number| {
    async move {
        let tenant = tenant(world, number).await;
        let body = json!({ "tenant_id": tenant, "channels": ["stable"] });
        let snapshot = world.generate_snapshot(body).await;
        let path = format!("/v1/tenants/{tenant}/streams/{}", text(&snapshot, "stream"));
        Action::Call(world.call("snapshot-stream-delete", path))
    }
    .boxed()
});

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_snapshots_and_their_streams_old_or_new() {
    let scenarios =
        [FIRST, FURTHER_STREAM, NEXT, FOR_ALL, STREAM_DELETE, MIRROR_CREATE, CONFIGURE, MIRROR];
    play(&scenarios, Keys::None, 95).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_them_old_or_new_with_an_idempotency_key_too() {
    play(&[FIRST, NEXT, FOR_ALL, MIRROR_CREATE], Keys::Sent, 60).await.stack.stop().await;
}
