//! Processes of their own: this test binary, started again to be something else than a test run.
//!
//! The command `slipway-local` is a few lines around [`slipway_local::cli`], which is what runs
//! here: no second build, and what is killed is what was tested.

use std::process::{Command, ExitCode, Stdio};
use std::{env, process};

/// What the started process is to be, with what it needs to know.
const ROLE: &str = "SLIPWAY_TEST_ROLE";

/// A command that starts this binary as `role`, whose entry is the ignored test `child::{role}`.
pub fn command(role: &str, knows: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        &format!("child::{role}"),
        "--ignored",
        "--nocapture",
        "--quiet",
        "--test-threads=1",
    ]);
    command.env(ROLE, knows.join("\n")).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// What this process was told, if it was started by [`command`].
fn told() -> Option<Vec<String>> {
    Some(env::var(ROLE).ok()?.lines().map(str::to_owned).collect())
}

#[test]
#[ignore = "the command slipway-local, for the tests that kill it"]
fn local_stack() {
    let Some(arguments) = told() else { return };
    let arguments = std::iter::once("slipway-local".to_owned()).chain(arguments).map(Into::into);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let code = runtime.block_on(slipway_local::cli::run(arguments));
    process::exit(i32::from(code != ExitCode::SUCCESS));
}

#[test]
#[ignore = "a function that hashes an upload, for the test that measures its memory"]
fn hashing_function() {
    let Some(knows) = told() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(crate::memory::function(&knows));
    process::exit(0);
}
