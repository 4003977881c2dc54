//! `DELETE /v1/webhooks/{webhook_id}`

use schemars::JsonSchema;
use slipway_domain::WebhookId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a webhook.
///
/// What waits for its receiver is not sent. A message that is on its way may still arrive.
#[derive(JsonSchema)]
pub struct WebhookDelete;

impl Endpoint for WebhookDelete {
    const ROUTE: Route =
        delete("webhook-delete", "/v1/webhooks/{webhook_id}").scope(Scope::AdminWrite);
    const WRITES: &[Entity] = &[Entity::Webhook];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<WebhookId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().delete_webhook(&id, &ctx.audit()?).await?;
        Ok(NoContent)
    }
}
