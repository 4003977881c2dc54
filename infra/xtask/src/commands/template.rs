//! `cargo xtask template`: writes the functions and routes of `template.yaml`.

use super::{Command, Generator, write};
use crate::description::Description;
use crate::failure::Result;
use crate::generated::Generated;
use crate::template;

/// The command.
pub const COMMAND: Command = Command {
    name: "template",
    about: "write the functions and routes of template.yaml",
    run: |_| write(&GENERATOR),
};

/// What it writes.
pub const GENERATOR: Generator = Generator { command: "template", directory: None, generate };

/// The template.
fn generate(description: &Description) -> Result<Vec<Generated>> {
    Ok(vec![template::generate(&description.lambdas)?])
}
