//! What a mirror asks of the origin's API.

use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use slipway_domain::{MirrorId, SnapshotId};
use slipway_outbound::{
    Backoff, BearerToken, FetchPolicy, InternalAddresses, Limits, MinThroughput, Response,
};
use slipway_signing::{KeySet, parse_document};
use slipway_snapshot::mirror::MirrorReport;
use tokio::time::timeout;
use url::Url;

use crate::config::{
    Config, DEFAULT_DOCUMENT_TIMEOUT, DEFAULT_MIN_SPEED, DEFAULT_TIMEOUT, InsecureHttp,
};
use crate::environment::Network;
use crate::error::{CliError, Result};

/// The longest document, 256 MiB: some hundred thousand releases.
const MAX_DOCUMENT: usize = 256 << 20;
/// The bytes that are on their way on a connection, beyond what is on the disk: what a mirror that
/// is killed has fetched in vain. Four connections bring 40 MB a second with that, from a server
/// that is 50 ms away.
const IN_FLIGHT: usize = 512 << 10;
/// What the mirror calls itself.
pub const AGENT: &str = concat!("slipway/", env!("CARGO_PKG_VERSION"));

/// The origin's API, and the artifacts that it leads to.
#[derive(Clone)]
pub struct Client {
    http: slipway_outbound::Client,
    patience: Patience,
}

/// How long servers are waited for. A limit for silence alone would let one that sends a byte now
/// and then hold a sync for ever.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a server may be silent.
    pub silence: Duration,
    /// The least bytes a second that it sends, on average over that time.
    pub min_speed: u64,
    /// How long a document may take, all attempts together.
    pub document: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: DEFAULT_TIMEOUT,
            min_speed: DEFAULT_MIN_SPEED,
            document: DEFAULT_DOCUMENT_TIMEOUT,
        }
    }
}

impl Patience {
    /// What a mirror's configuration says.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            silence: config.timeout,
            min_speed: config.min_speed,
            document: config.document_timeout,
        }
    }

    /// The least bytes that a server sends within `time`.
    #[must_use]
    pub fn least_within(&self, time: Duration) -> u64 {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.min_speed.saturating_mul(millis) / 1000
    }
}

/// What a mirror fetches from: its origin, and where that leads, within rules. The operator knows
/// the network, so names may resolve to internal addresses.
#[must_use]
pub fn fetch_policy(origin: Url, insecure_http: InsecureHttp, hosts: Vec<String>) -> FetchPolicy {
    FetchPolicy::from_origin(origin)
        .with_insecure_http(insecure_http)
        .with_hosts(hosts)
        .with_internal_addresses(InternalAddresses::BehindNames)
}

/// The attempts that one document or download gets.
#[must_use]
pub fn backoff() -> Backoff {
    Backoff::new(5, Duration::from_millis(500))
}

impl Client {
    /// Requests under the rules of `policy`, by way of `network`, with `token` at the origin, and
    /// with so much patience.
    pub fn new(
        policy: FetchPolicy,
        token: Option<&str>,
        ca_file: Option<&Path>,
        network: &Network,
        patience: Patience,
    ) -> Result<Self> {
        let (bytes, per) = (patience.least_within(patience.silence), patience.silence);
        let limits = Limits {
            silence: patience.silence,
            // An artifact may take any time, as long as it comes; documents have their own limit.
            total: None,
            throughput: Some(MinThroughput { bytes, per }),
            document_bytes: MAX_DOCUMENT,
            receive_buffer: Some(IN_FLIGHT),
            ..Limits::default()
        };
        let token = token.map(BearerToken::new).transpose()?;
        let http = slipway_outbound::Client::builder(policy, limits)
            .user_agent(AGENT)
            .token(token)
            .trust_roots(network.trust_roots.clone())
            .proxy(network.proxy.clone())
            .ca_file(ca_file)
            .build()?;
        Ok(Self { http, patience })
    }

