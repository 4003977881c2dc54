//! `GET /v1/products/{product_id}/releases`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, Version};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, Limit, Path, Query, Result, Route, Scope, get,
};

/// Lists the releases of a product, highest version first by SemVer precedence.
///
/// Includes drafts and revoked releases unless `status` says otherwise.
#[derive(JsonSchema)]
pub struct ProductReleases;

/// Filter and page of product-releases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only releases on this channel. Default: all channels.
    channel: Option<Channel>,
    /// Only releases of this version. Default: all versions.
    version: Option<Version>,
    /// Only releases with this status. Default: every status.
    status: Option<ReleaseStatus>,
    /// Maximum number of releases on the page. Default: 50.
    limit: Option<Limit>,
    /// Cursor: the `next_cursor` of the previous page. Default: the first page.
    cursor: Option<String>,
}

impl Filter {
    fn keeps(&self, release: &Release) -> bool {
        self.version.as_ref().is_none_or(|version| release.version == *version)
            && self.status.is_none_or(|status| release.status == status)
    }
}

/// A page of a product's releases, highest version first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReleasesOfProduct {
    /// Releases of this page.
    releases: Vec<Release>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for ProductReleases {
    const ROUTE: Route =
        get("product-releases", "/v1/products/{product_id}/releases").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ProductRef>, Query<Filter>);
    type Output = Json<ReleasesOfProduct>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Query(filter)): Self::Input,
    ) -> Result<Self::Output> {
        let product = ctx.catalog().visible_product(&name, ctx.principal()).await?.product_id;
        if let (Some(channel), Some(version)) = (&filter.channel, &filter.version) {
            // One version on one channel is a primary key: no list has to be gone through.
            let release = ctx.catalog().release_of(&product, channel, version).await?;
            let releases = release.into_iter().filter(|release| filter.keeps(release)).collect();
            return Ok(Json(ReleasesOfProduct { releases, next_cursor: None }));
        }
        let (limit, start) = ctx.page(filter.limit, filter.cursor.as_deref())?;
        let page = ctx
            .catalog()
            .product_releases(
                &product,
                filter.channel.as_ref(),
                |release| filter.keeps(release),
                limit,
                start,
            )
            .await?;
        let (releases, next_cursor) = ctx.listed(page)?;
        Ok(Json(ReleasesOfProduct { releases, next_cursor }))
    }
}
