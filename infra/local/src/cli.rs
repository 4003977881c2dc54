//! The command `slipway-local`: its arguments, what it prints, and when it ends.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use jiff::SignedDuration;
use slipway_edge::clock::Clock;
use slipway_edge::services::{AUDIT_RETENTION_DAYS, OUTCOMES_PER_HOUR, audit_retention, webhooks};
use slipway_edge::{
    ExternalAccess, IssuerUrl, OperatorSettings, RegistryAccess, TrustedIssuerSettings,
    internal_host,
};
use slipway_snapshot::ConfigDocument;

use crate::Error;
use crate::artifact_storage::{ArtifactArguments, ExternalStore};
use crate::config::ConfigFile;
use crate::gateway::Limits;
use crate::public_url::PublicUrl;
use crate::stack::{EventDelivery, Options, RequestLog, Stack};

/// As in a deployment.
const ADOPTION_INTERVAL: SignedDuration = SignedDuration::from_mins(1);
/// How long changes are collected where nothing says it: who tries the stack wants to see snapshots.
const BATCH_WINDOW: SignedDuration = SignedDuration::from_secs(5);
/// The longest that an event source of DynamoDB collects.
const MAX_BATCH_WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// A whole Slipway on this machine: the functions' own handlers over embedded DynamoDB and S3.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where the API listens. S3 listens on the next port, DynamoDB on loopback and the one after
    /// that. Port 0 takes free ones.
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Where data is kept.
    #[arg(long, default_value = ".slipway")]
    data: PathBuf,
    /// Keeps nothing.
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// The bootstrap token; one is made at the first start, and printed. One that is given is not.
    #[arg(
        long,
        env = "SLIPWAY_ADMIN_TOKEN",
        hide_env_values = true,
        value_parser = not_blank,
        allow_hyphen_values = true
    )]
    admin_token: Option<String>,
    /// Where clients reach the API, if that is not where it listens: a URL without a slash at its
    /// end. Uploads and downloads go to the same host and S3's port.
    #[arg(long)]
    public_url: Option<PublicUrl>,
    /// Where clients reach S3, if that is not the host of `--public-url` and S3's port. A proxy has
    /// to pass `Host` on: it is signed.
    #[arg(long, requires = "public_url")]
    s3_public_url: Option<PublicUrl>,
    /// How long decisions may rest on what was read before, in seconds; no longer than a decision
    /// is good for.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=900))]
    decision_cache_seconds: u32,
    /// How long changes are collected before they make snapshots, in seconds; 300 on AWS, unless
    /// its template says otherwise. 5 by default.
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=300))]
    batch_window_seconds: Option<u16>,
    /// How many outcomes of a release are taken from one network in an hour.
    #[arg(long, default_value_t = OUTCOMES_PER_HOUR, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    outcomes_per_hour: u32,
    /// How long audit events are kept, in days; 0 is for ever.
    #[arg(long, default_value_t = AUDIT_RETENTION_DAYS, value_parser = clap::value_parser!(u16).range(0..=36_500))]
    audit_retention_days: u16,
    /// From which hosts artifact-verify may fetch, with commas between them: `*.example.com` is all
    /// below example.com, `*` every public host. From none without it.
    #[arg(long, value_delimiter = ',')]
    checked_hosts: Vec<String>,
    /// To which hosts webhooks may send, with commas between them, as `--checked-hosts` has them. To
    /// none without it.
    #[arg(long, value_delimiter = ',')]
    webhook_hosts: Vec<String>,
    /// Which hosts of this network integrations may be with, also over http, with commas between
    /// them and without ports: `*.example.com` is all below example.com. Public hosts need no naming.
    #[arg(long, value_delimiter = ',', default_value = "localhost,127.0.0.1,[::1]", value_parser = internal_host)]
    internal_registry_hosts: Vec<String>,
    /// A configuration file in YAML: `storage` says where artifacts are, `snapshots` when snapshots
    /// are generated.
    #[arg(long)]
    config: Option<PathBuf>,
    #[command(flatten)]
    artifacts: ArtifactArguments,
    /// The OIDC issuer whose JWTs are credentials of operators. Without it no JWT is one.
    #[arg(long, requires = "oidc_audience", value_parser = issuer)]
    oidc_issuer: Option<IssuerUrl>,
    /// The audience (aud) that an operator's JWT has to have.
    #[arg(long, requires = "oidc_issuer")]
    oidc_audience: Option<String>,
    /// The client whose roles in `resource_access` count too.
    #[arg(long, requires = "oidc_issuer")]
    oidc_roles_resource: Option<String>,
    /// OIDC issuers that trust rules may name, with commas between them: jobs of CI systems get tokens
    /// for their JWTs.
    #[arg(long, value_delimiter = ',')]
    trusted_issuers: Vec<IssuerUrl>,
    /// Tells nothing about requests.
    #[arg(long)]
    quiet: bool,
}

