//! `GET /v1/artifacts`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::Sha256;
use slipway_domain::artifact::Artifact;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists artifacts, newest first.
///
/// `sha256` finds every artifact with that content. `forbidden` (403) for a credential that is
/// bound to products: an artifact belongs to no product until it is released.
#[derive(JsonSchema)]
pub struct ArtifactList;

/// Filter and page of artifact-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFilter {
    /// Only artifacts with this digest. Default: all.
    sha256: Option<Sha256>,
}

impl Endpoint for ArtifactList {
    const ROUTE: Route = get("artifact-list", "/v1/artifacts").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<ArtifactFilter>;
    type Output = Json<CursorPage<Artifact>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_artifacts(filter.sha256.as_ref(), limit, start).await?)
            .map(Json)
    }
}
