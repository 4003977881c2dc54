//! `GET /api/v1/releases`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_catalog::BundleFilter;
use slipway_composition::{BundleStatus, BundleSummary, ComponentId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Filtered, Json, NumberedPage, NumberedPaging, Result, Route,
    Scope, get,
};

/// Lists releases, newest first.
#[derive(JsonSchema)]
pub struct BundleList;

/// Which releases to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BundleListFilter {
    /// Only releases with this status. Default: all of them.
    status: Option<BundleStatus>,
    /// Only releases that have this component. Default: all of them.
    component_id: Option<ComponentId>,
}

impl Endpoint for BundleList {
    const ROUTE: Route = get("bundle-list", "/api/v1/releases").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<BundleListFilter, NumberedPaging>;
    type Output = Json<NumberedPage<BundleSummary>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let BundleListFilter { status, component_id } = filter;
        let filter = BundleFilter { status, component_id };
        let bundles = ctx.catalog().list_bundles(&filter, paging.range()).await?;
        Ok(Json(NumberedPage::counted(bundles, paging)))
    }
}
