//! `GET /v1/webhooks`

use schemars::JsonSchema;
use slipway_domain::webhook::Webhook;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};

/// Lists webhooks without their URLs and secrets, newest first.
///
/// Includes those that are disabled.
#[derive(JsonSchema)]
pub struct WebhookList;

impl Endpoint for WebhookList {
    const ROUTE: Route = get("webhook-list", "/v1/webhooks").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<Webhook>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_webhooks(limit, start).await?).map(Json)
    }
}
