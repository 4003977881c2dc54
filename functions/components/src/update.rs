//! `PUT /api/v1/components/{id}`

use schemars::JsonSchema;
use slipway_composition::{Component, ComponentId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, put};

/// Changes the given members of a component and returns the component.
///
/// A member that is absent or null keeps its value. `name_exists` (409) if another component has
/// the name; `unknown_integration` (422) if there is no such integration of type `registry.oci`;
/// `stale_state` (409) for another repository or integration, once the component has version maps:
/// those are of its repository. Another `defaultChannel` holds for versions that are found from
/// then on. Honours `If-Match`: `precondition_failed` (412) if the component has changed since.
#[derive(JsonSchema)]
pub struct ComponentUpdate;

impl Endpoint for ComponentUpdate {
    const ROUTE: Route =
        put("component-update", "/api/v1/components/{id}").scope(Scope::BundlesWrite).conditional();
    const WRITES: &[Entity] = &[Entity::Component, Entity::VersionMap, Entity::Integration];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ComponentId>, Json<slipway_composition::ComponentUpdate>);
    type Output = Json<Component>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(update)): Self::Input,
    ) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &Component| ctx.require_match(seen));
        Ok(Json(ctx.catalog().update_component(&id, &update, check, &audit).await?))
    }
}
