//! `GET /v1/releases`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, ProductId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists releases, newest first.
///
/// With `product_id` the order is by version instead, highest first. A credential that is bound to
/// products, or to a tenant that is entitled to a list of them, gets one product after the other,
/// by id, each in that order. Includes drafts and revoked releases unless `status` says otherwise.
#[derive(JsonSchema)]
pub struct ReleaseList;

/// Filter and page of release-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFilter {
    /// Only releases of this product. Default: all products.
    product_id: Option<ProductId>,
    /// Only releases on this channel. Default: all channels.
    channel: Option<Channel>,
    /// Only releases with this status. Default: every status.
    status: Option<ReleaseStatus>,
}

impl ReleaseFilter {
    fn keeps(&self, release: &Release) -> bool {
        self.status.is_none_or(|status| release.status == status)
    }
}

impl Endpoint for ReleaseList {
    const ROUTE: Route = get("release-list", "/v1/releases").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<ReleaseFilter>;
    type Output = Json<CursorPage<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let (catalog, channel) = (ctx.catalog(), filter.channel.as_ref());
        let keep = |release: &Release| filter.keeps(release);
        let page = match &filter.product_id {
            Some(product) => {
                catalog.list_product_releases(product, channel, keep, limit, start).await?
            }
            None => catalog.list_releases(channel, keep, limit, start).await?,
        };
        ctx.listed(page).map(Json)
    }
}
