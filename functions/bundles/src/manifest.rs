//! `GET /api/v1/releases/{id}/manifest`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_composition::{BundleManifest, ReleaseBundleId};
use slipway_edge::capabilities::{BundleSigner, Reader};
use slipway_edge::media_type::ApplicationYaml;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, JsonOrText, Path, Query, Result, Route, Scope, get,
};
use slipway_signing::Signed;

/// Returns what a release deploys: its images, pinned by digest and signed.
///
/// The manifest never changes, whatever becomes of tags, components and integrations: that a
/// release is deprecated is told by bundle-get. It is signed with a snapshot key of `key-list`, in
/// the context `slipway.release-bundle.v1`; another key makes another signature. `format=compose`
/// answers a fragment of a Compose file, and `format=kustomize` the block `images` of a
/// kustomization; these are not signed. `stale_state` (409) for a draft, and where the format can't
/// tell two images apart.
#[derive(JsonSchema)]
pub struct BundleManifestGet;

/// How to write it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestQuery {
    /// The form of the answer. Default: `json`.
    format: Option<ManifestFormat>,
}

/// A form of a release's manifest.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ManifestFormat {
    /// The signed object.
    #[default]
    Json,
    /// A fragment of a Compose file: a service for each component, with its image.
    Compose,
    /// The block `images` of a kustomization.
    Kustomize,
}

impl Endpoint for BundleManifestGet {
    const ROUTE: Route =
        get("bundle-manifest", "/api/v1/releases/{id}/manifest").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader, (), BundleSigner>;
    type Input = (Path<ReleaseBundleId>, Query<ManifestQuery>);
    type Output = JsonOrText<Signed<BundleManifest>, ApplicationYaml>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Query(query)): Self::Input,
    ) -> Result<Self::Output> {
        let manifest = BundleManifest::of(&ctx.catalog().get_bundle(&id).await?)?;
        Ok(match query.format.unwrap_or_default() {
            ManifestFormat::Json => JsonOrText::json(ctx.signer().sign(manifest, ctx.now()).await?),
            ManifestFormat::Compose => JsonOrText::text(manifest.to_compose()?),
            ManifestFormat::Kustomize => JsonOrText::text(manifest.to_kustomize()?),
        })
    }
}
