//! `GET /v1/products/{product_id}/releases`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, Version};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Path, Result, Route, Scope, get,
};

/// Lists the releases of a product, highest version first by SemVer precedence.
///
/// Includes drafts and revoked releases unless `status` says otherwise.
#[derive(JsonSchema)]
pub struct ProductReleases;

/// Filter and page of product-releases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductReleaseFilter {
    /// Only releases on this channel. Default: all channels.
    channel: Option<Channel>,
    /// Only releases of this version. Default: all versions.
    version: Option<Version>,
    /// Only releases with this status. Default: every status.
    status: Option<ReleaseStatus>,
}

impl ProductReleaseFilter {
    fn keeps(&self, release: &Release) -> bool {
        self.status.is_none_or(|status| release.status == status)
    }
}

impl Endpoint for ProductReleases {
    const ROUTE: Route =
        get("product-releases", "/v1/products/{product_id}/releases").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ProductRef>, Filtered<ProductReleaseFilter>);
    type Output = Json<CursorPage<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Filtered { filter, paging }): Self::Input,
    ) -> Result<Self::Output> {
        let catalog = ctx.catalog();
        let product = &catalog.get_product(&name).await?.product_id;
        let (limit, start) = ctx.page(&paging)?;
        let keep = |release: &Release| filter.keeps(release);
        let page = match (&filter.channel, &filter.version) {
            (Some(channel), Some(version)) => {
                // One version on one channel is a primary key: no list has to be gone through.
                let release = catalog.find_release(product, channel, version).await?;
                return Ok(Json(CursorPage::only(release.into_iter().filter(keep).collect())));
            }
            (None, Some(version)) => {
                catalog.list_releases_of_version(product, version, keep, limit, start).await?
            }
            (channel, None) => {
                catalog.list_product_releases(product, channel.as_ref(), keep, limit, start).await?
            }
        };
        ctx.listed(page).map(Json)
    }
}
