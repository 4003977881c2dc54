//! `DELETE /api/v1/environments/{id}`

use schemars::JsonSchema;
use slipway_composition::{Environment, EnvironmentId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes an environment.
///
/// Its name may be taken again. `stale_state` (409) while a promotion to it has not ended. Honours
/// `If-Match`: `precondition_failed` (412) if the environment has changed since.
#[derive(JsonSchema)]
pub struct EnvironmentDelete;

impl Endpoint for EnvironmentDelete {
    const ROUTE: Route = delete("environment-delete", "/api/v1/environments/{id}")
        .scope(Scope::AdminWrite)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Environment, Entity::Deployment];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<EnvironmentId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &Environment| ctx.require_match(seen));
        ctx.catalog().delete_environment(&id, check, &audit).await?;
        Ok(NoContent)
    }
}
