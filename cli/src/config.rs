//! How a mirror is set up: a TOML file, and flags that win over it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Deserialize;
use slipway_domain::{Channel, MirrorId, TenantId};
pub use slipway_outbound::InsecureHttp;
use slipway_snapshot::Span;
use url::Url;

use crate::error::{CliError, Result};

/// Read where it is there, unless another one is named.
const DEFAULT_FILE: &str = "slipway-mirror.toml";

/// How long a server may be silent, unless something else is said.
pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The configuration file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    origin: Option<String>,
    tenant_id: Option<TenantId>,
    channels: Option<BTreeSet<Channel>>,
    token_file: Option<PathBuf>,
    directory: Option<PathBuf>,
    parallel: Option<usize>,
    keep: Option<usize>,
    timeout: Option<Span>,
    keys: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    allow_http: Option<bool>,
    allow_hosts: Option<Vec<String>>,
    mirror_id: Option<MirrorId>,
    serve: ServeSection,
}

/// The part about serving.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServeSection {
    listen: Option<std::net::SocketAddr>,
    certificate: Option<PathBuf>,
    private_key: Option<PathBuf>,
    sync_every: Option<Span>,
}

/// Where the configuration is, and what wins over it.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// The configuration file; `slipway-mirror.toml` is read where it is there.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where Slipway is, such as `https://releases.example.com`.
    #[arg(long)]
    origin: Option<String>,
    /// Whose snapshots.
    #[arg(long = "tenant")]
    tenant_id: Option<TenantId>,
    /// Which channels, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    channels: Option<Vec<Channel>>,
    /// A file with the API token; or the environment variable `SLIPWAY_TOKEN` has it.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Where the mirror keeps everything.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// How many downloads at once; 4 by default.
    #[arg(long)]
    parallel: Option<usize>,
    /// How many snapshots are kept; 2 by default.
    #[arg(long)]
    keep: Option<usize>,
    /// How long a server may be silent; `60s` by default.
    #[arg(long)]
    timeout: Option<Span>,
    /// A JSON Web Key Set with the only keys to trust; by default those that the origin publishes
    /// over TLS.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// PEM certificates to trust beside the system's.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Lets the origin be http: for a local stack.
    #[arg(long)]
    allow_http: bool,
    /// A host that artifacts may come from, such as `*.amazonaws.com`; may be repeated. By default
    /// any that is not internal.
    #[arg(long = "allow-host")]
    allow_hosts: Vec<String>,
    /// The mirror's id at its vendor, to report to.
    #[arg(long)]
    mirror_id: Option<MirrorId>,
}

/// How a mirror is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where Slipway is; the path ends with a slash.
    pub origin: Option<Url>,
    /// Whose snapshots.
    pub tenant_id: Option<TenantId>,
    /// Which channels; none means all.
    pub channels: Option<BTreeSet<Channel>>,
    /// Where the API token is.
    token_file: Option<PathBuf>,
    /// Where the mirror keeps everything.
    pub directory: PathBuf,
    /// How many downloads at once.
    pub parallel: usize,
    /// How many snapshots are kept.
    pub keep: usize,
    /// How long a server may be silent.
    pub timeout: Duration,
    /// The keys to trust.
    pub keys: Option<PathBuf>,
    /// Certificates to trust.
    pub ca_file: Option<PathBuf>,
    /// Which plain connections are fine.
    pub insecure_http: InsecureHttp,
    /// The hosts that artifacts may come from; none means any that is not internal.
    pub allow_hosts: Vec<String>,
    /// The mirror's id at its vendor.
    pub mirror_id: Option<MirrorId>,
    /// How it serves.
    pub serve: ServeConfig,
}

/// How a mirror serves.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it listens.
    pub listen: std::net::SocketAddr,
    /// Its certificate and private key; its own, where it has none.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// How often it syncs; never, where it is not set.
    pub sync_every: Option<Duration>,
}

impl Config {
    /// The configuration that file and flags make.
    pub fn load(flags: Flags) -> Result<Self> {
        let file = ConfigFile::read(flags.config.as_deref())?;
        let channels =
            flags.channels.map(|channels| channels.into_iter().collect()).or(file.channels);
        let allow_hosts = if flags.allow_hosts.is_empty() {
            file.allow_hosts.unwrap_or_default()
        } else {
            flags.allow_hosts
        };
        let allow_http = flags.allow_http || file.allow_http.unwrap_or_default();
        let insecure_http = if allow_http { InsecureHttp::Allowed } else { InsecureHttp::Refused };
        Ok(Self {
            origin: flags
                .origin
                .or(file.origin)
                .map(|origin| origin_url(&origin, insecure_http))
                .transpose()?,
            tenant_id: flags.tenant_id.or(file.tenant_id),
            channels,
            token_file: flags.token_file.or(file.token_file),
            directory: flags
                .directory
                .or(file.directory)
                .unwrap_or_else(|| PathBuf::from("slipway-mirror")),
            parallel: in_range("parallel", flags.parallel.or(file.parallel).unwrap_or(4), 64)?,
            keep: in_range("keep", flags.keep.or(file.keep).unwrap_or(2), 1000)?,
            timeout: flags
                .timeout
                .or(file.timeout)
                .map_or(Ok(DEFAULT_IDLE_TIMEOUT), |span| non_zero_duration("timeout", &span))?,
            keys: flags.keys.or(file.keys),
            ca_file: flags.ca_file.or(file.ca_file),
            insecure_http,
            allow_hosts,
            mirror_id: flags.mirror_id.or(file.mirror_id),
            serve: file.serve.into_serve_config()?,
        })
    }

