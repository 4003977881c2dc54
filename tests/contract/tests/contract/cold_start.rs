//! How many instructions the function `decision` takes from its start to its first answer, with its
//! key in an envelope of KMS: a figure that does not depend on what else the machine does.
//! `docs/PERFORMANCE.md` says how the binary that is shipped is measured.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_test_support::{Kms, World};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::deployer::create;
use crate::functions::event;
use crate::invocation::{binary, function};
use crate::runtime_api::offer;

/// The directory of other binaries to measure, such as `target/release`.
const OTHER: &str = "SLIPWAY_MEASURED_BINARIES";
/// Of the binary that was built with this test, whose own crates are not optimised.
const DEV: u64 = 8_880_000;
/// Of the release profile, which `sam build` takes: what was measured last. The aim is 4.5 million.
const RELEASE: u64 = 5_490_000;
/// What libraries of the system and instructions of the processor may add, in percent.
const TOLERANCE: u64 = 5;
/// How long an answer under valgrind is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long the function takes to ask for its next event.
const REST: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_decision_stays_within_its_instructions() {
    if !can_be_counted() {
        return;
    }
    let world = World::start().await;
    let Some(kms) = Kms::start(&world).await else { return };
    world.product("prod_xyz789").await;
    world.release("prod_xyz789", "1.0.0").await;
    let sealing = kms.client.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let key = create(&world, &kms, &["--purpose", "decision", "--envelope", &sealing]).await;

    let (path, most) = measured();
    let (answer, instructions) = first_answer(&world, &kms, &path).await;
    assert_eq!(answer["key_id"], json!(key), "{answer:#}");
    println!("{} answers after {instructions} instructions", path.display());
    let most = most + most * TOLERANCE / 100;
    assert!(instructions <= most, "{instructions} instructions, not {most}");
    world.stack.stop().await;
}

/// Whether there is valgrind to count with, which CI has.
fn can_be_counted() -> bool {
    let mut valgrind = std::process::Command::new("valgrind");
    let is_there = valgrind.arg("--version").stdout(Stdio::null()).status().is_ok();
    assert!(is_there || std::env::var("CI").as_deref() != Ok("true"), "valgrind has to be there");
    if !is_there {
        eprintln!("skipped: instructions; valgrind is not there");
    }
    is_there
}

/// The binary to measure, and the instructions that it may take.
fn measured() -> (PathBuf, u64) {
    match std::env::var_os(OTHER) {
        Some(directory) => (Path::new(&directory).join("decision"), RELEASE),
        None => (binary("decision"), DEV),
    }
}

/// The decision that an instance under valgrind answers, and the instructions that it takes.
async fn first_answer(world: &World, kms: &Kms, path: &Path) -> (Value, u64) {
    let mut event = event(world, "decision");
    let products = json!([{ "product_id": "prod_xyz789", "current_version": "0.1.0" }]);
    event["body"] = json!(json!({ "products": products }).to_string());
    let (address, mut answered) = offer(vec![event], Duration::from_mins(15)).await;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(path);
    let mut command = function(valgrind, world, Some(kms), "decision", &address.to_string());
    // Storing what was counted goes on after the answer.
    command.env("SLIPWAY_ADOPTION_SECONDS", "0");
    let instance = command.stderr(Stdio::piped()).spawn().unwrap();
    let (kind, answer) = timeout(PATIENCE, answered.recv()).await.unwrap().unwrap();
    assert_eq!(kind, "response", "{answer:#}");
    let instructions = stop(instance).await;
    (serde_json::from_str(answer["body"].as_str().unwrap()).unwrap(), instructions)
}

/// Ends what valgrind counts, and returns the count.
async fn stop(instance: Child) -> u64 {
    sleep(REST).await;
    let process = instance.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().await.unwrap().success());
    let output = timeout(PATIENCE, instance.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .unwrap_or_else(|| panic!("{said}"));
    collected.1.trim().parse().unwrap()
}
