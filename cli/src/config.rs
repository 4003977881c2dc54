//! How a mirror is set up: a TOML file, flags that win over it, and what the environment says about
//! the network.

mod contradictions;
mod file;
mod flags;
mod values;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use slipway_domain::{Channel, MirrorId, TenantId};
pub use slipway_outbound::InsecureHttp;
use slipway_snapshot::Span;
use url::Url;

use self::file::{ConfigFile, ServeSection};
pub use self::flags::{Flags, ServeFlags};
use self::values::{host_patterns, in_range, non_zero_duration, origin_url, public_url};
use crate::environment::{Environment, Network};
use crate::error::{CliError, Result};

/// How long a server may be silent, unless something else is said; and a client too.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a document may take, unless something else is said.
pub const DEFAULT_DOCUMENT_TIMEOUT: Duration = Duration::from_mins(10);
/// The least bytes a second, unless something else is said.
pub const DEFAULT_MIN_SPEED: u64 = 1024;

/// How a mirror is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where Slipway is; the path ends with a slash.
    pub origin: Option<Url>,
    /// Whose snapshots.
    pub tenant_id: Option<TenantId>,
    /// Which channels; none means all.
    pub channels: Option<BTreeSet<Channel>>,
    /// Where the API token is, if not in the environment.
    token_file: Option<PathBuf>,
    /// What the environment says: about the network, and the token, where no file has it.
    environment: Environment,
    /// Where the mirror keeps everything.
    pub directory: PathBuf,
    /// How many downloads at once.
    pub parallel: usize,
    /// How many snapshots are kept.
    pub keep: usize,
    /// How long a server may be silent.
    pub timeout: Duration,
    /// The least bytes a second that a server sends, on average over `timeout`.
    pub min_speed: u64,
    /// How long a document may take, all attempts together.
    pub document_timeout: Duration,
    /// What becomes of a snapshot that is not whole.
    pub switch: Switch,
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

/// When a new snapshot takes the place of the one that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// When every artifact of it is here.
    Complete,
    /// Also where artifacts can't be fetched: `partial`.
    Partial,
}

/// How a mirror serves.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How it shows who it is.
    pub identity: Identity,
    /// How often it syncs; never, where it is not set.
    pub sync_every: Option<Duration>,
    /// How long a client may take none of the bytes that wait for it.
    pub client_timeout: Duration,
    /// How many connections at once.
    pub max_connections: usize,
    /// Where clients reach it, without a slash at the end, as decisions say; by default where each
    /// client has sent its request.
    pub public_url: Option<String>,
    /// The file with its own key, which signs decisions.
    pub decision_key: Option<PathBuf>,
}

/// How a mirror shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Not at all: something in front of the mirror does TLS.
    Plain,
    /// With its operator's certificate.
    Files(Files),
    /// With one that it makes itself.
    SelfSigned {
        /// The host name or address of it.
        name: String,
    },
}

/// A certificate and its private key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The certificates to show, the mirror's own first.
    pub certificate: PathBuf,
    /// The private key.
    pub private_key: PathBuf,
}

impl Config {
    /// The configuration that file, flags and environment make.
    pub fn load(flags: Flags, environment: &Environment) -> Result<Self> {
        let config = Self::merge(flags, environment)?;
        contradictions::check(&config)?;
        Ok(config)
    }

    /// The same for a server, with its flags.
    pub fn load_for_serving(
        flags: Flags,
        serve: ServeFlags,
        environment: &Environment,
    ) -> Result<Self> {
        let mut config = Self::merge(flags, environment)?;
        config.serve = config.serve.with_flags(serve)?;
        contradictions::check(&config)?;
        Ok(config)
    }