    /// The API token: a line of a file, or an environment variable. Never an argument, which every
    /// user of the machine can read.
    #[expect(clippy::disallowed_methods, reason = "the token, which no argument may carry")]
    pub fn token(&self) -> Result<String> {
        let text = match &self.token_file {
            Some(path) => std::fs::read_to_string(path).map_err(CliError::io(path))?,
            None => std::env::var("SLIPWAY_TOKEN").map_err(|_| {
                CliError::Usage(
                    "the API token is missing: set SLIPWAY_TOKEN, or name a file with --token-file"
                        .to_owned(),
                )
            })?,
        };
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CliError::Usage("the API token is empty or has blanks in it".to_owned()));
        }
        Ok(token.to_owned())
    }

    /// The origin and the token, after making sure that everything is there that a sync has to
    /// know.
    pub fn sync_credentials(&self) -> Result<(&Url, String)> {
        let ready = (self.require_origin()?, self.token()?);
        self.require_tenant()?;
        Ok(ready)
    }

    /// Where Slipway is, which a sync has to know.
    pub fn require_origin(&self) -> Result<&Url> {
        self.origin.as_ref().ok_or_else(|| {
            CliError::Usage(
                "the origin is missing: `origin` in the configuration, or --origin".to_owned(),
            )
        })
    }

    /// Whose snapshots, which a sync has to know.
    pub fn require_tenant(&self) -> Result<&TenantId> {
        self.tenant_id.as_ref().ok_or_else(|| {
            CliError::Usage(
                "the tenant is missing: `tenant_id` in the configuration, or --tenant".to_owned(),
            )
        })
    }
}

impl ConfigFile {
    fn read(named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path).map_err(CliError::io(path))?;
        let document: Self = toml::from_str(&text)
            .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
        Ok(document.resolve_paths(path.parent().unwrap_or(Path::new(""))))
    }

    /// The same, with paths that begin at the file's own directory, wherever the command is typed.
    fn resolve_paths(mut self, directory: &Path) -> Self {
        let paths = [&mut self.token_file, &mut self.directory, &mut self.keys, &mut self.ca_file];
        for path in paths
            .into_iter()
            .chain([&mut self.serve.certificate, &mut self.serve.private_key])
            .flatten()
        {
            *path = directory.join(&*path);
        }
        self
    }
}

impl ServeSection {
    fn into_serve_config(self) -> Result<ServeConfig> {
        let identity = match (self.certificate, self.private_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err(CliError::Usage(
                    "serve: `certificate` and `private_key` go together".to_owned(),
                ));
            }
        };
        let sync_every =
            self.sync_every.map(|span| non_zero_duration("sync_every", &span)).transpose()?;
        Ok(ServeConfig {
            listen: self.listen.unwrap_or_else(|| ([127, 0, 0, 1], 8443).into()),
            identity,
            sync_every,
        })
    }
}

/// A time that has to pass: none at all would have work done without a pause, or given up before it
/// began.
pub fn non_zero_duration(name: &str, span: &Span) -> Result<Duration> {
    let time = span.duration().unsigned_abs();
    if time.is_zero() {
        Err(CliError::Usage(format!("`{name}` is at least a second, as in `30s`")))
    } else {
        Ok(time)
    }
}

fn in_range(name: &str, value: usize, most: usize) -> Result<usize> {
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(CliError::Usage(format!("`{name}` is 1 to {most}, not {value}")))
    }
}

fn origin_url(text: &str, insecure_http: InsecureHttp) -> Result<Url> {
    let refused = |why: &str| {
        CliError::Usage(format!("the origin `{text}` is not an address to mirror from: {why}"))
    };
    let mut url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
    let http = url.scheme() == "http" && insecure_http == InsecureHttp::Allowed;
    if url.scheme() != "https" && !http {
        return Err(refused("it has to be https; --allow-http is for a local stack"));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(refused("it has to be scheme, host and path alone"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = toml::from_str::<ConfigFile>("origin = \"https://a\"\ntoken = \"x\"\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `token`"), "{error}");
    }

    #[test]
    fn an_origin_is_https_unless_http_is_asked_for() {
        assert_eq!(
            origin_url("https://a.example/base", InsecureHttp::Refused).unwrap().as_str(),
            "https://a.example/base/"
        );
        assert!(origin_url("http://127.0.0.1:9000", InsecureHttp::Refused).is_err());
        assert!(origin_url("http://127.0.0.1:9000", InsecureHttp::Allowed).is_ok());
        for wrong in ["ftp://a", "https://user@a", "https://a?x", "a.example"] {
            assert!(origin_url(wrong, InsecureHttp::Allowed).is_err(), "{wrong}");
        }
    }
}
