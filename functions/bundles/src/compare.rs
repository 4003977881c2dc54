//! `GET /api/v1/releases/{id}/compare/{otherId}`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_composition::{
    BundleComponent, Comparison, ComponentId, ImageDigest, ReleaseBundleId, ShortName,
};
use slipway_domain::Version;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Compares two releases: what changes on the way from the first to the other one.
///
/// A component has changed if its digest differs. Each list is in the order of the components'
/// names.
#[derive(JsonSchema)]
pub struct BundleCompare;

/// What differs between two releases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BundleComparison {
    /// Components that the other release has alone.
    added: Vec<ComparedComponent>,
    /// Components that the first release has alone.
    removed: Vec<ComparedComponent>,
    /// Components that both have, with different digests.
    changed: Vec<ChangedComponent>,
}

/// A component that one of two releases has.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedComponent {
    /// Id of the component.
    component_id: ComponentId,
    /// Name of the component in the release.
    component_name: ShortName,
}

/// A component whose digest differs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedComponent {
    /// Id of the component.
    component_id: ComponentId,
    /// Name of the component in the other release.
    component: ShortName,
    /// Version in the first release; null, where the digest has none.
    from_version: Option<Version>,
    /// Version in the other release; null, where the digest has none.
    to_version: Option<Version>,
    /// Digest in the first release.
    from_digest: ImageDigest,
    /// Digest in the other release.
    to_digest: ImageDigest,
}

impl Endpoint for BundleCompare {
    const ROUTE: Route =
        get("bundle-compare", "/api/v1/releases/{id}/compare/{otherId}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<(ReleaseBundleId, ReleaseBundleId)>;
    type Output = Json<BundleComparison>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Path((from, to)): Self::Input,
    ) -> Result<Self::Output> {
        let (from, to) =
            (ctx.catalog().get_bundle(&from).await?, ctx.catalog().get_bundle(&to).await?);
        Ok(Json(Comparison::between(&from.components, &to.components).into()))
    }
}

impl From<Comparison<'_>> for BundleComparison {
    fn from(Comparison { added, removed, changed }: Comparison<'_>) -> Self {
        Self {
            added: added.into_iter().map(Into::into).collect(),
            removed: removed.into_iter().map(Into::into).collect(),
            changed: changed.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&BundleComponent> for ComparedComponent {
    fn from(component: &BundleComponent) -> Self {
        Self {
            component_id: component.component_id.clone(),
            component_name: component.component_name.clone(),
        }
    }
}

impl From<(&BundleComponent, &BundleComponent)> for ChangedComponent {
    fn from((from, to): (&BundleComponent, &BundleComponent)) -> Self {
        Self {
            component_id: to.component_id.clone(),
            component: to.component_name.clone(),
            from_version: from.version.clone(),
            to_version: to.version.clone(),
            from_digest: from.digest.clone(),
            to_digest: to.digest.clone(),
        }
    }
}
