//! `slipway`: verifies snapshots and keeps mirrors. `docs/MIRROR.md` is its manual.
//!
//! Reading order: [`commands`], [`config`], [`sync`], [`acceptance`], [`store`], [`serve`].

mod acceptance;
mod commands;
mod config;
mod failure;
mod origin;
mod output;
mod serve;
mod status;
mod store;
mod sync;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = arguments.output();
    match arguments.run().await {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output.failed(&failure);
            ExitCode::from(failure.codes().1)
        }
    }
}
