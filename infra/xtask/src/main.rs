//! `cargo xtask`: the project's own commands. `cargo xtask help` lists them.

mod commands;
mod description;
mod events;
mod exec;
mod failure;
mod generated;
mod last_green;
mod packages;
mod paths;
mod source;
mod stages;
mod template;
mod tools;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
