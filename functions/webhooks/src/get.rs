//! `GET /v1/webhooks/{webhook_id}`

use schemars::JsonSchema;
use slipway_domain::WebhookId;
use slipway_domain::webhook::Webhook;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns a webhook without its URL and secret.
#[derive(JsonSchema)]
pub struct WebhookGet;

impl Endpoint for WebhookGet {
    const ROUTE: Route = get("webhook-get", "/v1/webhooks/{webhook_id}").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<WebhookId>;
    type Output = Json<Webhook>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_webhook(&id).await.map(Json)
    }
}
