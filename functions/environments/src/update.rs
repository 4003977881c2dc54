//! `PUT /api/v1/environments/{id}`

use schemars::JsonSchema;
use slipway_composition::{Environment, EnvironmentId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, put};

/// Changes the given members of an environment and returns the environment.
///
/// A member that is absent or null keeps its value. `name_exists` (409) if another environment has
/// the name. Honours `If-Match`: `precondition_failed` (412) if the environment has changed since.
#[derive(JsonSchema)]
pub struct EnvironmentUpdate;

impl Endpoint for EnvironmentUpdate {
    const ROUTE: Route = put("environment-update", "/api/v1/environments/{id}")
        .scope(Scope::AdminWrite)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Environment];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<EnvironmentId>, Json<slipway_composition::EnvironmentUpdate>);
    type Output = Json<Environment>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(update)): Self::Input,
    ) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &Environment| ctx.require_match(seen));
        Ok(Json(ctx.catalog().update_environment(&id, &update, check, &audit).await?))
    }
}
