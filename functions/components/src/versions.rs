//! `GET /api/v1/components/{id}/versions`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_composition::{ComponentId, VersionMap};
use slipway_domain::Channel;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Filtered, LinkedArray, Path, Result, Route, Scope, get,
};

/// Lists the versions of a component, highest first by SemVer precedence.
///
/// Of one version the newest version map comes first; those without a version come last. A tag that
/// has moved has several. The header `Link` leads to the next page.
#[derive(JsonSchema)]
pub struct ComponentVersions;

/// Filter of component-versions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentVersionFilter {
    /// Only versions on this channel. Default: all channels, and those on none.
    channel: Option<Channel>,
}

impl Endpoint for ComponentVersions {
    const ROUTE: Route =
        get("component-versions", "/api/v1/components/{id}/versions").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ComponentId>, Filtered<ComponentVersionFilter>);
    type Output = LinkedArray<VersionMap>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Filtered { filter, paging }): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let component = ctx.catalog().get_component(&id).await?.value;
        let channel = filter.channel.as_ref();
        ctx.linked(ctx.catalog().list_versions(&component, channel, limit, start).await?)
    }
}
