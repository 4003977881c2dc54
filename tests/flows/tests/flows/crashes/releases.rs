//! Releases: the row, its pointer, the head of its channel, the uses of its artifacts, audit and
//! outbox.

use futures::FutureExt;
use slipway_test_support::{Value, World, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play, product};

/// The request for a release on `channel`, of a product that has one release there already, so that
/// there is a head to change.
pub(super) async fn request(world: &World, number: u64) -> Value {
    let product = product(world, number).await;
    let artifact = world.external(number).await;
    let request = |version| World::release_of(&product, version, "stable", &artifact);
    world.post("/v1/releases", request("1.0.0")).await.expect(201);
    request("2.0.0")
}

/// The path of a published release, or of what can be asked of it.
pub(super) async fn published(world: &World, number: u64, verb: &str) -> String {
    let release = world.post("/v1/releases", request(world, number).await).await.expect(201);
    format!("/v1/releases/{}{verb}", text(&release, "release_id"))
}

/// The same of a draft.
pub(super) async fn draft(world: &World, number: u64, verb: &str) -> String {
    let mut request = request(world, number).await;
    request["draft"] = json!(true);
    let release = world.post("/v1/releases", request).await.expect(201);
    format!("/v1/releases/{}{verb}", text(&release, "release_id"))
}

const CREATE: Scenario = Scenario::new("release-create", |world, number| {
    async move {
        Action::Call(
            world.call("release-create", "/v1/releases").json(&request(world, number).await),
        )
    }
    .boxed()
});

const CREATE_FIRST: Scenario =
    Scenario::new("release-create, the first of its channel", |world, number| {
        async move {
            let mut request = request(world, number).await;
            request["channel"] = json!("beta");
            Action::Call(world.call("release-create", "/v1/releases").json(&request))
        }
        .boxed()
    });

const CREATE_DRAFT: Scenario = Scenario::new("release-create, a draft", |world, number| {
    async move {
        let body = json!({ "product_id": product(world, number).await, "version": "1.0.0" });
        Action::Call(world.call("release-create", "/v1/releases").json(&body))
    }
    .boxed()
});

const PUBLISH: Scenario = Scenario::new("release-publish", |world, number| {
    async move {
            Action::Call(world.call("release-publish", draft(world, number, "/publish").await))
        }
        .boxed()
});

const ADD_ARTIFACT: Scenario = Scenario::new("release-artifact-add", |world, number| {
    async move {
        let path = draft(world, number, "/artifacts").await;
        let more = world.external(number + 1_000_000).await;
        let mut more = json!({ "artifacts": World::release_of("", "", "", &more)["artifacts"] });
        more["artifacts"][0]["arch"] = json!("arm64");
        Action::Call(world.call("release-artifact-add", path).json(&more))
    }
    .boxed()
});

const PRESIGN: Scenario = Scenario::new("release-artifact-presign", |world, number| {
    async move {
        let path = draft(world, number, "/artifacts/presign").await;
        let body = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
        Action::Call(world.call("release-artifact-presign", path).json(&body))
    }
    .boxed()
})
.again(OnRepeat::OnceMore);

const REGISTER: Scenario = Scenario::new("release-artifact-add, a file", |world, number| {
    async move {
        let path = draft(world, number, "").await;
        let draft = world.get(&path).await.expect(200);
        let (_, registration) = world.sent(&draft, number, 1_000).await;
        Action::Call(
            world.call("release-artifact-add", format!("{path}/artifacts")).json(&registration),
        )
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "artifact_exists"));

const ROLLOUT: Scenario = Scenario::new("release-rollout", |world, number| {
    async move {
        let path = published(world, number, "/rollout").await;
        Action::Call(world.call("release-rollout", path).json(&json!({ "basis_points": 1000 })))
    }
    .boxed()
});

const REVOKE: Scenario = Scenario::new("release-revoke", |world, number| {
    async move {
        let path = published(world, number, "/revoke").await;
        Action::Call(world.call("release-revoke", path).json(&json!({ "reason": "it crashes" })))
    }
    .boxed()
});

const PROMOTE: Scenario = Scenario::new("release-promote", |world, number| {
    async move {
        let path = published(world, number, "/promote").await;
        Action::Call(world.call("release-promote", path).json(&json!({ "channel": "beta" })))
    }
    .boxed()
});

const DELETE: Scenario = Scenario::new("release-delete", |world, number| {
    async move { Action::Call(world.call("release-delete", draft(world, number, "").await)) }
        .boxed()
})
.again(OnRepeat::Refused(404, "not_found"));

const UPDATE: Scenario = Scenario::new("release-update", |world, number| {
    async move {
        let path = published(world, number, "").await;
        let metadata = json!({ "metadata": { "release_notes": "Faster." } });
        Action::Call(world.call("release-update", path).json(&metadata))
    }
    .boxed()
});

const REVOKE_EVERYWHERE: Scenario =
    Scenario::new("release-revoke, on every channel", |world, number| {
        async move {
            let path = published(world, number, "").await;
            let to = json!({ "channel": "beta" });
            world.post(&format!("{path}/promote"), to).await.expect(201);
            let request = json!({ "reason": "it crashes", "all_channels": true });
            Action::Call(world.call("release-revoke", format!("{path}/revoke")).json(&request))
        }
        .boxed()
    });

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_releases_and_their_heads_old_or_new() {
    let scenarios = [
        CREATE,
        CREATE_FIRST,
        CREATE_DRAFT,
        ADD_ARTIFACT,
        PRESIGN,
        REGISTER,
        PUBLISH,
        ROLLOUT,
        UPDATE,
        REVOKE,
        REVOKE_EVERYWHERE,
        PROMOTE,
        DELETE,
    ];
    play(&scenarios, Keys::None, 100).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_releases_old_or_new_with_an_idempotency_key_too() {
    let scenarios = [CREATE, CREATE_FIRST, CREATE_DRAFT, PROMOTE, PRESIGN, REGISTER];
    play(&scenarios, Keys::Sent, 57).await.stack.stop().await;
}
