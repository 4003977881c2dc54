//! Access to what is kept secret of webhooks: their URLs, and the secrets that messages are signed
//! with. Whoever creates a webhook can seal and not open, whoever sends can open and not seal.

use std::sync::Arc;

use slipway_aws::Meter;
use slipway_domain::webhook::{Webhook, WebhookTarget};
use slipway_domain::{Error, Principal, Result, WebhookId};

use crate::capabilities::{CapabilitySet, FromServices, Grant};
use crate::clock::entropy;
use crate::ctx::Ctx;
use crate::services::Services;

/// Seals targets of webhooks.
#[derive(Debug)]
pub struct WebhookSealer(Arc<Services>, Meter);

/// Opens what a [`WebhookSealer`] has sealed.
#[derive(Debug)]
pub struct WebhookOpener(Arc<Services>, Meter);

impl WebhookSealer {
    /// The text to keep of `target`, which opens for the webhook `id` alone.
    ///
    /// # Errors
    /// `unavailable` where the deployment has no key for it, or KMS does not answer.
    pub async fn seal(&self, id: &WebhookId, target: &WebhookTarget) -> Result<String> {
        let plaintext = serde_json::to_vec(target).map_err(Error::internal)?;
        self.0.sealing_key.seal(id.as_str(), &plaintext, entropy()?, &self.1).await
    }
}

impl WebhookOpener {
    /// The target of `webhook`.
    ///
    /// # Errors
    /// `unavailable` where the deployment has no key for it, or KMS does not answer.
    pub async fn open(&self, webhook: &Webhook) -> Result<WebhookTarget> {
        let key = &self.0.sealing_key;
        let plaintext =
            key.open(webhook.webhook_id.as_str(), &webhook.sealed_target, &self.1).await?;
        serde_json::from_slice(&plaintext).map_err(Error::internal)
    }
}

impl<P: CapabilitySet<Signer = WebhookSealer>> Ctx<P> {
    /// What seals the targets of webhooks.
    #[must_use]
    pub fn sealer(&self) -> &WebhookSealer {
        self.signer()
    }
}

impl<P: CapabilitySet<Signer = WebhookOpener>> Ctx<P> {
    /// What opens the targets of webhooks.
    #[must_use]
    pub fn opener(&self) -> &WebhookOpener {
        self.signer()
    }
}

impl FromServices for WebhookSealer {
    const GRANTS: &'static [Grant] = &[Grant::SealWebhooks];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self(Arc::clone(services), meter.clone())
    }
}

impl FromServices for WebhookOpener {
    const GRANTS: &'static [Grant] = &[Grant::OpenWebhooks];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self(Arc::clone(services), meter.clone())
    }
}
