//! `slipway-deploy`: what a deployer does once, beside the template, with credentials of his own.

mod key_create;

use std::process::ExitCode;

use clap::Parser;

/// What a deployer does once, beside the template.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// Makes a key that signs decisions, seals it under a KMS key, and adds it to the catalog. Functions use it from their next start on.
    KeyCreate(key_create::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::KeyCreate(arguments) => key_create::run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-deploy: {error:?}");
            ExitCode::FAILURE
        }
    }
}
