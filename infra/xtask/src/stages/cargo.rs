//! What cargo and its components check.

use crate::exec::{cargo, shown};
use crate::failure::Result;

/// Runs cargo with its output on the terminal.
fn run(arguments: &[&str]) -> Result<String> {
    shown(&mut cargo(arguments)).map(|()| String::new())
}

/// Formatting.
pub fn fmt() -> Result<String> {
    run(&["fmt", "--all", "--check"])
}

/// Lints, in tests too.
pub fn clippy() -> Result<String> {
    run(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

/// Documentation, of private items too: a link that leads nowhere misleads whoever works on the
/// code.
pub fn doc() -> Result<String> {
    let mut command =
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    shown(command.env("RUSTDOCFLAGS", "-D warnings")).map(|()| String::new())
}

/// Every binary, and every test with it: built apart, their dependencies would be compiled twice
/// with different features.
pub fn build() -> Result<String> {
    run(&["build", "--workspace", "--all-targets", "--locked"])
}

/// The examples in the documentation; nextest does not run them.
pub fn doctests() -> Result<String> {
    run(&["test", "--workspace", "--doc", "--locked"])
}
