//! What channel-list says while others publish, roll out and revoke: each channel as it was at one
//! moment, and nothing as live that was revoked before it was asked.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join;
use slipway_test_support::{TestClock, Value, World, json, release_path, text};

use crate::interleaving::{Change, interleaved};

const BETA: &str = "beta";

/// A product with two releases for all clients and a staged one on `stable`, highest version last.
async fn releases(world: &World, product: &str) -> Vec<Value> {
    world.product(product).await;
    let mut releases = Vec::new();
    for (version, percent) in [("1.0.0", 100), ("1.1.0", 100), ("1.2.0", 10)] {
        let artifact = world.external(1).await;
        let mut new = World::release_of(product, version, "stable", &artifact);
        new["rollout"] = json!({ "percent": percent });
        releases.push(world.post("/v1/releases", new).await.expect(201));
    }
    releases
}

/// What an entry says in one line: newest version and its share, what all clients get, and what was
/// revoked last.
fn line(overview: &Value) -> String {
    let share = &overview["newest"]["rollout"]["basis_points"];
    let version = |member: &str| overview[member]["version"].as_str().unwrap_or("none").to_owned();
    let [newest, rolled_out, revoked] = ["newest", "rolled_out", "last_revoked"].map(version);
    format!("{} live, {newest} at {share}, {rolled_out}, {revoked} revoked", overview["live"])
}

fn stable(page: &Value) -> &Value {
    page["channels"].as_array().unwrap().iter().find(|one| one["channel"] == "stable").unwrap()
}

/// What others do, by its name; and what an entry says after it.
const CHANGES: [(&str, &str); 5] = [
    ("revoke the newest", "2 live, 1.1.0 at 10000, 1.1.0, 1.2.0 revoked"),
    ("revoke what all clients get", "2 live, 1.2.0 at 1000, 1.0.0, 1.1.0 revoked"),
    ("roll out", "3 live, 1.2.0 at 10000, 1.2.0, none revoked"),
    ("take back", "3 live, 1.2.0 at 1000, 1.0.0, none revoked"),
    ("publish", "4 live, 2.0.0 at 10000, 2.0.0, none revoked"),
];

const BEFORE: &str = "3 live, 1.2.0 at 1000, 1.1.0, none revoked";

fn change(world: &World, name: &str, product: &str, releases: &[Value], artifact: &str) -> Change {
    let post = |path: String, body: Value| world.admin(reqwest::Method::POST, &path).json(&body);
    let put = |path: String, body: Value| world.admin(reqwest::Method::PUT, &path).json(&body);
    let reason = json!({ "reason": "crashes" });
    let request = match name {
        "revoke the newest" => post(release_path(&releases[2], "/revoke"), reason),
        "revoke what all clients get" => post(release_path(&releases[1], "/revoke"), reason),
        "roll out" => put(release_path(&releases[2], "/rollout"), json!({ "percent": 100 })),
        "take back" => put(release_path(&releases[1], "/rollout"), json!({ "percent": 1 })),
        _ => {
            let new = World::release_of(product, "2.0.0", "stable", artifact);
            post("/v1/releases".to_owned(), new)
        }
    };
    Box::pin(async move {
        assert!(request.send().await.unwrap().status().is_success());
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_as_it_was_before_a_change_or_after_it_and_never_a_mix() {
    let world = World::start().await;
    let artifact = world.external(2).await;
    for (place, (name, after)) in CHANGES.into_iter().enumerate() {
        let mut told = BTreeSet::new();
        for at in 1.. {
            let product = format!("prod_{place}-{at}");
            let releases = releases(&world, &product).await;
            let change = change(&world, name, &product, &releases, &artifact);
            let call = world.call("channel-list", format!("/v1/channels?product_id={product}"));
            let answer = async |services| call.on(&services).await.0;
            let page = interleaved((&world, &TestClock::default()), at, change, answer).await;
            // Product, heads, releases, changes.
            let Some(page) = page else {
                assert_eq!(at - 1, 4, "{name}");
                break;
            };
            let page = page.expect(200);
            let said = line(stable(&page));
            assert!([BEFORE, after].contains(&said.as_str()), "{name} before call {at}: {said}");
            assert!(at > 2 || said == after, "{name}: the head is read after it");
            told.insert(said);
        }
        assert!(!told.is_empty(), "{name}: are calls still counted?");
    }
    world.stack.stop().await;
}

/// Publishes and revokes one version after the other, on two channels at once, and adds to
/// `revoked` what was.
async fn write(world: &World, revoked: &std::sync::Mutex<BTreeSet<String>>, is_done: &AtomicBool) {
    for minor in 1..25 {
        let release = world.release("prod_app", &format!("1.{minor}.0")).await;
        let promoted = world
            .post(&release_path(&release, "/promote"), json!({ "channel": BETA }))
            .await
            .expect(201);
        let everywhere = json!({ "reason": "crashes", "all_channels": true });
        world.post(&release_path(&release, "/revoke"), everywhere).await.expect(200);
        let ids = [&release, &promoted].map(|one| text(one, "release_id").to_owned());
        revoked.lock().unwrap().extend(ids);
    }
    is_done.store(true, Ordering::SeqCst);
}

/// Reads pages until writing is done, and tells how many of them had something live.
async fn read(
    world: &World,
    revoked: &std::sync::Mutex<BTreeSet<String>>,
    is_done: &AtomicBool,
) -> u32 {
    let mut seen = 0;
    while !is_done.load(Ordering::SeqCst) {
        let before = revoked.lock().unwrap().clone();
        let page = world.get("/v1/channels").await.expect(200);
        for channel in page["channels"].as_array().unwrap() {
            let named = ["newest", "rolled_out"].map(|member| &channel[member]["release_id"]);
            for id in named.into_iter().filter_map(Value::as_str) {
                assert!(!before.contains(id), "{channel:#}");
                seen += 1;
            }
            let (newest, last) = (&channel["newest"], &channel["last_revoked"]);
            let is_live = !newest.is_null();
            assert_eq!(channel["live"] == 1, is_live, "{channel:#}");
            assert!(!is_live || newest["version"] != last["version"], "{channel:#}");
            assert_eq!(newest["release_id"], channel["rolled_out"]["release_id"], "{channel:#}");
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_named_as_live_that_was_revoked_before_the_request() {
    let world = World::start().await;
    world.product("prod_app").await;
    let (revoked, is_done) = (std::sync::Mutex::default(), AtomicBool::new(false));
    let ((), seen) =
        join(write(&world, &revoked, &is_done), read(&world, &revoked, &is_done)).await;
    assert!(seen > 10, "{seen}");
    world.stack.stop().await;
}
