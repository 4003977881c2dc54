//! `slipway-deploy`: what a deployer does beside the template, with credentials of their own.
//! `docs/SIGNING.md` is its manual.
//!
//! No function may add or revoke a key: the right to do that is the right to sign.

mod catalog;
mod key_create;
mod key_list;
mod key_revoke;

use std::process::ExitCode;

use clap::Parser;

/// What a deployer does beside the template. Region and credentials are the AWS CLI's.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// Makes a key. Where there is one for the same purpose already, the new one is its successor.
    #[command(name = "key-create")]
    Create(key_create::Arguments),
    /// Lists all keys, and which of them sign.
    #[command(name = "key-list")]
    List(key_list::Arguments),
    /// Makes the signatures of a key count no more, at once: its private half may be known to
    /// others.
    #[command(name = "key-revoke")]
    Revoke(key_revoke::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Create(arguments) => key_create::run(arguments).await,
        Command::List(arguments) => key_list::run(arguments).await,
        Command::Revoke(arguments) => key_revoke::run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-deploy: {error}");
            // What the caller of a function must not see, its deployer has to.
            if let Some(cause) = std::error::Error::source(&error) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}
