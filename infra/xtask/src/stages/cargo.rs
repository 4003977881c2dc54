//! What cargo and its components check.

use std::process::Command;

use super::report::Coverage;
use crate::exec::{self, cargo};
use crate::failure::Result;

/// Runs `command` with its output on the terminal.
fn run(command: &mut Command) -> Result<Coverage> {
    exec::run(command).map(|()| Coverage::full())
}

/// Formatting.
pub fn fmt() -> Result<Coverage> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

/// Lints, in tests too.
pub fn clippy() -> Result<Coverage> {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

/// Documentation, of private items too: a link that leads nowhere misleads whoever works on the
/// code.
pub fn doc() -> Result<Coverage> {
    let mut command =
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Every binary, and every test with it: built apart, their dependencies would be compiled twice
/// with different features.
pub fn build() -> Result<Coverage> {
    run(&mut cargo(&["build", "--workspace", "--all-targets", "--locked"]))
}

/// The examples in the documentation; nextest does not run them.
pub fn doctests() -> Result<Coverage> {
    run(&mut cargo(&["test", "--workspace", "--doc", "--locked"]))
}
