//! `GET /v1/artifacts`: all artifacts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::artifact::Artifact;
use slipway_domain::{Code, Error, Sha256};
use slipway_edge::capabilities::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Limit, Query, Result, Route, Scope, get};

/// All artifacts, or those with a digest, newest first. For credentials that are bound to no
/// products.
pub struct ArtifactList;

/// Which artifacts, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Those with this digest.
    sha256: Option<Sha256>,
    /// How many.
    limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of artifacts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Artifacts {
    /// The artifacts.
    artifacts: Vec<Artifact>,
    /// What to ask the next page with; null at the end.
    next_cursor: Option<String>,
}

impl Endpoint for ArtifactList {
    const ROUTE: Route = get(
        "artifact-list",
        "/v1/artifacts",
        "All artifacts, or those with a digest, newest first.",
    )
    .scope(Scope::ReleasesRead);
    type Capabilities = ReadOnly;
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
