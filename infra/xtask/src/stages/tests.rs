//! The test suite.

use std::path::PathBuf;
use std::process::Command;

use super::ci;
use crate::exec::{cargo, quiet, shown};
use crate::failure::{Failure, Result};
use crate::tools;

/// Runs every test of the workspace, with nextest where it is installed. Tests find a Python with
/// `cryptography` and `rfc8785` through `SLIPWAY_PYTHON`, and an emulator with a KMS through
/// `SLIPWAY_MINISTACK`; without them they skip what needs them.
pub fn suite() -> Result<String> {
    let mut command = runner();
    let remarks = [
        give(&mut command, "SLIPWAY_PYTHON", tools::python::LINTERS.script("python"))?,
        give(&mut command, "SLIPWAY_MINISTACK", tools::python::MINISTACK.script("ministack"))?,
    ];
    shown(&mut command)?;
    Ok(remarks.concat())
}

/// nextest runs each test in a process of its own and tells more; cargo's own runner does for
/// whoever does not have it.
fn runner() -> Command {
    let nextest = quiet(&mut cargo(&["nextest", "--version"])).is_ok();
    let arguments: &[&str] = if nextest {
        &["nextest", "run"]
    } else {
        &["test", "--lib", "--bins", "--tests", "--no-fail-fast"]
    };
    let mut command = cargo(arguments);
    command.args(["--workspace", "--locked"]);
    if nextest {
        command.arg("--no-fail-fast");
    }
    command
}

/// Puts a tool into the environment of `command`, or says what is skipped without it.
fn give(command: &mut Command, name: &str, tool: Result<PathBuf>) -> Result<String> {
    match tool {
        Ok(path) => {
            command.env(name, path);
            Ok(String::new())
        }
        Err(Failure::Missing(said)) if !ci() => Ok(format!(
            "skipped the tests that need {name}: {} ",
            said.lines().next().unwrap_or_default()
        )),
        Err(failure) => Err(failure),
    }
}
