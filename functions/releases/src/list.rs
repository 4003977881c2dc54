//! `GET /v1/releases`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, ProductId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Limit, Query, Result, Route, Scope, get};

/// Lists releases, newest first.
///
/// With `product_id` the order is by version instead, highest first. Includes drafts and revoked
/// releases unless `status` says otherwise.
#[derive(JsonSchema)]
pub struct ReleaseList;

/// Filter and page of release-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only releases of this product. Default: all products.
    product_id: Option<ProductId>,
    /// Only releases on this channel. Default: all channels.
    channel: Option<Channel>,
    /// Only releases with this status. Default: every status.
    status: Option<ReleaseStatus>,
    /// Maximum number of releases on the page. Default: 50.
    limit: Option<Limit>,
    /// Cursor: the `next_cursor` of the previous page. Default: the first page.
    cursor: Option<String>,
}

/// A page of releases, newest first; with `product_id`, highest version first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Releases {
    /// Releases of this page.
    releases: Vec<Release>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Filter {
    fn keeps(&self, release: &Release) -> bool {
        self.channel.as_ref().is_none_or(|channel| release.channel == *channel)
            && self.status.is_none_or(|status| release.status == status)
    }
}

impl Endpoint for ReleaseList {
    const ROUTE: Route = get("release-list", "/v1/releases").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Filter>;
    type Output = Json<Releases>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(filter): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(filter.limit, filter.cursor.as_deref())?;
        let page = match &filter.product_id {
            Some(product) => {
                ctx.principal().require_sight(product)?;
                ctx.catalog()
                    .product_releases(
                        product,
                        filter.channel.as_ref(),
                        |release| filter.keeps(release),
                        limit,
                        start,
                    )
                    .await?
            }
            None => {
                ctx.catalog()
                    .releases(ctx.principal(), |release| filter.keeps(release), limit, start)
                    .await?
            }
        };
        let (releases, next_cursor) = ctx.listed(page)?;
        Ok(Json(Releases { releases, next_cursor }))
    }
}
