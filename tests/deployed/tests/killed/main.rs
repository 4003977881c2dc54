//! A function that dies in the middle of its work, and events that come again. It runs alone: it
//! kills all instances of a function.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slipway_tests_deployed::Stack;

/// So much that verifying it takes a while.
const SIZE: usize = 96 << 20;

#[tokio::test]
async fn an_upload_is_verified_though_the_job_is_killed_and_its_event_comes_again() {
    let Some(stack) = Stack::find().await else { return };
    let bytes = vec![7; SIZE];
    let announced =
        json!({ "size_bytes": SIZE, "sha256": HEXLOWER.encode(&Sha256::digest(&bytes)) });
    let upload = stack.api.post("/v1/artifacts/uploads", announced).await;
    let id = upload["upload_id"].as_str().unwrap();
    let path = format!("/v1/artifacts/uploads/{id}");
    for idle in instances() {
        kill(&idle);
    }
    let killer = thread::spawn(kill_the_next);
    let octets = json!({ "content-type": "application/octet-stream" });
    assert!(stack.api.upload(&upload["upload_url"], &octets, bytes).await.is_success());
    killer.join().unwrap();
    let status = stack.api.get(&path).await["status"].clone();
    assert_ne!(status, "available", "it was done before it was killed");
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

/// Kills the next instance that starts, once it has had time to begin.
fn kill_the_next() {
    let start = Instant::now();
    loop {
        if let Some(instance) = instances().first() {
            thread::sleep(Duration::from_millis(100));
            kill(instance);
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no instance has started");
        thread::sleep(Duration::from_millis(10));
    }
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
