//! `slipway-deploy`: what a deployer does beside the template, with credentials of their own.
//! `docs/SIGNING.md` is its manual.
//!
//! No function may add or revoke a key: the right to do that is the right to sign.

mod catalog;
mod custody;
mod explanation;
mod key_create;
mod key_list;
mod key_revoke;

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use clap::Parser;
use slipway_aws::{Clients, amazon_http_client};
use slipway_edge::Result;

use crate::catalog::CatalogArgs;
use crate::explanation::explain;

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

impl Command {
    async fn run(&self, clients: &Clients) -> Result<()> {
        match self {
            Self::Create(arguments) => key_create::run(arguments, clients).await,
            Self::List(arguments) => key_list::run(arguments, clients).await,
            Self::Revoke(arguments) => key_revoke::run(arguments, clients).await,
        }
    }

    fn catalog(&self) -> &CatalogArgs {
        match self {
            Self::Create(arguments) => &arguments.catalog,
            Self::List(arguments) => &arguments.catalog,
            Self::Revoke(arguments) => &arguments.catalog,
        }
    }
}

/// Clients with what the AWS CLI goes by: the environment, profiles, and what those lead to.
async fn clients_of_the_deployer() -> Clients {
    let loader = aws_config::defaults(BehaviorVersion::latest());
    Clients::of(loader.http_client(amazon_http_client()).load().await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Command::parse();
    let clients = clients_of_the_deployer().await;
    match command.run(&clients).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-deploy: {}", explain(&error, &command.catalog().table, &clients));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_may_begin_with_a_hyphen() {
        for kid in ["Kfoo-bar_baz", "-Kfoo", "--Kfoo", "-t"] {
            let command = ["slipway-deploy", "key-revoke", "--table", "catalog", kid];
            let Command::Revoke(parsed) = Command::try_parse_from(command).unwrap() else {
                unreachable!("it is key-revoke")
            };
            assert_eq!((parsed.kid.as_str(), parsed.catalog.table.as_str()), (kid, "catalog"));
        }
    }
}
