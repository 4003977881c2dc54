//! What comes of asking the system of an integration whether it answers.

use std::time::Duration;

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use slipway_composition::{Integration, IntegrationType};
use slipway_domain::{Code, Error, Result};
use slipway_edge::capabilities::Registries;
use slipway_outbound::Fetch;
use tokio::time::timeout;

/// How long the other system is asked, so that there is time left for the answer.
const TIME: Duration = Duration::from_secs(20);

/// What came of a test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IntegrationProbe {
    /// Whether the system answers, and takes the credentials.
    ok: bool,
    /// HTTP status that the test ended with; null without an answer.
    status: Option<u16>,
    /// What came of it, in words.
    message: String,
}

/// Asks the system of `integration`.
///
/// # Errors
/// `unavailable` where AWS does not answer about the secret, and `internal`; all else is a result.
pub(crate) async fn probe(
    registries: &Registries,
    integration: &Integration,
) -> Result<IntegrationProbe> {
    let probed = match integration.r#type {
        IntegrationType::OciRegistry => probe_registry(registries, integration).await,
        IntegrationType::GitHub => probe_github(registries, integration).await,
    };
    match probed {
        Err(error) if matches!(error.code(), Code::SecretUnavailable | Code::InvalidField) => {
            Ok(IntegrationProbe::failed(None, error.message()))
        }
        probed => probed,
    }
}

async fn probe_registry(
    registries: &Registries,
    integration: &Integration,
) -> Result<IntegrationProbe> {
    let registry = registries.registry(integration, TIME).await?;
    Ok(match registry.ping().await {
        Ok(()) => IntegrationProbe::answered(StatusCode::OK),
        Err(error) => IntegrationProbe::failed(status_of(&error), &error.to_string()),
    })
}

/// The status that an error of a registry tells of.
fn status_of(error: &slipway_oci::Error) -> Option<StatusCode> {
    match error {
        slipway_oci::Error::Unauthorized { .. } => Some(StatusCode::UNAUTHORIZED),
        slipway_oci::Error::TooManyRequests { .. } => Some(StatusCode::TOO_MANY_REQUESTS),
        slipway_oci::Error::Status { status, .. } => Some(*status),
        _ => None,
    }
}

async fn probe_github(
    registries: &Registries,
    integration: &Integration,
) -> Result<IntegrationProbe> {
    let client = registries.client(integration)?;
    let mut fetch = Fetch::get(integration.endpoint.to_url()?);
    if let Some(value) =
        registries.credentials(integration).await?.authorization().map_err(Error::internal)?
    {
        fetch = fetch.authorization(value);
    }
    Ok(match timeout(TIME, client.fetch(&fetch)).await {
        Err(_) => IntegrationProbe::failed(None, "the time for the test is over"),
        Ok(Err(error)) => IntegrationProbe::failed(None, &error.to_string()),
        Ok(Ok(response)) if response.status.is_success() => {
            IntegrationProbe::answered(response.status)
        }
        Ok(Ok(response)) => {
            let message = format!("{} answers {}", fetch.host(), response.status);
            IntegrationProbe::failed(Some(response.status), &message)
        }
    })
}

impl IntegrationProbe {
    fn answered(status: StatusCode) -> Self {
        let message = "it answers, and takes the credentials".to_owned();
        Self { ok: true, status: Some(status.as_u16()), message }
    }

    fn failed(status: Option<StatusCode>, message: &str) -> Self {
        let status = status.map(|status| status.as_u16());
        Self { ok: false, status, message: message.to_owned() }
    }
}