fn not_blank(token: &str) -> Result<String, &'static str> {
    if token.trim().is_empty() {
        return Err("the bootstrap token is blank; leave it out, and one is made");
    }
    Ok(token.to_owned())
}

/// An issuer. What is none is not quoted: it may have a password in it.
fn issuer(url: &str) -> Result<IssuerUrl, &'static str> {
    url.parse().map_err(|_| {
        "an issuer is https:// and a host, without user, query and fragment, exactly as tokens have it in `iss`"
    })
}

impl Arguments {
    /// Refuses what is legal one by one and contradicts itself together.
    fn check(&self) -> Result<(), String> {
        let listen = self.listen;
        if listen.port() > u16::MAX - 2 {
            return Err(format!(
                "--listen {listen} leaves no port for S3 and DynamoDB, which take the next two"
            ));
        }
        let Some(public_url) = &self.public_url else {
            return if listen.ip().is_unspecified() {
                Err(format!(
                    "--listen {listen} is every address of this machine, and no URL: say with --public-url which one clients use"
                ))
            } else {
                Ok(())
            };
        };
        if self.s3_public_url.as_ref() == Some(public_url) {
            return Err(format!(
                "--public-url and --s3-public-url are both {public_url}: the API and S3 are two servers"
            ));
        }
        Ok(())
    }

    fn options(self) -> Result<Options, String> {
        let file = self.config.as_deref().map(ConfigFile::read).transpose()?.unwrap_or_default();
        let external_store = ExternalStore::of(&self.artifacts, file.storage.as_ref())?;
        let batch_window = self.batch_window(file.snapshots.as_ref())?;
        if let Some(config) = &self.config {
            file.check_snapshots(config, batch_window)?;
        }
        let operators = self.oidc_issuer.zip(self.oidc_audience).map(|(issuer, audience)| {
            OperatorSettings::new(issuer, audience, self.oidc_roles_resource)
        });
        Ok(Options {
            listen: self.listen,
            data: (!self.ephemeral).then_some(self.data),
            admin_token: self.admin_token,
            public_url: self.public_url,
            s3_public_url: self.s3_public_url,
            decision_cache: SignedDuration::from_secs(self.decision_cache_seconds.into()),
            adoption_interval: Some(ADOPTION_INTERVAL),
            outcomes_per_hour: self.outcomes_per_hour,
            presign_lifetime: self.artifacts.presign_lifetime()?,
            audit_retention: audit_retention(self.audit_retention_days),
            batch_window,
            external: ExternalAccess::to_hosts(self.checked_hosts),
            webhooks: webhooks(self.webhook_hosts),
            external_store,
            registries: RegistryAccess::with_internal_hosts(self.internal_registry_hosts),
            snapshots: file.snapshots,
            operators,
            trusted_issuers: TrustedIssuerSettings::new(self.trusted_issuers),
            clock: Clock::system(),
            limits: Limits::default(),
            log: if self.quiet { RequestLog::Silent } else { RequestLog::Lines },
            events: EventDelivery::Enabled,
        })
    }

    /// How long changes are collected: by argument or by the configuration file.
    fn batch_window(&self, snapshots: Option<&ConfigDocument>) -> Result<SignedDuration, String> {
        let by_file = snapshots.and_then(|snapshots| snapshots.generation.batch_window.as_ref());
        let by_argument =
            self.batch_window_seconds.map(|seconds| SignedDuration::from_secs(seconds.into()));
        match (by_argument, by_file.map(|span| span.duration())) {
            (Some(argument), Some(file)) if argument != file => Err(
                "--batch-window-seconds and `snapshots.generation.batch_window` in the file of --config contradict each other".to_owned(),
            ),
            (_, Some(file)) if file > MAX_BATCH_WINDOW => Err(
                "`snapshots.generation.batch_window` in the file of --config is more than the `5m` that a stream collects".to_owned(),
            ),
            (argument, file) => Ok(argument.or(file).unwrap_or(BATCH_WINDOW)),
        }
    }
}