    /// How long servers are waited for.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// GET, with redirects; from byte `start` on, where one is given.
    pub async fn get(&self, url: &Url, start: Option<u64>) -> Result<Response> {
        Ok(self.http.get(url, start).await?)
    }

    /// The newest snapshot's signed manifest, as it came.
    pub async fn latest(&self, config: &Config) -> Result<Value> {
        let mut url = at(config.require_origin()?, "v1/snapshots/latest")?;
        url.query_pairs_mut().append_pair("tenant_id", config.require_tenant()?.as_str());
        if let Some(channels) = &config.channels {
            let names: Vec<_> = channels.iter().map(slipway_domain::Channel::as_str).collect();
            url.query_pairs_mut().append_pair("channels", &names.join(","));
        }
        self.document(&url).await
    }

    /// A snapshot's bundle, as it came.
    pub async fn bundle(&self, config: &Config, id: &SnapshotId) -> Result<Value> {
        self.document(&at(config.require_origin()?, &format!("v1/snapshots/{id}/bundle"))?).await
    }

    /// The keys that the origin publishes.
    pub async fn keys(&self, origin: &Url) -> Result<KeySet> {
        let document = self.document(&at(origin, "v1/keys")?).await?;
        serde_json::from_value(document)
            .map_err(|error| CliError::Malformed(format!("the origin's keys: {error}")))
    }

    /// Tells the origin how the mirror fares.
    pub async fn report(
        &self,
        origin: &Url,
        mirror: &MirrorId,
        report: &MirrorReport,
    ) -> Result<()> {
        let json =
            serde_json::to_vec(report).map_err(|error| CliError::Other(error.to_string()))?;
        let url = at(origin, &format!("v1/mirrors/{mirror}/report"))?;
        let reporting = async {
            let response = self.http.post_json(&url, json).await?;
            if response.status.is_success() {
                Ok(())
            } else {
                Err(refused(response.status, &response.bytes().await?))
            }
        };
        self.in_time(&url, reporting).await
    }

    /// A JSON document. A network that fails is tried again.
    async fn document(&self, url: &Url) -> Result<Value> {
        let mut backoff = backoff();
        let asking = async {
            loop {
                match self.attempt(url).await {
                    Err(failure) => backoff.pause(failure).await?,
                    document => return document,
                }
            }
        };
        self.in_time(url, asking).await
    }

    /// What `exchange` at `url` comes to, within the time for a document.
    async fn in_time<T>(&self, url: &Url, exchange: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.patience.document;
        timeout(limit, exchange).await.unwrap_or_else(|_| {
            let host = url.host_str().unwrap_or_default();
            Err(CliError::Unreachable(format!(
                "{host} has not answered {} completely within {limit:?}, all attempts together",
                url.path()
            )))
        })
    }

    async fn attempt(&self, url: &Url) -> Result<Value> {
        let response = self.get(url, None).await?;
        let (status, bytes) = (response.status, response.bytes().await?);
        if status != StatusCode::OK {
            return Err(refused(status, &bytes));
        }
        parse_document(&bytes)
            .map_err(|error| CliError::Malformed(format!("{} is not JSON: {error}", url.path())))
    }
}

fn at(origin: &Url, path: &str) -> Result<Url> {
    origin.join(path).map_err(|error| CliError::Other(error.to_string()))
}

/// What an answer other than the one that was asked for means.
fn refused(status: StatusCode, body: &[u8]) -> CliError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = body
        .pointer("/error/message")
        .and_then(Value::as_str)
        .map_or_else(|| status.to_string(), str::to_owned);
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CliError::Unauthorized(message),
        StatusCode::NOT_FOUND => CliError::NotThere(message),
        StatusCode::TOO_MANY_REQUESTS => CliError::Unreachable(message),
        _ if status.is_server_error() => CliError::Unreachable(message),
        _ => CliError::Other(format!("the origin answers {status}: {message}")),
    }
}
