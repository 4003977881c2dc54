//! `GET /v1/channels`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::ProductId;
use slipway_domain::channel_overview::ChannelOverview;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists the channels of all products with what is live on them.
///
/// Of each channel: the newest release with its rollout, who published it and what was done to it
/// last; the newest release that all clients get; the last revocation; and the channels that it
/// `follows`, whose releases its clients are offered as well: a higher one there goes before
/// `newest` and `rolled_out`, which are the channel's own. Every channel that a product has is
/// listed, also one without releases. Products are in the order of product-list, the
/// channels of each by name. What is answered of a channel was true at one moment. A credential that
/// is bound to a tenant is not told who did what, nor what was revoked.
#[derive(JsonSchema)]
pub struct ChannelList;

/// Filter and page of channel-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelFilter {
    /// Only channels of this product. Default: all products.
    product_id: Option<ProductId>,
}

impl Endpoint for ChannelList {
    const ROUTE: Route = get("channel-list", "/v1/channels").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<ChannelFilter>;
    type Output = Json<CursorPage<ChannelOverview>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let product = filter.product_id.as_ref();
        ctx.listed(ctx.catalog().list_channels(product, limit, start).await?).map(Json)
    }
}
