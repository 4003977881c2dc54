//! `GET /v1/webhooks/{webhook_id}/deliveries`

use schemars::JsonSchema;
use slipway_domain::WebhookId;
use slipway_domain::webhook::WebhookDelivery;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Path, Query, Result, Route, Scope, get,
};

/// Lists what came of the events for a webhook, newest event first.
///
/// Of each event that its receiver is told of: how often it was tried, what the last answer was, and
/// when the next attempt is made. Entries are kept for 30 days after their last change.
#[derive(JsonSchema)]
pub struct WebhookDeliveries;

impl Endpoint for WebhookDeliveries {
    const ROUTE: Route =
        get("webhook-deliveries", "/v1/webhooks/{webhook_id}/deliveries").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<WebhookId>, Query<Paging>);
    type Output = Json<CursorPage<WebhookDelivery>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Query(paging)): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let page = ctx.catalog().list_webhook_deliveries(&id, limit, start).await?;
        ctx.listed(page).map(Json)
    }
}
