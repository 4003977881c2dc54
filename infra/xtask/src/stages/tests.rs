//! The test suite.

use std::path::PathBuf;
use std::process::Command;

use super::ci;
use super::report::Coverage;
use crate::exec::{capture, cargo, run};
use crate::failure::{Failure, Result};
use crate::packages;
use crate::tools::{ToolPolicy, debian, python};

/// Runs every test of the workspace. Tests find a Python with `cryptography` and `rfc8785` through
/// `SLIPWAY_PYTHON`, an emulator with a KMS through `SLIPWAY_MINISTACK`, and a container registry
/// and what fills it through `SLIPWAY_DOCKER_REGISTRY` and `SLIPWAY_SKOPEO`; without them they skip
/// what needs them.
pub fn suite() -> Result<Coverage> {
    let tools = [
        ("SLIPWAY_PYTHON", python::LINTERS.script("python", ToolPolicy::Install)),
        ("SLIPWAY_MINISTACK", python::MINISTACK.script("ministack", ToolPolicy::Install)),
        (
            "SLIPWAY_DOCKER_REGISTRY",
            debian::REGISTRY.program("docker-registry", ToolPolicy::Install),
        ),
        ("SLIPWAY_SKOPEO", debian::REGISTRY.program("skopeo", ToolPolicy::Install)),
    ];
    let mut command = runner(&["--workspace", "--test", "*"]);
    command.args(packages::all_unit_tests()?);
    let mut gaps = Vec::new();
    for (variable, tool) in tools {
        gaps.extend(provide(&mut command, variable, tool)?);
    }
    run(&mut command)?;
    Ok(if gaps.is_empty() { Coverage::full() } else { Coverage::Partial(gaps.join("; ")) })
}

/// What runs the tests of `selection`, in the words of cargo. nextest gives each test a process of
/// its own and tells more; cargo's own runner does for whoever does not have it.
pub fn runner(selection: &[&str]) -> Command {
    let nextest = capture(&mut cargo(&["nextest", "--version"])).is_ok();
    let program: &[&str] =
        if nextest { &["nextest", "run", "--no-tests", "pass"] } else { &["test"] };
    let mut command = cargo(program);
    command.args(["--locked", "--no-fail-fast"]).args(selection);
    command
}

/// Puts a tool into the environment of `command`, or says what is skipped without it.
fn provide(command: &mut Command, variable: &str, tool: Result<PathBuf>) -> Result<Option<String>> {
    match tool {
        Ok(path) => {
            command.env(variable, path);
            Ok(None)
        }
        Err(Failure::Missing(reason)) if !ci() => Ok(Some(format!(
            "skipped the tests that need {variable}: {}",
            reason.lines().next().unwrap_or_default()
        ))),
        Err(failure) => Err(failure),
    }
}
