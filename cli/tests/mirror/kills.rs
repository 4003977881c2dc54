//! A mirror that is killed at any moment: what it serves is whole, and what it has need not come
//! again.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use slipway_domain::{Sha256, Timestamp};
use slipway_signing::{Context, KeySet, verify};
use slipway_test_support::{Value, json};
use tokio::time::{Instant, sleep};

use crate::mirror::Mirror;
use crate::server::Server;
use crate::vendor::Vendor;

const MIB: usize = 1 << 20;
/// The artifacts of the large snapshot: 2 GiB.
const FILES: usize = 8;
const LENGTH: usize = 256 * MIB;
const KILLS: u64 = 20;

/// Random numbers, the same for the same seed (xorshift).
struct SeededRandom(u64);

impl SeededRandom {
    /// With a seed that a failure can be repeated with.
    fn new() -> Self {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        println!("seed {nanos}");
        Self(u64::from(nanos) | 1)
    }

    /// One below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What a client that keeps looking has seen.
struct Watcher {
    url: String,
    keys: KeySet,
    sequence: u64,
    looks: u64,
}

impl Watcher {
    /// Looks until `end` says otherwise: what is served has to be whole each time, and never older
    /// than before. Tells how often it has looked.
    async fn watch(mut self, end: Arc<AtomicBool>) -> u64 {
        while !end.load(Ordering::SeqCst) {
            self.depth().await;
            self.looks += 1;
        }
        self.looks
    }

    async fn depth(&mut self) {
        let manifest = self.json("/v1/snapshots/latest").await;
        assert_eq!(verify(Context::Snapshot, &manifest, &self.keys, Timestamp::now()), Ok(()));
        let sequence = manifest["sequence"].as_u64().unwrap();
        assert!(sequence >= self.sequence, "{sequence} after {}", self.sequence);
        self.sequence = sequence;
        let bundle = self
            .json(&format!("/v1/snapshots/{}/bundle", manifest["snapshot_id"].as_str().unwrap()))
            .await;
        assert_eq!(bundle["manifest"], manifest);
        for artifact in bundle["artifacts"].as_array().unwrap() {
            self.artifact(artifact).await;
        }
    }

    /// Each artifact is there with its length; a short one is hashed too. A file has its name only
    /// when it was verified, and all are hashed in the end.
    async fn artifact(&self, artifact: &Value) {
        let (sha256, size) =
            (artifact["sha256"].as_str().unwrap(), artifact["size_bytes"].as_u64().unwrap());
        let response = reqwest::get(format!("{}/artifacts/{sha256}", self.url)).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.content_length()),
            (200, Some(size)),
            "{sha256}"
        );
        if size < 1 << 20 {
            assert_eq!(Sha256::of(&response.bytes().await.unwrap()).to_string(), sha256);
        }
    }

    async fn json(&self, path: &str) -> Value {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }
}

/// Publishes the large artifacts.
async fn publish(vendor: &Vendor) {
    let mut bytes = vec![0x5a; LENGTH];
    for index in 0..FILES {
        bytes[..8].copy_from_slice(&index.to_le_bytes());
        let sha256 = Sha256::of(&bytes).to_string();
        vendor.publish_bytes(&format!("prod_large{index}"), "1.0.0", bytes.clone(), &sha256).await;
    }
    vendor.snapshot().await;
}

/// Syncs, until `bytes` of artifacts have come in all and a moment longer; then kills it. Tells
/// whether it was still at work.
async fn sync_and_kill(mirror: &Mirror, vendor: &Vendor, bytes: u64, moment: Duration) -> bool {
    let mut child = mirror.command("sync", &[]).stdout(Stdio::null()).spawn().unwrap();
    while vendor.proxy.artifact_bytes() < bytes && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1)).await;
    }
    sleep(moment).await;
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().await.unwrap();
    at_work
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_while_two_gigabytes_come_it_ends_right_and_almost_nothing_comes_twice()
{
    let (vendor, _) = Vendor::with_files(0..3, 100_000).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let small = vendor.proxy.artifact_bytes();
    let server = Server::start(&mirror, &["--http"]).await;
    let end = Arc::new(AtomicBool::new(false));
    let watcher =
        Watcher { url: server.url.clone(), keys: vendor.keys().await, sequence: 1, looks: 0 };
    let watching = tokio::spawn(watcher.watch(Arc::clone(&end)));
    publish(&vendor).await;

    let (mut dice, size, start) = (SeededRandom::new(), (FILES * LENGTH) as u64, Instant::now());
    let mut killed = 0;
    for kill in 0..KILLS {
        let bytes = size / KILLS * kill + dice.below(size / KILLS);
        killed += u64::from(
            sync_and_kill(&mirror, &vendor, small + bytes, Duration::from_millis(dice.below(20)))
                .await,
        );
    }
    let synced = mirror.synced().await;
    let came = vendor.proxy.artifact_bytes() - small;
    println!(
        "{killed} kills in {:?}; {came} bytes of {size} left the storage: {} per mille",
        start.elapsed(),
        came * 1000 / size
    );
    assert_eq!((&synced["sequence"], &synced["artifacts_total"]), (&json!(2), &json!(3 + FILES)));
    assert!(killed >= KILLS - 1, "{killed} of {KILLS} came before the end");
    assert!(came * 100 <= size * 105, "{came} bytes came for {size}");
    mirror.status(&["--deep"]).await.good();
    end.store(true, Ordering::SeqCst);
    println!("a client has looked {} times meanwhile", watching.await.unwrap());
    assert!(server.terminated().await.success());
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_serves_the_one_snapshot_or_the_other() {
    let (vendor, _) = Vendor::with_files(0..2, 1000).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let mut watcher =
        Watcher { url: server.url.clone(), keys: vendor.keys().await, sequence: 1, looks: 0 };
    let mut dice = SeededRandom::new();
    let (mut old, mut new) = (0, 0);
    // In microseconds, around the switch: it comes later where the machine is slow or busy.
    let mut moment = 20_000_u64;
    for round in 2..42_u64 {
        vendor.publish("prod_p0", &format!("{round}.0.0"), 100 + round, 1000).await;
        vendor.snapshot().await;
        let before = watcher.sequence;
        sync_and_kill(&mirror, &vendor, 0, Duration::from_micros(dice.below(2 * moment))).await;
        watcher.depth().await;
        mirror.status(&["--deep"]).await.good();
        if watcher.sequence == round {
            new += 1;
            moment -= moment / 5;
        } else {
            assert_eq!(watcher.sequence, before);
            old += 1;
            moment += moment / 4;
        }
    }
    println!("{old} times the old one, {new} times the new one");
    assert!(old > 0 && new > 0, "the kills come before and after the switch");
    assert_eq!(mirror.synced().await["sequence"], 41);
    // Nothing is left of what was cut short.
    assert_eq!(std::fs::read_dir(mirror.directory().join("partial")).unwrap().count(), 0);
    let kept: Vec<_> = std::fs::read_dir(mirror.directory().join("snapshots")).unwrap().collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    vendor.leaves().await;
}
