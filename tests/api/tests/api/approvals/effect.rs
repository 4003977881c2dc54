//! `GET /v1/approvals/{approval_id}/effect`

use slipway_test_support::{Options, Value, World, json, release_path};

use super::{PRODUCT, approval_path, approve, draft, gated};

/// The effect of what waits.
async fn effect(world: &World, approval: &Value) -> Value {
    world.get(&approval_path(approval, "/effect")).await.expect(200)
}

/// A release on `stable` that two people have let out: for `percent` of the clients.
async fn live(world: &World, version: &str, percent: u64) -> Value {
    let publish = release_path(&draft(world, version).await, "/publish");
    let body = json!({ "rollout": { "percent": percent } });
    approve(world, &world.post(&publish, body.clone()).await.expect(202)).await;
    world.post(&publish, body).await.expect(200)
}

/// Of each change of what is offered: channel, installed version, share, and the versions offered
/// before and after. Others learn that they are held back.
fn changes(effect: &Value) -> Vec<Value> {
    let of = |change: &Value| {
        json!([
            change["channel"],
            change["current_version"],
            change["basis_points"],
            change["before"]["version"],
            change["after"]["version"]
        ])
    };
    let offers = |change: &&Value| change["before"]["version"] != change["after"]["version"];
    effect["changes"].as_array().unwrap().iter().filter(offers).map(of).collect()
}

#[tokio::test]
async fn a_publication_shows_who_would_get_what_instead_of_what_and_writes_nothing() {
    let world = World::start().await;
    gated(&world, 1).await;
    live(&world, "1.0.0", 100).await;
    let publish = release_path(&draft(&world, "2.0.0").await, "/publish");
    let waiting = world.post(&publish, json!({ "rollout": { "percent": 10 } })).await.expect(202);
    let rows = world.rows().await;
    let told = effect(&world, &waiting).await;
    assert!(world.rows().await == rows, "it writes nothing");
    assert_eq!(told["change_sha256"], waiting["change_sha256"]);
    assert_eq!(told["affects_decisions"], true);
    assert_eq!(
        told["sample"],
        json!({
            "channels": [{ "channel": "stable", "versions": [
                { "version": "1.0.0", "decisions": null }, { "version": "0.0.0", "decisions": null }
            ] }],
            "machines": [{ "platform": "windows", "arch": "x86_64" }],
            "channels_left_out": 0, "machines_left_out": 0
        })
    );
    // Two versions, and the tenth of the clients that gets it and the others.
    assert_eq!((&told["kinds"], &told["undecided"]), (&json!(4), &json!(0)));
    assert_eq!(
        changes(&told),
        [
            json!(["stable", "1.0.0", 1000, null, "2.0.0"]),
            json!(["stable", "0.0.0", 1000, "1.0.0", "2.0.0"]),
        ]
    );
    assert_eq!(told["changes"][0]["platform"], "windows");
    // Clients are told so once it is made.
    approve(&world, &waiting).await;
    assert_eq!(effect(&world, &waiting).await, told, "of an approved one too");
    world.post(&publish, json!({ "rollout": { "percent": 10 } })).await.expect(200);
    let used = world.get(&approval_path(&waiting, "/effect")).await;
    used.refused(409, "stale_state", None);
}

#[tokio::test]
async fn a_creation_and_a_promotion_show_releases_that_are_not_there_yet() {
    let world = World::start().await;
    gated(&world, 1).await;
    let body = World::release_of(PRODUCT, "1.0.0", "stable", &world.external(1).await);
    let creation = world.post("/v1/releases", body).await.expect(202);
    let told = effect(&world, &creation).await;
    assert_eq!(changes(&told), [json!(["stable", "0.0.0", 10_000, null, "1.0.0"])]);
    assert_eq!(told["changes"][0]["before"]["reason"], "no_release");

    let beta = world.publish(PRODUCT, "1.1.0", "beta").await;
    let promote = release_path(&beta, "/promote");
    let promotion = world.post(&promote, json!({ "channel": "stable" })).await.expect(202);
    let told = effect(&world, &promotion).await;
    assert_eq!(changes(&told), [json!(["stable", "0.0.0", 10_000, null, "1.1.0"])]);
    world.revoke(&beta).await;
    let gone = world.get(&approval_path(&promotion, "/effect")).await;
    gone.refused(409, "stale_state", None);
}

