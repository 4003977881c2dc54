//! What cargo and its components check.

use std::process::Command;

use super::report::Coverage;
use crate::exec::{self, cargo};
use crate::failure::Result;
use crate::packages;

/// All that is built, but for unit tests.
const BINARIES_AND_TESTS: &[&str] = &["--lib", "--bins", "--test", "*"];

/// Runs `command` with its output on the terminal.
fn run(command: &mut Command) -> Result<Coverage> {
    exec::run(command).map(|()| Coverage::full())
}

/// Formatting.
pub fn fmt() -> Result<Coverage> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

/// Lints, in tests too: the profile `test` makes unit tests of libraries.
pub fn clippy() -> Result<Coverage> {
    let lint = |profile: &str, targets: &[&str]| {
        let mut command = cargo(&["clippy", "--workspace", "--locked", "--profile", profile]);
        exec::run(command.args(targets).args(["--", "-D", "warnings"]))
    };
    let unit_tests = packages::all_unit_tests()?;
    let unit_tests: Vec<_> = unit_tests.iter().map(String::as_str).collect();
    lint("dev", BINARIES_AND_TESTS)?;
    lint("test", &unit_tests)?;
    Ok(Coverage::full())
}

/// Documentation, of private items too: a link that leads nowhere misleads whoever works on the
/// code. The binary of a function says no more than its name.
pub fn doc() -> Result<Coverage> {
    let mut command =
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    command.args(packages::all_unit_tests()?);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Every binary, and what tests it: built apart, their dependencies would be compiled twice with
/// different features.
pub fn build() -> Result<Coverage> {
    run(cargo(&["build", "--workspace", "--locked"]).args(BINARIES_AND_TESTS))
}

/// The examples in the documentation; nextest does not run them.
pub fn doctests() -> Result<Coverage> {
    run(&mut cargo(&["test", "--workspace", "--doc", "--locked"]))
}