    fn merge(flags: Flags, environment: &Environment) -> Result<Self> {
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
        let partial = flags.partial || file.partial.unwrap_or_default();
        let origin = flags.origin.or(file.origin);
        let directory = flags.directory.or(file.directory);
        let timeout = duration("timeout", flags.timeout.or(file.timeout), DEFAULT_TIMEOUT)?;
        Ok(Self {
            origin: origin.map(|origin| origin_url(&origin, insecure_http)).transpose()?,
            tenant_id: flags.tenant_id.or(file.tenant_id),
            channels: channels.map(not_empty).transpose()?,
            token_file: flags.token_file.or(file.token_file),
            environment: environment.clone(),
            directory: directory.unwrap_or_else(|| PathBuf::from("slipway-mirror")),
            parallel: in_range("parallel", flags.parallel.or(file.parallel).unwrap_or(4), 64)?,
            keep: in_range("keep", flags.keep.or(file.keep).unwrap_or(2), 1000)?,
            timeout,
            min_speed: in_range(
                "min_speed",
                flags.min_speed.or(file.min_speed).unwrap_or(DEFAULT_MIN_SPEED),
                1 << 30,
            )?,
            document_timeout: duration(
                "document_timeout",
                flags.document_timeout.or(file.document_timeout),
                DEFAULT_DOCUMENT_TIMEOUT.max(timeout),
            )?,
            switch: if partial { Switch::Partial } else { Switch::Complete },
            keys: flags.keys.or(file.keys),
            ca_file: flags.ca_file.or(file.ca_file),
            insecure_http,
            allow_hosts: host_patterns(allow_hosts)?,
            mirror_id: flags.mirror_id.or(file.mirror_id),
            serve: file.serve.into_serve_config()?,
        })
    }

    /// The API token: a line of a file, or an environment variable. Never an argument, which every
    /// user of the machine can read.
    pub fn token(&self) -> Result<String> {
        let text = match &self.token_file {
            Some(path) => std::fs::read_to_string(path).map_err(CliError::io(path))?,
            None => self.environment.token.clone().ok_or_else(|| {
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

    /// How the network is reached, as the environment says.
    pub fn network(&self) -> Result<Network> {
        self.environment.network()
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

impl ServeSection {
    fn into_serve_config(self) -> Result<ServeConfig> {
        let identity = match (self.certificate, self.private_key) {
            (Some(certificate), Some(private_key)) => {
                Identity::Files(Files { certificate, private_key })
            }
            (None, None) => Identity::SelfSigned { name: "localhost".to_owned() },
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
            client_timeout: duration("client_timeout", self.client_timeout, DEFAULT_TIMEOUT)?,
            max_connections: connections(self.max_connections.unwrap_or(256))?,
            public_url: self.public_url.map(|url| public_url(&url)).transpose()?,
            decision_key: self.decision_key,
        })
    }
}

impl ServeConfig {
    fn with_flags(self, flags: ServeFlags) -> Result<Self> {
        let files = match self.identity {
            Identity::Files(files) => Some(files),
            Identity::Plain | Identity::SelfSigned { .. } => None,
        };
        let named = flags.certificate.clone().zip(flags.private_key.clone());
        let named = named.map(|(certificate, private_key)| Files { certificate, private_key });
        let identity = contradictions::identity(&flags, named.or(files))?;
        let sync_every =
            flags.sync_every.map(|span| non_zero_duration("sync_every", &span)).transpose()?;
        let named = flags.public_url.map(|url| public_url(&url)).transpose()?;
        Ok(Self {
            listen: flags.listen.unwrap_or(self.listen),
            identity,
            sync_every: sync_every.or(self.sync_every),
            client_timeout: duration("client_timeout", flags.client_timeout, self.client_timeout)?,
            max_connections: connections(flags.max_connections.unwrap_or(self.max_connections))?,
            public_url: named.or(self.public_url),
            decision_key: flags.decision_key.or(self.decision_key),
        })
    }
}

fn duration(name: &str, span: Option<Span>, default: Duration) -> Result<Duration> {
    span.map_or(Ok(default), |span| non_zero_duration(name, &span))
}

fn connections(count: usize) -> Result<usize> {
    in_range("max_connections", count, 65_536)
}

fn not_empty(channels: BTreeSet<Channel>) -> Result<BTreeSet<Channel>> {
    if channels.is_empty() {
        let message = "`channels` has no channel in it; leave it out for all channels";
        return Err(CliError::Usage(message.to_owned()));
    }
    Ok(channels)
}