#[tokio::test]
async fn a_rollout_shows_those_who_are_added_and_not_those_who_have_it() {
    let world = World::start().await;
    gated(&world, 1).await;
    live(&world, "1.0.0", 100).await;
    let staged = live(&world, "2.0.0", 10).await;
    let rollout = release_path(&staged, "/rollout");
    let half = world.put(&rollout, json!({ "percent": 50 })).await.expect(202);
    let told = effect(&world, &half).await;
    // Three parts of the clients: 10% have it, 40% would get it, 50% would not.
    assert_eq!(told["kinds"], 9);
    assert_eq!(
        changes(&told),
        [
            json!(["stable", "1.0.0", 4000, null, "2.0.0"]),
            json!(["stable", "0.0.0", 4000, "1.0.0", "2.0.0"]),
        ]
    );
    let notes = json!({ "min_current_version": "1.0.0", "required": true });
    let update = world.patch(&release_path(&staged, ""), notes).await.expect(202);
    let told = effect(&world, &update).await;
    assert_eq!(changes(&told), [json!(["stable", "0.0.0", 1000, "2.0.0", "1.0.0"])]);
    assert_eq!(told["effects"]["offered_lower"], 1);
}

#[tokio::test]
async fn weakening_the_rule_concerns_no_client_and_another_followed_channel_does() {
    let world = World::start().await;
    gated(&world, 1).await;
    live(&world, "1.0.0", 100).await;
    world.publish(PRODUCT, "2.0.0", "beta").await;
    let product = format!("/v1/products/{PRODUCT}");
    let weaker = world.patch(&product, json!({ "channel_sign_off": {} })).await.expect(202);
    let told = effect(&world, &weaker).await;
    assert_eq!(told["affects_decisions"], false);
    assert_eq!((&told["kinds"], &told["changes"]), (&json!(0), &json!([])));

    let follows = json!({ "channel_follows": { "stable": ["beta"] } });
    let follows = world.patch(&product, follows).await.expect(202);
    let told = effect(&world, &follows).await;
    assert_eq!(told["affects_decisions"], true);
    assert_eq!(
        changes(&told),
        [
            json!(["stable", "1.0.0", 10_000, null, "2.0.0"]),
            json!(["stable", "0.0.0", 10_000, "1.0.0", "2.0.0"]),
        ]
    );
}

#[tokio::test]
async fn a_draft_that_has_changed_since_makes_it_stale() {
    let world = World::start().await;
    gated(&world, 1).await;
    let draft = draft(&world, "1.0.0").await;
    let publish = release_path(&draft, "/publish");
    let waiting = world.post(&publish, json!({})).await.expect(202);
    effect(&world, &waiting).await;
    let notes = json!({ "metadata": { "release_notes": "other" } });
    world.patch(&release_path(&draft, ""), notes).await.expect(200);
    let stale = world.get(&approval_path(&waiting, "/effect")).await;
    stale.refused(409, "stale_state", None);
    world.delete(&release_path(&draft, "")).await.expect(204);
    let deleted = world.get(&approval_path(&waiting, "/effect")).await;
    deleted.refused(409, "stale_state", None);
}

/// Waits until the decisions on `beta` are counted: they are stored after the response.
async fn counted(world: &World) {
    for _ in 0..200 {
        let path = format!("/v1/products/{PRODUCT}/adoption");
        if world.get(&path).await.expect(200)["days"] != json!([]) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("decisions are not stored");
}

#[tokio::test]
async fn clients_of_channels_that_follow_are_shown_with_the_versions_that_they_have() {
    let interval = Some(jiff::SignedDuration::from_mins(1));
    let world = World::with(Options { adoption_interval: interval, ..Options::ephemeral() }).await;
    let product = json!({
        "product_id": PRODUCT, "name": "App", "channel_follows": { "beta": ["stable"] },
        "channel_sign_off": { "stable": { "required_approvals": 1 } },
    });
    world.post("/v1/products", product).await.expect(201);
    world.publish(PRODUCT, "1.0.0", "beta").await;
    let client = |number| json!({ "product_id": PRODUCT, "current_version": "0.5.0", "channel": "beta", "client_id": format!("pc-{number}") });
    let clients: Vec<Value> = (0..6).map(client).collect();
    world.post("/v1/decision", json!({ "products": clients })).await.expect(200);
    counted(&world).await;
    let body = World::release_of(PRODUCT, "2.0.0", "stable", &world.external(1).await);
    let waiting = world.post("/v1/releases", body).await.expect(202);
    let told = effect(&world, &waiting).await;
    assert_eq!(
        told["sample"]["channels"][1]["versions"],
        json!([
            { "version": "1.0.0", "decisions": null },
            { "version": "0.5.0", "decisions": 6 },
            { "version": "0.0.0", "decisions": null },
        ])
    );
    assert_eq!(
        changes(&told),
        [
            json!(["stable", "0.0.0", 10_000, null, "2.0.0"]),
            json!(["beta", "1.0.0", 10_000, null, "2.0.0"]),
            json!(["beta", "0.5.0", 10_000, "1.0.0", "2.0.0"]),
            json!(["beta", "0.0.0", 10_000, "1.0.0", "2.0.0"]),
        ]
    );
}
