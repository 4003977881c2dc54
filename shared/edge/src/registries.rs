//! Access to the systems that integrations are with.

use std::sync::Arc;
use std::time::Duration;

use slipway_aws::Meter;
use slipway_composition::{Integration, IntegrationSettings};
use slipway_domain::{Principal, Result};
use slipway_oci::{Credentials, Registry};
use slipway_outbound::Client;
use tokio::time::Instant;

use crate::capabilities::{CapabilitySet, FromServices, Grant};
use crate::ctx::Ctx;
use crate::services::Services;

/// Reads the secrets of integrations, and makes clients of the systems that they are with.
#[derive(Debug)]
pub struct Registries(Arc<Services>);

/// Says what integrations may be set to here. It reads no secret.
#[derive(Debug)]
pub struct IntegrationRules(Arc<Services>);

impl Registries {
    /// The registry of `integration`, with its credentials, to be asked for as long as `time`.
    ///
    /// # Errors
    /// `secret_unavailable` and `unavailable`, as the secret is read; `invalid_field` where the
    /// deployment does not reach the endpoint.
    pub async fn registry(&self, integration: &Integration, time: Duration) -> Result<Registry> {
        let deadline = Instant::now() + time;
        let http = self.client(integration)?;
        let credentials = self.credentials(integration).await?;
        let url = integration.endpoint.to_url()?;
        let registry = Registry::new(http, url, credentials, deadline);
        let registry = registry.map_err(slipway_domain::Error::internal)?;
        Ok(registry.with_token_server(integration.endpoint.token_server()?))
    }

    /// A client for the system of `integration`, within the limits of registries.
    ///
    /// # Errors
    /// `invalid_field` where the deployment does not reach the endpoint.
    pub fn client(&self, integration: &Integration) -> Result<Client> {
        self.0.registries.client(&integration.endpoint, slipway_oci::limits())
    }

    /// What `integration` authenticates with.
    ///
    /// # Errors
    /// `secret_unavailable` and `unavailable`, as the secret is read.
    pub async fn credentials(&self, integration: &Integration) -> Result<Credentials> {
        self.0.credentials(&integration.auth).await
    }
}

impl IntegrationRules {
    /// Makes sure that an integration may be set to `settings` in this deployment.
    ///
    /// # Errors
    /// `invalid_field` for an endpoint that is not reached, and for a secret that is none of this
    /// deployment's integrations.
    pub fn require_allowed(&self, settings: &IntegrationSettings) -> Result<()> {
        self.0.registries.require_allowed(&settings.endpoint)?;
        let references = [
            ("auth.secretRef", &settings.auth.secret_ref),
            ("webhookSecretRef", &settings.webhook_secret_ref),
        ];
        for (field, reference) in references {
            if let Some(reference) = reference {
                self.0.secret_store.require_allowed(field, reference)?;
            }
        }
        Ok(())
    }
}

impl<P: CapabilitySet<Signer = Registries>> Ctx<P> {
    /// The handler's way to the systems that integrations are with.
    #[must_use]
    pub fn registries(&self) -> &Registries {
        self.signer()
    }
}

impl<P: CapabilitySet<Signer = IntegrationRules>> Ctx<P> {
    /// What integrations may be set to.
    #[must_use]
    pub fn integration_rules(&self) -> &IntegrationRules {
        self.signer()
    }
}

impl FromServices for Registries {
    const GRANTS: &'static [Grant] = &[Grant::ReadIntegrationSecrets];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, _: &Meter) -> Self {
        Self(Arc::clone(services))
    }
}

impl FromServices for IntegrationRules {
    const GRANTS: &'static [Grant] = &[];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, _: &Meter) -> Self {
        Self(Arc::clone(services))
    }
}
