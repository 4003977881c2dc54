//! The command line: what there is, and what each command does.

use clap::{Parser, Subcommand};

use crate::clock;
use crate::config::{Config, Flags, non_zero_duration};
use crate::error::Result;
use crate::output::Output;
use crate::serve::{self, Transport, identity};
use crate::status::{CheckDepth, status};
use crate::store::Store;
use crate::sync::{Verbosity, sync};
use crate::verify;

/// Verifies snapshots and keeps mirrors.
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
        /// Where to listen; 127.0.0.1:8443 by default.
        #[arg(long)]
        listen: Option<std::net::SocketAddr>,
        /// PEM certificates to show, with --private-key; by default one that the mirror makes.
        #[arg(long, requires = "private_key")]
        certificate: Option<std::path::PathBuf>,
        /// The certificate's private key, PEM.
        #[arg(long, requires = "certificate")]
        private_key: Option<std::path::PathBuf>,
        /// The name that a certificate of the mirror's own is made for.
        #[arg(long, default_value = "localhost")]
        name: String,
        /// Serves without TLS: something in front of the mirror does that.
        #[arg(long)]
        http: bool,
        /// Syncs so often, as in `15m`; never by default.
        #[arg(long)]
        sync_every: Option<slipway_snapshot::Span>,
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
    pub async fn run(self) -> Result<u8> {
        let (output, verbosity) = (self.output(), self.verbosity());
        match self.command {
            Command::Snapshot(SnapshotCommand::Verify(arguments)) => {
                output.verified(&verify::verify(arguments).await?);
            }
            Command::Mirror(mirror) => return mirror.run(output, verbosity).await,
        }
        Ok(0)
    }
}

impl MirrorCommand {
    async fn run(self, output: Output, verbosity: Verbosity) -> Result<u8> {
        match self {
            Self::Sync { flags, deep } => {
                output.synced(&sync(&Config::load(flags)?, depth(deep), verbosity).await?);
            }
            Self::Serve { flags, listen, certificate, private_key, name, http, sync_every } => {
                let mut config = Config::load(flags)?;
                config.serve.listen = listen.unwrap_or(config.serve.listen);
                config.serve.identity = certificate.zip(private_key).or(config.serve.identity);
                if let Some(span) = sync_every {
                    config.serve.sync_every = Some(non_zero_duration("sync_every", &span)?);
                }
                run_server(config, &name, http, output, verbosity).await?;
            }
            Self::Status { flags, deep } => {
                let status =
                    status(&Store::new(Config::load(flags)?.directory), depth(deep), clock::now())?;
                let problem = status.problem();
                output.status(&status, problem.as_ref());
                return Ok(problem.map_or(0, |failure| failure.codes().1));
            }
        }
        Ok(0)
    }
}

fn depth(deep: bool) -> CheckDepth {
    if deep { CheckDepth::Deep } else { CheckDepth::Shallow }
}

async fn run_server(
    config: Config,
    name: &str,
    http: bool,
    output: Output,
    verbosity: Verbosity,
) -> Result<()> {
    // A server that could never sync says so now, not each time for ever.
    if config.serve.sync_every.is_some() {
        config.sync_credentials()?;
    }
    let store = Store::new(config.directory.clone());
    let (transport, fingerprint) = if http {
        (Transport::Http, None)
    } else {
        let identity = identity(config.serve.identity.as_ref(), &store, name)?;
        let fingerprint = identity.fingerprint;
        (Transport::Https(identity), Some(fingerprint))
    };
    let into_serve_config = serve::serve(store, config.serve.listen, transport, |address| {
        output.into_serve_config(address, fingerprint);
    });
    let Some(every) = config.serve.sync_every else { return into_serve_config.await };
    let syncing = async {
        loop {
            // A sync that fails has told so; what is served stays, and the next one comes.
            if let Err(failure) = sync(&config, CheckDepth::Shallow, verbosity).await {
                eprintln!("slipway: {failure}");
            }
            tokio::time::sleep(every).await;
        }
    };
    tokio::select! {
        outcome = into_serve_config => outcome,
        () = syncing => Ok(()),
    }
}