/// Runs the command with `arguments`, of which the first is its own name, until it is interrupted.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => without_secrets(error).exit(),
    };
    let options = match arguments.check().and_then(|()| arguments.options()) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("slipway-local: {wrong}");
            return ExitCode::from(2);
        }
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-local: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The error without a value that may have a password in it, as a URL may.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    let value = error.get(ContextKind::InvalidValue).map(ToString::to_string);
    if value.is_some_and(|value| value.contains('@')) {
        let hidden = ContextValue::String("(not shown)".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
    error
}

async fn serve(options: Options) -> Result<(), Error> {
    let kept = options
        .data
        .as_ref()
        .map_or("nowhere (--ephemeral)".to_owned(), |path| path.display().to_string());
    let given = options.admin_token.is_some();
    let stack = Stack::start(options).await?;
    say("Slipway is running. Ctrl-C stops it.\n");
    say(format_args!("  API        {}", stack.base_url));
    match &stack.settings.store.elsewhere {
        Some(store) => {
            let bucket = &stack.settings.bucket;
            say(format_args!("  artifacts  bucket {bucket} at {}", store.endpoint_url));
        }
        None if stack.settings.bucket.is_empty() => {
            say("  artifacts  none: RELEASY_ARTIFACT_BUCKET is blank");
        }
        None => say(format_args!("  S3         {}", stack.local.s3_url)),
    }
    if let Some(url) = &stack.settings.public_url
        && *url != stack.base_url
    {
        let s3 = stack.local.s3_public_url.as_deref().unwrap_or_default();
        say(format_args!("  for clients {url}, S3 {s3}"));
    }
    say(format_args!("  DynamoDB   {}", stack.local.dynamodb_url));
    say(format_args!("  data       {kept}"));
    // Whoever gave the token has it, and output often goes to a log.
    let (shown, sent) = if given {
        ("the one of --admin-token or SLIPWAY_ADMIN_TOKEN", "$SLIPWAY_ADMIN_TOKEN")
    } else {
        (stack.admin_token.as_str(), stack.admin_token.as_str())
    };
    say(format_args!("  token      {shown}\n"));
    say(format_args!(
        "Try it:\n\n  curl {}/v1/products -H \"Authorization: Bearer {sent}\"\n",
        stack.base_url
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

#[cfg(test)]
mod tests {
    use slipway_edge::deployment_setting::NAMED_SETTINGS;

    use super::*;

    /// What is wrong with `arguments` together.
    fn contradiction(arguments: &[&str]) -> Option<String> {
        Arguments::parse_from([&["slipway-local"], arguments].concat()).check().err()
    }

    #[test]
    fn what_contradicts_itself_is_refused_and_both_are_named() {
        for (arguments, named) in [
            (&["--listen", "127.0.0.1:65534"][..], &["--listen", "S3 and DynamoDB"][..]),
            (&["--listen", "0.0.0.0:9000"], &["--listen", "--public-url"]),
            (&["--listen", "[::]:0"], &["--listen", "--public-url"]),
            (
                &["--public-url", "https://a.example", "--s3-public-url", "https://a.example"],
                &["--public-url", "--s3-public-url"],
            ),
        ] {
            let said = contradiction(arguments).unwrap_or_default();
            assert!(named.iter().all(|name| said.contains(name)), "{arguments:?}: {said}");
        }
    }

    #[test]
    fn what_agrees_is_taken() {
        for arguments in [
            &[][..],
            &["--listen", "127.0.0.1:65533"],
            &["--listen", "0.0.0.0:9000", "--public-url", "http://192.0.2.1:9000"],
            &["--public-url", "https://a.example", "--s3-public-url", "https://s3.a.example"],
        ] {
            assert_eq!(contradiction(arguments), None, "{arguments:?}");
        }
    }

    #[test]
    fn every_setting_that_a_refusal_names_is_an_argument() {
        let command = <Arguments as clap::CommandFactory>::command();
        for setting in NAMED_SETTINGS {
            let name = setting.argument.strip_prefix("--");
            assert!(command.get_arguments().any(|known| known.get_long() == name), "{setting}");
        }
    }

    #[test]
    fn what_is_wrong_by_itself_names_the_argument() {
        for (arguments, named) in [
            (&["--admin-token", " "][..], "--admin-token"),
            (&["--public-url", "a.example"], "--public-url"),
            (&["--s3-public-url", "https://a.example"], "--public-url"),
            (&["--decision-cache-seconds", "901"], "--decision-cache-seconds"),
            (&["--batch-window-seconds", "301"], "--batch-window-seconds"),
            (&["--ephemeral", "--data", "data"], "--data"),
            (&["--internal-registry-hosts", "a.example:5000"], "--internal-registry-hosts"),
        ] {
            let refused = Arguments::try_parse_from([&["slipway-local"], arguments].concat());
            let said = refused.unwrap_err().to_string();
            assert!(said.contains(named), "{arguments:?}: {said}");
        }
    }
}
