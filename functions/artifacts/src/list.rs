//! `GET /v1/artifacts`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::artifact::Artifact;
use slipway_domain::{Code, Error, Sha256};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Limit, Query, Result, Route, Scope, get};

/// Lists artifacts, newest first.
///
/// `sha256` finds every artifact with that content. `forbidden` (403) for a credential that is
/// bound to products: an artifact belongs to no product until it is released.
#[derive(JsonSchema)]
pub struct ArtifactList;

/// Filter and page of artifact-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only artifacts with this digest. Default: all.
    sha256: Option<Sha256>,
    /// Maximum number of artifacts on the page. Default: 50.
    limit: Option<Limit>,
    /// Cursor: the `next_cursor` of the previous page. Default: the first page.
    cursor: Option<String>,
}

/// A page of artifacts, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Artifacts {
    /// Artifacts of this page.
    artifacts: Vec<Artifact>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for ArtifactList {
    const ROUTE: Route = get("artifact-list", "/v1/artifacts").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Filter>;
    type Output = Json<Artifacts>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(filter): Self::Input,
    ) -> Result<Self::Output> {
        if !ctx.principal().sees_everything() {
            let message = "artifacts belong to no product until they are released; a credential that is bound to products can't list them";
            return Err(Error::new(Code::Forbidden, message));
        }
        let (limit, start) = ctx.page(filter.limit, filter.cursor.as_deref())?;
        let (artifacts, next_cursor) =
            ctx.listed(ctx.catalog().artifact_list(filter.sha256.as_ref(), limit, start).await?)?;
        Ok(Json(Artifacts { artifacts, next_cursor }))
    }
}
