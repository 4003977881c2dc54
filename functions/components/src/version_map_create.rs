//! `POST /api/v1/version-maps`

use std::time::Duration;

use schemars::JsonSchema;
use slipway_composition::{NewVersionMap, VersionMap};
use slipway_edge::capabilities::Entity;
use slipway_edge::{Created, Ctx, Endpoint, FunctionSize, Json, Result, Route, Scope, post};

use crate::asking_clock::AskingClock;
use crate::component_registry::{RegistryCapabilities, registry_of, resolve};

/// How long the registry is asked.
const TIME: Duration = Duration::from_secs(15);

/// Says which version a tag of a component is, and on which channel.
///
/// The tag is looked up in the component's registry, and the version map has the digest that it
/// stands for now. `unresolvable_component` (422) if the registry has no such tag;
/// `registry_unavailable` (502) if it fails; `stale_state` (409) if a sync or push that has asked
/// since is stored, by which the tag stands for another digest. `Location` is the list of the
/// component's version maps: none has an address of its own.
#[derive(JsonSchema)]
pub struct VersionMapCreate;

impl Endpoint for VersionMapCreate {
    const ROUTE: Route =
        post("version-map-create", "/api/v1/version-maps").scope(Scope::BundlesWrite).idempotent();
    // A registry is asked for longer than other requests take.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    const WRITES: &[Entity] = &[Entity::VersionMap];
    type Capabilities = RegistryCapabilities;
    type Input = Json<NewVersionMap>;
    type Output = Created<VersionMap>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let component = ctx.catalog().get_component(&new.component_id).await?.value;
        let registry = registry_of(ctx, &component, TIME).await?;
        let clock = AskingClock::start(ctx.clock());
        let manifest = resolve(&registry, &component, &new.tag).await?;
        let (id, actor) = (ctx.generate_id()?, ctx.principal().actor());
        let map = new.create(&component, manifest.digest, (id, ctx.now()), actor);
        let map = VersionMap { observed_at: clock.at(manifest.asked_at), ..map };
        let respond = |map: &VersionMap| ctx.audit_with(&created(map.clone()));
        Ok(created(ctx.catalog().create_version_map(&component, &map, respond).await?))
    }
}

fn created(map: VersionMap) -> Created<VersionMap> {
    Created::at(format!("/api/v1/version-maps?componentId={}", map.component_id), map)
}
