//! `GET /v1/products/{product_id}/releases/latest`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::product::ProductRef;
use slipway_domain::release::Release;
use slipway_domain::{Channel, Error};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Query, Result, Route, Scope, get};

/// Returns the published release with the highest version on a channel.
///
/// "Highest" is by SemVer precedence, whatever the order of publishing. Rollouts are not taken into
/// account; clients ask `decision` instead. `not_found` (404) if the channel has no published
/// release.
#[derive(JsonSchema)]
pub struct ProductReleaseLatest;

/// Filter of product-release-latest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelFilter {
    /// Channel. Default: `stable`.
    #[serde(default)]
    channel: Channel,
}

impl Endpoint for ProductReleaseLatest {
    const ROUTE: Route = get("product-release-latest", "/v1/products/{product_id}/releases/latest")
        .scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ProductRef>, Query<ChannelFilter>);
    type Output = Json<Release>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Query(ChannelFilter { channel })): Self::Input,
    ) -> Result<Self::Output> {
        let product = ctx.catalog().get_product(&name).await?.product_id;
        let latest = ctx.catalog().find_latest_release(&product, &channel).await?;
        latest.map(Json).ok_or_else(|| {
            Error::not_found("published release of", format!("{product} on `{channel}`"))
        })
    }
}
