//! What a mirror asks of the origin's API.

use http::StatusCode;
use serde_json::Value;
use slipway_domain::{MirrorId, SnapshotId};
use slipway_signing::KeySet;
use slipway_snapshot::mirror::MirrorReport;
use url::Url;

use super::client::Client;
use super::retry::RetryPolicy;
use crate::config::Config;
use crate::error::{CliError, Result};

impl Client {
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
        let response =
            self.post(&at(origin, &format!("v1/mirrors/{mirror}/report"))?, json).await?;
        if response.status.is_success() {
            Ok(())
        } else {
            Err(refused(response.status, &response.bytes().await?))
        }
    }

    /// A JSON document. A network that fails is tried again.
    async fn document(&self, url: &Url) -> Result<Value> {
        let mut retry = RetryPolicy::default();
        loop {
            match self.attempt(url).await {
                Err(failure) => retry.bear(failure).await?,
                document => return document,
            }
        }
    }

    async fn attempt(&self, url: &Url) -> Result<Value> {
        let response = self.get(url, None).await?;
        let (status, bytes) = (response.status, response.bytes().await?);
        if status != StatusCode::OK {
            return Err(refused(status, &bytes));
        }
        serde_json::from_slice(&bytes)
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
