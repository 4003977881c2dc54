//! One invocation of one function's binary, set up as template.yaml does, against the engines of a
//! local stack.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use slipway_test_support::{Kms, World};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::runtime_api::offer;

/// The longest time that Lambda gives.
const LONGEST: Duration = Duration::from_mins(15);
/// How long an answer is waited for: that of a function whose services all hang.
const PATIENCE: Duration = Duration::from_mins(1);

/// How an invocation went.
pub struct Invocation {
    /// `response` or `error`.
    pub kind: String,
    /// What the function answered.
    pub answer: Value,
    /// The line that it logged.
    pub line: Value,
}

/// Lets the function `op` handle `event`. Private keys are in `kms`, as on AWS; in files, where
/// there is none.
pub async fn invoke(world: &World, kms: Option<&Kms>, op: &str, event: Value) -> Invocation {
    answer(world, kms, op, event, LONGEST).await
}

/// Lets the function `op`, which has `limit`, handle `event`.
pub async fn invoke_within(world: &World, op: &str, event: Value, limit: Duration) -> Invocation {
    answer(world, None, op, event, limit).await
}

async fn answer(
    world: &World,
    kms: Option<&Kms>,
    op: &str,
    event: Value,
    limit: Duration,
) -> Invocation {
    let (address, mut answered) = offer(vec![event], limit).await;
    let mut function = start(world, kms, op, &address.to_string());
    let (kind, answer) = timeout(PATIENCE, answered.recv())
        .await
        .unwrap_or_else(|_| panic!("{op} answers in time"))
        .unwrap();
    let mut lines = BufReader::new(function.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap_or_default();
    function.kill().await.unwrap();
    Invocation {
        kind,
        answer,
        line: serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{op} logs JSON, not {line}: {error}")),
    }
}

/// Lets one instance of the function `op` handle `events`, one after the other: what it answered,
/// and the most memory that it has ever used, in bytes.
pub async fn invoke_all(world: &World, op: &str, events: Vec<Value>) -> (Vec<Value>, u64) {
    let expected = events.len();
    let (address, mut answered) = offer(events, LONGEST).await;
    let mut function = start(world, None, op, &address.to_string());
    // What it logs has to go somewhere.
    let mut lines = BufReader::new(function.stdout.take().unwrap()).lines();
    let log = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let mut answers = Vec::new();
    while answers.len() < expected {
        let answer = timeout(Duration::from_mins(1), answered.recv()).await;
        let (kind, answer) = answer.unwrap_or_else(|_| panic!("{op} answers in time")).unwrap();
        assert_eq!(kind, "response", "{op}: {answer}");
        answers.push(answer);
    }
    let peak = peak_memory(function.id().unwrap());
    function.kill().await.unwrap();
    log.await.unwrap();
    (answers, peak)
}

/// The most resident memory that a process has had, in bytes.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes << 10
}

fn start(world: &World, kms: Option<&Kms>, op: &str, runtime_api: &str) -> Child {
    function(Command::new(binary(op)), world, kms, op, runtime_api)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap_or_else(|error| panic!("{op}: {error}; `cargo build --workspace --bins` builds it"))
}

/// `command`, with the environment in which Lambda and template.yaml start the function `op`.
pub fn function(
    command: Command,
    world: &World,
    kms: Option<&Kms>,
    op: &str,
    runtime_api: &str,
) -> Command {
    let settings = &world.stack.settings;
    let mut command = on_aws(command, world, kms);
    command
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", op)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
    command.env("SLIPWAY_TABLE", &settings.table).env("SLIPWAY_BUCKET", &settings.bucket);
    command.envs(settings.stack.as_ref().map(|stack| ("SLIPWAY_STACK", stack)));
    command.envs(settings.stack_id.as_ref().map(|id| ("SLIPWAY_STACK_ID", id)));
    command.env("SLIPWAY_METRICS_STACK", "slipway");
    command.env("SLIPWAY_ADMIN_TOKEN_SHA256", settings.admin_token.to_string());
    // As the template sets it: a job has no request that could tell.
    command.env("SLIPWAY_PUBLIC_URL", "https://releases.example.com");
    if kms.is_none() {
        command.env("SLIPWAY_KEY_DIRECTORY", settings.key_directory.as_ref().unwrap());
    }
    command
}

/// The program `name` of the workspace, for which AWS is the engines of `world`, and `kms`.
pub fn program(world: &World, kms: Option<&Kms>, name: &str) -> Command {
    on_aws(Command::new(binary(name)), world, kms)
}

fn on_aws(mut command: Command, world: &World, kms: Option<&Kms>) -> Command {
    let local = &world.stack.local;
    // Nothing of the test's own environment may help it.
    command.env_clear().stdout(Stdio::piped()).kill_on_drop(true);
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_REGION", "us-east-1");
    command
        .env("AWS_ACCESS_KEY_ID", &local.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &local.secret_access_key);
    command
        .env("AWS_ENDPOINT_URL_DYNAMODB", &local.dynamodb_url)
        .env("AWS_ENDPOINT_URL_S3", &local.s3_url)
        .env("AWS_ENDPOINT_URL_LAMBDA", &local.lambda_url);
    command.envs(kms.map(|kms| ("AWS_ENDPOINT_URL_KMS", &kms.url)));
    command
}

/// The binary that was built with this test.
pub fn binary(op: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join(op)
}
