//! schemathesis against a local stack of its own.

use std::path::PathBuf;

use super::local_stack::LocalStack;
use super::report::Coverage;
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::tools::ToolPolicy;
use crate::tools::python::LINTERS;

/// The token of a stack that lives as long as this stage.
const TOKEN: &str = "slipway-fuzz-bootstrap-token";

/// How many requests each operation gets in each phase: all phases together stay below five
/// minutes.
const EXAMPLES: &str = "100";

/// What an answer must not do.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// Starts a stack, sends it made-up requests, and stops it.
pub fn run() -> Result<Coverage> {
    let schemathesis = LINTERS.script("schemathesis", ToolPolicy::Install)?;
    let stack = LocalStack::start(TOKEN)?;
    let mut command = program(schemathesis);
    command
        .arg("run")
        .arg(paths::root().join("docs/openapi.json"))
        .args(["--url", stack.address()]);
    command.args(["--header", &format!("Authorization: Bearer {TOKEN}")]);
    // One worker: CPython 3.11 parses source in several threads with an error of its own ("AST
    // constructor recursion depth mismatch").
    command.args(["--checks", CHECKS, "--max-examples", EXAMPLES, "--seed", "1", "--workers", "1"]);
    command.args([
        "--request-timeout",
        "10",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
        "--no-color",
    ]);
    // Every request bears the token: without it the answer is 401, whatever the rest.
    command.args(["--generation-with-security-parameters", "false"]);
    command.args(["--generation-database", "none"]).current_dir(scratch()?);
    let output = capture(&mut command).map_err(|failure| {
        Failure::Wrong(format!("{failure}\nthe stack said\n{}", stack.output_tail()))
    })?;
    Ok(Coverage::Full(case_count(&output).to_owned()))
}

/// Where it may leave what it remembers of a run.
fn scratch() -> Result<PathBuf> {
    let directory = paths::target().join("schemathesis");
    std::fs::create_dir_all(&directory).map_err(|error| Failure::at(&directory, error))?;
    Ok(directory)
}

/// The line in which schemathesis counts what it did.
fn case_count(output: &str) -> &str {
    output.lines().find(|line| line.contains(" generated, ")).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remark_is_the_count_of_test_cases() {
        assert_eq!(
            case_count("Test cases:\n  1204 generated, 1204 passed\n"),
            "1204 generated, 1204 passed"
        );
    }
}
