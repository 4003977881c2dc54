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
/// With `product_id` the order is by version instead, highest first. Includes drafts and revoked
/// releases unless `status` says otherwise.
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
        self.channel.as_ref().is_none_or(|channel| release.channel == *channel)
            && self.status.is_none_or(|status| release.status == status)
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
        let page = match &filter.product_id {
            Some(product) => {
                ctx.catalog()
                    .list_product_releases(
                        product,
                        filter.channel.as_ref(),
                        |release| filter.keeps(release),
                        limit,
                        start,
                    )
                    .await?
            }
            None => {
                ctx.catalog().list_releases(|release| filter.keeps(release), limit, start).await?
            }
        };
        ctx.listed(page).map(Json)
    }
}
