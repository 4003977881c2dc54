//! The command `slipway-local`: its arguments, what it prints, and when it ends.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use jiff::SignedDuration;
use slipway_edge::clock::Clock;

use crate::Error;
use crate::stack::{EventDelivery, Options, RequestLog, Stack};

/// A whole Slipway on this machine: the functions' own handlers over embedded DynamoDB and S3.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where the API listens; S3 and DynamoDB take the next two ports. Port 0 takes free ones.
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Where data is kept.
    #[arg(long, default_value = ".slipway")]
    data: PathBuf,
    /// Keeps nothing.
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// The bootstrap token; one is made at the first start.
    #[arg(long, env = "SLIPWAY_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// Where clients reach the API, if something stands in front of it: a URL without a slash at
    /// its end.
    #[arg(long)]
    public_url: Option<String>,
    /// How long decisions may rest on what was read before, in seconds.
    #[arg(long, default_value_t = 5)]
    decision_cache_seconds: u32,
    /// How long changes are collected before they make snapshots, in seconds; 300 on AWS, unless
    /// its template says otherwise.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=300))]
    batch_window_seconds: u16,
    /// Tells nothing about requests.
    #[arg(long)]
    quiet: bool,
}

impl Arguments {
    fn options(self) -> Options {
        Options {
            listen: self.listen,
            data: (!self.ephemeral).then_some(self.data),
            admin_token: self.admin_token.filter(|token| !token.trim().is_empty()),
            public_url: self.public_url,
            decision_cache: SignedDuration::from_secs(self.decision_cache_seconds.into()),
            batch_window: SignedDuration::from_secs(self.batch_window_seconds.into()),
            clock: Clock::system(),
            log: if self.quiet { RequestLog::Silent } else { RequestLog::Lines },
            events: EventDelivery::Enabled,
        }
    }
}

/// Runs the command with `arguments`, of which the first is its own name, until it is interrupted.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match serve(Arguments::parse_from(arguments).options()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Error> {
    let kept = options
        .data
        .as_ref()
        .map_or("nowhere (--ephemeral)".to_owned(), |path| path.display().to_string());
    let stack = Stack::start(options).await?;
    say("Slipway is running. Ctrl-C stops it.\n");
    say(format_args!("  API        {}", stack.base_url));
    say(format_args!("  S3         {}", stack.local.s3_url));
    say(format_args!("  DynamoDB   {}", stack.local.dynamodb_url));
    say(format_args!("  data       {kept}"));
    say(format_args!("  token      {}\n", stack.admin_token));
    say(format_args!(
        "Try it:\n\n  curl {}/v1/products -H 'Authorization: Bearer {}'\n",
        stack.base_url, stack.admin_token
    ));
    interrupted().await?;
    say("Stopping.");
    stack.stop().await;
    Ok(())
}

/// Prints a line. Whoever has closed our output does not want to know it, and the stack goes on.
fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Resolves at Ctrl-C, or when the system asks the process to end.
async fn interrupted() -> Result<(), Error> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
