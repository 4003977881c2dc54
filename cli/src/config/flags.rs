//! The flags, which win over the file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use slipway_domain::{Channel, MirrorId, TenantId};
use slipway_snapshot::Span;

/// Where the configuration is, and what wins over it.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// The configuration file; `slipway-mirror.toml` is read where it is there.
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// Where Slipway is, such as `https://releases.example.com`.
    #[arg(long)]
    pub(super) origin: Option<String>,
    /// Whose snapshots.
    #[arg(long = "tenant")]
    pub(super) tenant_id: Option<TenantId>,
    /// Which channels, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    pub(super) channels: Option<Vec<Channel>>,
    /// A file with the API token; or the environment variable `SLIPWAY_TOKEN` has it.
    #[arg(long)]
    pub(super) token_file: Option<PathBuf>,
    /// Where the mirror keeps everything.
    #[arg(long)]
    pub(super) directory: Option<PathBuf>,
    /// How many downloads at once; 4 by default.
    #[arg(long)]
    pub(super) parallel: Option<usize>,
    /// How many snapshots are kept; 2 by default.
    #[arg(long)]
    pub(super) keep: Option<usize>,
    /// How long a server may be silent; `60s` by default.
    #[arg(long)]
    pub(super) timeout: Option<Span>,
    /// The least bytes a second that a server sends, on average over `--timeout`; 1024 by default.
    #[arg(long)]
    pub(super) min_speed: Option<u64>,
    /// How long a manifest, a bundle or a key set may take, all attempts together; `10m` by
    /// default.
    #[arg(long)]
    pub(super) document_timeout: Option<Span>,
    /// Serves a new snapshot also where some of its artifacts can't be fetched.
    #[arg(long)]
    pub(super) partial: bool,
    /// A JSON Web Key Set with the only keys to trust; by default those that the origin publishes
    /// over TLS.
    #[arg(long)]
    pub(super) keys: Option<PathBuf>,
    /// PEM certificates to trust beside the system's.
    #[arg(long)]
    pub(super) ca_file: Option<PathBuf>,
    /// Lets the origin be http: for a local stack.
    #[arg(long)]
    pub(super) allow_http: bool,
    /// A host that artifacts may come from, such as `*.amazonaws.com`; may be repeated. By default
    /// any that is not internal.
    #[arg(long = "allow-host")]
    pub(super) allow_hosts: Vec<String>,
    /// The mirror's id at its vendor, to report to.
    #[arg(long)]
    pub(super) mirror_id: Option<MirrorId>,
}

/// How a mirror serves, and what wins over the file's part about that.
#[derive(Debug, Clone, Args)]
pub struct ServeFlags {
    /// Where to listen; 127.0.0.1:8443 by default.
    #[arg(long)]
    pub(super) listen: Option<SocketAddr>,
    /// PEM certificates to show, with --private-key; by default one that the mirror makes.
    #[arg(long, requires = "private_key")]
    pub(super) certificate: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[arg(long, requires = "certificate")]
    pub(super) private_key: Option<PathBuf>,
    /// The name that a certificate of the mirror's own is made for; `localhost` by default.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Serves without TLS: something in front of the mirror does that.
    #[arg(long)]
    pub(super) http: bool,
    /// Syncs so often, as in `15m`; never by default.
    #[arg(long)]
    pub(super) sync_every: Option<Span>,
    /// How long a client may take none of the bytes that wait for it; `60s` by default.
    #[arg(long)]
    pub(super) client_timeout: Option<Span>,
    /// How many connections at once; 256 by default.
    #[arg(long)]
    pub(super) max_connections: Option<usize>,
    /// Where clients reach the mirror, such as `https://mirror.example.com`, as URLs in decisions
    /// begin; by default where each client has sent its request.
    #[arg(long)]
    pub(super) public_url: Option<String>,
    /// A file with the mirror's own key, which signs decisions, with --public-url; by default they
    /// are not signed. `slipway mirror make-decision-key` makes one.
    #[arg(long)]
    pub(super) decision_key: Option<PathBuf>,
}
