//! Hashing takes the same memory whatever the size of the object.

use std::fs;
use std::io::Read;
use std::sync::Arc;

use futures::stream;
use reqwest::Body;
use sha2::{Digest, Sha256};
use slipway_aws::{Clients, Local};
use slipway_edge::clock::Clock;
use slipway_edge::{
    ArtifactStore, ExternalAccess, RegistryAccess, Services, Settings, TrustedIssuerSettings,
};
use slipway_test_support::{EventDelivery, Options, TestClock, Value, World, finish_upload, json};

use crate::child;
use crate::faults::{CrashPlan, CrashPoint};

const MIB: u64 = 1 << 20;
/// The object: 2 GiB and a bit, so that the last range is short.
const SIZE: u64 = 2048 * MIB + 4321;
/// The most that hashing may take above what the function needs before it begins.
const BUDGET: u64 = 64 * MIB;

/// The `index`th MiB of an object of `size` bytes.
fn chunk(size: u64, index: u64) -> Vec<u8> {
    let length = MIB.min(size - index * MIB);
    let mut bytes = vec![0x5a; usize::try_from(length).unwrap()];
    bytes[..8].copy_from_slice(&index.to_le_bytes());
    bytes
}

fn digest(size: u64) -> String {
    let mut hasher = Sha256::new();
    (0..size.div_ceil(MIB)).for_each(|index| hasher.update(chunk(size, index)));
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}

/// Sends an object of `size` bytes to the plain URL of an upload.
async fn send(world: &World, size: u64) -> Value {
    let sha256 = tokio::task::spawn_blocking(move || digest(size)).await.unwrap();
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": size, "sha256": sha256 }))
        .await
        .expect(201);
    let chunks = stream::iter(
        (0..size.div_ceil(MIB)).map(move |index| Ok::<_, std::io::Error>(chunk(size, index))),
    );
    let put =
        world.http().put(upload["upload_url"].as_str().unwrap()).header("content-length", size);
    assert_eq!(put.body(Body::wrap_stream(chunks)).send().await.unwrap().status(), 200);
    upload
}

#[tokio::test(flavor = "multi_thread")]
async fn hashing_two_gigabytes_stays_below_64_mib_above_idle() {
    let world =
        World::with(Options { events: EventDelivery::Disabled, ..Options::ephemeral() }).await;
    let upload = send(&world, SIZE).await;
    let measured = measure(&world, upload["upload_id"].as_str().unwrap()).await;
    let view = world.upload(&upload).await;
    assert_eq!((&view["status"], &view["bytes_verified"]), (&json!("available"), &json!(SIZE)));
    assert_eq!(measured["s3_read_bytes"], SIZE);
    let [idle, peak] = ["idle_bytes", "peak_bytes"].map(|name| measured[name].as_u64().unwrap());
    println!(
        "hashing {SIZE} bytes: {} KiB idle, {} KiB at most, {} KiB above idle",
        idle >> 10,
        peak >> 10,
        (peak - idle) >> 10
    );
    assert!(peak - idle < BUDGET, "{measured}");
    world.stack.stop().await;
}

/// Lets a function in a process of its own finish `upload`, and tells what it measured.
async fn measure(world: &World, upload: &str) -> Value {
    let Local { dynamodb_url, s3_url, access_key_id, secret_access_key, .. } = &world.stack.local;
    let Settings { table, bucket, .. } = &world.stack.settings;
    let command = child::command(
        "hashing_function",
        &[upload, table, bucket, dynamodb_url, s3_url, access_key_id, secret_access_key],
    );
    let output = tokio::process::Command::from(command).output().await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed
        .lines()
        .find_map(|line| line.strip_prefix("measured "))
        .unwrap_or_else(|| panic!("{printed}"));
    serde_json::from_str(line).unwrap()
}

/// The function: finishes an upload, and prints how much memory that took.
pub async fn function(knows: &[String]) {
    let [upload, table, bucket, dynamodb_url, s3_url, access_key_id, secret_access_key] = knows
    else {
        panic!("{knows:?}")
    };
    let local = Local {
        dynamodb_url: dynamodb_url.clone(),
        s3_url: s3_url.clone(),
        // It starts no job.
        lambda_url: String::new(),
        s3_public_url: None,
        access_key_id: access_key_id.clone(),
        secret_access_key: secret_access_key.clone(),
    };
    let settings = Settings {
        table: table.clone(),
        bucket: bucket.clone(),
        store: ArtifactStore::AWS,
        admin_token: slipway_domain::Sha256::of(b""),
        decision_cache: jiff::SignedDuration::ZERO,
        adoption_interval: None,
        outcomes_per_hour: 100,
        presign_lifetime: jiff::SignedDuration::from_mins(15),
        audit_retention: None,
        key_directory: None,
        public_url: None,
        batch_window: jiff::SignedDuration::from_secs(300),
        stack: None,
        metrics_stack: None,
        stack_id: None,
        external: ExternalAccess::to_hosts(Vec::new()),
        webhooks: ExternalAccess::to_hosts(Vec::new()),
        registries: RegistryAccess::default(),
        secret_directory: None,
        envelope_key: None,
        operators: None,
        trusted_issuers: TrustedIssuerSettings::default(),
    };
    let services: Arc<Services> =
        Services::new(&settings, &Clients::local(&local), Clock::system());
    // An upload that does not exist warms up what a first request makes: connections, buffers,
    // lazily built tables.
    finish_upload(&services, "upl_0199c2f0a1b27c3d8e4f5a6b7c8d9e11").await.0.unwrap();
    let idle = resident("VmRSS");
    // Sets the high-water mark back to what is resident now.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let (outcome, record) = finish_upload(&services, upload).await;
    outcome.unwrap();
    println!(
        "\nmeasured {}",
        json!({ "idle_bytes": idle, "peak_bytes": resident("VmHWM"), "s3_read_bytes": record.s3_read_bytes })
    );
}

/// A figure of `/proc/self/status`, in bytes.
fn resident(name: &str) -> u64 {
    let mut status = String::new();
    fs::File::open("/proc/self/status").unwrap().read_to_string(&mut status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread")]
async fn hashing_goes_on_where_a_crash_interrupted_it() {
    let test_clock = TestClock::default();
    let world = World::without_events_on(&test_clock).await;
    let upload = send(&world, 640 * MIB).await;
    let id = upload["upload_id"].as_str().unwrap();

    // A checkpoint is made after 512 MiB. That is 64 reads, with four more under way; all of it
    // would be 80.
    let fate = CrashPlan::new(CrashPoint::BeforeSending, 78);
    assert!(fate.live(finish_upload(&fate.services(&world, &test_clock), id)).await.is_none());
    let view = world.upload(&upload).await;
    assert_eq!(
        (&view["status"], &view["bytes_verified"]),
        (&json!("verifying"), &json!(512 * MIB))
    );

    let (outcome, record) = finish_upload(&world.stack.services, id).await;
    outcome.unwrap();
    assert_eq!(record.s3_read_bytes, 128 * MIB);
    // Only the whole object has the announced digest.
    assert_eq!(world.upload(&upload).await["status"], "available");
    world.stack.stop().await;
}
