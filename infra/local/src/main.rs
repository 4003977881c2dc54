//! `slipway-local`: a whole Slipway on this machine, with one command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    slipway_local::cli::run(std::env::args_os()).await
}
