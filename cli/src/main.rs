//! `slipway`: verifies snapshots and manifests of releases, and keeps mirrors. `docs/MIRROR.md` is
//! its manual.
//!
//! Reading order: [`commands`], [`config`], [`sync`], [`verification`], [`store`], [`serve`].

mod clock;
mod commands;
mod config;
mod decision_key;
mod environment;
mod error;
mod origin;
mod output;
mod serve;
mod status;
mod store;
mod sync;
mod trust;
mod verification;
mod verify;
mod verify_bundle;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Arguments;
use crate::environment::Environment;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = arguments.output();
    match arguments.run(&Environment::read()).await {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output.failed(&failure);
            ExitCode::from(failure.codes().1)
        }
    }
}
