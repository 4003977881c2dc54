//! `cargo xtask test`: everything that has to hold before a change lands. The README's test
//! command, and what CI runs.

use super::Command;
use crate::failure::Result;
use crate::stages;

/// The command.
pub const COMMAND: Command = Command {
    name: "test",
    about: "run every check; with --quick, what to run before each commit; with names, those stages",
    run,
};

/// Runs the stages that `arguments` ask for.
fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => stages::run_all(),
        [quick] if quick == "--quick" => stages::run_quick(),
        names => stages::run_named(names),
    }
}
