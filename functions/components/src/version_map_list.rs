//! `GET /api/v1/version-maps`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_catalog::VersionMapFilter;
use slipway_composition::{ComponentId, VersionMap};
use slipway_domain::Channel;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Filtered, LinkedArray, Result, Route, Scope, get};

/// Lists version maps, component by component, highest version first.
///
/// Components come in the order of their ids, so the oldest first. The header `Link` leads to the
/// next page; a page may have fewer items than its limit, or none, where few components are on the
/// channel.
#[derive(JsonSchema)]
pub struct VersionMapList;

/// Filter of version-map-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VersionMapListFilter {
    /// Only version maps of this component. Default: all components.
    component_id: Option<ComponentId>,
    /// Only version maps on this channel. Default: all channels, and those on none.
    channel: Option<Channel>,
}

impl Endpoint for VersionMapList {
    const ROUTE: Route = get("version-map-list", "/api/v1/version-maps").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<VersionMapListFilter>;
    type Output = LinkedArray<VersionMap>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let VersionMapListFilter { component_id, channel } = filter;
        let filter = VersionMapFilter { component_id, channel };
        ctx.linked(ctx.catalog().list_version_maps(&filter, limit, start).await?)
    }
}
