//! The command line: what there is, and what each command does.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::clock;
use crate::config::{Config, Flags, Identity, ServeConfig, ServeFlags};
use crate::decision_key::{self, DecisionKey};
use crate::environment::Environment;
use crate::error::{CliError, Result};
use crate::output::Output;
use crate::serve::{self, BaseUrl, Decisions, Served, tls_identity};
use crate::status::{CheckDepth, status};
use crate::store::Store;
use crate::sync::{self, Verbosity, sync};
use crate::verify;
use crate::verify_bundle::{self, verify_bundle};

/// Verifies snapshots and manifests of releases, and keeps mirrors.
#[derive(Debug, Parser)]
#[command(name = "slipway", version)]
pub struct Arguments {
    /// Prints one JSON object as the result, and nothing else on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Tells nothing while it works.
    #[arg(long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Snapshots.
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Release bundles of containers.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Mirrors.
    #[command(subcommand)]
    Mirror(Box<MirrorCommand>),
}

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
enum SnapshotCommand {
    /// Verifies a manifest or a bundle.
    Verify(verify::VerifyArguments),
}

/// What to do with release bundles.
#[derive(Debug, Subcommand)]
enum BundleCommand {
    /// Verifies the manifest of a release.
    Verify(verify_bundle::VerifyBundleArguments),
}

/// What to do with a mirror.
#[derive(Debug, Subcommand)]
enum MirrorCommand {
    /// Copies the vendor's latest snapshot and its artifacts.
    Sync {
        #[command(flatten)]
        flags: Flags,
        /// Looks at every byte that is here already, and fetches anew what is damaged.
        #[arg(long)]
        deep: bool,
    },
    /// Serves what was synced, over HTTPS.
    Serve {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        serve: Box<ServeFlags>,
    },
    /// Makes a key that `serve` signs decisions with, in a new file.
    MakeDecisionKey {
        /// The file, which its owner alone will be able to read.
        file: PathBuf,
    },
    /// Tells what is served, and whether it is whole.
    Status {
        #[command(flatten)]
        flags: Flags,
        /// Looks at every byte.
        #[arg(long)]
        deep: bool,
    },
}

impl Arguments {
    /// Where results go.
    pub fn output(&self) -> Output {
        if self.json { Output::Json } else { Output::Text }
    }

    fn verbosity(&self) -> Verbosity {
        if self.json || self.quiet { Verbosity::Quiet } else { Verbosity::Progress }
    }

    /// Does it, and tells the exit code.
    pub async fn run(self, environment: &Environment) -> Result<u8> {
        let (output, verbosity) = (self.output(), self.verbosity());
        match self.command {
            Command::Snapshot(SnapshotCommand::Verify(arguments)) => {
                output.verified(&verify::verify(arguments, environment).await?);
            }
            Command::Bundle(BundleCommand::Verify(arguments)) => {
                output.verified_bundle(&verify_bundle(arguments, environment).await?);
            }
            Command::Mirror(mirror) => return mirror.run(environment, output, verbosity).await,
        }
        Ok(0)
    }
}

impl MirrorCommand {
    async fn run(
        self,
        environment: &Environment,
        output: Output,
        verbosity: Verbosity,
    ) -> Result<u8> {
        match self {
            Self::Sync { flags, deep } => {
                let config = Config::load(flags, environment)?;
                let summary = sync(&config, depth(deep), verbosity).await?;
                output.synced(&summary);
                Ok(exit_code(summary.problem().as_ref()))
            }
            Self::Serve { flags, serve } => {
                let config = Config::load_for_serving(flags, *serve, environment)?;
                run_server(config, output, verbosity).await?;
                Ok(0)
            }
            Self::MakeDecisionKey { file } => {
                output.decision_key(&decision_key::create(&file).await?);
                Ok(0)
            }
            Self::Status { flags, deep } => {
                let store = Store::new(Config::load(flags, environment)?.directory);
                let status = status(&store, depth(deep), clock::now())?;
                let problem = status.problem();
                output.status(&status, problem.as_ref());
                Ok(exit_code(problem.as_ref()))
            }
        }
    }
}

fn exit_code(problem: Option<&CliError>) -> u8 {
    problem.map_or(0, |failure| failure.codes().1)
}

fn depth(deep: bool) -> CheckDepth {
    if deep { CheckDepth::Deep } else { CheckDepth::Shallow }
}

/// How decisions are made: signed, where there is a key.
async fn decisions(config: &ServeConfig) -> Result<Decisions> {
    let key = match &config.decision_key {
        Some(path) => Some(DecisionKey::read(path).await?),
        None => None,
    };
    let scheme = if config.identity == Identity::Plain { "http" } else { "https" };
    let requested = BaseUrl::Requested { scheme };
    Ok(Decisions::new(key, config.public_url.clone().map_or(requested, BaseUrl::Configured)))
}

async fn run_server(config: Config, output: Output, verbosity: Verbosity) -> Result<()> {
    // A server that could never sync says so now, not each time for ever.
    if config.serve.sync_every.is_some() {
        sync::client(&config)?;
    }
    let store = Store::new(config.directory.clone());
    let tls = tls_identity(&config.serve.identity, &store, clock::now())?;
    let fingerprint = tls.as_ref().map(|tls| tls.fingerprint);
    let served = Served::new(store, decisions(&config.serve).await?);
    let serving = serve::serve(served, &config.serve, tls, |address| {
        output.serving(address, fingerprint);
    });
    let Some(every) = config.serve.sync_every else { return serving.await };
    let syncing = async {
        loop {
            // A sync that fails has told so; what is served stays, and the next one comes.
            let outcome = sync(&config, CheckDepth::Shallow, verbosity).await;
            let problem = outcome.map_or_else(Some, |summary| summary.problem());
            if let Some(failure) = problem {
                eprintln!("slipway: {failure}");
            }
            tokio::time::sleep(every).await;
        }
    };
    tokio::select! {
        outcome = serving => outcome,
        () = syncing => Ok(()),
    }
}
