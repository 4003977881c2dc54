//! The test suite.

use std::process::Command;

use super::ci;
use crate::exec::{cargo, quiet, shown};
use crate::failure::{Failure, Result};
use crate::tools;

/// Runs every test of the workspace, with nextest where it is installed. Tests find a Python with `cryptography` and `rfc8785` through
/// `SLIPWAY_PYTHON`; without it they skip what needs it.
pub fn suite() -> Result<String> {
    let mut command = runner();
    let remark = give_python(&mut command)?;
    shown(&mut command)?;
    Ok(remark)
}

/// nextest runs each test in a process of its own and tells more; cargo's own runner does for whoever does not have it.
fn runner() -> Command {
    let nextest = quiet(&mut cargo(&["nextest", "--version"])).is_ok();
    let arguments: &[&str] = if nextest { &["nextest", "run"] } else { &["test", "--lib", "--bins", "--tests", "--no-fail-fast"] };
    let mut command = cargo(arguments);
    command.args(["--workspace", "--locked"]);
    if nextest {
        command.arg("--no-fail-fast");
    }
    command
}

/// Puts the tools' Python into the environment of `command`, or says what is skipped without it.
fn give_python(command: &mut Command) -> Result<String> {
    match tools::python::interpreter() {
        Ok(python) => {
            command.env("SLIPWAY_PYTHON", python);
            Ok(String::new())
        }
        Err(Failure::Missing(said)) if !ci() => {
            Ok(format!("skipped the tests that need Python: {}", said.lines().next().unwrap_or_default()))
        }
        Err(failure) => Err(failure),
    }
}
