//! The commands of `cargo xtask`, one file each.

pub mod check;
mod errors;
mod events;
mod numbers;
mod openapi;
mod template;
mod test;

use crate::description::Description;
use crate::failure::{Failure, Result};
use crate::generated::Generated;

/// One command.
pub struct Command {
    /// As typed after `cargo xtask`.
    name: &'static str,
    /// What it does, in one line.
    about: &'static str,
    /// Does it. The arguments are those after the name.
    run: fn(&[String]) -> Result<()>,
}

/// One command that writes files, so that `check` can hold them against the code.
pub struct Generator {
    /// The command that writes them.
    command: &'static str,
    /// The directory that holds nothing but them, if there is one.
    directory: Option<&'static str>,
    /// What they have to say.
    generate: fn(&Description) -> Result<Vec<Generated>>,
}

/// Every command.
const COMMANDS: &[Command] = &[
    test::COMMAND,
    check::COMMAND,
    template::COMMAND,
    openapi::COMMAND,
    errors::COMMAND,
    events::COMMAND,
    numbers::COMMAND,
];

/// Every command that writes files.
const GENERATORS: &[Generator] =
    &[template::GENERATOR, openapi::GENERATOR, errors::GENERATOR, events::GENERATOR];

/// Runs the command that `arguments` name.
pub fn run(arguments: &[String]) -> Result<()> {
    let (name, rest) = arguments
        .split_first()
        .map_or(("help", [].as_slice()), |(name, rest)| (name.as_str(), rest));
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(rest),
        None if ["help", "--help", "-h"].contains(&name) => {
            println!("{}", help());
            Ok(())
        }
        None => Err(Failure::Wrong(format!("there is no command {name}\n{}", help()))),
    }
}

/// The list of commands.
fn help() -> String {
    let lines = COMMANDS
        .iter()
        .map(|command| format!("  cargo xtask {:<15} {}", command.name, command.about));
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes what `generator` makes.
fn write(generator: &Generator) -> Result<()> {
    (generator.generate)(&Description::fresh()?)?.iter().try_for_each(Generated::write)
}
