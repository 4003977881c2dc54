//! `cargo xtask test`: everything that has to hold before a change lands. The README's test
//! command, and what CI runs.

use super::Command;
use crate::stages;

/// The command.
pub const COMMAND: Command = Command {
    name: "test",
    about: "run every check; with names of stages, only those",
    run: stages::run,
};
