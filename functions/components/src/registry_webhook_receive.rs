//! `POST /api/v1/webhooks/registry/{integrationId}`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_composition::{IntegrationId, RegistryEvents};
use slipway_edge::capabilities::Entity;
use slipway_edge::{
    Authenticator, Ctx, Endpoint, FunctionSize, Json, Path, Result, Route, integration_webhooks,
    post,
};

use crate::component_registry::RegistryCapabilities;
use crate::pushes::sync_pushed_tags;

/// Takes a registry's push events, and adds what the pushed tags stand for.
///
/// For the webhooks of Docker Hub, Harbor and distribution. The events are a hint: the registry
/// itself is asked what each tag stands for, and a tag that is new, or has moved, becomes a version
/// map of each component that has the repository. Events that are none of a pushed tag, or of a
/// repository that no component of the integration has, do nothing. A delivery may have 100 tags of
/// components looked at; `left` counts the others, which component-sync-versions finds.
/// `unauthenticated` (401) without the secret that `webhookSecretRef` of the integration refers to,
/// whether there is such an integration or not; `registry_unavailable` (502) if the registry fails:
/// what it told before is stored, and the events may be sent again.
#[derive(JsonSchema)]
pub struct RegistryWebhookReceive;

/// What has come of a delivery of events.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedPushes {
    /// Number of tags that the events say were pushed, each counted once.
    pushed: usize,
    /// Number of version maps that were added.
    added: usize,
    /// Number of tags of components that were not looked at, or found no room.
    left: usize,
}

impl Endpoint for RegistryWebhookReceive {
    const ROUTE: Route =
        post("registry-webhook-receive", "/api/v1/webhooks/registry/{integrationId}")
            .integration_webhook();
    // A registry is asked for longer than other requests take.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    const WRITES: &[Entity] = &[Entity::VersionMap];
    type Capabilities = RegistryCapabilities;
    type Input = (Path<IntegrationId>, Json<RegistryEvents>);
    type Output = Json<ReceivedPushes>;

    fn authenticator() -> Option<Box<dyn Authenticator>> {
        Some(integration_webhooks(Self::ROUTE))
    }

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(integration), Json(events)): Self::Input,
    ) -> Result<Self::Output> {
        let tags = events.pushed_tags()?;
        let pushed = tags.len();
        let outcome = sync_pushed_tags(ctx, &integration, tags).await?;
        Ok(Json(ReceivedPushes { pushed, added: outcome.added, left: outcome.left }))
    }
}
