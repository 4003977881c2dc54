//! Many writers at once: nothing is lost, nothing happens twice.

use futures::future::join_all;
use slipway_test_support::{Method, TestResponse, Value, World, json, release_path, text};

use crate::rows::Rows;

const PRODUCT: &str = "prod_race";

async fn world() -> World {
    let world = World::start().await;
    world.product(PRODUCT).await;
    world
}

fn head(rows: &Rows) -> Value {
    rows.with(&format!("PRODUCT#{PRODUCT}"), "HEAD#stable").next().unwrap().clone()
}

/// What is live on `stable`, newest first: the head has to agree.
fn live_versions(rows: &Rows) -> Vec<String> {
    let partition = format!("PRODUCT#{PRODUCT}");
    let releases = rows.with(&partition, "RELEASE#stable#");
    let live = releases.filter(|release| release["status"] == "published");
    let mut versions: Vec<String> = live.map(|one| text(one, "version").to_owned()).collect();
    versions.reverse();
    versions
}

async fn latest(world: &World) -> Value {
    world.get(&format!("/v1/products/{PRODUCT}/releases/latest")).await.expect(200)["version"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_release_on_a_new_channel_at_once_change_the_product_once() {
    let world = World::start().await;
    let product = json!({ "product_id": PRODUCT, "name": PRODUCT, "open_channels": true });
    world.post("/v1/products", product).await.expect(201);
    let artifact = world.external(1).await;
    let requests = (0..6)
        .map(|minor| World::release_of(PRODUCT, &format!("1.{minor}.0"), "nightly", &artifact));
    let answers = join_all(requests.map(|request| world.post("/v1/releases", request))).await;
    for answer in answers {
        answer.expect(201);
    }
    let rows = Rows::of(&world).await;
    rows.agree();
    assert_eq!(rows.audited("product.updated", PRODUCT), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_identical_publishes_make_one_release() {
    let world = world().await;
    let artifact = world.external(1).await;
    let request = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
    let answers = join_all((0..100).map(|_| world.post("/v1/releases", request.clone()))).await;

    let of = |status: u16| {
        answers.iter().filter(|answer| answer.status == status).collect::<Vec<&TestResponse>>()
    };
    assert_eq!(
        (of(201).len(), of(200).len()),
        (1, 99),
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    let release = of(201)[0].body.clone();
    assert!(answers.iter().all(|answer| answer.body == release));

    let rows = Rows::of(&world).await;
    rows.agree();
    assert_eq!(live_versions(&rows), ["1.0.0"]);
    assert_eq!(head(&rows)["revision"], 1);
    assert_eq!(rows.audited("release.published", release["release_id"].as_str().unwrap()), 1);
    assert_eq!(rows.with("OUTBOX#", "").count(), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_publishes_that_race_on_one_channel_both_land() {
    let world = world().await;
    let artifact = world.external(1).await;
    for round in 0..10 {
        let versions = [format!("1.{round}.0"), format!("1.{round}.1")];
        let publish = |version: &str| {
            world.post("/v1/releases", World::release_of(PRODUCT, version, "stable", &artifact))
        };
        let answers = join_all(versions.iter().map(|version| publish(version))).await;
        assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");

        let rows = Rows::of(&world).await;
        rows.agree();
        assert_eq!(live_versions(&rows)[..2], [versions[1].clone(), versions[0].clone()]);
        assert_eq!(latest(&world).await, *versions[1]);
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_versions_published_at_once_all_land() {
    let world = world().await;
    let artifact = world.external(1).await;
    // Versions in an order that is not theirs, and whose text sorts otherwise than they do.
    let versions: Vec<String> = (0..50).map(|index| format!("1.{}.0", index * 37 % 50)).collect();
    let publish = |version: &str| {
        world.post("/v1/releases", World::release_of(PRODUCT, version, "stable", &artifact))
    };
    let answers = join_all(versions.iter().map(|version| publish(version))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 201),
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );

    let rows = Rows::of(&world).await;
    rows.agree();
    let expected: Vec<String> = (0..50).rev().map(|minor| format!("1.{minor}.0")).collect();
    assert_eq!(live_versions(&rows), expected);
    assert_eq!(head(&rows)["revision"], 50);
    assert_eq!(latest(&world).await, "1.49.0");
    assert_eq!(world.decide(PRODUCT, "1.0.0").await["version"], "1.49.0");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn create_publish_rollout_and_revoke_that_race_leave_a_head_that_agrees() {
    let world = world().await;
    for round in 0..8 {
        let artifact = world.external(round).await;
        let standing = world.release(PRODUCT, &format!("1.{round}.0")).await;
        let standing = standing["release_id"].as_str().unwrap();
        let other = World::release_of(PRODUCT, &format!("3.{round}.0"), "stable", &artifact);
        let mut draft = World::release_of(PRODUCT, &format!("2.{round}.0"), "stable", &artifact);
        draft["draft"] = json!(true);
        let draft = world.post("/v1/releases", draft).await.expect(201);
        let publish = format!("/v1/releases/{}/publish", draft["release_id"].as_str().unwrap());
        let rollout = format!("/v1/releases/{standing}/rollout");
        let revoke = format!("/v1/releases/{standing}/revoke");
        let (created, published, rolled, paused, revoked) = tokio::join!(
            world.post("/v1/releases", other),
            world.post(&publish, json!({})),
            world.put(&rollout, json!({ "basis_points": 5000 })),
            world.put(&rollout, json!({ "basis_points": 2500, "paused": true })),
            world.post(&revoke, json!({ "reason": "it races" })),
        );
        assert_eq!(
            (created.status, published.status, revoked.status),
            (201, 200, 200),
            "{created:?} {published:?} {revoked:?}"
        );
        for rollout in [rolled, paused] {
            // After the revocation there is nothing to roll out.
            assert!(
                rollout.status == 200 || rollout.body["error"]["code"] == "stale_state",
                "{rollout:?}"
            );
        }
        let rows = Rows::of(&world).await;
        rows.agree();
        let head = head(&rows);
        assert!(!live_versions(&rows).contains(&format!("1.{round}.0")));
        assert!(head["revoked"].as_array().unwrap().contains(&json!(format!("1.{round}.0"))));
        assert_eq!(rows.audited("release.revoked", standing), 1);
        assert_eq!(latest(&world).await, format!("3.{round}.0"));
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_build_one_version_at_once_publish_it_with_all_they_built() {
    let world = world().await;
    let installers = ["msi", "exe", "msix", "zip", "pkg", "dmg", "deb", "rpm", "appimage"];
    let jobs = ["x86_64", "arm64"].into_iter().flat_map(|arch| installers.map(|kind| (arch, kind)));
    let jobs: Vec<_> = jobs.collect();
    let publish = json!({ "expected_artifacts": jobs.len() });
    let job = async |seed: usize, (arch, kind): (&str, &str)| {
        let artifact = world.external(u64::try_from(seed).unwrap()).await;
        let draft =
            json!({ "product_id": PRODUCT, "version": "1.0.0", "metadata": { "notes": "x" } });
        let draft = world.post("/v1/releases", draft).await;
        assert!([200, 201].contains(&draft.status), "{draft:?}");
        let mut part = World::release_of("", "", "", &artifact)["artifacts"].clone();
        part[0]["arch"] = json!(arch);
        part[0]["installer_type"] = json!(kind);
        let part = json!({ "artifacts": part });
        world.post(&release_path(&draft.body, "/artifacts"), part).await.expect(200);
        let published = world.post(&release_path(&draft.body, "/publish"), publish.clone()).await;
        if published.status != 200 {
            published.refused(422, "artifact_not_ready", Some("expected_artifacts"));
        }
        published.status
    };
    let jobs = jobs.iter().enumerate().map(|(seed, machine)| job(seed, *machine));
    let published = join_all(jobs).await;
    assert!(published.contains(&200), "{published:?}");

    let rows = Rows::of(&world).await;
    rows.agree();
    let head = head(&rows);
    assert_eq!(live_versions(&rows), ["1.0.0"]);
    assert_eq!(head["live"][0]["artifacts"].as_array().unwrap().len(), published.len());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_replace_the_same_policy_one_does_and_of_many_deletions_one() {
    let world = world().await;
    let path = format!("/v1/products/{PRODUCT}/policy");
    let put = |n: u64| world.put(&path, json!({ "blocked_versions": [format!("1.{n}.0")] }));
    // Nobody names what is there: all are carried out, one after another, or told to try again.
    let answers = join_all((0..20).map(put)).await;
    let carried_out = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| [200, 409, 503].contains(&answer.status)), "{answers:?}");
    let rows = Rows::of(&world).await;
    assert_eq!(rows.audited("policy.updated", PRODUCT), carried_out);

    let tag = world.get(&path).await.header("etag").unwrap().to_owned();
    let named = |_| {
        let request = world.admin(Method::PUT, &path).header("if-match", &tag);
        TestResponse::to(request.json(&json!({ "mode": "NOTIFY_ONLY" })))
    };
    let mut found: Vec<u16> =
        join_all((0..20).map(named)).await.iter().map(|answer| answer.status).collect();
    found.sort_unstable();
    assert_eq!(
        (found[0], found[1..].iter().all(|status| *status == 412)),
        (200, true),
        "{found:?}"
    );

    let mut found: Vec<u16> =
        join_all((0..20).map(|_| world.delete(&path))).await.iter().map(|one| one.status).collect();
    found.sort_unstable();
    assert_eq!(
        (found[0], found[1..].iter().all(|status| *status == 404)),
        (204, true),
        "{found:?}"
    );
    let rows = Rows::of(&world).await;
    assert_eq!(rows.audited("policy.updated", PRODUCT), carried_out + 1);
    assert_eq!(rows.audited("policy.deleted", PRODUCT), 1);
    world.stack.stop().await;
}
