//! `POST /api/v1/releases`

use schemars::JsonSchema;
use slipway_catalog::{ResolvedComponents, Writer as Catalog};
use slipway_composition::{BundleDescription, NewReleaseBundle, ReleaseBundle};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, CapabilitySet, Created, Ctx, Endpoint, Json, Result, Route, Scope, post,
};

use crate::resolution::resolve;

/// Creates a release: components that are pinned by digest and released together.
///
/// Each component is selected by a version (or the very tag), a digest or a channel, and what that
/// means is looked up once, now, among the version maps of the component. The digests never change
/// then, whatever becomes of the tags. The release is a draft. `not_found` (404) for an unknown
/// component; `name_exists` (409) if another release has the name; `unresolvable_component` (422)
/// for a selection that means nothing: `field` and `details` name the component, and why.
#[derive(JsonSchema)]
pub struct BundleCreate;

impl Endpoint for BundleCreate {
    const ROUTE: Route =
        post("bundle-create", "/api/v1/releases").scope(Scope::BundlesWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewReleaseBundle>;
    type Output = Created<ReleaseBundle>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let NewReleaseBundle { name, display_name, components, source_ref } = new;
        let resolved = resolve(ctx.catalog(), components).await?;
        create(ctx, BundleDescription { name, display_name, source_ref }, resolved).await
    }
}

/// Creates the bundle of `resolved`.
pub(crate) async fn create<P: CapabilitySet<Catalog = Catalog>>(
    ctx: &Ctx<P>,
    description: BundleDescription,
    ResolvedComponents { seen, components }: ResolvedComponents,
) -> Result<Created<ReleaseBundle>> {
    let made = (ctx.generate_id()?, ctx.now());
    let bundle = description.create(components, ctx.principal().actor(), made)?;
    let created = Created::at(format!("/api/v1/releases/{}", bundle.id), bundle);
    ctx.catalog().create_bundle(created.resource(), seen, &ctx.audit_with(&created)?).await?;
    Ok(created)
}
