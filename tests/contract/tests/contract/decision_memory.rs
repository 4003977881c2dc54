//! What the function `decision` takes for callers who want it to take much: memory, and bytes of
//! response.

use futures::future::join_all;
use serde_json::{Value, json};
use slipway_test_support::World;

use crate::functions::event;
use crate::invocation::invoke_all;

/// The most memory that the function may use.
const MEMORY: u64 = 64 << 20;
/// The longest response that Lambda takes from a function, in bytes of JSON.
const RESPONSE: usize = 6_291_556;
/// Channels, whose heads are as large as those of version 0.1.0 can be in the second part.
const HEADS: usize = 30;

/// Channels whose releases are full of metadata; those of the others are full of artifacts.
const WITH_METADATA: usize = 6;

/// Metadata of the largest size, in as many members as fit: what takes the most memory once parsed.
fn metadata() -> Value {
    (0..1800).map(|number| (format!("{number:x}"), json!(0))).collect()
}

/// As many artifacts as a release may have, with URLs of the greatest length.
async fn artifacts(world: &World, seed: usize) -> Value {
    let (_, sha256) = slipway_test_support::file(u64::try_from(seed).unwrap(), 64);
    let url = format!("https://artifacts.example.com/{}", "a".repeat(2000));
    let artifact = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": url });
    let artifact = world.post("/v1/artifacts", artifact).await.expect(201);
    let machines = ["windows", "macos", "linux", "android", "freebsd"].into_iter().flat_map(|os| {
        ["x86_64", "arm64"].into_iter().flat_map(move |arch| {
            ["msi", "exe", "zip", "pkg", "dmg"].map(|installer| (os, arch, installer))
        })
    });
    let part = |(platform, arch, installer)| json!({ "artifact_id": artifact["artifact_id"], "platform": platform, "arch": arch, "installer_type": installer });
    machines.map(part).collect()
}

/// A product with large releases on `stable`. Those with metadata are for nobody but the first, so
/// that a decision passes them all; the others do not fit into a head.
async fn full_product(world: &World, number: usize) {
    let product = format!("prod_{number}");
    world.product(&product).await;
    let artifact = world.external(u64::try_from(number).unwrap()).await;
    let releases = if number < WITH_METADATA { 17 } else { 2 };
    for minor in 0..releases {
        let mut release = World::release_of(&product, &format!("1.{minor}.0"), "stable", &artifact);
        release["metadata"] = metadata();
        if number < WITH_METADATA {
            release["rollout"] = json!({ "basis_points": u64::from(minor == 0) * 10_000 });
        } else {
            release["artifacts"] = artifacts(world, number).await;
        }
        world.post("/v1/releases", release).await.expect(201);
    }
}

/// The event of a decision about `products`.
fn decision(world: &World, products: impl Iterator<Item = Value>) -> Value {
    let mut event = event(world, "decision");
    let products: Vec<Value> = products.collect();
    event["body"] = json!(json!({ "products": products }).to_string());
    event["isBase64Encoded"] = json!(false);
    event
}

/// What the function answers and the most memory that it takes, asked about all products, about ids
/// that are made up, and about all products again.
async fn ask(world: &World) -> (Vec<Value>, u64) {
    let installed =
        |id: String, version: String| json!({ "product_id": id, "current_version": version });
    let full = decision(
        world,
        (0..100).map(|n| installed(format!("prod_{}", n % HEADS), format!("0.0.{n}"))),
    );
    let made_up = |round: usize| {
        decision(
            world,
            (0..100).map(move |n| installed(format!("prod_x{round}-{n}"), "1.0.0".into())),
        )
    };
    let mut events = vec![full.clone()];
    events.extend((0..20).map(made_up));
    events.push(full);
    invoke_all(world, "decision", events).await
}

fn check((answers, peak): (Vec<Value>, u64)) {
    println!("decision: {} KiB at most", peak >> 10);
    assert!(peak < MEMORY, "{peak} bytes");

    let longest = answers.iter().map(|answer| answer.to_string().len()).max().unwrap();
    assert!(longest < RESPONSE, "{longest} bytes");
    let body: Value = serde_json::from_str(answers[0]["body"].as_str().unwrap()).unwrap();
    let reasons: Vec<&Value> =
        body["decisions"].as_array().unwrap().iter().map(|decision| &decision["reason"]).collect();
    let offered = reasons.iter().filter(|reason| **reason == "update_available").count();
    let deferred = reasons.iter().filter(|reason| **reason == "deferred").count();
    assert!(offered >= 7 && deferred > 0 && offered + deferred == 100, "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_releases_and_ids_that_are_made_up_take_neither_memory_nor_the_response() {
    let world = World::start().await;
    join_all((0..HEADS).map(|number| full_product(&world, number))).await;
    check(ask(&world).await);
    for number in 0..HEADS {
        world.write_legacy_head(&format!("prod_{number}"), "stable", usize::MAX).await;
    }
    check(ask(&world).await);
    world.stack.stop().await;
}
