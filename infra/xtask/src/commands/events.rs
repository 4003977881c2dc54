//! `cargo xtask events`: writes `events/<op>.json`.

use super::{Command, Generator, write};
use crate::events;

/// The command.
pub const COMMAND: Command = Command {
    name: "events",
    about: "write events/<op>.json, one real event for each function",
    run: |_| write(&GENERATOR),
};

/// What it writes.
pub const GENERATOR: Generator =
    Generator { command: "events", directory: Some("events"), generate: events::generate };
