//! Who published what is newest on a channel, and what was done to it last.

use slipway_test_support::{Method, Value, World, json, release_path, text};

use super::overview;

const PRODUCT: &str = "prod_app";

/// Somebody with a token: its id, as the audit log names its holder, and its secret.
struct Someone {
    actor: String,
    secret: String,
}

impl Someone {
    async fn new(world: &World) -> Self {
        let scopes = ["releases:read", "ci:write"];
        let (actor, secret) = world.token(&scopes).await;
        Self { actor, secret }
    }

    async fn post(&self, world: &World, path: &str, body: Value) -> Value {
        let answer = world.post_as(&self.secret, path, body).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.body
    }

    async fn roll_out(&self, world: &World, release: &Value, rollout: Value) {
        let path = release_path(release, "/rollout");
        let request = world.bearer(&self.secret, Method::PUT, &path);
        assert_eq!(request.json(&rollout).send().await.unwrap().status(), 200);
    }
}

/// Who published the newest release of a channel, and the kind and the actor of its last change.
async fn actors(world: &World, channel: &str) -> [String; 3] {
    let newest = overview(world, PRODUCT, channel).await["newest"].clone();
    let history = format!("/v1/releases/{}/history?limit=1", text(&newest, "release_id"));
    let history = world.get(&history).await.expect(200);
    assert_eq!(newest["last_change"], history["changes"][0]);
    let change = &newest["last_change"];
    [text(&newest, "published_by"), text(change, "event_type"), text(change, "actor")]
        .map(str::to_owned)
}

#[tokio::test]
async fn who_published_a_release_stays_whoever_changes_or_repeats_it() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let [ann, bob, cid] =
        [Someone::new(&world).await, Someone::new(&world).await, Someone::new(&world).await];
    let artifact = world.external(1).await;
    let new = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
    let release = ann.post(&world, "/v1/releases", new.clone()).await;
    let stable = async || actors(&world, "stable").await;
    assert_eq!(stable().await, [&ann.actor, "release.published", &ann.actor]);
    // The same release again.
    bob.post(&world, "/v1/releases", new).await;
    bob.post(&world, &release_path(&release, "/publish"), json!({})).await;
    assert_eq!(stable().await, [&ann.actor, "release.published", &ann.actor]);
    bob.roll_out(&world, &release, json!({ "paused": true })).await;
    assert_eq!(stable().await, [&ann.actor, "release.rollout_changed", &bob.actor]);
    cid.roll_out(&world, &release, json!({ "paused": false })).await;
    assert_eq!(stable().await, [&ann.actor, "release.rollout_changed", &cid.actor]);
    let notes = json!({ "metadata": { "release_notes": "Faster." } });
    world.patch(&release_path(&release, ""), notes).await.expect(200);
    assert_eq!(stable().await, [&ann.actor, "release.updated", "bootstrap"]);
    // On another channel it is the one who promoted it.
    let promotion = json!({ "channel": "beta" });
    bob.post(&world, &release_path(&release, "/promote"), promotion).await;
    assert_eq!(actors(&world, "beta").await, [&bob.actor, "release.published", &bob.actor]);
    assert_eq!(stable().await[0], ann.actor);
}

#[tokio::test]
async fn who_published_a_draft_is_not_who_made_it_and_is_not_told_of_the_next_one() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let [ann, bob, cid] =
        [Someone::new(&world).await, Someone::new(&world).await, Someone::new(&world).await];
    let mut new = World::release_of(PRODUCT, "1.0.0", "beta", &world.external(1).await);
    new["draft"] = json!(true);
    let draft = ann.post(&world, "/v1/releases", new).await;
    bob.post(&world, &release_path(&draft, "/publish"), json!({})).await;
    assert_eq!(actors(&world, "beta").await, [&bob.actor, "release.published", &bob.actor]);
    cid.roll_out(&world, &draft, json!({ "percent": 5 })).await;
    assert_eq!(actors(&world, "beta").await[0], bob.actor);
    cid.post(&world, &release_path(&draft, "/promote"), json!({ "channel": "stable" })).await;
    assert_eq!(actors(&world, "stable").await[0], cid.actor);
    // A release itself says who made it and no more.
    let release = world.get(&release_path(&draft, "")).await.expect(200);
    assert_eq!(
        (text(&release, "created_by"), &release["published_by"]),
        (&*ann.actor, &Value::Null)
    );
}

#[tokio::test]
async fn who_published_what_becomes_newest_by_a_revocation_is_told_as_before() {
    let world = World::start().await;
    world.product(PRODUCT).await;
    let [ann, bob] = [Someone::new(&world).await, Someone::new(&world).await];
    let artifact = world.external(1).await;
    let new = |version: &str| World::release_of(PRODUCT, version, "stable", &artifact);
    ann.post(&world, "/v1/releases", new("1.0.0")).await;
    let newer = bob.post(&world, "/v1/releases", new("1.1.0")).await;
    assert_eq!(actors(&world, "stable").await[0], bob.actor);
    bob.post(&world, &release_path(&newer, "/revoke"), json!({ "reason": "crashes" })).await;
    assert_eq!(actors(&world, "stable").await[0], ann.actor);
    let told = overview(&world, PRODUCT, "stable").await;
    assert_eq!(text(&told["last_revoked"], "revoked_by"), bob.actor);
}
