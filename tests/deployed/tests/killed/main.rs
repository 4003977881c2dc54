//! A function that dies in the middle of its work, and events that come again. It runs alone: it
//! kills all instances of a function.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slipway_tests_deployed::Stack;

/// So much that verifying it takes a while.
const SIZE: usize = 192 << 20;
/// In so many requests the job reads that: 8 MiB with each.
const RANGES: usize = SIZE >> 23;
/// After so many of them it is in the middle of its work.
const BEGUN: usize = 6;

#[tokio::test]
async fn an_upload_is_verified_though_the_job_is_killed_and_its_event_comes_again() {
    let Some(stack) = Stack::find() else { return };
    let bytes = vec![7; SIZE];
    let announced =
        json!({ "size_bytes": SIZE, "sha256": HEXLOWER.encode(&Sha256::digest(&bytes)) });
    let upload = stack.api.post("/v1/artifacts/uploads", announced).await;
    let id = upload["upload_id"].as_str().unwrap();
    let path = format!("/v1/artifacts/uploads/{id}");
    for idle in instances() {
        kill(&idle);
    }
    let stack = Arc::new(stack);
    let killer = thread::spawn({
        let (stack, object) = (Arc::clone(&stack), format!("incoming/{id}"));
        move || kill_once_it_reads(&stack, &object)
    });
    let octets = json!({ "content-type": "application/octet-stream" });
    assert!(stack.api.upload(&upload["upload_url"], &octets, bytes).await.is_success());
    killer.join().unwrap();
    let status = stack.api.get(&path).await["status"].clone();
    assert_eq!(status, "pending", "it was done before it was killed");
    let available = |it: &Value| it["status"] == "available";
    let verified = stack.api.eventually(&path, available).await;

    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/finish-upload.json");
    let mut event: Value = serde_json::from_str(&fs::read_to_string(events).unwrap()).unwrap();
    event["Records"][0]["s3"]["bucket"]["name"] = json!(stack.output("BucketName"));
    event["Records"][0]["s3"]["object"]["key"] = json!(format!("incoming/{id}"));
    for _ in 0..2 {
        stack.invoke("FinishUploadFunction", &event).await;
        assert_eq!(stack.api.get(&path).await, verified);
    }
}

/// Kills the instances of the job once it reads the bytes of `object`, which it has asked about
/// before, and before it has read them all.
fn kill_once_it_reads(stack: &Stack, object: &str) {
    let start = Instant::now();
    let asked = || stack.count_calls("s3:GetObject", object);
    while asked() < 1 + BEGUN {
        assert!(start.elapsed() < Duration::from_secs(30), "the job does not read {object}");
        thread::sleep(Duration::from_millis(5));
    }
    let instances = instances();
    assert!(!instances.is_empty(), "the job has ended by itself");
    for instance in instances {
        kill(&instance);
    }
    assert!(asked() < 1 + RANGES, "the job has read all of it");
}

/// The instances of `finish-upload` on this emulator.
fn instances() -> Vec<String> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let instances = processes.filter(|process| {
        let is_job =
            fs::read_link(process.join("exe")).is_ok_and(|exe| exe.ends_with("finish-upload"));
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        is_job && String::from_utf8_lossy(&environment).contains(&endpoint)
    });
    instances.map(|process| process.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn kill(instance: &str) {
    // It may have ended by itself.
    let _ = Command::new("kill").args(["-KILL", instance]).status();
}
